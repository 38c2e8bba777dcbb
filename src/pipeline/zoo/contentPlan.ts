/**
 * What the extension carries, as data: the zoo's four models at a third of their size, so that models and
 * tokenizers together stay within three megabytes, and the recipe that fuses them.
 */
import { type ByDomain, type ByPart, domains } from "./corpusParts.ts";
import type { ZooModel } from "./zooPlan.ts";

/** Raise it where the same sources would give other content: it stands in the manifest. */
export const contentVersion = 1;

/** Bytes that models and tokenizers may take together. */
export const contentLimit = 3_000_000;

/** Decides the split of the text, the models' initial weights and the order in which they read. */
export const contentSeed = 1;

/** UTF-8 bytes of a domain's text at most: there is much more code of ours than prose and declarations. */
export const contentMaxBytes: ByDomain<number> = {
  prose: 1_000_000,
  code: 450_000,
  declarations: 1_000_000,
};

/** Prose and declarations are few, so fusion and evaluation get more of them than in the zoo. */
export const contentReach: ByPart<number> = { pretraining: 0.6, fusion: 0.88, heldOut: 1 };

/** As in the zoo, sources read blocks twice as long as the target's: its chunks can be longer in their tokens. */
const sourceTraining = { steps: 600, batch: 4, length: 256, learningRate: 3e-3 } as const;
const targetTraining = { steps: 300, batch: 8, length: 128, learningRate: 3e-3 } as const;

const small = {
  hidden: 80,
  layers: 3,
  heads: 4,
  keyValueHeads: 4,
  headSize: 20,
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
  feedForward: 216,
  rope: { theta: 10_000, size: 20, scaling: { kind: "none" } },
} as const;

export const contentModels: readonly ZooModel[] = [
  {
    name: "prose-gpt2",
    role: "source",
    config: {
      ...small,
      architecture: "gpt2",
      vocabulary: 1024,
      feedForward: 320,
      activation: "geluTanh",
      parallelResidual: false,
      attentionBias: true,
      feedForwardBias: true,
    },
    tokenizer: { kind: "byteLevelBpe", size: 1024, words: "gpt2" },
    domains: ["prose"],
    training: sourceTraining,
  },
  {
    name: "code-neox",
    role: "source",
    config: {
      ...small,
      architecture: "neox",
      vocabulary: 1280,
      feedForward: 320,
      activation: "gelu",
      parallelResidual: true,
      attentionBias: true,
      feedForwardBias: true,
      rope: { theta: 10_000, size: 10, scaling: { kind: "none" } },
    },
    tokenizer: { kind: "byteLevelBpe", size: 1280, words: "spaces" },
    domains: ["code"],
    training: sourceTraining,
  },
  {
    name: "declarations-llama",
    role: "source",
    config: { ...llama, vocabulary: 960 },
    tokenizer: { kind: "unigram", size: 960 },
    domains: ["declarations"],
    training: sourceTraining,
  },
  {
    name: "generalist-llama",
    role: "target",
    config: { ...llama, vocabulary: 1152 },
    tokenizer: { kind: "sentencePieceBpe", size: 1152 },
    domains,
    training: targetTraining,
  },
];

/** `demo.fusion.yaml`, as a person would write it. */
export function contentRecipe(models: readonly ZooModel[] = contentModels): string {
  const target = models.filter(({ role }) => role === "target");
  const sources = models.filter(({ role }) => role === "source");
  const texts = (part: string): string[] =>
    domains.map((domain) => `  - { domain: ${domain}, files: "texts/${domain}/${part}/*" }`);
  return `${[
    "# Three small specialists are fused into a generalist: what they predict on texts that no model has read",
    "# yet becomes what it is trained on. Takes about a minute and a half on two cores.",
    "version: 1",
    "name: demo",
    ...target.map(({ name }) => `target: ./models/${name}`),
    "sources:",
    ...sources.map(({ name }) => `  - ./models/${name}`),
    "corpus:",
    ...texts("fusion"),
    "# Texts that are only evaluated.",
    "evaluation:",
    ...texts("heldOut"),
    "# The same target trained on the same texts without fusion (clm) is what the result is compared with.",
    "baselines: [sources, clm, ensemble]",
    "training: { lambda: 0.4, steps: 200, batch: 8, length: 128, lr: 0.001, seed: 1, threads: 2 }",
  ].join("\n")}\n`;
}
