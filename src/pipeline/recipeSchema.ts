/**
 * The one schema of a recipe: validation, the editor's problems, hover and completion, and the documentation
 * are all made from it. It knows only what works. What a key that is not written means depends on `mode` and
 * stands in recipeDefaults.ts; what keys mean to each other stands in recipeRules.ts.
 */
import * as z from "zod";
import { nodeAt, type SchemaNode } from "./schemaNode.ts";

export const recipeVersion = 1;

/** A line of text that people read: no control characters, not empty, not endless. */
const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u);

const glob = line(1000);

const corpusFiles = {
  domain: z
    .string()
    .max(40)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u)
    .meta({
      description: "What kind of text this is. Scores are given for each domain by itself.",
      allowed: "at most 40 letters, digits, spaces, dots, hyphens and underscores",
    }),
  files: z
    .union([glob, z.array(glob).min(1).max(100)])
    .describe(
      "Which files: a path or pattern (`*`, `**`, `?`, `{a,b}`) or a list of them, from the recipe's folder; one that begins with `!` takes files away. A jsonl file holds one text a line, any other text file is one text.",
    ),
  field: line(200)
    .describe("The key of a JSON line that holds the text, for jsonl files. `text` if not written.")
    .optional(),
};

const corpusEntry = z.strictObject({
  ...corpusFiles,
  weight: z
    .number()
    .min(0.001)
    .max(1000)
    .describe(
      "How often a text of this entry is drawn for training, relative to the others. 1 if not written.",
    )
    .optional(),
});

const evaluationEntry = z.strictObject(corpusFiles);

const representation = z.strictObject({
  topK: z
    .int()
    .min(1)
    .max(256)
    .describe("How many of a model's most probable next tokens are kept at each position.")
    .optional(),
  temperature: z
    .number()
    .min(0.05)
    .max(20)
    .describe("Temperature at which representations are read. 1 is the model as it is.")
    .optional(),
});

const alignment = z.strictObject({
  positions: z
    .enum(["bytes", "dtw"])
    .describe(
      "How positions of two tokenizers are paired: `bytes`, where tokens end at the same byte; `dtw`, by dynamic time warping over the pieces' edit distances.",
    )
    .optional(),
  vocabulary: z
    .enum(["firstToken", "minEditDistance", "exact"])
    .describe(
      "Which target token a source token stands for: `firstToken`, the first token of its bytes, the true next token getting exactly the source's probability of its bytes; `minEditDistance`, the piece with the smallest edit distance; `exact`, the token with the same bytes or none.",
    )
    .optional(),
  shorterRows: z
    .enum(["candidates", "goldOnly"])
    .describe(
      "Where the source's true next token is shorter than the target's: map its other candidates too (`candidates`), or keep the true next token's probability alone and leave the rest over (`goldOnly`).",
    )
    .optional(),
  fallback: z
    .enum(["nextToken", "currentToken", "skip"])
    .describe(
      "What a position without a fused row learns: `nextToken`, the true next token; `skip`, nothing; `currentToken`, the token just read, as the published code does.",
    )
    .optional(),
});

const fusion = z.strictObject({
  rule: z
    .enum(["minCE", "avgCE"])
    .describe(
      "How candidates become one: `minCE` takes the one with the lowest cross-entropy on the text, `avgCE` a mean weighted by it.",
    )
    .optional(),
  per: z
    .enum(["chunk", "token", "block"])
    .describe(
      "Over what the cross-entropy is taken: a chunk, each token by itself, a packed block.",
    )
    .optional(),
  unit: z
    .enum(["byte", "token"])
    .describe(
      "Cross-entropy per UTF-8 byte, or per token of each model's own tokenizer as the published code does.",
    )
    .optional(),
  tail: z
    .enum(["bucket", "renormalise"])
    .describe(
      "What becomes of the probability beyond the top k: one bucket for all the rest, or spread over the kept tokens as the published code does.",
    )
    .optional(),
  temperature: z
    .number()
    .min(0.001)
    .max(100)
    .describe("How sharply `avgCE` prefers the better model, in bits per byte: smaller is sharper.")
    .optional(),
});

const training = z.strictObject({
  engine: z
    .enum(["onnx"])
    .describe("What trains the target: ONNX Runtime in this process.")
    .optional(),
  device: z.enum(["auto", "cpu"]).describe("Where it computes.").optional(),
  lambda: z
    .number()
    .min(0)
    .max(1)
    .describe(
      "Weight of the language-model loss: L = λ·L_CLM + (1−λ)·L_fusion. 1 is training on text alone.",
    )
    .optional(),
  steps: z
    .int()
    .min(1)
    .max(10_000_000)
    .describe("Optimiser steps. Write this or `epochs`.")
    .optional(),
  epochs: z
    .number()
    .min(0.001)
    .max(1000)
    .describe("Passes over the training part of the corpus. Write this or `steps`.")
    .optional(),
  batch: z
    .int()
    .min(1)
    .max(65_536)
    .describe("Blocks of `length` tokens in one optimiser step.")
    .optional(),
  length: z
    .int()
    .min(8)
    .max(131_072)
    .describe("Tokens of a block, and the most target tokens of a chunk.")
    .optional(),
  lr: z.number().min(1e-9).max(1).describe("The highest learning rate of the schedule.").optional(),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of the steps in which the learning rate rises.")
    .optional(),
  schedule: z
    .enum(["cosine", "constant"])
    .describe("What the learning rate does after the warm-up.")
    .optional(),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .describe("AdamW's weight decay; never on norms and biases.")
    .optional(),
  betas: z
    .tuple([z.number().min(0).max(0.99999), z.number().min(0).max(0.99999)])
    .describe("AdamW's two decay rates.")
    .optional(),
  epsilon: z.number().min(1e-15).max(1).describe("AdamW's ε.").optional(),
  clip: z
    .number()
    .min(0)
    .max(1e6)
    .describe("The largest norm of the whole gradient; 0 for no limit.")
    .optional(),
  seed: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .describe("Decides what is held out and the order of the training data.")
    .optional(),
  threads: z
    .int()
    .min(1)
    .max(1024)
    .describe("Threads of the numeric engine. The machine's cores less one if not written.")
    .optional(),
  memoryLimitMB: z
    .int()
    .min(64)
    .max(100_000_000)
    .describe("Memory a training step may take; a batch that needs more is computed in parts.")
    .optional(),
  checkpointEvery: z
    .int()
    .min(1)
    .max(10_000_000)
    .describe("Steps between two checkpoints.")
    .optional(),
  keepCheckpoints: z
    .int()
    .min(1)
    .max(10_000)
    .describe("How many checkpoints stay; older ones are removed.")
    .optional(),
});

export const recipeSchema = z.strictObject({
  version: z.literal(recipeVersion).describe("Version of the recipe format."),
  name: line(80).describe("What the run is called."),
  target: line(1000).describe(
    "The model that is trained: a Hugging Face folder, from the recipe's folder.",
  ),
  sources: z
    .array(line(1000))
    .min(1)
    .max(32)
    .describe(
      "The models whose knowledge is read: Hugging Face folders, from the recipe's folder.",
    ),
  corpus: z.array(corpusEntry).min(1).max(200).describe("The text that is read and trained on."),
  evaluation: z
    .array(evaluationEntry)
    .min(1)
    .max(200)
    .describe("Text that is measured on and never trained on, besides what `heldOut` keeps apart.")
    .optional(),
  heldOut: z
    .number()
    .min(0)
    .max(0.9)
    .describe("Share of the corpus that is kept apart and measured on.")
    .optional(),
  representation: representation.describe("What is kept of each model's predictions.").optional(),
  alignment: alignment.describe("How predictions come into the target's tokens.").optional(),
  fusion: fusion.describe("How predictions of several models become one.").optional(),
  training: training.describe("How the target is trained.").optional(),
  baselines: z
    .array(z.enum(["sources", "clm", "ensemble"]))
    .max(3)
    .describe(
      "What the result is compared with: each source, the target trained on the text alone (`clm`), all models together.",
    )
    .optional(),
  mode: z
    .enum(["corrected", "published"])
    .describe(
      "`published` repeats the released code of FuseLLM, `corrected` mends its known defects. Gives the defaults of what is not written.",
    )
    .optional(),
});

/** A recipe as people write it: valid, with what is not written still missing. */
export type WrittenRecipe = z.infer<typeof recipeSchema>;
export type CorpusEntry = z.infer<typeof corpusEntry>;
export type EvaluationEntry = z.infer<typeof evaluationEntry>;

/** The same as JSON Schema, for editors and for the wording of problems. */
export const recipeJsonSchema = z.toJSONSchema(recipeSchema) as SchemaNode;

/** The schema of what stands at a path of keys and indices; undefined where nothing may stand there. */
export const schemaAt = (path: readonly PropertyKey[]): SchemaNode | undefined =>
  nodeAt(recipeJsonSchema, path);
