/**
 * Llama as `LlamaForCausalLM` computes it: RMSNorm before attention and feed-forward, rotary positions, grouped
 * queries, a gated feed-forward layer, optional biases. Names are those of its state_dict().
 */

import { activation } from "../graph/activation.ts";
import { attention, packedCausalMask } from "../graph/attention.ts";
import { multiply } from "../graph/elementwise.ts";
import { embedding } from "../graph/embedding.ts";
import { rmsNorm } from "../graph/normalisation.ts";
import { rotaryTables, rotate } from "../graph/rotary.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig, Parameter } from "./config.ts";
import { type Architecture, type ForwardInputs, fromHeads, layer, toHeads } from "./forward.ts";

const tokenTable = "model.embed_tokens.weight";

function parameters(config: ModelConfig): Parameter[] {
  const { hidden, feedForward, headSize, vocabulary } = config;
  const queries = config.heads * headSize;
  const keys = config.keyValueHeads * headSize;
  const all: Parameter[] = [{ name: tokenTable, shape: [vocabulary, hidden], kind: "embedding" }];
  const projection = (name: string, outputs: number, inputs: number, biased: boolean): void => {
    all.push({ name: `${name}.weight`, shape: [outputs, inputs], kind: "matrix" });
    if (biased) all.push({ name: `${name}.bias`, shape: [outputs], kind: "bias" });
  };
  const norm = (name: string): void => {
    all.push({ name: `${name}.weight`, shape: [hidden], kind: "norm" });
  };
  for (let index = 0; index < config.layers; index++) {
    const at = `model.layers.${index}`;
    projection(`${at}.self_attn.q_proj`, queries, hidden, config.attentionBias);
    projection(`${at}.self_attn.k_proj`, keys, hidden, config.attentionBias);
    projection(`${at}.self_attn.v_proj`, keys, hidden, config.attentionBias);
    projection(`${at}.self_attn.o_proj`, hidden, queries, config.attentionBias);
    projection(`${at}.mlp.gate_proj`, feedForward, hidden, config.feedForwardBias);
    projection(`${at}.mlp.up_proj`, feedForward, hidden, config.feedForwardBias);
    projection(`${at}.mlp.down_proj`, hidden, feedForward, config.feedForwardBias);
    norm(`${at}.input_layernorm`);
    norm(`${at}.post_attention_layernorm`);
  }
  norm("model.norm");
  if (!config.tied) {
    all.push({ name: "lm_head.weight", shape: [vocabulary, hidden], kind: "matrix" });
  }
  return all;
}

function hiddenStates(config: ModelConfig, inputs: ForwardInputs): Tensor {
  const { weight, positions } = inputs;
  if (config.rope === undefined) throw new Error("a Llama needs its rotary embedding described");
  const tables = rotaryTables(positions, config.rope);
  const mask = packedCausalMask(inputs.segments);
  const norm = (x: Tensor, name: string): Tensor =>
    rmsNorm(x, weight(`${name}.weight`), config.normEpsilon);
  const attend = { biased: config.attentionBias };
  const feed = { biased: config.feedForwardBias };

  let x = embedding(weight(tokenTable), inputs.tokens, inputs.zero);
  for (let index = 0; index < config.layers; index++) {
    const at = `model.layers.${index}`;
    const read = norm(x, `${at}.input_layernorm`);
    const heads = (name: string, count: number): Tensor =>
      toHeads(layer(inputs, `${at}.self_attn.${name}`, read, attend), positions, count);
    const q = rotate(heads("q_proj", config.heads), tables);
    const k = rotate(heads("k_proj", config.keyValueHeads), tables);
    const v = heads("v_proj", config.keyValueHeads);
    const mixed = fromHeads(attention(q, k, v, mask));
    x = layer(inputs, `${at}.self_attn.o_proj`, mixed, { ...attend, residual: x });

    const wide = norm(x, `${at}.post_attention_layernorm`);
    const gate = activation(layer(inputs, `${at}.mlp.gate_proj`, wide, feed), config.activation);
    const up = layer(inputs, `${at}.mlp.up_proj`, wide, feed);
    x = layer(inputs, `${at}.mlp.down_proj`, multiply(gate, up), { ...feed, residual: x });
  }
  return norm(x, "model.norm");
}

export const llama: Architecture = {
  parameters,
  hiddenStates,
  outputTable: (config) => (config.tied ? tokenTable : "lm_head.weight"),
  residualProjections: ["self_attn.o_proj.weight", "mlp.down_proj.weight"],
};
