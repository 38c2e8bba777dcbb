/**
 * Word markers as the published code treats them: one character of the piece, swapped or removed wherever it
 * stands. Byte alphabets and byte fall-back pieces are left as they are, so `Ċ` and `<0x0A>` are strings like
 * any other (FuseLLM, src/utils/others.py).
 */
import type { TokenTable } from "../text/tokenizer.ts";

/** The source's piece in the target's spelling: every source marker becomes a target marker. */
export function swapMarker(piece: string, source: TokenTable, target: TokenTable): string {
  if (source.marker === undefined || target.marker === undefined) return piece;
  return source.marker === target.marker ? piece : piece.replaceAll(source.marker, target.marker);
}
