/**
 * GPT-NeoX as `GPTNeoXForCausalLM` computes it: LayerNorm, rotary positions on the first part of each head,
 * queries, keys and values interleaved head by head in one matrix, attention and feed-forward side by side
 * (`use_parallel_residual`) or one after the other. Names are those of its state_dict().
 */

import { activation } from "../graph/activation.ts";
import { attention, packedCausalMask } from "../graph/attention.ts";
import { embedding } from "../graph/embedding.ts";
import { layerNorm } from "../graph/normalisation.ts";
import { rotaryTables, rotate } from "../graph/rotary.ts";
import { split } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig, Parameter } from "./config.ts";
import { type Architecture, type ForwardInputs, fromHeads, layer, toHeads } from "./forward.ts";

const tokenTable = "gpt_neox.embed_in.weight";
const outputTable = "embed_out.weight";

function parameters(config: ModelConfig): Parameter[] {
  const { hidden, feedForward, vocabulary } = config;
  const all: Parameter[] = [{ name: tokenTable, shape: [vocabulary, hidden], kind: "embedding" }];
  const norm = (name: string): void => {
    all.push({ name: `${name}.weight`, shape: [hidden], kind: "norm" });
    all.push({ name: `${name}.bias`, shape: [hidden], kind: "bias" });
  };
  const projection = (name: string, to: number, from: number, biased: boolean): void => {
    all.push({ name: `${name}.weight`, shape: [to, from], kind: "matrix" });
    if (biased) all.push({ name: `${name}.bias`, shape: [to], kind: "bias" });
  };
  for (let index = 0; index < config.layers; index++) {
    const at = `gpt_neox.layers.${index}`;
    norm(`${at}.input_layernorm`);
    norm(`${at}.post_attention_layernorm`);
    projection(`${at}.attention.query_key_value`, 3 * hidden, hidden, config.attentionBias);
    projection(`${at}.attention.dense`, hidden, hidden, config.attentionBias);
    projection(`${at}.mlp.dense_h_to_4h`, feedForward, hidden, config.feedForwardBias);
    projection(`${at}.mlp.dense_4h_to_h`, hidden, feedForward, config.feedForwardBias);
  }
  norm("gpt_neox.final_layer_norm");
  if (!config.tied) all.push({ name: outputTable, shape: [vocabulary, hidden], kind: "matrix" });
  return all;
}

function hiddenStates(config: ModelConfig, inputs: ForwardInputs): Tensor {
  const { weight, positions } = inputs;
  const { heads, headSize } = config;
  if (config.rope === undefined) throw new Error("a GPT-NeoX needs its rotary embedding described");
  const tables = rotaryTables(positions, config.rope);
  const mask = packedCausalMask(inputs.segments);
  const norm = (x: Tensor, name: string): Tensor =>
    layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), config.normEpsilon);

  const attended = (x: Tensor, at: string, residual: Tensor): Tensor => {
    const attend = { biased: config.attentionBias };
    const joined = layer(inputs, `${at}.attention.query_key_value`, x, attend);
    const perHead = toHeads(joined, positions, heads);
    const [q, k, v] = split(perHead, 3, [headSize, headSize, headSize]);
    const mixed = fromHeads(attention(rotate(q, tables), rotate(k, tables), v, mask));
    return layer(inputs, `${at}.attention.dense`, mixed, { ...attend, residual });
  };
  const fed = (x: Tensor, at: string, residual: Tensor): Tensor => {
    const feed = { biased: config.feedForwardBias };
    const wide = layer(inputs, `${at}.mlp.dense_h_to_4h`, x, feed);
    const bent = activation(wide, config.activation);
    return layer(inputs, `${at}.mlp.dense_4h_to_h`, bent, { ...feed, residual });
  };

  let x = embedding(weight(tokenTable), inputs.tokens, inputs.zero);
  for (let index = 0; index < config.layers; index++) {
    const at = `gpt_neox.layers.${index}`;
    const before = x;
    x = attended(norm(before, `${at}.input_layernorm`), at, before);
    const read = config.parallelResidual ? before : x;
    x = fed(norm(read, `${at}.post_attention_layernorm`), at, x);
  }
  return norm(x, "gpt_neox.final_layer_norm");
}

export const neox: Architecture = {
  parameters,
  hiddenStates,
  outputTable: (config) => (config.tied ? tokenTable : outputTable),
  residualProjections: ["attention.dense.weight", "mlp.dense_4h_to_h.weight"],
};
