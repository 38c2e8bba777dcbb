/**
 * A config.json for a model made from scratch, complete for transformers 4 and 5: rotary settings stand in
 * the older spelling, which version 5 reads as well. readModelConfig makes of it the ModelConfig it was
 * written from.
 */
import type { ModelConfig, RopeScaling } from "../architecture/config.ts";
import type { JsonObject } from "./outsideFile.ts";
import type { FloatType } from "./safetensors.ts";
import type { SpecialTokens } from "./specialTokens.ts";

const torchNames: Readonly<Record<FloatType, string>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

/** `config` with the key that says the type of the weights set to what is written, in the spelling it had. */
export function withDtype(config: JsonObject, dtype: FloatType): JsonObject {
  const name = torchNames[dtype];
  const spellings = ["dtype", "torch_dtype"].filter((key) => config[key] !== undefined);
  const keys = spellings.length > 0 ? spellings : ["torch_dtype"];
  return { ...config, ...Object.fromEntries(keys.map((key) => [key, name])) };
}

export function composeConfig(
  config: ModelConfig,
  { bos, eos }: SpecialTokens,
  dtype: FloatType,
): JsonObject {
  return {
    ...architectureKeys[config.architecture](config),
    vocab_size: config.vocabulary,
    tie_word_embeddings: config.tied,
    initializer_range: 0.02,
    use_cache: true,
    // null keeps transformers from its classes' defaults, which are other tokenizers' ids.
    bos_token_id: bos ?? null,
    eos_token_id: eos ?? null,
    torch_dtype: torchNames[dtype],
  };
}

const architectureKeys: Readonly<
  Record<ModelConfig["architecture"], (config: ModelConfig) => JsonObject>
> = {
  llama: (config) => ({
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: config.hidden,
    intermediate_size: config.feedForward,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    max_position_embeddings: config.context,
    hidden_act: activationNames[config.activation],
    rms_norm_eps: config.normEpsilon,
    rope_theta: ropeOf(config).theta,
    rope_scaling: scalingTable(ropeOf(config).scaling),
    attention_bias: config.attentionBias,
    mlp_bias: config.feedForwardBias,
    attention_dropout: 0,
  }),
  gpt2: (config) => ({
    architectures: ["GPT2LMHeadModel"],
    model_type: "gpt2",
    n_embd: config.hidden,
    n_inner: config.feedForward,
    n_layer: config.layers,
    n_head: config.heads,
    n_positions: config.context,
    activation_function: activationNames[config.activation],
    layer_norm_epsilon: config.normEpsilon,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
  }),
  neox: (config) => ({
    architectures: ["GPTNeoXForCausalLM"],
    model_type: "gpt_neox",
    hidden_size: config.hidden,
    intermediate_size: config.feedForward,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    max_position_embeddings: config.context,
    hidden_act: activationNames[config.activation],
    layer_norm_eps: config.normEpsilon,
    rotary_pct: turningShare(ropeOf(config).size, config.headSize),
    rotary_emb_base: ropeOf(config).theta,
    rope_scaling: scalingTable(ropeOf(config).scaling),
    use_parallel_residual: config.parallelResidual,
    attention_bias: config.attentionBias,
    attention_dropout: 0,
    hidden_dropout: 0,
  }),
};

const activationNames: Readonly<Record<ModelConfig["activation"], string>> = {
  silu: "silu",
  gelu: "gelu",
  geluTanh: "gelu_new",
};

function ropeOf({ architecture, rope }: ModelConfig): NonNullable<ModelConfig["rope"]> {
  if (rope === undefined) throw new Error(`a ${architecture} model without rotary embedding`);
  return rope;
}

function scalingTable(scaling: RopeScaling): JsonObject | null {
  switch (scaling.kind) {
    case "none":
      return null;
    case "linear":
      return { rope_type: "linear", factor: scaling.factor };
    case "llama3":
      return {
        rope_type: "llama3",
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContext,
      };
  }
}

/** The share whose product with the head's size, cut to a whole number as transformers does, is `size`. */
function turningShare(size: number, headSize: number): number {
  const share = size / headSize;
  return Math.trunc(headSize * share) === size ? share : (size + 0.5) / headSize;
}
