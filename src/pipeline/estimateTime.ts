/**
 * How long a run takes, stage by stage, from speeds that were measured on this machine and the amount of its
 * text. Pure arithmetic: it follows the jobs of run.ts, where each waits for a free slot in the order in which
 * they are given.
 */
import type { SecondsRange, TrainingSpeed } from "../model/speed.ts";
import { type StageName, stageNames } from "../protocol/runEvents.ts";
import type { TextAmount, TextEstimate } from "./estimateText.ts";

/** Seconds, measured. What is `PerByte` or `PerToken` is of the text; models with the target first. */
export interface RunSpeeds {
  /** Opening a model's tokenizer, and finding its tokens in text. */
  readonly open: readonly number[];
  readonly encodePerByte: readonly SecondsRange[];
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

/** Chunks on which the ensemble's weights are fitted at most, as in `evaluate`. */
const mostFittingChunks = 1024;

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
  const encode = speeds.encodePerByte.map((range) => range[end]);
  const encodeAll = encode.reduce((sum, seconds) => sum + seconds, 0);
  const sources = encode.map((_, m) => m).slice(1);
  const allBytes = training.bytes + heldOut.bytes;
  const reading = (m: number, { bytes, tokens }: TextAmount): number =>
    speeds.open[m] + bytes * encode[m] + tokens[m] * speeds.readPerToken[m][end];
  const opened = speeds.open.reduce((sum, seconds) => sum + seconds, 0);
  const { perMicroBatch, perUpdate } = speeds.training;
  const step = Math.ceil(batch / microBatch) * perMicroBatch[end] + perUpdate[end];
  const arm = speeds.open[0] + read.bytes * encode[0] + steps * step;
  const fittingShare = Math.min(1, mostFittingChunks / Math.max(1, read.chunks));
  const ensembleBytes = withEnsemble ? heldOut.bytes + fittingShare * read.bytes : 0;

  return {
    split: opened + allBytes * (encodeAll + speeds.cutPerByte),
    pack: speeds.open[0] + training.bytes * encode[0],
    extract: makespan(
      encode.flatMap((_, m) => [reading(m, read), reading(m, heldOut)]),
      slots,
    ),
    map: makespan(
      sources.map((m) => speeds.open[0] + speeds.open[m] + speeds.map[m - 1][end]),
      slots,
    ),
    align: makespan(
      sources.map(
        (m) =>
          speeds.open[0] +
          speeds.open[m] +
          read.bytes * (encode[0] + encode[m]) +
          read.tokens[0] * speeds.alignPerToken[m - 1][end],
      ),
      slots,
    ),
    fuse: speeds.open[0] + read.bytes * encode[0] + read.tokens[0] * speeds.fusePerToken[end],
    train: makespan(Array<number>(arms).fill(arm), slots),
    evaluate:
      makespan(Array<number>(arms).fill(reading(0, heldOut)), slots) +
      opened +
      ensembleBytes * encodeAll,
  };
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
