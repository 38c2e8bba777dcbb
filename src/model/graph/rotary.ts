/**
 * Rotary position embedding (Su et al., RoFormer) in the half-split layout of Hugging Face's Llama and GPT-NeoX:
 * number i of a head is turned together with number i + size/2. Frequencies follow `rope_scaling`.
 */

import type { RopeScaling } from "../architecture/config.ts";
import { multiply, negate } from "./elementwise.ts";
import { contributedDomain } from "./onnx.ts";
import { reshape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export interface Rope {
  readonly theta: number;
  /** How many numbers of each head are turned, from its start; even. */
  readonly size: number;
  readonly scaling: RopeScaling;
}

/** Cosines and sines of every position of a batch. */
export interface RotaryTables {
  readonly size: number;
  /** [B·T, size/2] */
  readonly cosines: Tensor;
  readonly sines: Tensor;
  readonly negatedSines: Tensor;
  /** int64 [B, T], the table's row for each place of the batch. */
  readonly rows: Tensor;
}

/** Radians per position, for each of the size/2 pairs. */
export function rotaryFrequencies(rope: Rope): Float32Array {
  return Float32Array.from({ length: rope.size / 2 }, (_, pair) =>
    scaledFrequency(rope.theta ** ((-2 * pair) / rope.size), rope.scaling),
  );
}

/** `linear` slows every pair down; `llama3` only the slow ones, with a ramp between (Llama 3.1's release). */
function scaledFrequency(frequency: number, scaling: RopeScaling): number {
  if (scaling.kind === "none") return frequency;
  if (scaling.kind === "linear") return frequency / scaling.factor;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = scaling;
  const turns = (originalContext * frequency) / (2 * Math.PI);
  const share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  const kept = Math.min(1, Math.max(0, share));
  return kept * frequency + ((1 - kept) * frequency) / factor;
}

/**
 * The tables of a batch from its positions (int64 [B, T]). They are made at run time for just these positions,
 * so their size does not depend on the model's context.
 */
export function rotaryTables(positions: Tensor, rope: Rope): RotaryTables {
  const { graph } = positions;
  const [rows, length] = positions.shape;
  const count = rows * length;
  const pairs = rope.size / 2;
  return graph.untaped(() => {
    const asFloat = graph.emit("Cast", [reshape(positions, [count, 1])], [count, 1], {
      attributes: { to: { int: 1 } },
    });
    const angles = multiply(asFloat, graph.floats(rotaryFrequencies(rope), [1, pairs]));
    const sines = graph.emit("Sin", [angles], angles.shape);
    return {
      size: rope.size,
      cosines: graph.emit("Cos", [angles], angles.shape),
      sines,
      negatedSines: negate(sines),
      rows: graph.integers(
        Array.from({ length: count }, (_, place) => place),
        [rows, length],
      ),
    };
  });
}

/** Turns x [B, heads, T, head size]; what lies behind `size` in a head stays as it is. */
export function rotate(x: Tensor, tables: RotaryTables): Tensor {
  const { graph } = x;
  const [, heads, , headSize] = x.shape;
  const partial = { rotary_embedding_dim: { int: tables.size }, num_heads: { int: heads } };
  const y = graph.emit("RotaryEmbedding", [x, tables.rows, tables.cosines, tables.sines], x.shape, {
    attributes: { interleaved: { int: 0 }, ...(tables.size < headSize ? partial : {}) },
    domain: contributedDomain,
  });
  // Turning back is turning by the opposite angle.
  const back = { ...tables, sines: tables.negatedSines, negatedSines: tables.sines };
  graph.record([x], y, (dy) => [rotate(dy, back)]);
  return y;
}
