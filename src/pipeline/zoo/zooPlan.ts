/**
 * The demo's four models, as data: three sources that differ in architecture, in tokenizer and in what they
 * have read, and the target that is to learn from them. About a million parameters each, so that all of them
 * are trained in minutes on two cores.
 */
import type { ModelConfig } from "../../model/architecture/config.ts";
import { trainByteLevelBpe, trainSentencePieceBpe } from "./bytePairTrainer.ts";
import { type Domain, domains } from "./corpusParts.ts";
import type { TokenizerFiles, WordRule } from "./tokenizerFiles.ts";
import { trainUnigram } from "./unigramTrainer.ts";

export type TokenizerPlan =
  | { readonly kind: "byteLevelBpe"; readonly size: number; readonly words: WordRule }
  | { readonly kind: "sentencePieceBpe"; readonly size: number }
  | { readonly kind: "unigram"; readonly size: number };

export interface ZooModel {
  readonly name: string;
  readonly role: "source" | "target";
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerPlan;
  /** The domains of the pretraining part that the tokenizer and the model are trained on. */
  readonly domains: readonly Domain[];
  readonly training: {
    readonly steps: number;
    /** Blocks in a step, and the tokens of a block: 1,024 tokens a step for all models. */
    readonly batch: number;
    readonly length: number;
    readonly learningRate: number;
  };
}

/**
 * Sources read chunks that are cut for the target's 128 tokens, which can be 255 of theirs. They are
 * therefore trained on longer blocks: a position GPT-2 has not seen in training is one it cannot use.
 */
const sourceTraining = { steps: 800, batch: 4, length: 256, learningRate: 2e-3 } as const;
const targetTraining = { steps: 300, batch: 8, length: 128, learningRate: 2e-3 } as const;

const small = {
  hidden: 128,
  layers: 4,
  heads: 4,
  keyValueHeads: 4,
  headSize: 32,
  context: 256,
  normEpsilon: 1e-5,
  tied: true,
} as const;

const llama = {
  ...small,
  architecture: "llama",
  activation: "silu",
  parallelResidual: false,
  attentionBias: false,
  feedForwardBias: false,
  rope: { theta: 10_000, size: 32, scaling: { kind: "none" } },
} as const;

export const zooModels: readonly ZooModel[] = [
  {
    name: "prose-gpt2",
    role: "source",
    config: {
      ...small,
      architecture: "gpt2",
      vocabulary: 1536,
      feedForward: 512,
      activation: "geluTanh",
      parallelResidual: false,
      attentionBias: true,
      feedForwardBias: true,
    },
    tokenizer: { kind: "byteLevelBpe", size: 1536, words: "gpt2" },
    domains: ["prose"],
    training: sourceTraining,
  },
  {
    name: "code-neox",
    role: "source",
    config: {
      ...small,
      architecture: "neox",
      vocabulary: 3072,
      feedForward: 384,
      activation: "gelu",
      parallelResidual: true,
      attentionBias: true,
      feedForwardBias: true,
      rope: { theta: 10_000, size: 8, scaling: { kind: "none" } },
    },
    tokenizer: { kind: "byteLevelBpe", size: 3072, words: "spaces" },
    domains: ["code"],
    training: sourceTraining,
  },
  {
    name: "declarations-llama",
    role: "source",
    config: { ...llama, vocabulary: 2560, feedForward: 320 },
    tokenizer: { kind: "unigram", size: 2560 },
    domains: ["declarations"],
    training: sourceTraining,
  },
  {
    name: "generalist-llama",
    role: "target",
    config: { ...llama, vocabulary: 2048, feedForward: 344 },
    tokenizer: { kind: "sentencePieceBpe", size: 2048 },
    domains,
    training: targetTraining,
  },
];

/** Trains a tokenizer as planned. Seconds at most; the same texts give the same files. */
export function trainTokenizer(plan: TokenizerPlan, texts: readonly string[]): TokenizerFiles {
  switch (plan.kind) {
    case "byteLevelBpe":
      return trainByteLevelBpe(texts, plan.size, plan);
    case "sentencePieceBpe":
      return trainSentencePieceBpe(texts, plan.size);
    case "unigram":
      return trainUnigram(texts, plan.size);
    default:
      plan satisfies never;
      throw new Error("trainTokenizer: unknown kind of tokenizer");
  }
}
