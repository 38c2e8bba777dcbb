/**
 * A source token stands for the target token that is the same, and for nothing otherwise. `corrected`: the same
 * bytes. `published`: the same piece after the marker swap (FuseLLM, `vocab_mapping.py`), special tokens
 * included, where `Ċ` is not `<0x0A>`.
 */
import type { Mode } from "../mode.ts";
import { bytesKey } from "../text/bytes.ts";
import type { TokenTable } from "../text/tokenizer.ts";
import type { MappedToken, TokenMapper } from "./mapper.ts";
import { swapMarker } from "./marker.ts";

export function exactMapper(source: TokenTable, target: TokenTable, mode: Mode): TokenMapper {
  const idOf = mode === "published" ? idByPiece(source, target) : idByBytes(source, target);
  return (sourceId) => same(idOf(sourceId));
}

function idByBytes(source: TokenTable, target: TokenTable) {
  return (sourceId: number): number | undefined => {
    const bytes = source.bytes[sourceId];
    return bytes === undefined ? undefined : target.idByBytes.get(bytesKey(bytes));
  };
}

function idByPiece(source: TokenTable, target: TokenTable) {
  return (sourceId: number): number | undefined => {
    const piece = source.pieces[sourceId];
    return piece === undefined
      ? undefined
      : target.idByPiece.get(swapMarker(piece, source, target));
  };
}

function same(target: number | undefined): MappedToken | undefined {
  return target === undefined ? undefined : { target, kind: "same" };
}
