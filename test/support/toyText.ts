/** Sequences of token ids for tests of reading and training. */
import type { SparseRows } from "../../src/core/fusion/representation.ts";
import { createRandom } from "../../src/core/random.ts";
import type { ReadSequence } from "../../src/core/text/sequence.ts";
import type { TrainingSequence } from "../../src/model/trainer.ts";

/** Opens and closes every sequence. */
const opening = 0;

/** [opening, ids …] with labels [ids …, opening]. */
export function sequenceOfIds(ids: ArrayLike<number>): ReadSequence {
  const own = Array.from(ids);
  return { tokens: Int32Array.of(opening, ...own), labels: Int32Array.of(...own, opening) };
}

/** A sequence of `length` elements with ids drawn from the whole vocabulary. */
export function randomSequence(length: number, vocabulary: number, seed: number): ReadSequence {
  const random = createRandom(seed, length);
  return sequenceOfIds(Array.from({ length: length - 1 }, () => random.integer(vocabulary)));
}

/** Every position weighs 1 on its label and nothing on a teacher. */
export function labelled(sequence: ReadSequence): TrainingSequence {
  const { length } = sequence.tokens;
  return {
    ...sequence,
    labelWeight: new Float32Array(length).fill(1),
    fusedWeight: new Float32Array(length),
  };
}

/** Rows of [id, probability] pairs. */
export function sparseRows(rows: readonly (readonly (readonly [number, number])[])[]): SparseRows {
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = offsets[i] + row.length;
  const entries = rows.flat();
  return {
    rows: rows.length,
    offsets,
    ids: Int32Array.from(entries, ([id]) => id),
    probs: Float32Array.from(entries, ([, prob]) => prob),
    leftOver: Float32Array.from(rows, (row) => 1 - row.reduce((sum, [, prob]) => sum + prob, 0)),
  };
}
