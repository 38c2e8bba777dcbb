/** A representation with fewer candidates: what a smaller top k would have kept of the same reading. */
import type { Representation } from "./representation.ts";

/**
 * The first `topK` candidates of each row; the others join what is left over. Exact but for the rounding of the
 * stored log-probabilities that are dropped. @throws RangeError for a top k wider than the representation's.
 */
export function narrowRepresentation(wide: Representation, topK: number): Representation {
  if (topK > wide.topK) throw new RangeError(`a top ${wide.topK} holds no top ${topK}`);
  const { rows, nats } = wide;
  const ids = new Int32Array(rows * topK);
  const logProbs = new Float32Array(rows * topK);
  const leftOver = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = row * wide.topK;
    ids.set(wide.ids.subarray(from, from + topK), row * topK);
    logProbs.set(wide.logProbs.subarray(from, from + topK), row * topK);
    let outside = wide.leftOver[row];
    for (let k = from + topK; k < from + wide.topK; k++) outside += Math.exp(wide.logProbs[k]);
    leftOver[row] = Math.min(1, outside);
  }
  return { rows, topK, ids, logProbs, leftOver, nats };
}
