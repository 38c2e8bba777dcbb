/**
 * Trains a small model from scratch on files of text and writes it as a Hugging Face folder: the sources and
 * the target of the demo. Ordinary language modelling with the same trainer, packing and order as a run.
 */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { cutIntoChunks } from "../../core/text/chunking.ts";
import { sequenceOf } from "../../core/text/sequence.ts";
import { createTokenizer } from "../../core/text/textTokenizer.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import type { ModelConfig } from "../../model/architecture/config.ts";
import { initialWeights } from "../../model/architecture/parameters.ts";
import type { ModelCard } from "../../model/checkpoint/modelCard.ts";
import { fileExists, type JsonObject } from "../../model/checkpoint/outsideFile.ts";
import type { FloatType } from "../../model/checkpoint/safetensors.ts";
import { writeNewModelFolder } from "../../model/checkpoint/writeFolder.ts";
import { createTrainer, type TrainingSequence } from "../../model/trainer.ts";
import type { JobContext } from "../jobContext.ts";
import { blocksOfStep, planTraining } from "../trainingPlan.ts";

export interface PretrainSpec {
  readonly name: string;
  /** Where the model goes. One that is there is kept. */
  readonly out: string;
  readonly config: ModelConfig;
  readonly tokenizer: { readonly json: JsonObject; readonly config: JsonObject };
  /** Folders of text files, every file a document. */
  readonly texts: readonly string[];
  readonly steps: number;
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
  /** In which the weights are written; they are trained in F32. */
  readonly dtype: FloatType;
  readonly seed: number;
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly card: ModelCard;
}

export interface PretrainResult {
  /** Mean nats per token over the last twentieth of the steps. */
  readonly finalLoss: number;
  readonly seconds: number;
  /** True where the model was there already. */
  readonly kept: boolean;
}

export async function pretrain(spec: PretrainSpec, context: JobContext): Promise<PretrainResult> {
  const started = performance.now();
  if (await fileExists(path.join(spec.out, "config.json")))
    return { finalLoss: Number.NaN, seconds: 0, kept: true };
  const tokenizer = createTokenizer(
    { tokenizer: spec.tokenizer.json, config: spec.tokenizer.config },
    { name: spec.name, fingerprint: spec.name },
  );
  const sequences = await sequencesOf(spec, tokenizer);
  const plan = planTraining({
    lengths: sequences.map(({ tokens }) => tokens.length),
    weights: sequences.map(() => 1),
    length: spec.length,
    batch: spec.batch,
    extent: { steps: spec.steps },
    seed: spec.seed,
  });
  const weights = initialWeights(spec.config, spec.seed);
  const trainer = await createTrainer(spec.config, weights, {
    steps: spec.steps,
    batch: spec.batch,
    length: spec.length,
    topK: 1,
    learningRate: spec.learningRate,
    warmup: 0.05,
    schedule: "cosine",
    weightDecay: 0.1,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    clip: 1,
    threads: spec.threads,
    memoryLimit: spec.memoryLimit,
  });
  const last: number[] = [];
  try {
    for (let step = 0; step < spec.steps; step++) {
      if (context.stopped())
        throw new Problem("cancelled", `Stopped while ${spec.name} was being trained.`);
      const blocks = blocksOfStep(plan, step).map((block) => ({
        sequences: plan.blocks[block].map((i) => sequences[i]),
      }));
      const { clm } = await trainer.step(blocks);
      if (step >= spec.steps * 0.95) last.push(clm);
      context.progress(step + 1, spec.steps, `${clm.toFixed(2)} nats per token`);
    }
    await writeNewModelFolder(spec.out, {
      config: spec.config,
      weights: trainer.currentWeights(),
      tokenizer: spec.tokenizer,
      card: spec.card,
      dtype: spec.dtype,
    });
  } finally {
    await trainer.dispose();
  }
  return {
    finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    seconds: (performance.now() - started) / 1000,
    kept: false,
  };
}

async function sequencesOf(
  spec: PretrainSpec,
  tokenizer: TextTokenizer,
): Promise<TrainingSequence[]> {
  const sequences: TrainingSequence[] = [];
  for (const folder of spec.texts) {
    for (const name of (await readdir(folder)).sort()) {
      const text = await readFile(path.join(folder, name), "utf8");
      for (const chunk of cutIntoChunks(text, [{ tokenizer, tokens: spec.length - 1 }])) {
        const encoding = tokenizer.encode(chunk);
        if (!("ids" in encoding) || encoding.ids.length >= spec.length) continue;
        const sequence = sequenceOf(tokenizer, encoding);
        sequences.push({
          ...sequence,
          labelWeight: new Float32Array(sequence.tokens.length).fill(1),
          fusedWeight: new Float32Array(sequence.tokens.length),
        });
      }
    }
  }
  if (sequences.length === 0) {
    throw new Problem("badInput", `There is no text to train ${spec.name} on.`, {
      file: spec.texts[0] ?? "",
    });
  }
  return sequences;
}
