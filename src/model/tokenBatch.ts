/**
 * The inputs that every program takes, for one batch shape, in arrays that are filled again and again. A row
 * holds several sequences side by side: each is a segment of its own, whose positions start at 0 and whose
 * attention never leaves it, so that a sequence is computed as if it stood alone.
 */
import { Problem } from "../core/problem.ts";
import type { ReadSequence } from "../core/text/sequence.ts";
import type { ModelConfig } from "./architecture/config.ts";
import type { BatchShape } from "./graph/programs.ts";
import type { TensorData } from "./session.ts";

export interface TokenBatch {
  readonly shape: BatchShape;
  /** `tokens`, `labels`, `positions`, `segments`: [rows · length], by the programs' input names. */
  readonly feeds: ReadonlyMap<string, TensorData>;
  /** Makes every place padding: segment 0. */
  clear(): void;
  /**
   * Puts a sequence behind those that the row holds. Answers its first place in [rows · length].
   * @throws Problem `badInput` where it does not fit the row or the model's context, or an id is none of the model's.
   */
  append(row: number, sequence: ReadSequence): number;
}

export function createTokenBatch(shape: BatchShape, config: ModelConfig): TokenBatch {
  const count = shape.rows * shape.length;
  const tokens = new BigInt64Array(count);
  const labels = new BigInt64Array(count);
  const positions = new BigInt64Array(count);
  const segments = new BigInt64Array(count);
  const low = {
    tokens: lowWords(tokens),
    labels: lowWords(labels),
    positions: lowWords(positions),
    segments: lowWords(segments),
  };
  const used = new Int32Array(shape.rows);
  const sequences = new Int32Array(shape.rows);
  return {
    shape,
    feeds: new Map(Object.entries({ tokens, labels, positions, segments })),
    clear() {
      for (const words of Object.values(low)) words.fill(0);
      used.fill(0);
      sequences.fill(0);
    },
    append(row, sequence) {
      const length = requireSequence(sequence, config);
      if (used[row] + length > shape.length) {
        throw new Problem(
          "badInput",
          `A block holds ${used[row] + length} tokens, but its rows have ${shape.length} places.`,
          { next: "Cut the text into shorter chunks, or raise training.length." },
        );
      }
      const start = row * shape.length + used[row];
      used[row] += length;
      sequences[row]++;
      for (let i = 0; i < length; i++) {
        const place = 2 * (start + i);
        low.tokens[place] = sequence.tokens[i];
        low.labels[place] = sequence.labels[i];
        low.positions[place] = i;
        low.segments[place] = sequences[row];
      }
      return start;
    },
  };
}

/**
 * The low words of 64-bit integers, at even places: small whole numbers are read and written through them
 * without making a BigInt each. Every platform onnxruntime-node is built for is little-endian.
 */
export const lowWords = (integers: BigInt64Array): Int32Array =>
  new Int32Array(integers.buffer, integers.byteOffset, 2 * integers.length);

/**
 * The length of a sequence.
 * @throws Problem `badInput` where it is empty, longer than the model's context, or has ids that are none of the
 * model's.
 */
export function requireSequence(
  { tokens, labels }: ReadSequence,
  { vocabulary, context }: ModelConfig,
): number {
  const { length } = tokens;
  if (length === 0 || length !== labels.length) {
    throw new Problem("badInput", `A sequence has ${length} tokens and ${labels.length} labels.`);
  }
  if (length > context) {
    throw new Problem(
      "badInput",
      `A text of ${length} tokens, the opening one included, is longer than the model's context of ${context}.`,
      { next: "Cut the text into shorter chunks." },
    );
  }
  for (let i = 0; i < length; i++) {
    requireId(tokens[i], vocabulary);
    requireId(labels[i], vocabulary);
  }
  return length;
}

/** @throws Problem `badInput` where `id` is not from 0 to `vocabulary` − 1. */
export function requireId(id: number, vocabulary: number): void {
  if (id >= 0 && id < vocabulary) return;
  throw new Problem("badInput", `Token ${id} is outside the model's vocabulary of ${vocabulary}.`, {
    next: "Use the tokenizer that belongs to the model.",
  });
}
