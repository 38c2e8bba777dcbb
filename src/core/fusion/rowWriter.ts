/**
 * Builds sparse rows one after the other: masses for the same id add up, and a closed row and its left-over
 * make 1. The only place where rows of the target's vocabulary come into being.
 */
import type { SparseRows } from "./representation.ts";
import type { Tail } from "./settings.ts";

/** Stored log-probabilities are 16 bits wide, so a row may add up to a little more than 1; never to this much more. */
const mostMass = 1.05;

export interface RowWriter {
  /** Adds to the mass of `id` in the row in hand. True where the id already had some. */
  add(id: number, mass: number): boolean;
  has(id: number): boolean;
  /**
   * Ends the row. `bucket`: what is missing from 1 is left over; a sum above 1 is a rounding error and scaled
   * away. `renormalise`: what there is is scaled to 1. A row without entries is all left over either way.
   */
  close(tail: Tail): void;
  /** The rows closed so far. The writer is of no use afterwards. */
  finish(): SparseRows;
}

/** `capacity`: the most entries of all rows together. `vocabulary`: ids are below it. */
export function createRowWriter(rows: number, capacity: number, vocabulary: number): RowWriter {
  const offsets = new Int32Array(rows + 1);
  const ids = new Int32Array(capacity);
  const probs = new Float32Array(capacity);
  const leftOver = new Float32Array(rows);
  // Sums are kept in double precision until the row is closed. `slotOf` is valid where it points back to its id.
  const masses = new Float64Array(capacity);
  const slotOf = new Int32Array(vocabulary);
  let row = 0;
  let start = 0;
  let end = 0;

  const slot = (id: number): number => {
    const candidate = slotOf[id];
    return candidate >= start && candidate < end && ids[candidate] === id ? candidate : -1;
  };

  return {
    add(id, mass) {
      const known = slot(id);
      if (known >= 0) {
        masses[known] += mass;
        return true;
      }
      ids[end] = id;
      masses[end] = mass;
      slotOf[id] = end;
      end++;
      return false;
    },
    has: (id) => slot(id) >= 0,
    close(tail) {
      let sum = 0;
      for (let i = start; i < end; i++) sum += masses[i];
      if (!(sum <= mostMass)) throw new Error(`row ${row} holds a probability mass of ${sum}`);
      const whole = sum > 0 && (tail === "renormalise" || sum > 1) ? sum : 1;
      for (let i = start; i < end; i++) probs[i] = masses[i] / whole;
      leftOver[row] = Math.max(0, 1 - sum / whole);
      row++;
      offsets[row] = end;
      start = end;
    },
    finish: () => ({
      rows,
      offsets,
      ids: ids.slice(0, end),
      probs: probs.slice(0, end),
      leftOver,
    }),
  };
}
