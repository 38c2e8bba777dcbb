/**
 * A Hugging Face config.json as a ModelConfig. Absent keys get the defaults of the transformers class that
 * would read the file; both its older and its newer spellings are understood. A setting that would change
 * what the model computes and is not built is refused, never passed over. Not looked at are settings that
 * only matter to generation, dropout (training here has none), and keys the class does not know.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { ModelConfig } from "../architecture/config.ts";
import {
  type Fields,
  findField,
  readCount,
  readFlag,
  readPositive,
  readTable,
  readText,
  unsupportedSetting,
} from "./configFields.ts";
import { isJsonObject } from "./outsideFile.ts";
import { readRope } from "./ropeConfig.ts";

/** Bounds beyond which a number is a mistake or an attack, far above every model in use. */
const most = {
  hidden: 2 ** 17,
  feedForward: 2 ** 20,
  layers: 1024,
  heads: 2 ** 12,
  vocabulary: 2 ** 23,
  context: 2 ** 24,
} as const;

/** Readers by `model_type`. Mistral's layers are Llama's; only its defaults and its attention window differ. */
const readers: Readonly<Record<string, (fields: Fields) => ModelConfig>> = {
  llama: (fields) =>
    readLlama(fields, { feedForward: 11008, context: 2048, keyValueHeads: undefined }),
  mistral: (fields) =>
    readLlama(fields, { feedForward: 14336, context: 131072, keyValueHeads: 8, window: 4096 }),
  gpt2: readGpt2,
  gpt_neox: readNeox,
};

/**
 * What the model of this config.json computes. `file` is named in every complaint. Throws a Problem:
 * "unsupported" for an architecture or setting that is not built, "badInput" for values that make no sense.
 */
export function readModelConfig(json: unknown, file: string): ModelConfig {
  if (!isJsonObject(json)) {
    throw new Problem("badInput", `${path.basename(file)} does not hold a JSON object.`, {
      file,
      next: "Download the model's config.json again.",
    });
  }
  const fields = { file, json };
  const type = readText(fields, "model_type");
  if (!Object.hasOwn(readers, type)) {
    throw new Problem(
      "unsupported",
      `The architecture ${JSON.stringify(type.slice(0, 80))} is not supported; supported are ${Object.keys(readers).join(", ")}.`,
      { file, next: "Take a model of one of these architectures." },
    );
  }
  refuseForeignParts(fields);
  return readers[type](fields);
}

interface LlamaDefaults {
  readonly feedForward: number;
  readonly context: number;
  readonly keyValueHeads: number | undefined;
  readonly window?: number;
}

function readLlama(fields: Fields, defaults: LlamaDefaults): ModelConfig {
  const isMistral = defaults.window !== undefined;
  const hidden = readCount(fields, "hidden_size", most.hidden, 4096);
  const heads = readCount(fields, "num_attention_heads", most.heads, 32);
  const headSize = readHeadSize(fields, hidden, heads);
  const keyValueHeads = readCount(
    fields,
    "num_key_value_heads",
    most.heads,
    // null means "as many as heads" in both classes; only an absent key has Mistral's default.
    fields.json.num_key_value_heads === null ? heads : (defaults.keyValueHeads ?? heads),
  );
  requireDivides(fields, "num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
  const positions = readCount(fields, "max_position_embeddings", most.context, defaults.context);
  const rope = readRope(fields, { headSize, share: 1 }, positions);
  if (rope.size !== headSize) {
    throw unsupportedSetting(fields, "partial_rotary_factor", "heads that turn as a whole");
  }
  return {
    architecture: "llama",
    hidden,
    layers: readCount(fields, "num_hidden_layers", most.layers, 32),
    heads,
    keyValueHeads,
    headSize,
    feedForward: readCount(fields, "intermediate_size", most.feedForward, defaults.feedForward),
    vocabulary: readCount(fields, "vocab_size", most.vocabulary, 32000),
    context: Math.min(positions, readWindow(fields, defaults.window)),
    normEpsilon: readPositive(fields, "rms_norm_eps", 1e-6),
    tied: readFlag(fields, "tie_word_embeddings", false),
    rope,
    activation: readActivation(fields, "hidden_act", "silu"),
    parallelResidual: false,
    attentionBias: !isMistral && readFlag(fields, "attention_bias", false),
    feedForwardBias: !isMistral && readFlag(fields, "mlp_bias", false),
  };
}

function readGpt2(fields: Fields): ModelConfig {
  for (const [name, plain, instead] of [
    ["scale_attn_weights", true, "attention scaled by the size of a head"],
    ["scale_attn_by_inverse_layer_idx", false, "attention scaled the same in every layer"],
    ["add_cross_attention", false, "self-attention only"],
  ] as const) {
    if (readFlag(fields, name, plain) !== plain) throw unsupportedSetting(fields, name, instead);
  }
  const hidden = readCount(fields, ["n_embd", "hidden_size"], most.hidden, 768);
  const heads = readCount(fields, ["n_head", "num_attention_heads"], most.heads, 12);
  requireDivides(fields, "n_head", heads, "n_embd", hidden);
  return {
    architecture: "gpt2",
    hidden,
    layers: readCount(fields, ["n_layer", "num_hidden_layers"], most.layers, 12),
    heads,
    keyValueHeads: heads,
    headSize: hidden / heads,
    feedForward: readCount(fields, "n_inner", most.feedForward, 4 * hidden),
    vocabulary: readCount(fields, "vocab_size", most.vocabulary, 50257),
    context: readCount(fields, ["n_positions", "max_position_embeddings"], most.context, 1024),
    normEpsilon: readPositive(fields, "layer_norm_epsilon", 1e-5),
    tied: readFlag(fields, "tie_word_embeddings", true),
    activation: readActivation(fields, "activation_function", "gelu_new"),
    parallelResidual: false,
    attentionBias: true,
    feedForwardBias: true,
  };
}

function readNeox(fields: Fields): ModelConfig {
  const hidden = readCount(fields, "hidden_size", most.hidden, 6144);
  const heads = readCount(fields, "num_attention_heads", most.heads, 64);
  requireDivides(fields, "num_attention_heads", heads, "hidden_size", hidden);
  const headSize = hidden / heads;
  const context = readCount(fields, "max_position_embeddings", most.context, 2048);
  return {
    architecture: "neox",
    hidden,
    layers: readCount(fields, "num_hidden_layers", most.layers, 44),
    heads,
    keyValueHeads: heads,
    headSize,
    feedForward: readCount(fields, "intermediate_size", most.feedForward, 24576),
    vocabulary: readCount(fields, "vocab_size", most.vocabulary, 50432),
    context,
    normEpsilon: readPositive(fields, "layer_norm_eps", 1e-5),
    tied: readFlag(fields, "tie_word_embeddings", false),
    rope: readRope(fields, { headSize, share: 0.25 }, context),
    activation: readActivation(fields, "hidden_act", "gelu"),
    parallelResidual: readFlag(fields, "use_parallel_residual", true),
    attentionBias: readFlag(fields, "attention_bias", true),
    feedForwardBias: true,
  };
}

/** transformers' names. `gelu_fast` is the tanh form with the constant cut to ten digits: the same in fp32. */
const activations: Readonly<Record<string, ModelConfig["activation"]>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "geluTanh",
  gelu_fast: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu_python_tanh: "geluTanh",
  gelu_accurate: "geluTanh",
};

function readActivation(fields: Fields, name: string, absent: string): ModelConfig["activation"] {
  const activation = readText(fields, name, absent);
  if (Object.hasOwn(activations, activation)) return activations[activation];
  throw unsupportedSetting(fields, name, `the activations ${Object.keys(activations).join(", ")}`);
}

function readHeadSize(fields: Fields, hidden: number, heads: number): number {
  requireDivides(fields, "num_attention_heads", heads, "hidden_size", hidden);
  return readCount(fields, "head_dim", most.hidden, hidden / heads);
}

/**
 * The longest sequence that an attention window cannot tell from attention to everything: with at most
 * that many tokens the two are the same computation, whichever layers have the window.
 */
function readWindow(fields: Fields, absent: number | undefined): number {
  const none = fields.json.sliding_window === null || absent === undefined;
  return readCount(fields, "sliding_window", most.context, none ? most.context : absent);
}

/** Settings any architecture may carry that make it another model. */
function refuseForeignParts(fields: Fields): void {
  if (readTable(fields, "quantization_config") !== undefined) {
    throw unsupportedSetting(fields, "quantization_config", "weights that are not quantised");
  }
  const code = Object.keys(readTable(fields, "auto_map")?.json ?? {});
  if (code.some((name) => name.startsWith("AutoModel"))) {
    throw unsupportedSetting(fields, "auto_map", "models without code of their own");
  }
  if (readFlag(fields, "is_encoder_decoder", false)) {
    throw unsupportedSetting(fields, "is_encoder_decoder", "decoders only");
  }
  for (const name of ["pruned_heads", "per_layer_config"]) {
    const value = findField(fields, [name])?.value;
    if (value !== undefined && Object.keys(value as object).length > 0) {
      throw unsupportedSetting(fields, name, "layers that are all alike");
    }
  }
  const layers = findField(fields, ["layer_types"])?.value;
  const attention = ["full_attention", "sliding_attention"];
  if (
    layers !== undefined &&
    !(Array.isArray(layers) && layers.every((each) => attention.includes(each)))
  ) {
    throw unsupportedSetting(fields, "layer_types", "layers of attention only");
  }
}

function requireDivides(
  fields: Fields,
  part: string,
  divisor: number,
  whole: string,
  value: number,
): void {
  if (value % divisor === 0) return;
  throw new Problem(
    "badInput",
    `"${whole}" in ${path.basename(fields.file)} is ${value}, which "${part}" (${divisor}) does not divide.`,
    { file: fields.file, next: "Download the model's config.json again." },
  );
}
