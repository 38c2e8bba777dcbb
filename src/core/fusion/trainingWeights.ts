/**
 * What every position of a chunk is taught: how much the true next token weighs, how much the fused row, and
 * which row that is. L = Σ labelWeight · CE + Σ fusedWeight · H, so a position with a row has λ and 1 − λ.
 *
 * Without a row: `nextToken` gives the label the whole weight, exactly 1, so that a run in which nothing
 * aligns is continued training on text bit for bit. `skip` leaves the label its λ. `currentToken` repeats the
 * released code, which puts the remaining weight on the token just read instead of the one to come (FuseLLM,
 * `transform_step_logits`; an off-by-one).
 */
import { type FusedRows, noFusedRow, type SparseRows } from "./representation.ts";
import { createRowWriter } from "./rowWriter.ts";
import type { Fallback } from "./settings.ts";

export interface TrainingWeightsInput {
  readonly rows: FusedRows;
  readonly fallback: Fallback;
  /** λ, the weight of the language-model loss, from 0 to 1. */
  readonly lambda: number;
  /** [rows − 1], the chunk's tokens: row i is read after token i − 1. */
  readonly targetIds: Int32Array;
}

export interface TrainingWeights {
  /** [rows] */
  readonly labelWeight: Float32Array;
  /** [rows] */
  readonly fusedWeight: Float32Array;
  readonly rows: SparseRows;
}

export function trainingWeights(input: TrainingWeightsInput): TrainingWeights {
  const { rows, fallback, lambda, targetIds } = input;
  const labelWeight = new Float32Array(rows.rows).fill(lambda);
  const fusedWeight = new Float32Array(rows.rows).fill(1 - lambda);
  // The released code has no BOS. Taught by its rule, the row after BOS would repeat BOS, which no text does.
  const repeats = (row: number) => fallback === "currentToken" && row > 0;
  for (let i = 0; i < rows.rows; i++) {
    if (rows.from[i] !== noFusedRow || repeats(i)) continue;
    labelWeight[i] = fallback === "skip" ? lambda : 1;
    fusedWeight[i] = 0;
  }
  return {
    labelWeight,
    fusedWeight,
    rows: fallback === "currentToken" ? withCurrentToken(rows, targetIds) : rows,
  };
}

/** The rows, with certainty of the token just read where there is none. */
function withCurrentToken(fused: FusedRows, targetIds: Int32Array): SparseRows {
  const { rows, offsets, ids, probs, from } = fused;
  const largest = [ids, targetIds].reduce(
    (most, list) => list.reduce((a, b) => Math.max(a, b), most),
    0,
  );
  const writer = createRowWriter(rows, ids.length + rows, largest + 1);
  for (let i = 0; i < rows; i++) {
    for (let k = offsets[i]; k < offsets[i + 1]; k++) writer.add(ids[k], probs[k]);
    if (from[i] === noFusedRow && i > 0) writer.add(targetIds[i - 1], 1);
    writer.close("bucket");
  }
  return writer.finish();
}
