/**
 * Aligned rows as we read the method. A target position has a row where a source position ends at the same
 * byte; with `dtw`, where moreover the warping path pairs the two one to one, since a pair that ends elsewhere
 * predicts what follows another string.
 *
 * The source's candidates go to their target tokens and masses add up. With `firstToken` the true next target
 * token gets the source's probability of its bytes from the gold path instead of what the map would say of the
 * source's true next token, whose remaining mass is left over.
 */
import { createAlignedRowWriter } from "./alignedRowWriter.ts";
import { dtwAnswers } from "./dtwAnswers.ts";
import { type AlignedRepresentation, boundaryCases, type NoRowReason } from "./representation.ts";
import { readRowMass } from "./rowMass.ts";
import type { RowsInput } from "./rowsInput.ts";
import type { Positions, ShorterRows } from "./settings.ts";
import { type SharedPositions, sharedPositions } from "./sharedPositions.ts";

export interface CorrectedInput extends RowsInput {
  readonly positions: Positions;
  readonly shorterRows: ShorterRows;
}

export function correctedRows(input: CorrectedInput): AlignedRepresentation {
  const { target, source, targetLabels, representation, map, shorterRows } = input;
  const rows = targetLabels.length;
  const goldPath = map.method === "firstToken";
  const shared = sharedPositions(target.encoding, source.encoding, representation);
  const obstacle = obstacleOf(input, shared, goldPath);
  const writer = createAlignedRowWriter(
    rows,
    rows * (representation.topK + 1),
    target.tokenizer.table.size,
  );

  for (let i = 0; i < rows; i++) {
    const reason = obstacle(i);
    if (reason !== undefined) {
      writer.closeWithout(reason);
      continue;
    }
    const { ids, probs, goldSlot } = massOf(input, shared.sourceRow[i]);
    if (goldPath) writer.give(targetLabels[i], goldMass(input, shared, i));
    if (!(goldPath && shorterRows === "goldOnly" && isShorter(shared.boundaryCase[i]))) {
      for (let k = 0; k < ids.length; k++) {
        if (goldPath && k === goldSlot) continue;
        const id = map.targetOf[ids[k]];
        if (id < 0) writer.lose(probs[k]);
        else writer.give(id, probs[k]);
      }
    }
    writer.close("bucket");
  }
  return writer.finish(shared);
}

/** Why a target row has no row from the source, `undefined` where it has one. */
function obstacleOf(
  { target, source, positions, representation, answers: known }: CorrectedInput,
  { sourceRow, goldNats }: SharedPositions,
  goldPath: boolean,
): (row: number) => NoRowReason | undefined {
  const answers =
    positions === "dtw" ? (known ?? dtwAnswers(target, source, "corrected")) : undefined;
  return (row) => {
    // BOS stands before the text on both sides and is no part of the warping path.
    if (answers !== undefined && row > 0) {
      const answer = answers[row - 1];
      if (answer < 0) return "notOneToOne";
      if (answer + 1 !== sourceRow[row]) return "noSharedBoundary";
    }
    if (sourceRow[row] < 0) return "noSharedBoundary";
    if (sourceRow[row] >= representation.rows) return "truncated";
    return goldPath && Number.isNaN(goldNats[row]) ? "truncated" : undefined;
  };
}

/** The source's probability of the true next target token's bytes, at the temperature of the rows. */
function goldMass(input: CorrectedInput, shared: SharedPositions, row: number): number {
  if (input.temperature === 1) return Math.exp(-shared.goldNats[row]);
  let product = 1;
  for (let j = shared.sourceRow[row]; j < shared.chainEnd[row]; j++) {
    product *= massOf(input, j).gold;
  }
  return product;
}

function massOf({ representation, sourceLabels, temperature }: CorrectedInput, row: number) {
  return readRowMass(representation, row, sourceLabels[row], temperature);
}

function isShorter(code: number): boolean {
  const kind = boundaryCases[code];
  return kind === "shorter" || kind === "overshoot";
}
