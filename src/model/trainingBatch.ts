/**
 * The inputs of a training program for one micro-batch: tokens, and what each position is taught. Arrays are made
 * once and filled for every micro-batch.
 */
import type { SparseRows } from "../core/fusion/representation.ts";
import { Problem } from "../core/problem.ts";
import type { ReadSequence } from "../core/text/sequence.ts";
import type { ModelConfig } from "./architecture/config.ts";
import type { BatchShape } from "./graph/programs.ts";
import type { TensorData } from "./session.ts";
import { createTokenBatch, lowWords, requireId } from "./tokenBatch.ts";

/** A chunk as the target reads it, with what each of its positions is taught; all of the same length. */
export interface TrainingSequence extends ReadSequence {
  /** Coefficient of the cross-entropy with the label. */
  readonly labelWeight: Float32Array;
  /** Coefficient of the cross-entropy with the fused row. */
  readonly fusedWeight: Float32Array;
  /** Needed where a `fusedWeight` is not 0. Ids are unique within a row. */
  readonly fused?: SparseRows;
}

/** One row of a batch: sequences side by side, together at most as long as the row. */
export interface PackedBlock {
  readonly sequences: readonly TrainingSequence[];
}

export interface TrainingBatch {
  /** By the training program's input names. */
  readonly feeds: ReadonlyMap<string, TensorData>;
  /**
   * Lays one block into each row, empties the rows beyond, and divides all weights by `positions`.
   * @throws Problem `badInput` where a sequence is not sound, does not fit, or has a row wider than the K slots.
   */
  fill(blocks: readonly PackedBlock[], positions: number): void;
}

/** Predicted positions: every token of every sequence predicts one label. */
export function countPositions(blocks: readonly PackedBlock[]): number {
  let positions = 0;
  for (const { sequences } of blocks) {
    for (const { tokens } of sequences) positions += tokens.length;
  }
  return positions;
}

export function createTrainingBatch(
  shape: BatchShape,
  config: ModelConfig,
  topK: number,
): TrainingBatch {
  const count = shape.rows * shape.length;
  const text = createTokenBatch(shape, config);
  const labelWeight = new Float32Array(count);
  const fusedWeight = new Float32Array(count);
  const fusedIds = new BigInt64Array(count * topK);
  const fusedProbs = new Float32Array(count * topK);
  const fusedUsed = new Float32Array(count * topK);
  const fusedRest = new Float32Array(count);
  const idWords = lowWords(fusedIds);

  // Ids of slots that are not used may stay: any id in range will do there.
  function clear(): void {
    text.clear();
    for (const array of [labelWeight, fusedWeight, fusedProbs, fusedUsed, fusedRest]) array.fill(0);
  }

  function append(row: number, sequence: TrainingSequence, positions: number): void {
    requireTaught(sequence);
    const start = text.append(row, sequence);
    for (let i = 0; i < sequence.tokens.length; i++) {
      labelWeight[start + i] = sequence.labelWeight[i] / positions;
      fusedWeight[start + i] = sequence.fusedWeight[i] / positions;
      if (sequence.fused !== undefined) putRow(start + i, sequence.fused, i);
    }
  }

  function putRow(place: number, { offsets, ids, probs, leftOver }: SparseRows, row: number): void {
    const from = offsets[row];
    const entries = offsets[row + 1] - from;
    if (entries > topK) {
      throw new Problem(
        "badInput",
        `Fused row ${row} of a sequence has ${entries} entries, and training was set up for ${topK}.`,
        { next: "Set up training for the widest row; rows are never cut." },
      );
    }
    for (let k = 0; k < entries; k++) {
      requireId(ids[from + k], config.vocabulary);
      const slot = place * topK + k;
      idWords[2 * slot] = ids[from + k];
      fusedProbs[slot] = probs[from + k];
      fusedUsed[slot] = 1;
    }
    fusedRest[place] = leftOver[row];
  }

  return {
    feeds: new Map<string, TensorData>([
      ...text.feeds,
      ...Object.entries({ labelWeight, fusedWeight, fusedIds, fusedProbs, fusedUsed, fusedRest }),
    ]),
    fill(blocks, positions) {
      clear();
      for (const [row, { sequences }] of blocks.entries()) {
        for (const sequence of sequences) append(row, sequence, positions);
      }
    },
  };
}

function requireTaught({ tokens, labelWeight, fusedWeight, fused }: TrainingSequence): void {
  const { length } = tokens;
  if (labelWeight.length !== length || fusedWeight.length !== length) {
    throw new Problem(
      "badInput",
      `A sequence of ${length} tokens has ${labelWeight.length} label weights and ${fusedWeight.length} fused weights.`,
    );
  }
  if (fused !== undefined && fused.rows !== length) {
    throw new Problem("badInput", `A sequence of ${length} tokens has ${fused.rows} fused rows.`, {
      next: "Make the fused rows again for this text and target.",
    });
  }
  if (fused === undefined && fusedWeight.some((weight) => weight !== 0)) {
    throw new Problem("badInput", "A sequence gives weight to fused rows and has none.");
  }
}
