/**
 * The loss of fusion and its gradient. Each row has a label and a sparse teacher: unique ids K with
 * probabilities p_k, and r, the probability that no id carries. With q the softmax of the row's logits z:
 *
 *   clm    = −log q_label                                weighted by labelWeight
 *   fusion = −Σ p_k log q_k − r log(1 − S),  S = Σ q_k    weighted by fusedWeight
 *
 * so that what lies outside K is one bucket, as in FuseLab's `tail: bucket`; r = 0 gives the cross-entropy with
 * the teacher's top k alone, as in FuseLLM. With P = Σ p_k and g = r / (1 − S):
 *
 *   d fusion / dz_v = q_v (P − g S) + [v ∈ K] (g q_v − p_v)
 *
 * Both terms add up at an id that label and teacher share. The gradient is computed together with the loss,
 * chunk by chunk, because softmax and logits are too wide to be kept for a backward pass.
 */

import { add, divide, exp, log, multiply, negate, scale, shift, subtract } from "./elementwise.ts";
import { gemm, linear } from "./linear.ts";
import { logSoftmax } from "./normalisation.ts";
import { after, chunkOf, type RowChunk, rowChunks } from "./rowChunks.ts";
import { concat, gatherColumns, reshape, split, sum, total } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Below this, 1 − S is not divided by any more. Near S = 1 the bucket's loss −r log(1 − S) grows without bound
 * and its slope r / (1 − S) explodes, and 1 − S itself is a difference of rounded numbers. From the floor on
 * the loss continues along its tangent: it stays continuous, loss and gradient agree, and the slope is at most
 * r / floor.
 */
const bucketFloor = 1e-4;

/** Rows of the loss. N rows, K slots of the teacher. */
export type LossRows = {
  /** int64 [N] */
  readonly labels: Tensor;
  /** [N] */
  readonly labelWeight: Tensor;
  /** [N] */
  readonly fusedWeight: Tensor;
  /** int64 [N, K]; any id in range where the slot is not used. */
  readonly fusedIds: Tensor;
  /** [N, K], p_k. */
  readonly fusedProbs: Tensor;
  /** [N, K], 1 where the slot is used, else 0. */
  readonly fusedUsed: Tensor;
  /** [N], r. */
  readonly fusedRest: Tensor;
};

export interface LossWithGradient {
  /** Scalars: the weighted sums over all rows. */
  readonly clmLoss: Tensor;
  readonly fusionLoss: Tensor;
  /** [N], −log q_label of every row, whatever it weighs. */
  readonly labelNats: Tensor;
  /** Gradients of clmLoss + fusionLoss with respect to `hidden` and `table`. */
  readonly dHidden: Tensor;
  readonly dTable: Tensor;
}

/** The loss of logits = hidden tableᵀ; hidden [N, size], table [vocabulary, size]; `mostRows` logits rows at a time. */
export function fusionLoss(
  hidden: Tensor,
  table: Tensor,
  rows: LossRows,
  mostRows: number,
): LossWithGradient {
  return hidden.graph.untaped(() => {
    const done: LossWithGradient[] = [];
    let last: LossWithGradient | undefined;
    for (const chunk of rowChunks(hidden.shape[0], mostRows)) {
      last = chunkLoss(hidden, table, rows, chunk, last);
      done.push(last);
    }
    return {
      clmLoss: done.map((part) => part.clmLoss).reduce(add),
      fusionLoss: done.map((part) => part.fusionLoss).reduce(add),
      labelNats: concat(
        done.map((part) => part.labelNats),
        0,
      ),
      dHidden: concat(
        done.map((part) => part.dHidden),
        0,
      ),
      dTable: last!.dTable,
    };
  });
}

/** One chunk's loss; its dTable includes that of the chunks before it. */
function chunkLoss(
  hidden: Tensor,
  table: Tensor,
  allRows: LossRows,
  chunk: RowChunk,
  before: LossWithGradient | undefined,
): LossWithGradient {
  const { hidden: own, ...rows } = chunkOf({ hidden, ...allRows }, chunk);
  const h = after(own, before ? Object.values(before) : []);
  const logQ = logSoftmax(linear(h, table));
  const { labelNats, clm, fusion, spread, ids, updates } = lossOfRows(logQ, rows);

  const dense = multiply(exp(logQ), spread);
  const dLogits = h.graph.emit("ScatterElements", [dense, ids, updates], dense.shape, {
    attributes: { axis: { int: 1 }, reduction: { text: "add" } },
  });
  return {
    clmLoss: total(clm),
    fusionLoss: total(fusion),
    labelNats: reshape(labelNats, [labelNats.shape[0]]),
    dHidden: gemm(dLogits, table),
    dTable: gemm(dLogits, h, { transposeA: true, plus: before?.dTable }),
  };
}

/**
 * The weighted losses of each row, [n, 1], and the gradient with respect to its logits in two parts:
 * spread · q over the whole vocabulary, plus `updates` at `ids` (label first, then the teacher's).
 */
function lossOfRows(logQ: Tensor, rows: LossRows) {
  const { graph } = logQ;
  const [count, slots] = rows.fusedIds.shape;
  const asColumn = (a: Tensor): Tensor => reshape(a, [count, 1]);
  const labelWeight = asColumn(rows.labelWeight);
  const fusedWeight = asColumn(rows.fusedWeight);
  const rest = asColumn(rows.fusedRest);

  const ids = concat([asColumn(rows.labels), rows.fusedIds], 1);
  const [labelLogQ, fusedLogQ] = split(gatherColumns(logQ, ids), 1, [1, slots]);

  const p = multiply(rows.fusedProbs, rows.fusedUsed);
  const q = multiply(exp(fusedLogQ), rows.fusedUsed);
  const mass = sum(p, [1]);
  const covered = sum(q, [1]);
  const outside = subtract(graph.scalar(1), covered);
  const floor = graph.scalar(bucketFloor);
  const floored = graph.emit("Max", [outside, floor], outside.shape);
  const logOutside = add(
    log(floored),
    // 0 above the floor; below it the tangent's (1 − S) / floor − 1.
    shift(scale(graph.emit("Min", [outside, floor], outside.shape), 1 / bucketFloor), -1),
  );
  const slope = divide(rest, floored);
  const likelihood = add(sum(multiply(p, fusedLogQ), [1]), multiply(rest, logOutside));
  const labelNats = negate(labelLogQ);
  return {
    labelNats,
    clm: multiply(labelWeight, labelNats),
    fusion: multiply(fusedWeight, subtract(graph.scalar(0), likelihood)),
    spread: add(labelWeight, multiply(fusedWeight, subtract(mass, multiply(slope, covered)))),
    ids,
    updates: concat(
      [negate(labelWeight), multiply(fusedWeight, subtract(multiply(slope, q), p))],
      1,
    ),
  };
}
