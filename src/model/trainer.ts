/**
 * Training of the target: gradients come from a compiled program, everything around it - micro-batches,
 * clipping, AdamW, the schedule - is done here on typed arrays. What to train on, in what order and when to stop
 * is the caller's. Every weight is trained; there are no adapters and no frozen layers.
 */
import { Problem } from "../core/problem.ts";
import type { ModelConfig, Weights } from "./architecture/config.ts";
import { trainingProgram } from "./graph/programs.ts";
import { chooseMicroBatch, requireTrainable } from "./memory.ts";
import { requireWeights } from "./modelWeights.ts";
import {
  type AdamWSettings,
  adamW,
  clipScale,
  decays,
  globalNorm,
  type LearningRateSchedule,
  learningRate,
  type Moments,
} from "./optimiser.ts";
import { Session, type TensorData } from "./session.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { TrainerState } from "./trainerState.ts";
import {
  countPositions,
  createTrainingBatch,
  type PackedBlock,
  type TrainingBatch,
} from "./trainingBatch.ts";

export type { PackedBlock, TrainingSequence } from "./trainingBatch.ts";

export interface TrainerOptions extends AdamWSettings {
  /** Optimiser steps of the whole run; the schedule ends with them. */
  readonly steps: number;
  /** Blocks per optimiser step. */
  readonly batch: number;
  /** Tokens a block holds at most. */
  readonly length: number;
  /** Entries a fused row has at most; may be 0. */
  readonly topK: number;
  /** At the schedule's peak. */
  readonly learningRate: number;
  /** Share of the steps in which the rate rises. */
  readonly warmup: number;
  readonly schedule: LearningRateSchedule;
  /** Largest global norm of the gradient; 0 for no limit. */
  readonly clip: number;
  readonly threads: number;
  /** Bytes that weights, optimiser and work may take together; decides how many blocks are computed at a time. */
  readonly memoryLimit: number;
}

/** Losses in nats per predicted position of the step; they are those before the update. */
export interface StepResult {
  /** From 1. */
  readonly step: number;
  /** clm + fusion, what the gradient is of. */
  readonly loss: number;
  /** Σ labelWeight · CE / positions */
  readonly clm: number;
  /** Σ fusedWeight · H / positions */
  readonly fusion: number;
  /** Mean nats of the true next token over all positions, whatever they weigh: compares trainings of different λ. */
  readonly labelNats: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly positions: number;
  readonly seconds: number;
  /** Parts of `seconds`: filling the inputs, the compiled program, the optimiser with all sums over gradients. */
  readonly prepareSeconds: number;
  readonly runSeconds: number;
  readonly optimiserSeconds: number;
}

export interface Trainer {
  /** Blocks computed at a time. Sums depend on it in their last bits; otherwise on nothing but the input. */
  readonly microBatch: number;
  /**
   * One update from 1 to `batch` blocks.
   * @throws Problem `failed` where loss or gradient is not finite; the weights are then as before the step.
   * @throws Problem `badInput` where a block is not sound, or all steps are done.
   */
  step(blocks: readonly PackedBlock[]): Promise<StepResult>;
  /** The arrays themselves: the next step changes them. */
  state(): TrainerState;
  /** The arrays themselves: the next step changes them. */
  currentWeights(): Weights;
  dispose(): Promise<void>;
}

/**
 * Weights are copied. With `resume` the state's arrays are taken over instead, and its micro-batch where memory
 * allows, so that with the same threads the losses go on bit for bit.
 * @throws Problem `tooLarge` above 150M parameters or where one block does not fit the memory limit, `badInput`
 * where weights are not the model's, `stale` where the state is of another model or a longer run.
 */
export async function createTrainer(
  config: ModelConfig,
  weights: Weights,
  options: TrainerOptions,
  resume?: TrainerState,
): Promise<Trainer> {
  requireTrainable(config);
  if (resume !== undefined) requireWithin(resume, options.steps);
  const microBatch = chooseMicroBatch(config, options, resume?.microBatch);
  const parameters = trainedParameters(config, weights, options, resume);
  const shape = { rows: microBatch, length: options.length };
  const program = trainingProgram(config, shape, { topK: options.topK });
  const session = await Session.open(program, { threads: options.threads, keepBuffers: true });
  const batch = createTrainingBatch(shape, config, options.topK);
  return new EmbeddedTrainer(options, microBatch, parameters, session, batch, resume?.step ?? 0);
}

interface TrainedParameter {
  readonly name: string;
  readonly moments: Moments;
  readonly settings: AdamWSettings;
}

interface GradientSum {
  readonly clm: number;
  readonly fusion: number;
  /** Not divided by the positions yet. */
  readonly labelNats: number;
  /** In the order of the parameters. */
  readonly gradients: readonly Float32Array[];
}

class EmbeddedTrainer implements Trainer {
  readonly microBatch: number;
  readonly #options: TrainerOptions;
  readonly #parameters: readonly TrainedParameter[];
  readonly #session: Session;
  readonly #batch: TrainingBatch;
  readonly #feeds: ReadonlyMap<string, TensorData>;
  /** Updates made. */
  #done: number;
  #busy = false;

  constructor(
    options: TrainerOptions,
    microBatch: number,
    parameters: readonly TrainedParameter[],
    session: Session,
    batch: TrainingBatch,
    done: number,
  ) {
    this.microBatch = microBatch;
    this.#options = options;
    this.#parameters = parameters;
    this.#session = session;
    this.#batch = batch;
    this.#done = done;
    const feeds = new Map<string, TensorData>([["zero", new Float32Array(1)], ...batch.feeds]);
    for (const { name, moments } of parameters) feeds.set(name, moments.weights);
    this.#feeds = feeds;
  }

  async step(blocks: readonly PackedBlock[]): Promise<StepResult> {
    if (this.#busy) throw new Error("trainer: a step is under way");
    this.#busy = true;
    try {
      return await this.#update(blocks);
    } finally {
      this.#busy = false;
    }
  }

  state(): TrainerState {
    return {
      step: this.#done,
      microBatch: this.microBatch,
      parameters: new Map(this.#parameters.map(({ name, moments }) => [name, moments])),
    };
  }

  currentWeights(): Weights {
    return new Map(this.#parameters.map(({ name, moments }) => [name, moments.weights]));
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #update(blocks: readonly PackedBlock[]): Promise<StepResult> {
    const watch = new Stopwatch();
    const positions = this.#requireStep(blocks);
    const step = this.#done + 1;
    const sums = await this.#sumOverMicroBatches(blocks, positions, watch);
    const { clm, fusion, gradients } = sums;
    const gradientNorm = globalNorm(gradients);
    requireFinite(step, clm + fusion, gradientNorm);
    const { learningRate: peak, clip, ...plan } = this.#options;
    const rate = learningRate(step, { ...plan, peak });
    const scale = clipScale(gradientNorm, clip);
    for (const [i, { moments, settings }] of this.#parameters.entries()) {
      adamW(moments, gradients[i], settings, step, rate, scale);
    }
    this.#done = step;
    watch.lap("optimiser");
    return {
      step,
      loss: clm + fusion,
      clm,
      fusion,
      labelNats: sums.labelNats / positions,
      gradientNorm,
      learningRate: rate,
      positions,
      ...watch.seconds(),
    };
  }

  /** Positions of the step. */
  #requireStep(blocks: readonly PackedBlock[]): number {
    const { steps, batch } = this.#options;
    if (this.#done >= steps) {
      throw new Problem("badInput", `All ${steps} steps of this training are done.`, {
        next: "Start a run with more steps.",
      });
    }
    const positions = countPositions(blocks);
    if (blocks.length > batch || positions === 0) {
      throw new Problem(
        "badInput",
        `A step takes 1 to ${batch} blocks with text, not ${blocks.length} of ${positions} tokens.`,
      );
    }
    return positions;
  }

  async #sumOverMicroBatches(
    blocks: readonly PackedBlock[],
    positions: number,
    watch: Stopwatch,
  ): Promise<GradientSum> {
    let clm = 0;
    let fusion = 0;
    let labelNats = 0;
    // The program's outputs are fresh arrays each time; the first ones take the sum.
    let gradients: Float32Array[] = [];
    for (let from = 0; from < blocks.length; from += this.microBatch) {
      const part = blocks.slice(from, from + this.microBatch);
      this.#batch.fill(part, positions);
      watch.lap("prepare");
      const outputs = await this.#session.run(this.#feeds);
      watch.lap("run");
      const output = (name: string): Float32Array => outputs.get(name) as Float32Array;
      clm += output("clmLoss")[0];
      fusion += output("fusionLoss")[0];
      labelNats += sumOfTaught(output("labelNats"), part, this.#options.length);
      const added = this.#parameters.map(({ name }) => output(`d:${name}`));
      if (from === 0) gradients = added;
      else for (const [i, sum] of gradients.entries()) addInto(sum, added[i]);
      watch.lap("optimiser");
    }
    return { clm, fusion, labelNats, gradients };
  }
}

/** Blocks lie at the beginning of their rows; what follows them in a row is padding. */
function sumOfTaught(
  labelNats: Float32Array,
  blocks: readonly PackedBlock[],
  length: number,
): number {
  let sum = 0;
  for (const [row, block] of blocks.entries()) {
    const taken = countPositions([block]);
    for (let i = row * length; i < row * length + taken; i++) sum += labelNats[i];
  }
  return sum;
}

function requireWithin({ step }: TrainerState, steps: number): void {
  if (step <= steps) return;
  throw new Problem("stale", `The training state is of step ${step}, and the run has ${steps}.`, {
    next: "Start the run again.",
  });
}

function trainedParameters(
  config: ModelConfig,
  weights: Weights,
  { betas, epsilon, weightDecay }: TrainerOptions,
  resume: TrainerState | undefined,
): TrainedParameter[] {
  return requireWeights(config, weights).map(({ name, kind }) => {
    const start = weights.get(name)!;
    const moments = resume === undefined ? startingMoments(start) : resume.parameters.get(name);
    if (moments?.weights.length !== start.length) {
      throw new Problem(
        "stale",
        `The training state does not fit the model: tensor "${name}" differs.`,
        {
          next: "Start the run again.",
        },
      );
    }
    const settings = { betas, epsilon, weightDecay: decays(kind) ? weightDecay : 0 };
    return { name, moments, settings };
  });
}

const startingMoments = (weights: Float32Array): Moments => ({
  weights: weights.slice(),
  first: new Float32Array(weights.length),
  second: new Float32Array(weights.length),
});

function addInto(sum: Float32Array, added: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += added[i];
}

function requireFinite(step: number, loss: number, gradientNorm: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `gradient (norm ${gradientNorm})` : `loss (${loss})`;
  throw new Problem(
    "failed",
    `Step ${step} gave no finite ${what}; the weights are still those of step ${step - 1}.`,
    {
      next: "Lower the learning rate or lengthen the warm-up, and check that the weights are sound.",
    },
  );
}
