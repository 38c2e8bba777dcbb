/**
 * Scaled dot-product attention over packed rows. Grouped queries need no repeated keys: the query heads that
 * share a key head are laid below each other as the rows of one product.
 */

import { add, multiply, subtract } from "./elementwise.ts";
import { batchedProduct } from "./linear.ts";
import { softmax } from "./normalisation.ts";
import { reshape, sum } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Far below any score, yet finite: a score plus this is never NaN, and its exponential is 0. */
const hidden = -1e30;

/**
 * What to add to the scores, [B, 1, 1, T, T]: nothing where a position may look, so much that the softmax gives 0
 * where it may not. A position looks at itself and at earlier ones of its own segment. `segments`: int64 [B, T].
 */
export function packedCausalMask(segments: Tensor): Tensor {
  const { graph } = segments;
  const [rows, length] = segments.shape;
  const order = Array.from({ length }, (_, position) => position);
  const shape = [rows, 1, 1, length, length];
  const own = graph.emit(
    "Equal",
    [reshape(segments, [rows, 1, 1, length, 1]), reshape(segments, [rows, 1, 1, 1, length])],
    shape,
    { type: "bool" },
  );
  const past = graph.emit(
    "GreaterOrEqual",
    [graph.integers(order, [length, 1]), graph.integers(order, [1, length])],
    [length, length],
    { type: "bool" },
  );
  const visible = graph.emit("And", [own, past], shape, { type: "bool" });
  return graph.emit("Where", [visible, graph.scalar(0), graph.scalar(hidden)], shape);
}

/**
 * softmax(q kᵀ / √size + mask) v. q: [B, heads, T, size]; k and v: [B, key heads, T, size], query head h reads
 * key head ⌊h · key heads / heads⌋; mask as above. Answers [B, heads, T, size].
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const { graph } = q;
  const [rows, heads, length, size] = q.shape;
  const keyHeads = k.shape[1];
  const group = heads / keyHeads;
  if (!Number.isInteger(group)) throw new Error(`attention: ${heads} heads on ${keyHeads} of keys`);
  const factor = 1 / Math.sqrt(size);
  const perKeyHead = [rows, keyHeads, group * length, size];
  const groupedScores = [rows, keyHeads, group, length, length];
  const stackedScores = [rows, keyHeads, group * length, length];

  const [stackedQ, weights, stackedY, y] = graph.untaped(() => {
    const stacked = reshape(q, perKeyHead);
    const scores = batchedProduct(stacked, k, { transposeB: true, factor });
    const masked = reshape(add(reshape(scores, groupedScores), mask), stackedScores);
    const shares = softmax(masked);
    const mixed = batchedProduct(shares, v);
    return [stacked, shares, mixed, reshape(mixed, q.shape)];
  });
  graph.record([q, k, v], y, (dy) => {
    const dStacked = reshape(dy, perKeyHead);
    const dWeights = batchedProduct(dStacked, v, { transposeB: true });
    // Σ over columns of weights · dWeights, from the narrower side.
    const level = sum(multiply(dStacked, stackedY), [3]);
    const dScores = multiply(weights, subtract(dWeights, level));
    return [
      reshape(batchedProduct(dScores, k, { factor }), q.shape),
      batchedProduct(dScores, stackedQ, { transposeA: true, factor }),
      batchedProduct(weights, dStacked, { transposeA: true }),
    ];
  });
  return y;
}
