/**
 * The part of a Hugging Face config.json that decides what a model computes, in one shape for all
 * architectures. Reading and checking it is checkpoint/config.ts's work.
 */

export type ArchitectureName = "llama" | "gpt2" | "neox";

/** Rotary frequencies as Hugging Face's `rope_scaling` describes them. */
export type RopeScaling =
  | { readonly kind: "none" }
  | { readonly kind: "linear"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContext: number;
    };

export interface ModelConfig {
  readonly architecture: ArchitectureName;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` in grouped-query attention. */
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Width of the feed-forward layer. */
  readonly feedForward: number;
  /** Rows of the embedding and of the output: may be wider than the tokenizer. */
  readonly vocabulary: number;
  /** The longest sequence, BOS included. */
  readonly context: number;
  readonly normEpsilon: number;
  /** Input embedding and output projection share one tensor. */
  readonly tied: boolean;
  /** Rotary embedding; its absence (GPT-2) makes position tables a hard limit. */
  readonly rope?: { readonly theta: number; readonly size: number; readonly scaling: RopeScaling };
  readonly activation: "silu" | "geluTanh" | "gelu";
  /** GPT-NeoX: attention and feed-forward read the same input. */
  readonly parallelResidual: boolean;
  /** Biases on the attention projections (always in GPT-2 and GPT-NeoX, `attention_bias` in Llama). */
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
}

/** How a parameter is treated by the optimiser and by initialisation. */
export type ParameterKind = "matrix" | "embedding" | "norm" | "bias";

export interface Parameter {
  /** Its Hugging Face name. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Weights by Hugging Face name, fp32 in row-major order. */
export type Weights = ReadonlyMap<string, Float32Array>;
