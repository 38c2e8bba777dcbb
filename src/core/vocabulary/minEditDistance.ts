/**
 * A source token stands for the target token with the smallest Levenshtein distance (FuseLLM's MinED,
 * `vocab_mapping.py`). Equal distances: the smallest target id, which is the published order for tokenizers
 * whose vocabulary is listed by id.
 *
 * `published`: between pieces after the marker swap, the marker being a character like any other, special
 * tokens included: GPT-2's `<|endoftext|>` becomes Llama-2's `Context`. `corrected`: between decoded texts;
 * tokens of the same bytes first; a token that is not whole UTF-8 has no text and so no nearest one.
 * `--vocab_mapping_type co_occurrence` is not repeated.
 */
import type { Mode } from "../mode.ts";
import { utf8Decode } from "../text/bytes.ts";
import type { TokenTable } from "../text/tokenizer.ts";
import { exactMapper } from "./exact.ts";
import type { TokenMapper } from "./mapper.ts";
import { swapMarker } from "./marker.ts";
import { nearestSearch } from "./nearestPiece.ts";

export function minEditDistanceMapper(
  source: TokenTable,
  target: TokenTable,
  mode: Mode,
): TokenMapper {
  const exact = exactMapper(source, target, mode);
  const published = mode === "published";
  const nearest = nearestSearch(published ? target.pieces : textsOf(target));
  const textOf = published
    ? (id: number) => swapMarker(source.pieces[id] as string, source, target)
    : (id: number) => decoded(source.bytes[id]);

  return (sourceId) => {
    const same = exact(sourceId);
    if (same !== undefined) return same;
    const text = textOf(sourceId);
    const found = text === undefined ? undefined : nearest(text);
    if (found === undefined) return undefined;
    return { target: found.index, kind: "distance", distance: found.distance };
  };
}

/** By id, one id a text: byte fall-back and added tokens that repeat another's bytes are left out. */
function textsOf(table: TokenTable): (string | undefined)[] {
  const texts: (string | undefined)[] = new Array(table.size).fill(undefined);
  for (const id of table.idByBytes.values()) texts[id] = decoded(table.bytes[id]);
  return texts;
}

function decoded(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  return utf8Decode(bytes);
}
