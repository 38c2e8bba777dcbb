/**
 * How long a run takes, stage by stage, from speeds that were measured on this machine and the amount of its
 * text. Pure arithmetic: it follows the jobs of run.ts, where each waits for a free slot in the order in which
 * they are given.
 */

import type { SecondsRange, TrainingSpeed } from "../model/speed.ts";
import { type StageName, stageNames } from "../protocol/runEvents.ts";
import type { TextAmount, TextEstimate } from "./estimateText.ts";
import { mostFittingChunks } from "./stages/evaluate.ts";

/** How long a tokenizer took for a first stretch of text, and how that grows: words that are known cost little. */
export interface EncodingTime {
  readonly bytes: number;
  readonly seconds: number;
  /** Seconds grow with bytes to this power, at most 1. */
  readonly exponent: number;
}

/** Seconds, measured. What is `PerByte` or `PerToken` is of the text; models with the target first. */
export interface RunSpeeds {
  /** Opening a model's tokenizer, and finding its tokens in text. */
  readonly open: readonly number[];
  readonly encoding: readonly EncodingTime[];
  /** Cutting text into chunks, beyond finding every model's tokens once. */
  readonly cutPerByte: number;
  readonly readPerToken: readonly SecondsRange[];
  /** By source: the whole vocabulary map; rows of one target token. */
  readonly map: readonly SecondsRange[];
  readonly alignPerToken: readonly SecondsRange[];
  /** Of one target token. */
  readonly fusePerToken: SecondsRange;
  readonly training: Omit<TrainingSpeed, "rough">;
  /** Whether any of it was drawn out from a few layers of a model. */
  readonly rough: boolean;
}

export interface RunLayout {
  readonly slots: number;
  readonly batch: number;
  /** Blocks of a step that are computed at a time. */
  readonly microBatch: number;
  /** Trainings. */
  readonly arms: number;
  readonly withEnsemble: boolean;
}

export interface StageTime extends SecondsRange {
  readonly stage: StageName;
}

export interface TimeEstimate extends SecondsRange {
  readonly stages: readonly StageTime[];
  readonly rough: boolean;
}

/** Files that are written and read, jobs that slow each other down: not measured, so much more at most. */
const unmeasured = 1.25;
/** The same where a model's speed was drawn out from a few of its layers. */
const unmeasuredRough = 1.5;

export function estimateTime(
  text: TextEstimate,
  speeds: RunSpeeds,
  layout: RunLayout,
): TimeEstimate {
  const { rough } = speeds;
  const fewest = secondsByStage(text, speeds, layout, "fewest");
  const most = secondsByStage(text, speeds, layout, "most");
  const stages = stageNames.map((stage) => ({
    stage,
    fewest: fewest[stage],
    most: most[stage] * (rough ? unmeasuredRough : unmeasured),
  }));
  return {
    stages,
    fewest: stages.reduce((sum, stage) => sum + stage.fewest, 0),
    most: stages.reduce((sum, stage) => sum + stage.most, 0),
    rough,
  };
}

function secondsByStage(
  { training, read, heldOut, steps }: TextEstimate,
  speeds: RunSpeeds,
  { slots, batch, microBatch, arms, withEnsemble }: RunLayout,
  end: keyof SecondsRange,
): Record<StageName, number> {
  const models = speeds.encoding.map((_, m) => m);
  const sources = models.slice(1);
  /** Every job opens tokenizers of its own, which know no words yet. */
  const encode = (m: number, bytes: number): number =>
    speeds.open[m] + encodingSeconds(speeds.encoding[m], bytes, end);
  const encodeAll = (bytes: number): number => models.reduce((sum, m) => sum + encode(m, bytes), 0);
  const allBytes = training.bytes + heldOut.bytes;
  const reading = (m: number, { bytes, tokens }: TextAmount): number =>
    encode(m, bytes) + tokens[m] * speeds.readPerToken[m][end];
  const { perMicroBatch, perUpdate } = speeds.training;
  const step = Math.ceil(batch / microBatch) * perMicroBatch[end] + perUpdate[end];
  const arm = encode(0, read.bytes) + steps * step;
  const fittingShare = Math.min(1, mostFittingChunks / Math.max(1, read.chunks));

  return {
    split: encodeAll(allBytes) + allBytes * speeds.cutPerByte,
    pack: encode(0, training.bytes),
    extract: makespan(
      models.flatMap((m) => [reading(m, read), reading(m, heldOut)]),
      slots,
    ),
    map: makespan(
      sources.map((m) => speeds.open[0] + speeds.open[m] + speeds.map[m - 1][end]),
      slots,
    ),
    align: makespan(
      sources.map(
        (m) =>
          encode(0, read.bytes) +
          encode(m, read.bytes) +
          read.tokens[0] * speeds.alignPerToken[m - 1][end],
      ),
      slots,
    ),
    fuse: encode(0, read.bytes) + read.tokens[0] * speeds.fusePerToken[end],
    train: makespan(Array<number>(arms).fill(arm), slots),
    evaluate:
      makespan(Array<number>(arms).fill(reading(0, heldOut)), slots) +
      (withEnsemble ? encodeAll(heldOut.bytes + fittingShare * read.bytes) : 0),
  };
}

/** At least what the growth that was seen foretells, at most as if it had not slowed. */
function encodingSeconds(
  { bytes: tried, seconds, exponent }: EncodingTime,
  bytes: number,
  end: keyof SecondsRange,
): number {
  if (tried === 0) return 0;
  return seconds * (bytes / tried) ** (end === "fewest" && bytes > tried ? exponent : 1);
}

/** When the last of the jobs ends, each started in order by the first slot that is free. */
export function makespan(jobs: readonly number[], slots: number): number {
  const busyUntil = new Array<number>(Math.max(1, slots)).fill(0);
  for (const seconds of jobs) {
    const first = busyUntil.indexOf(Math.min(...busyUntil));
    busyUntil[first] += seconds;
  }
  return Math.max(...busyUntil);
}
