/**
 * GPT-2 as `GPT2LMHeadModel` computes it: learnt position table, LayerNorm before attention and feed-forward,
 * weights stored [in, out], biases everywhere, one matrix for queries, keys and values. Names are those of its
 * state_dict(), with the prefix `transformer.`.
 */

import { activation } from "../graph/activation.ts";
import { attention, packedCausalMask } from "../graph/attention.ts";
import { add } from "../graph/elementwise.ts";
import { embedding } from "../graph/embedding.ts";
import { layerNorm } from "../graph/normalisation.ts";
import { reshape, split } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig, Parameter } from "./config.ts";
import { type Architecture, type ForwardInputs, fromHeads, layer, toHeads } from "./forward.ts";

const tokenTable = "transformer.wte.weight";
const positionTable = "transformer.wpe.weight";

function parameters(config: ModelConfig): Parameter[] {
  const { hidden, feedForward, vocabulary, context } = config;
  const all: Parameter[] = [
    { name: tokenTable, shape: [vocabulary, hidden], kind: "embedding" },
    { name: positionTable, shape: [context, hidden], kind: "embedding" },
  ];
  const norm = (name: string): void => {
    all.push({ name: `${name}.weight`, shape: [hidden], kind: "norm" });
    all.push({ name: `${name}.bias`, shape: [hidden], kind: "bias" });
  };
  const projection = (name: string, from: number, to: number): void => {
    all.push({ name: `${name}.weight`, shape: [from, to], kind: "matrix" });
    all.push({ name: `${name}.bias`, shape: [to], kind: "bias" });
  };
  for (let index = 0; index < config.layers; index++) {
    const at = `transformer.h.${index}`;
    norm(`${at}.ln_1`);
    projection(`${at}.attn.c_attn`, hidden, 3 * hidden);
    projection(`${at}.attn.c_proj`, hidden, hidden);
    norm(`${at}.ln_2`);
    projection(`${at}.mlp.c_fc`, hidden, feedForward);
    projection(`${at}.mlp.c_proj`, feedForward, hidden);
  }
  norm("transformer.ln_f");
  if (!config.tied) {
    all.push({ name: "lm_head.weight", shape: [vocabulary, hidden], kind: "matrix" });
  }
  return all;
}

function hiddenStates(config: ModelConfig, inputs: ForwardInputs): Tensor {
  const { weight, positions } = inputs;
  const { hidden, heads } = config;
  const mask = packedCausalMask(inputs.segments);
  const norm = (x: Tensor, name: string): Tensor =>
    layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), config.normEpsilon);
  const stored = { biased: true, inputsFirst: true };

  const places = reshape(positions, inputs.tokens.shape);
  let x = add(
    embedding(weight(tokenTable), inputs.tokens, inputs.zero),
    embedding(weight(positionTable), places, inputs.zero),
  );
  for (let index = 0; index < config.layers; index++) {
    const at = `transformer.h.${index}`;
    const joined = layer(inputs, `${at}.attn.c_attn`, norm(x, `${at}.ln_1`), stored);
    const [q, k, v] = split(joined, 1, [hidden, hidden, hidden]).map((part) =>
      toHeads(part, positions, heads),
    );
    const mixed = fromHeads(attention(q, k, v, mask));
    x = layer(inputs, `${at}.attn.c_proj`, mixed, { ...stored, residual: x });

    const wide = layer(inputs, `${at}.mlp.c_fc`, norm(x, `${at}.ln_2`), stored);
    const bent = activation(wide, config.activation);
    x = layer(inputs, `${at}.mlp.c_proj`, bent, { ...stored, residual: x });
  }
  return norm(x, "transformer.ln_f");
}

export const gpt2: Architecture = {
  parameters,
  hiddenStates,
  outputTable: (config) => (config.tied ? tokenTable : "lm_head.weight"),
  residualProjections: ["attn.c_proj.weight", "mlp.c_proj.weight"],
};
