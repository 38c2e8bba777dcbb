/**
 * What an architecture is to the rest: its parameters under their Hugging Face names, and the graph from tokens
 * to the hidden states that the output table reads. Dropout and caches of keys and values have no place here.
 */

import { linear } from "../graph/linear.ts";
import { reshape, transpose } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig, Parameter } from "./config.ts";

/** A batch as tensors of a graph; B rows of T places. */
export interface ForwardInputs {
  /** The parameter of this name. */
  readonly weight: (name: string) => Tensor;
  /** int64 [B·T] */
  readonly tokens: Tensor;
  /** int64 [B, T], place within the segment. */
  readonly positions: Tensor;
  /** int64 [B, T]; attention stays within equal numbers. */
  readonly segments: Tensor;
  /** A run-time scalar 0. */
  readonly zero: Tensor;
}

export interface Architecture {
  readonly parameters: (config: ModelConfig) => Parameter[];
  /** Hidden states after the last norm, [B·T, hidden]. */
  readonly hiddenStates: (config: ModelConfig, inputs: ForwardInputs) => Tensor;
  /** Name of the table [vocabulary, hidden] whose product with the hidden states is the logits. */
  readonly outputTable: (config: ModelConfig) => string;
  /** Ends of the names of matrices that write into the residual stream: initialised smaller. */
  readonly residualProjections: readonly string[];
}

export interface LayerOptions {
  readonly biased: boolean;
  /** Added to the layer's result. */
  readonly residual?: Tensor;
  /** The weight is stored [in, out]. */
  readonly inputsFirst?: boolean;
}

/** x through the linear layer whose parameters are `name`.weight and, if biased, `name`.bias. */
export function layer(
  inputs: ForwardInputs,
  name: string,
  x: Tensor,
  { biased, residual, inputsFirst = false }: LayerOptions,
): Tensor {
  const bias = biased ? inputs.weight(`${name}.bias`) : undefined;
  return linear(x, inputs.weight(`${name}.weight`), { bias, residual, inputsFirst });
}

/** [B·T, heads · size] → [B, heads, T, size]. */
export function toHeads(x: Tensor, positions: Tensor, heads: number): Tensor {
  const [rows, length] = positions.shape;
  return transpose(reshape(x, [rows, length, heads, x.shape[1] / heads]), [0, 2, 1, 3]);
}

/** [B, heads, T, size] → [B·T, heads · size]. */
export function fromHeads(x: Tensor): Tensor {
  const [rows, heads, length, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [rows * length, heads * size]);
}
