/**
 * Which source tokens dynamic time warping pairs with each target token (FuseLLM, `dtw` in
 * `src/utils/others.py`). The cost of a pair is the edit distance of the two pieces without word markers. EOS
 * stands at the end of both sequences and takes part in the path, although no row follows it.
 *
 * `corrected` compares the texts that the tokens spell, without spaces, instead of pieces, so that byte
 * alphabets and byte fall-back do not look different where they spell the same.
 */
import { dtw, targetToSource } from "../alignment/dtw.ts";
import { editDistance } from "../alignment/editDistance.ts";
import type { Mode } from "../mode.ts";
import { utf8Decode } from "../text/bytes.ts";
import { sequenceOf } from "../text/sequence.ts";
import type { ReadText } from "./readText.ts";

/** By target token, the ascending source tokens it is paired with. The last of both is EOS. */
export function dtwPairs(target: ReadText, source: ReadText, mode: Mode): readonly Int32Array[] {
  const targetTexts = comparedTexts(target, mode);
  const sourceTexts = comparedTexts(source, mode);
  const known = new Map<string, number>();
  const cost = (row: number, column: number): number => {
    const key = `${sourceTexts[row]}\n${targetTexts[column]}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const distance = editDistance(sourceTexts[row], targetTexts[column]);
    known.set(key, distance);
    return distance;
  };
  const { path } = dtw(sourceTexts.length, targetTexts.length, cost, { tieOrder: "published" });
  return targetToSource(path, targetTexts.length);
}

/** The only source token a target token is paired with, −1 where there are several. */
export function pairedSource(pairs: readonly Int32Array[], targetToken: number): number {
  const paired = pairs[targetToken];
  return paired.length === 1 ? paired[0] : -1;
}

function comparedTexts({ tokenizer, encoding }: ReadText, mode: Mode): string[] {
  const { pieces, bytes, marker } = tokenizer.table;
  return Array.from(sequenceOf(tokenizer, encoding).labels, (id) => {
    const piece = pieces[id] ?? "";
    const decoded = mode === "corrected" && bytes[id] ? utf8Decode(bytes[id]) : undefined;
    if (decoded !== undefined) return decoded.replaceAll(" ", "");
    return marker === undefined ? piece : piece.replaceAll(marker, "");
  });
}
