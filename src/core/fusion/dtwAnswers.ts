/**
 * The one source token that dynamic time warping pairs with each target token, −1 where there are several.
 *
 * `published` (FuseLLM, `token_alignment.py`) warps the sequences the models read, EOS at their ends. EOS has a
 * say in the path although no row follows it, and can cost the last tokens of a text their answer.
 */
import { alignPieces, alignTokens, type TokenisedText } from "../alignment/alignTokens.ts";
import type { Mode } from "../mode.ts";
import { sequenceOf } from "../text/sequence.ts";

export function dtwAnswers(target: TokenisedText, source: TokenisedText, mode: Mode): Int32Array {
  const aligned =
    mode === "corrected"
      ? alignTokens(target, source, { mode, positions: "dtw" })
      : alignPieces({
          targetPieces: piecesWithEnd(target),
          sourcePieces: piecesWithEnd(source),
          targetMarker: target.tokenizer.table.marker,
          sourceMarker: source.tokenizer.table.marker,
        });
  return aligned.answers.dtw as Int32Array;
}

function piecesWithEnd({ tokenizer, encoding }: TokenisedText): string[] {
  const { pieces } = tokenizer.table;
  return Array.from(sequenceOf(tokenizer, encoding).labels, (id) => pieces[id] ?? "");
}
