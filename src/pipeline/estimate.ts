/**
 * What a run takes of memory and disk, from its settings, the shapes of its models and the amount of its text.
 * Pure arithmetic over the formats of the shards (chunkShards.ts) and the engine's own account of memory
 * (memory.ts), so that it can be shown while a recipe is being written.
 */

import type { ModelConfig } from "../model/architecture/config.ts";
import type { FloatType } from "../model/checkpoint/safetensors.ts";
import { batchTokens } from "../model/languageModel.ts";
import {
  chooseMicroBatch,
  estimateReading,
  estimateTraining,
  parameterCount,
} from "../model/memory.ts";
import { rowLength } from "../model/readingPlan.ts";
import type { TrainingArm } from "../protocol/runEvents.ts";
import type { TextAmount, TextEstimate } from "./estimateText.ts";
import type { Recipe } from "./recipe.ts";
import type { RunResources } from "./runResources.ts";

/** A model as far as estimates need to know it. */
export interface ModelShape {
  readonly label: string;
  readonly config: ModelConfig;
  readonly dtype: FloatType;
  /** Ids of the tokenizer. */
  readonly ids: number;
  /** Tokens of the longest chunk, BOS included. */
  readonly longest: number;
}

type Settings = Pick<Recipe, "representation" | "fusion" | "training" | "baselines">;

export const armsOf = ({ baselines }: Pick<Recipe, "baselines">): TrainingArm[] =>
  baselines.includes("clm") ? ["fused", "clm"] : ["fused"];

/** Entries a fused row may have: the top k and the true next token, of every candidate where they are mixed. */
export function widestRow({ representation, fusion }: Settings, candidates: number): number {
  const own = representation.topK + 1;
  return fusion.rule === "avgCE" ? own * candidates : own;
}

export interface JobMemory {
  readonly kind: "read" | "train";
  /** The model that is read, or the arm. */
  readonly label: string;
  /** Tokens of the longest chunk, or of a block. */
  readonly tokens: number;
  readonly bytes: number;
  /** Whether it can be done within the limit, in parts if need be. */
  readonly fits: boolean;
}

export interface MemoryEstimate {
  /** Bytes one job may take. */
  readonly limit: number;
  readonly jobs: readonly JobMemory[];
  /** Blocks of a step that are computed at a time. */
  readonly microBatch: number;
  /** The most bytes that all take together at one time. */
  readonly peak: number;
}

/** Node itself, with the code of a run. */
const processBytes = 100e6;

/** Models with the target first. */
export function estimateMemory(
  settings: Settings,
  models: readonly ModelShape[],
  text: TextEstimate,
  { slots, memoryPerJob: limit }: Pick<RunResources, "slots" | "memoryPerJob">,
): MemoryEstimate {
  const reads = models.map((model) => readingMemory(model, settings.representation.topK, limit));
  const width = Math.min(widestRow(settings, models.length), models[0].config.vocabulary);
  const trainings = armsOf(settings).map((arm) =>
    trainingMemory(models[0], arm, arm === "fused" ? width : 1, settings, limit),
  );
  const held = trainings.map(
    ({ label, bytes }) => bytes + taughtBytes(text.read, label === "fused" ? width : 0),
  );
  const readTogether = largest(
    reads.map(({ bytes }) => bytes),
    slots,
  );
  // Every job has the text, as it came and as strings.
  const textBytes = 2 * slots * (text.training.bytes + text.heldOut.bytes);
  return {
    limit,
    jobs: [...reads, ...trainings.map(({ microBatch: _, ...job }) => job)],
    microBatch: trainings[0].microBatch,
    peak: processBytes + textBytes + Math.max(readTogether, largest(held, slots)),
  };
}

function readingMemory({ label, config, longest }: ModelShape, topK: number, limit: number) {
  const length = rowLength(Math.max(1, longest));
  const need = (rows: number): number => estimateReading(config, { rows, length, topK });
  let rows = Math.max(1, Math.floor(batchTokens / length));
  while (rows > 1 && need(rows) > limit) rows = Math.ceil(rows / 2);
  const bytes = need(rows);
  return { kind: "read", label, tokens: longest, bytes, fits: bytes <= limit } as const;
}

function trainingMemory(
  { config }: ModelShape,
  arm: TrainingArm,
  topK: number,
  { training: { batch, length } }: Settings,
  limit: number,
) {
  const need = (rows: number): number =>
    estimateTraining(config, { batch: rows, length, topK, accumulates: rows < batch });
  const fits = need(1) <= limit;
  const microBatch = fits
    ? chooseMicroBatch(config, { batch, length, topK, memoryLimit: limit })
    : 1;
  const bytes = need(microBatch);
  return { kind: "train", label: arm, tokens: length, bytes, fits, microBatch } as const;
}

/** Tokens, labels and two weights a position; a row of the teacher beside them. */
const taughtBytes = ({ tokens: [own] }: TextAmount, width: number): number =>
  own * (16 + (width === 0 ? 0 : 9 + 8 * width));

function largest(values: readonly number[], count: number): number {
  const descending = [...values].sort((a, b) => b - a);
  return descending.slice(0, count).reduce((sum, value) => sum + value, 0);
}

/** Bytes by what they are for. */
export interface DiskEstimate {
  readonly text: number;
  readonly representation: number;
  readonly heldOut: number;
  readonly vocabulary: number;
  readonly aligned: number;
  readonly fused: number;
  readonly checkpoints: number;
  readonly models: number;
  /** The sum; rows with fewer entries than they may have make it less. */
  readonly total: number;
}

/**
 * What the run folder will hold at most. `sharedEnds`, by source: the share of target positions at which one of
 * its tokens ends too, where alone it can have a row.
 */
export function estimateDisk(
  settings: Settings,
  models: readonly ModelShape[],
  text: TextEstimate,
  sharedEnds: readonly number[],
): DiskEstimate {
  const { topK } = settings.representation;
  const { read, heldOut, training } = text;
  const arms = armsOf(settings).length;
  const [target, ...sources] = models;
  const width = Math.min(widestRow(settings, models.length), target.config.vocabulary);
  const tokensOf = (amount: TextAmount): number => sum(amount.tokens, (count) => count);
  const parts = {
    text: lineBytes(training) + lineBytes(heldOut),
    representation:
      tokensOf(read) * representationRow(topK) + models.length * read.chunks * chunkBytes(4),
    // Only the true tokens' nats; the trained targets read it too.
    heldOut:
      (tokensOf(heldOut) + arms * heldOut.tokens[0]) * representationRow(0) +
      (models.length + arms) * heldOut.chunks * chunkBytes(4),
    vocabulary: 7 * sum(sources, ({ ids }) => ids),
    aligned: sum(
      sources,
      (_, i) =>
        read.tokens[0] * alignedRow(sharedEnds[i] * (topK + 1)) + read.chunks * chunkBytes(10),
    ),
    fused: read.tokens[0] * fusedRow(width) + read.chunks * chunkBytes(5),
    checkpoints: arms * checkpointBytes(settings.training, text.steps, target.config),
    models: arms * parameterCount(target.config) * bytesOfType[target.dtype],
  };
  return { ...parts, total: sum(Object.values(parts), (bytes) => bytes) };
}

const bytesOfType: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 };

/** ids and log-probabilities of the top k, what is left over, nats of the true token. */
const representationRow = (topK: number): number => 6 * topK + 8;

/** Offset, ids and probabilities; left over, outcome, case, nats, and three masses. */
const alignedRow = (entries: number): number => 26 + 8 * entries;

/** Offset, ids and probabilities; left over and whose row it is. */
const fusedRow = (entries: number): number => 9 + 8 * entries;

/** A chunk's name, hash, rows, and an offset a list. */
const chunkBytes = (lists: number): number => 96 + 4 * lists;

/** A chunk's line in chunks.jsonl: its text with some escapes, its name, document, hash and keys. */
const lineBytes = ({ chunks, bytes }: TextAmount): number => 1.05 * bytes + 230 * chunks;

/**
 * Weights and two moments in fp32. They are written by steps and by time, so only the number that is kept is
 * known; a new one is there before the oldest goes.
 */
function checkpointBytes(
  { keepCheckpoints }: Recipe["training"],
  steps: number,
  config: ModelConfig,
): number {
  return Math.min(steps - 1, keepCheckpoints + 1) * 12 * parameterCount(config);
}

function sum<Item>(items: readonly Item[], value: (item: Item, index: number) => number): number {
  return items.reduce((all, item, i) => all + value(item, i), 0);
}
