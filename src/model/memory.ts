/** How much memory reading and training take, before anything is loaded. */
import { Problem } from "../core/problem.ts";
import { elementCount, type ModelConfig } from "./architecture/config.ts";
import { parametersOf } from "./architecture/parameters.ts";
import { defaultChunkRows } from "./graph/rowChunks.ts";

export interface ReadingExtent {
  readonly rows: number;
  readonly length: number;
  readonly topK: number;
}
export interface TrainingExtent {
  readonly batch: number;
  readonly length: number;
  readonly topK: number;
}

export const parameterCount = (config: ModelConfig): number =>
  parametersOf(config).reduce((sum, { shape }) => sum + elementCount(shape), 0);

export function estimateTraining(
  config: ModelConfig,
  { batch, length, topK }: TrainingExtent,
): number {
  const n = batch * length;
  const { hidden, feedForward, heads, layers, vocabulary } = config;
  const activations = layers * n * (10 * hidden + 3 * feedForward + 2 * heads * length);
  const logits = 4 * Math.min(n, defaultChunkRows(vocabulary)) * vocabulary;
  return 80e6 + 4 * (5 * parameterCount(config) + activations + logits + 8 * n * topK);
}
export function estimateReading(
  config: ModelConfig,
  { rows, length, topK }: ReadingExtent,
): number {
  const n = rows * length;
  const { hidden, feedForward, heads, vocabulary } = config;
  const activations = n * (6 * hidden + 3 * feedForward + 2 * heads * length);
  const logits = 4 * Math.min(n, defaultChunkRows(vocabulary)) * vocabulary;
  return 80e6 + 4 * (parameterCount(config) + activations + logits + 8 * n * topK);
}

export function requireMemory(need: number, limit: number, what: string): void {
  if (need <= limit) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  throw new Problem(
    "tooLarge",
    `${what} takes about ${megabytes(need)}; the limit is ${megabytes(limit)}.`,
  );
}

const mostTrainable = 150e6;
export function requireTrainable(config: ModelConfig): void {
  const parameters = parameterCount(config);
  if (parameters <= mostTrainable) return;
  throw new Problem(
    "tooLarge",
    `The model has ${Math.round(parameters / 1e6)}M parameters; the embedded engine trains up to 150M.`,
  );
}

export function chooseMicroBatch(
  config: ModelConfig,
  options: TrainingExtent & { memoryLimit: number },
  wanted?: number,
): number {
  const { batch, length, topK, memoryLimit } = options;
  const need = (rows: number) => estimateTraining(config, { batch: rows, length, topK });
  if (wanted !== undefined && wanted <= batch && need(wanted) <= memoryLimit) return wanted;
  let rows = batch;
  while (rows > 1 && need(rows) > memoryLimit) rows--;
  requireMemory(need(rows), memoryLimit, "x");
  return Math.ceil(batch / Math.ceil(batch / rows));
}
