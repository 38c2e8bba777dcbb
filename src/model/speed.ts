/**
 * How fast this machine reads and trains a model, found by doing a little of it: real programs of the model's
 * shape, made-up weights and tokens. Numbers do not change how long a matrix product takes. Where the whole
 * model would take more than a moment, models of one and of two layers are timed and the line through the two
 * is followed; the answer then says that it is rough. The calling thread is blocked meanwhile.
 */
import type { SparseRows } from "../core/fusion/representation.ts";
import { createRandom } from "../core/random.ts";
import type { ReadSequence } from "../core/text/sequence.ts";
import { elementCount, type ModelConfig } from "./architecture/config.ts";
import { parametersOf } from "./architecture/parameters.ts";
import { openLanguageModel } from "./languageModel.ts";
import { parameterCount } from "./memory.ts";
import { createTrainer, type PackedBlock, type TrainingSequence } from "./trainer.ts";

/** Seconds, the fewest and the most of what was measured: the machine may be busy. */
export interface SecondsRange {
  readonly fewest: number;
  readonly most: number;
}

export interface ReadingSpeed {
  readonly perToken: SecondsRange;
  /** True where it was drawn out from fewer layers. */
  readonly rough: boolean;
}

export interface TrainingSpeed {
  /** One micro-batch: inputs, losses and gradients. */
  readonly perMicroBatch: SecondsRange;
  /** The update, once a step. */
  readonly perUpdate: SecondsRange;
  readonly rough: boolean;
}

interface TrialLimits {
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
  /** Seconds that measuring may take, about. */
  readonly budget: number;
}

export interface ReadingTrial extends TrialLimits {
  /** Tokens of each sequence of a typical stretch of text, each within the model's context. */
  readonly lengths: readonly number[];
  readonly topK: number;
}

export interface TrainingTrial extends TrialLimits {
  /** Blocks computed at a time. */
  readonly microBatch: number;
  /** Tokens of a block. */
  readonly length: number;
  /** Entries of the widest fused row. */
  readonly topK: number;
}

/** @throws Problem `tooLarge` where the model cannot read the longest sequence within the memory limit. */
export async function measureReading(
  config: ModelConfig,
  trial: ReadingTrial,
): Promise<ReadingSpeed> {
  const sequences = trial.lengths.map((length, i) => madeUpSequence(config, length, i));
  const tokens = trial.lengths.reduce((sum, length) => sum + length, 0);
  const read = async (model: ModelConfig, budget: number): Promise<[SecondsRange]> => {
    const reader = await openLanguageModel(model, madeUpWeights(model), trial);
    try {
      const times = await timesOf(budget, async () => {
        const started = performance.now();
        await reader.read(sequences, trial.topK);
        return [(performance.now() - started) / 1000];
      });
      return [rangeOf(times, 0)];
    } finally {
      await reader.dispose();
    }
  };
  const { ranges, rough } = await wholeOrDrawnOut(config, trial.budget, read);
  return { perToken: scaled(ranges[0], 1 / tokens), rough };
}

/** Products of matrices are no faster with more tokens than this at a time. */
const enoughTokens = 1024;

/** @throws Problem `tooLarge` as `createTrainer` does. */
export async function measureTraining(
  config: ModelConfig,
  trial: TrainingTrial,
): Promise<TrainingSpeed> {
  const rows = Math.min(trial.microBatch, Math.max(1, Math.ceil(enoughTokens / trial.length)));
  const blocks = Array.from({ length: rows }, (_, row) => madeUpBlock(config, trial, row));
  const train = async (model: ModelConfig, budget: number) => {
    const options = { ...plainSettings, ...trial, batch: rows };
    const trainer = await createTrainer(model, madeUpWeights(model), options);
    try {
      const times = await timesOf(budget, async () => {
        const { prepareSeconds, runSeconds, optimiserSeconds } = await trainer.step(blocks);
        return [prepareSeconds + runSeconds, optimiserSeconds];
      });
      return [rangeOf(times, 0), rangeOf(times, 1)];
    } finally {
      await trainer.dispose();
    }
  };
  const { ranges, rough } = await wholeOrDrawnOut(config, trial.budget, train);
  return {
    perMicroBatch: scaled(ranges[0], trial.microBatch / rows),
    perUpdate: ranges[1],
    rough,
  };
}

/** Nothing here changes what a step takes; a rate of 0 would, were it seen through. */
const plainSettings = {
  steps: 1_000_000,
  learningRate: 1e-6,
  warmup: 0,
  schedule: "constant",
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 1,
} as const;

type Measure = (model: ModelConfig, budget: number) => Promise<readonly SecondsRange[]>;

/** The times of the whole model where they fit the budget, else those that one and two layers speak of. */
async function wholeOrDrawnOut(
  config: ModelConfig,
  budget: number,
  measure: Measure,
): Promise<{ ranges: readonly SecondsRange[]; rough: boolean }> {
  const { layers } = config;
  if (layers <= 2) return { ranges: await measure(config, budget), rough: false };
  const single = { ...config, layers: 1 };
  const one = await measure(single, 0);
  const expected =
    (one.reduce((sum, { most }) => sum + most, 0) * parameterCount(config)) /
    parameterCount(single);
  if (3 * expected <= budget) {
    return { ranges: await measure(config, budget), rough: false };
  }
  const two = await measure({ ...config, layers: 2 }, 0);
  return { ranges: one.map((range, i) => drawnOut(range, two[i], layers)), rough: true };
}

function drawnOut(one: SecondsRange, two: SecondsRange, layers: number): SecondsRange {
  const at = (first: number, second: number): number =>
    first + (layers - 1) * Math.max(0, second - first);
  const [a, b] = [at(one.fewest, two.fewest), at(one.most, two.most)];
  return { fewest: Math.min(a, b), most: Math.max(a, b) };
}

const mostRuns = 6;

/** The first run compiles and allocates, and is not counted. One that takes its time is timed once, others at least twice. */
async function timesOf(
  budget: number,
  run: () => Promise<readonly number[]>,
): Promise<readonly (readonly number[])[]> {
  const started = performance.now();
  const spent = (): number => (performance.now() - started) / 1000;
  await run();
  const least = spent() > 1 ? 1 : 2;
  const times: (readonly number[])[] = [];
  while (times.length < least || (times.length < mostRuns && spent() < budget)) {
    times.push(await run());
  }
  return times;
}

function rangeOf(times: readonly (readonly number[])[], part: number): SecondsRange {
  const values = times.map((time) => time[part]);
  return { fewest: Math.min(...values), most: Math.max(...values) };
}

const scaled = ({ fewest, most }: SecondsRange, factor: number): SecondsRange => ({
  fewest: fewest * factor,
  most: most * factor,
});

/** Normal numbers that repeat: as good as others for timing, and soon made. */
function madeUpWeights(config: ModelConfig): Map<string, Float32Array> {
  const random = createRandom(1);
  const pattern = Float32Array.from({ length: 4099 }, () => 0.02 * random.normal());
  return new Map(
    parametersOf(config).map(({ name, shape, kind }) => {
      const values = new Float32Array(elementCount(shape));
      if (kind === "norm") values.fill(1);
      else for (let i = 0; i < values.length; i++) values[i] = pattern[i % pattern.length];
      return [name, values];
    }),
  );
}

function madeUpSequence(config: ModelConfig, length: number, seed: number): ReadSequence {
  const random = createRandom(seed, length);
  const ids = Int32Array.from({ length: length + 1 }, () => random.integer(config.vocabulary));
  return { tokens: ids.slice(0, length), labels: ids.slice(1) };
}

/** A full row, of as many sequences as the context asks for. */
function madeUpBlock(
  config: ModelConfig,
  { length, topK }: TrainingTrial,
  row: number,
): PackedBlock {
  const sequences: TrainingSequence[] = [];
  for (let left = length; left > 0; left -= config.context) {
    const tokens = Math.min(left, config.context);
    sequences.push({
      ...madeUpSequence(config, tokens, row),
      labelWeight: new Float32Array(tokens).fill(0.5),
      fusedWeight: new Float32Array(tokens).fill(0.5),
      fused: madeUpRows(config, tokens, topK),
    });
  }
  return { sequences };
}

function madeUpRows({ vocabulary }: ModelConfig, rows: number, topK: number): SparseRows {
  const width = Math.min(topK, vocabulary);
  return {
    rows,
    offsets: Int32Array.from({ length: rows + 1 }, (_, i) => i * width),
    ids: Int32Array.from({ length: rows * width }, (_, i) => i % vocabulary),
    probs: new Float32Array(rows * width).fill(0.9 / Math.max(1, width)),
    leftOver: new Float32Array(rows).fill(width === 0 ? 1 : 0.1),
  };
}
