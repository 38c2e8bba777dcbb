/** Small model configurations, one for each way in which an architecture can differ. */
import type { ModelConfig } from "../../src/model/architecture/config.ts";

const small = {
  hidden: 12,
  layers: 2,
  heads: 2,
  keyValueHeads: 2,
  headSize: 6,
  feedForward: 20,
  vocabulary: 31,
  context: 24,
  normEpsilon: 1e-5,
  parallelResidual: false,
  attentionBias: false,
  feedForwardBias: false,
} as const;

const llama: ModelConfig = {
  ...small,
  architecture: "llama",
  tied: true,
  rope: { theta: 1000, size: 6, scaling: { kind: "none" } },
  activation: "silu",
};

const gpt2: ModelConfig = {
  ...small,
  architecture: "gpt2",
  tied: true,
  activation: "geluTanh",
  attentionBias: true,
  feedForwardBias: true,
};

const neox: ModelConfig = {
  ...small,
  architecture: "neox",
  tied: false,
  rope: { theta: 1000, size: 2, scaling: { kind: "none" } },
  activation: "gelu",
  parallelResidual: true,
  attentionBias: true,
  feedForwardBias: true,
};

export const smallModels: Readonly<Record<string, ModelConfig>> = {
  "Llama, tied": llama,
  "Llama, untied": { ...llama, tied: false },
  "Llama, four query heads on two of keys": {
    ...llama,
    heads: 4,
    headSize: 4,
    rope: { theta: 1000, size: 4, scaling: { kind: "none" } },
  },
  "Llama, biases": { ...llama, attentionBias: true, feedForwardBias: true },
  "Llama, llama3 frequencies": {
    ...llama,
    rope: {
      theta: 100,
      size: 6,
      scaling: {
        kind: "llama3",
        factor: 4,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContext: 24,
      },
    },
  },
  "GPT-2": gpt2,
  "GPT-2, untied": { ...gpt2, tied: false },
  "GPT-NeoX, parallel, partly turned": neox,
  "GPT-NeoX, sequential, tied": { ...neox, parallelResidual: false, tied: true },
};
