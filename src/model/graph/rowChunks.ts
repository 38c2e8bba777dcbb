/**
 * Work on [N, vocabulary] in chunks of rows, so that only one chunk's buffers live at a time. The chunks are
 * unrolled in the graph. ONNX Runtime chooses the order of nodes and would be free to begin every chunk before
 * it ends the first, so each chunk is made to wait for what the one before it produced.
 */

import { add } from "./elementwise.ts";
import { reshape, rowsOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export interface RowChunk {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Numbers in one [rows, vocabulary] buffer where the caller does not say how many rows: 32 MiB. */
const bufferNumbers = 2 ** 23;

export const defaultChunkRows = (vocabulary: number): number =>
  Math.max(64, Math.floor(bufferNumbers / vocabulary));

/** The fewest chunks of at most `most` rows, of nearly equal size. */
export function rowChunks(count: number, most: number): RowChunk[] {
  const chunks = Math.ceil(count / Math.max(1, most));
  const boundary = (chunk: number): number => Math.round((chunk * count) / chunks);
  return Array.from({ length: chunks }, (_, chunk) => ({
    from: boundary(chunk),
    to: boundary(chunk + 1),
  }));
}

/** `a` unchanged, computed only after every one of `others`. */
export function after(a: Tensor, others: readonly Tensor[]): Tensor {
  if (others.length === 0) return a;
  const { graph } = a;
  const zero = graph.scalar(0);
  // Cutting a number to the range 0 … 0 gives 0 whatever it is, which no optimiser of graphs sees through.
  const nothing = others.map((other) => graph.emit("Clip", [firstNumber(other), zero, zero], []));
  return add(a, nothing.reduce(add));
}

function firstNumber(a: Tensor): Tensor {
  const { graph } = a;
  if (a.shape.length === 0) return a;
  const axes = a.shape.map((_, axis) => axis);
  const starts = graph.integers(axes.map(() => 0));
  const ends = graph.integers(axes.map(() => 1));
  const corner = axes.map(() => 1);
  return reshape(graph.emit("Slice", [a, starts, ends, graph.integers(axes)], corner), []);
}

/** The rows of a chunk of each of the tensors given. */
export function chunkOf<T extends Record<string, Tensor>>(tensors: T, { from, to }: RowChunk): T {
  const cut = Object.entries(tensors).map(([key, tensor]) => [key, rowsOf(tensor, from, to)]);
  return Object.fromEntries(cut) as T;
}
