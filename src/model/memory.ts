/**
 * How much memory reading and training take, known before anything is loaded. The terms are those buffers that
 * live at the same time; their factors were fitted to the peak of resident memory, measured for some thirty
 * models and batches of all architectures (1M to 110M parameters, Linux), and then raised by a tenth: a little too
 * careful is better than a process that is killed. Not counted is what Node itself takes, about 100 MB.
 */
import { Problem } from "../core/problem.ts";
import { elementCount, type ModelConfig } from "./architecture/config.ts";
import { parametersOf } from "./architecture/parameters.ts";
import { defaultChunkRows } from "./graph/rowChunks.ts";

export interface TrainingExtent {
  /** Blocks computed at a time. */
  readonly batch: number;
  /** Tokens of a block. */
  readonly length: number;
  /** Slots per row of the teacher. */
  readonly topK: number;
  /** True where several micro-batches make up a step. */
  readonly accumulates?: boolean;
}

export interface ReadingExtent {
  readonly rows: number;
  readonly length: number;
  readonly topK: number;
}

export const parameterCount = (config: ModelConfig): number =>
  parametersOf(config).reduce((sum, { shape }) => sum + elementCount(shape), 0);

const bytesPerNumber = 4;
const margin = 1.1;
const loadedProgram = 50e6;

/** Bytes that training takes, the weights handed to the trainer apart. */
export function estimateTraining(
  config: ModelConfig,
  { batch, length, topK, accumulates = false }: TrainingExtent,
): number {
  const { hidden, feedForward, heads, layers } = config;
  const places = batch * length;
  // Weights, two moments, gradients, and gradients of the last run that wait for the collector.
  const perParameter = 4.8 + (accumulates ? 1.2 : 0);
  // What the backward pass needs of each layer; a gated feed-forward layer keeps three wide buffers, not two.
  const wide = config.architecture === "llama" ? 4.8 : 2.9;
  const perPlace = layers * (4.5 * hidden + wide * feedForward + 1.5 * heads * length);
  const numbers =
    perParameter * parameterCount(config) +
    places * (perPlace + 8 * topK) +
    6 * logitNumbers(config, places);
  return margin * (loadedProgram + bytesPerNumber * numbers);
}

/** Bytes that reading takes, with the weights. */
export function estimateReading(
  config: ModelConfig,
  { rows, length, topK }: ReadingExtent,
): number {
  const { hidden, feedForward, heads } = config;
  const places = rows * length;
  const perPlace = 6 * hidden + 7 * feedForward + 2.5 * heads * length;
  const numbers =
    parameterCount(config) + places * (perPlace + 8 * topK) + 3 * logitNumbers(config, places);
  return margin * (loadedProgram + bytesPerNumber * numbers);
}

/** Numbers in the logits that live at a time. */
const logitNumbers = ({ vocabulary }: ModelConfig, places: number): number =>
  Math.min(places, defaultChunkRows(vocabulary)) * vocabulary;

/**
 * How many blocks of a step are computed at a time: the fewest micro-batches that fit the limit, of nearly
 * equal size. `wanted` is taken where it fits.
 * @throws Problem `tooLarge` where not even one block fits.
 */
export function chooseMicroBatch(
  config: ModelConfig,
  { batch, length, topK, memoryLimit }: TrainingExtent & { readonly memoryLimit: number },
  wanted?: number,
): number {
  const need = (rows: number): number =>
    estimateTraining(config, { batch: rows, length, topK, accumulates: rows < batch });
  if (wanted !== undefined && wanted <= batch && need(wanted) <= memoryLimit) return wanted;
  let rows = batch;
  while (rows > 1 && need(rows) > memoryLimit) rows--;
  requireMemory(need(rows), memoryLimit, `Training on a block of ${length} tokens`);
  return Math.ceil(batch / Math.ceil(batch / rows));
}

/** @throws Problem `tooLarge`, with both figures, where `need` bytes are above the limit. */
export function requireMemory(need: number, limit: number, what: string): void {
  if (need <= limit) return;
  throw new Problem(
    "tooLarge",
    `${what} takes about ${megabytes(need)} of memory, and the limit is ${megabytes(limit)}.`,
    { next: "Raise the memory limit, use shorter texts, or take a smaller model." },
  );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** Above this a full fine-tuning on the CPU takes days, and its state more memory than a laptop has. */
const mostTrainable = 150e6;

/** @throws Problem `tooLarge`, with the figure, for models that the embedded engine does not train. */
export function requireTrainable(config: ModelConfig): void {
  const parameters = parameterCount(config);
  if (parameters <= mostTrainable) return;
  throw new Problem(
    "tooLarge",
    `The model has ${(parameters / 1e6).toFixed(1)}M parameters; the embedded engine trains models of up to ${mostTrainable / 1e6}M.`,
    {
      next: "Take a smaller target: training larger models needs a GPU engine, which FuseLab does not have yet.",
    },
  );
}
