/**
 * Aligned rows as the released code makes them (FuseLLM and unchanged PTA-LLM, `transform_step_logits` in
 * `src/utils/others.py`). Token k of the target has a row where the warping path pairs it with one source
 * token only and the two pieces match: equal after the marker swap, or, with minEditDistance, equal through the
 * map. The source's candidates go through the map in descending order; a target token that has one already
 * drops the later ones; what is kept is renormalised.
 *
 * The released code has no BOS. Here the row after BOS answers to the row after BOS, so that both modes predict
 * the same bytes. Its fall-back, a one-hot on the current token, is applied where training weights are made.
 * Rows that lose every candidate stay empty, and fusion puts the target's own row there, as the released
 * collator does. Its log-probabilities are not rounded to bfloat16: the raw logits are not stored.
 */
import type { TextTokenizer, TokenTable } from "../text/tokenizer.ts";
import { swapMarker } from "../vocabulary/marker.ts";
import { createAlignedRowWriter } from "./alignedRowWriter.ts";
import { dtwAnswers } from "./dtwAnswers.ts";
import type { AlignedRepresentation, NoRowReason } from "./representation.ts";
import { readRowMass } from "./rowMass.ts";
import type { RowsInput } from "./rowsInput.ts";
import { sharedPositions } from "./sharedPositions.ts";

export function publishedRows(input: RowsInput): AlignedRepresentation {
  const { target, source, targetLabels, sourceLabels, representation, map, temperature } = input;
  const rows = targetLabels.length;
  const answers = input.answers ?? dtwAnswers(target, source, "published");
  const writer = createAlignedRowWriter(
    rows,
    rows * representation.topK,
    target.tokenizer.table.size,
  );

  for (let i = 0; i < rows; i++) {
    const sourceRow = i === 0 ? 0 : answers[i - 1] + 1;
    const reason = i === 0 ? undefined : mismatch(input, i - 1, sourceRow - 1);
    if (reason !== undefined || sourceRow >= representation.rows) {
      writer.closeWithout(reason ?? "truncated");
      continue;
    }
    const { ids, probs } = readRowMass(
      representation,
      sourceRow,
      sourceLabels[sourceRow],
      temperature,
    );
    for (let k = 0; k < ids.length; k++) {
      const id = map.targetOf[ids[k]];
      if (id < 0) writer.lose(probs[k]);
      else writer.giveFirst(id, probs[k]);
    }
    writer.close("renormalise");
  }
  return writer.finish(sharedPositions(target.encoding, source.encoding, representation));
}

/** Why target token and paired source token do not count as the same; −1 is a target token that is not paired alone. */
function mismatch(
  { target, source, targetLabels, sourceLabels, map }: RowsInput,
  targetToken: number,
  sourceToken: number,
): NoRowReason | undefined {
  if (sourceToken < 0) return "notOneToOne";
  // Tokens and EOS are what follows rows 0, 1, …: the labels.
  const wanted = targetLabels[targetToken];
  const found = firstTokenRule(
    source.tokenizer,
    target.tokenizer.table,
    wanted,
    sourceLabels[sourceToken],
    targetToken === 0,
  );
  if (found.piece === target.tokenizer.table.pieces[wanted]) return undefined;
  // The map says the same of equal pieces, and with minEditDistance that others count as equal.
  const same = found.id !== undefined && map.targetOf[found.id] === wanted;
  return same ? undefined : "piecesDiffer";
}

/**
 * The source piece with the target's marker. A byte-level source has no prefix space at the beginning of a text;
 * where the target's first piece begins with its marker, the source's is given one. The map is then asked for
 * that piece, which the released code looks up unguarded; here a piece of no token matches nothing.
 */
function firstTokenRule(
  source: TextTokenizer,
  target: TokenTable,
  targetId: number,
  sourceId: number,
  first: boolean,
): { readonly piece: string; readonly id: number | undefined } {
  const piece = swapMarker(source.table.pieces[sourceId] ?? "", source.table, target);
  const { marker } = target;
  const applies =
    first &&
    source.family === "byteLevel" &&
    marker !== undefined &&
    target.pieces[targetId]?.startsWith(marker) &&
    !piece.startsWith(marker);
  if (!applies) return { piece, id: sourceId };
  return {
    piece: marker + piece,
    id: source.table.idByPiece.get((source.table.marker ?? "") + source.table.pieces[sourceId]),
  };
}
