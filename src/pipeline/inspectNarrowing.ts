/**
 * A reading with fewer candidates at a temperature, from one that was kept wider. A run keeps a model's top k
 * and then heats it, with what lies beyond as one token (core/fusion/rowMass.ts). Here more is known of what lies
 * beyond, so it is given the mass with which that one token weighs, when heated, as much as the tokens it stands
 * for: the rows come out as if the whole distribution had been heated before it was cut. Exact where the wide
 * reading holds the whole vocabulary.
 */
import type { Representation } from "../core/fusion/representation.ts";

/** Beyond this a 32-bit float has no number for what is left over: reached at temperatures of 9 and above. */
const largestMass = 3e38;

/**
 * `labels`: the true next tokens, [rows] or more. `leftOver` of the result is a probability at temperature 1 only.
 * @throws RangeError for a top k wider than the reading's.
 */
export function narrowedAt(
  wide: Representation,
  labels: Int32Array,
  { topK, temperature }: { readonly topK: number; readonly temperature: number },
): Representation {
  if (topK === wide.topK) return wide;
  if (topK > wide.topK) throw new RangeError(`a top ${wide.topK} holds no top ${topK}`);
  const { rows, nats } = wide;
  const ids = new Int32Array(rows * topK);
  const logProbs = new Float32Array(rows * topK);
  const leftOver = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = row * wide.topK;
    const to = row * topK;
    ids.set(wide.ids.subarray(from, from + topK), to);
    logProbs.set(wide.logProbs.subarray(from, from + topK), to);
    leftOver[row] =
      temperature === 1
        ? massOutside(logProbs, to, topK)
        : Math.min(largestMass, heatedOutside(wide, row, labels[row], topK, temperature));
  }
  return { rows, topK, ids, logProbs, leftOver, nats };
}

function massOutside(logProbs: Float32Array, from: number, topK: number): number {
  let mass = 0;
  for (let k = from; k < from + topK; k++) mass += Math.exp(logProbs[k]);
  return Math.max(0, 1 - mass);
}

function heatedOutside(
  { topK: width, ids, logProbs, leftOver, nats }: Representation,
  row: number,
  label: number,
  topK: number,
  temperature: number,
): number {
  const start = row * width;
  const slot = ids.subarray(start, start + width).indexOf(label);
  const gold = Math.exp(-nats[row]);
  const unseen = Math.max(0, leftOver[row] - (slot < 0 ? gold : 0));
  let heated = unseen ** (1 / temperature);
  for (let k = topK; k < width; k++) {
    if (k !== slot) heated += Math.exp(logProbs[start + k] / temperature);
  }
  // The true next token is told apart again where the narrow row does not hold it.
  return heated ** temperature + (slot >= 0 && slot < topK ? 0 : gold);
}
