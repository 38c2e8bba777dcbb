/**
 * train: one arm of a run's training. The fused arm learns λ·CLM + (1−λ)·fusion, the clm arm the text alone,
 * on the same chunks, in the same blocks, in the same order. Checkpoints hold everything that the next step
 * depends on, so a run that was killed goes on with the losses it would have had.
 */

import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { FusedRows } from "../../core/fusion/representation.ts";
import type { Fallback } from "../../core/fusion/settings.ts";
import { trainingWeights } from "../../core/fusion/trainingWeights.ts";
import { Problem } from "../../core/problem.ts";
import { sequenceOf } from "../../core/text/sequence.ts";
import { type ModelFolder, openModelFolder } from "../../model/checkpoint/folder.ts";
import type { ModelCard } from "../../model/checkpoint/modelCard.ts";
import { fileExists } from "../../model/checkpoint/outsideFile.ts";
import { writeModelFolder } from "../../model/checkpoint/writeFolder.ts";
import type { LearningRateSchedule } from "../../model/optimiser.ts";
import { createTrainer, type Trainer, type TrainingSequence } from "../../model/trainer.ts";
import { loadTrainerState, saveTrainerState, type TrainerState } from "../../model/trainerState.ts";
import type { TrainingArm } from "../../protocol/runEvents.ts";
import { fusedShards } from "../chunkShards.ts";
import type { Chunk } from "../chunks.ts";
import type { JobContext } from "../jobContext.ts";
import { blocksOfStep, chunksOfPlan, type TrainingPlan } from "../trainingPlan.ts";
import { inShards, shardName } from "./ensureShard.ts";
import { readPlan } from "./pack.ts";

export interface TrainSpec {
  readonly arm: TrainingArm;
  readonly target: string;
  readonly chunks: string;
  readonly plan: string;
  /** Folder of the fused shards; absent for the clm arm. */
  readonly fused?: string;
  readonly fallback: Fallback;
  readonly lambda: number;
  readonly length: number;
  readonly seed: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly schedule: LearningRateSchedule;
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** 0 for no limit. */
  readonly clip: number;
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly checkpoints: string;
  readonly checkpointEvery: number;
  readonly keepCheckpoints: number;
  /** Where the trained model goes, as a Hugging Face folder. */
  readonly out: string;
  readonly card: ModelCard;
}

export interface TrainResult {
  readonly steps: number;
  /** The run was asked to stop before the last step; the state is in the newest checkpoint. */
  readonly stopped: boolean;
  readonly seconds: number;
}

export async function train(spec: TrainSpec, context: JobContext): Promise<TrainResult> {
  const started = performance.now();
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  if (await fileExists(path.join(spec.out, "config.json"))) {
    return { steps: plan.steps, stopped: false, seconds: 0 };
  }
  const folder = await openModelFolder(spec.target);
  const sequences = await trainingSequences(spec, folder, plan, chunks);
  const resumed = await newestCheckpoint(spec.checkpoints, context);
  const trainer = await createTrainer(
    folder.config,
    await folder.loadWeights(),
    trainerOptions(spec, plan, sequences),
    resumed,
  );
  try {
    const stopped = await trainSteps(spec, plan, trainer, sequences, resumed?.step ?? 0, context);
    if (!stopped) {
      await writeModelFolder(spec.out, {
        from: folder,
        weights: trainer.currentWeights(),
        card: spec.card,
      });
    }
    return { steps: plan.steps, stopped, seconds: (performance.now() - started) / 1000 };
  } finally {
    await trainer.dispose();
  }
}

/** @returns true where it stopped before the last step */
async function trainSteps(
  spec: TrainSpec,
  plan: TrainingPlan,
  trainer: Trainer,
  sequences: ReadonlyMap<number, TrainingSequence>,
  first: number,
  context: JobContext,
): Promise<boolean> {
  let tokens = 0;
  const clock = checkpointClock();
  for (let step = first; step < plan.steps; step++) {
    if (context.stopped()) {
      if (step > first) await checkpoint(spec, trainer, step, context);
      return true;
    }
    const blocks = blocksOfStep(plan, step).map((block) => ({
      sequences: plan.blocks[block].map((chunk) => sequences.get(chunk) as TrainingSequence),
    }));
    const result = await trainer.step(blocks);
    tokens += result.positions;
    context.event({
      t: "step",
      arm: spec.arm,
      seed: spec.seed,
      step: step + 1,
      of: plan.steps,
      loss: {
        total: finite(result.loss),
        clm: finite(result.clm),
        fusion: finite(result.fusion),
        text: finite(result.labelNats),
      },
      gradientNorm: finite(result.gradientNorm),
      lr: result.learningRate,
      tokens,
      tokensPerSecond: result.positions / result.seconds,
    });
    context.progress(step + 1, plan.steps, spec.arm);
    const due = (step + 1) % spec.checkpointEvery === 0 || clock.isDue();
    if (due && step + 1 < plan.steps) {
      await clock.timed(() => checkpoint(spec, trainer, step + 1, context));
    }
  }
  return false;
}

/** Seconds that a kill may cost, unless saving is so slow that it would take more than a twentieth of the time. */
const longestWithoutCheckpoint = 60;

/** Says when time alone asks for a checkpoint: steps of a large model can take long. */
function checkpointClock() {
  let last = performance.now();
  let saving = 0;
  return {
    isDue: (): boolean =>
      performance.now() - last > Math.max(1000 * longestWithoutCheckpoint, 20 * saving),
    timed: async (save: () => Promise<void>): Promise<void> => {
      const started = performance.now();
      await save();
      last = performance.now();
      saving = last - started;
    },
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Every chunk of the plan as the target reads it, with what each position is taught. */
async function trainingSequences(
  spec: TrainSpec,
  folder: ModelFolder,
  plan: TrainingPlan,
  chunks: readonly Chunk[],
): Promise<Map<number, TrainingSequence>> {
  const sequences = new Map<number, TrainingSequence>();
  for (const [i, part] of inShards(chunksOfPlan(plan)).entries()) {
    const fused = spec.fused === undefined ? undefined : await fusedRowsOf(spec.fused, i);
    for (const index of part) {
      const chunk = chunks[index];
      const encoding = folder.tokenizer.encode(chunk.text);
      if (!("ids" in encoding)) {
        throw new Problem("stale", `Chunk ${chunk.id} was not cut with the target's tokenizer.`);
      }
      const sequence = sequenceOf(folder.tokenizer, encoding);
      sequences.set(index, {
        ...sequence,
        ...taughtAt(spec, encoding.ids, fused?.get(chunk.id), chunk),
      });
    }
  }
  return sequences;
}

async function fusedRowsOf(folder: string, index: number): Promise<Map<string, FusedRows>> {
  const entries = await fusedShards.read(path.join(folder, shardName(index)), {});
  return new Map(entries.map(({ chunkId, value }) => [chunkId, value]));
}

function taughtAt(
  spec: TrainSpec,
  targetIds: Int32Array,
  rows: FusedRows | undefined,
  chunk: Chunk,
) {
  if (spec.fused === undefined) {
    return {
      labelWeight: new Float32Array(targetIds.length + 1).fill(1),
      fusedWeight: new Float32Array(targetIds.length + 1),
    };
  }
  if (rows === undefined || rows.rows !== targetIds.length + 1) {
    throw new Problem(
      "stale",
      `The fused rows of chunk ${chunk.id} are missing or of another length.`,
      {
        file: spec.fused,
        next: "Delete the folder and resume the run; it is made again.",
      },
    );
  }
  const { rows: fused, ...weights } = trainingWeights({
    rows,
    fallback: spec.fallback,
    lambda: spec.lambda,
    targetIds,
  });
  return { ...weights, fused };
}

function trainerOptions(
  spec: TrainSpec,
  plan: TrainingPlan,
  sequences: ReadonlyMap<number, TrainingSequence>,
) {
  return {
    steps: plan.steps,
    batch: plan.batch,
    length: spec.length,
    topK: widestRow(sequences.values()),
    learningRate: spec.learningRate,
    warmup: spec.warmup,
    schedule: spec.schedule,
    weightDecay: spec.weightDecay,
    betas: spec.betas,
    epsilon: spec.epsilon,
    clip: spec.clip,
    threads: spec.threads,
    memoryLimit: spec.memoryLimit,
  };
}

/** Entries of the widest fused row, at least 1: the width every row is padded to. */
function widestRow(sequences: Iterable<TrainingSequence>): number {
  let widest = 1;
  for (const { fused } of sequences) {
    if (fused === undefined) continue;
    for (let i = 0; i < fused.rows; i++) {
      widest = Math.max(widest, fused.offsets[i + 1] - fused.offsets[i]);
    }
  }
  return widest;
}

function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

async function checkpoint(
  spec: TrainSpec,
  trainer: Trainer,
  step: number,
  context: JobContext,
): Promise<void> {
  const folder = path.join(spec.checkpoints, checkpointName(step));
  await saveTrainerState(folder, trainer.state());
  context.event({ t: "checkpoint", arm: spec.arm, seed: spec.seed, step, path: folder });
  const older = (await checkpointNames(spec.checkpoints)).slice(spec.keepCheckpoints);
  for (const name of older)
    await rm(path.join(spec.checkpoints, name), { recursive: true, force: true });
}

/** Newest first. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .reverse();
}

/** A damaged checkpoint is named in a warning and the one before it is taken. */
async function newestCheckpoint(
  folder: string,
  context: JobContext,
): Promise<TrainerState | undefined> {
  for (const name of await checkpointNames(folder)) {
    try {
      return await loadTrainerState(path.join(folder, name));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      context.event({ t: "warning", message: error.message, stage: "train" });
    }
  }
  return undefined;
}
