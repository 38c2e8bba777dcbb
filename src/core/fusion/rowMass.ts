/**
 * One row of a representation as probabilities, the true next token told apart: it may stand outside the top
 * k, where its mass is a known part of what is left over.
 *
 * At a temperature other than 1 every known part is raised to 1/T and the parts are scaled to add up to 1
 * again. What is left over counts as one token there, since its shape is not stored: an approximation, exact
 * only at T = 1 and where nothing is left over.
 */
import type { Representation } from "./representation.ts";

export interface RowMass {
  /** [topK] */
  readonly ids: Int32Array;
  /** [topK], as stored where T = 1. */
  readonly probs: Float64Array;
  /** Probability of the true next token, from its own nats. */
  readonly gold: number;
  /** Where the true next token stands in the top k, −1 outside. */
  readonly goldSlot: number;
}

/** `gold`: the true next token, in the representation's own vocabulary. */
export function readRowMass(
  { topK, ids, logProbs, leftOver, nats }: Representation,
  row: number,
  gold: number,
  temperature: number,
): RowMass {
  const rowIds = ids.subarray(row * topK, (row + 1) * topK);
  const goldSlot = rowIds.indexOf(gold);
  const heated = (nat: number): number => Math.exp(-nat / temperature);
  const probs = new Float64Array(topK);
  for (let k = 0; k < topK; k++) probs[k] = heated(-logProbs[row * topK + k]);
  const goldMass = heated(nats[row]);
  if (temperature === 1) return { ids: rowIds, probs, gold: goldMass, goldSlot };

  const outside = goldSlot < 0 ? Math.exp(-nats[row]) : 0;
  const rest = Math.max(0, leftOver[row] - outside) ** (1 / temperature);
  let sum = rest + goldMass;
  for (let k = 0; k < topK; k++) if (k !== goldSlot) sum += probs[k];
  return { ids: rowIds, probs: probs.map((p) => p / sum), gold: goldMass / sum, goldSlot };
}
