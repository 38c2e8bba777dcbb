/**
 * What tokens say, so that tokens of two vocabularies can be compared: as pieces, the way FuseLLM's code does
 * it, or as the text of their bytes, so that `Ċ` and `<0x0A>` are the same line end.
 */
import { utf8Decode } from "../text/bytes.ts";
import type { TokenTable } from "../text/tokenizer.ts";

export interface Wording {
  /** For equality, in the target's spelling. */
  readonly targetSaid: readonly string[];
  readonly sourceSaid: readonly string[];
  /** For the local cost: without what marks a word's leading space. */
  readonly targetLabels: readonly string[];
  readonly sourceLabels: readonly string[];
}

export interface MarkedPieces {
  readonly pieces: readonly string[];
  readonly marker: string | undefined;
}

/** Pieces as they stand: equal once the markers are swapped, compared with all markers removed. */
export function pieceWording(target: MarkedPieces, source: MarkedPieces): Wording {
  const replaced = ({ pieces, marker }: MarkedPieces, by: string | undefined) =>
    marker === undefined || by === undefined
      ? pieces
      : pieces.map((piece) => piece.replaceAll(marker, by));
  return {
    targetSaid: target.pieces,
    sourceSaid: replaced(source, target.marker),
    targetLabels: replaced(target, ""),
    sourceLabels: replaced(source, ""),
  };
}

export interface TokenIds {
  readonly ids: Int32Array;
  readonly table: TokenTable;
}

/** The text of the tokens' bytes; compared without spaces. */
export function textWording(target: TokenIds, source: TokenIds): Wording {
  const [targetSaid, sourceSaid] = [target, source].map(({ ids, table }) =>
    Array.from(ids, (id) => textOf(table, id)),
  );
  const unspaced = (said: readonly string[]) => said.map((text) => text.replaceAll(" ", ""));
  return {
    targetSaid,
    sourceSaid,
    targetLabels: unspaced(targetSaid),
    sourceLabels: unspaced(sourceSaid),
  };
}

/**
 * Where bytes are only part of a character each of them is one character of the private use area: an edit is
 * then one byte or one character. A token without bytes says its name.
 */
function textOf(table: TokenTable, id: number): string {
  const bytes = table.bytes[id];
  if (bytes === undefined) return table.pieces[id] ?? "";
  return utf8Decode(bytes) ?? String.fromCharCode(...Array.from(bytes, (byte) => 0xe000 + byte));
}
