/**
 * A model that reads: for each position of a text the nats of the true next token, and the likeliest tokens.
 * It does not generate, and keeps no keys and values: every chunk is read whole, once.
 */
import type { Representation } from "../core/fusion/representation.ts";
import { Problem } from "../core/problem.ts";
import type { ReadSequence } from "../core/text/sequence.ts";
import type { ModelConfig, Weights } from "./architecture/config.ts";
import { type BatchShape, readingProgram } from "./graph/programs.ts";
import { estimateReading, parameterCount, requireMemory } from "./memory.ts";
import { requireWeights } from "./modelWeights.ts";
import { planReading, type ReadingBatch, type ReadingCosts, rowLength } from "./readingPlan.ts";
import { Session, type TensorData } from "./session.ts";
import { createTokenBatch, lowWords, requireSequence, type TokenBatch } from "./tokenBatch.ts";

export interface LanguageModelOptions {
  readonly threads: number;
  /** Bytes that weights and work may take together. */
  readonly memoryLimit: number;
  /** [vocabulary]: 0, or −1e30 for rows of the output that are no token and may not be in a top k. */
  readonly vocabularyMask?: Float32Array;
}

export interface LanguageModel {
  /**
   * One representation a sequence, in their order; a sequence is [BOS, t0 …] with labels [t0 …, EOS]. With `topK`
   * 0 only the nats are computed. How sequences share batches does not show in the results beyond rounding.
   * @throws Problem `badInput` for a sequence longer than the model's context or with unknown ids, `tooLarge`
   * where one does not fit the memory limit, `failed` where the model gives no finite probability, `cancelled`
   * after `signal`, which is heard between batches.
   */
  read(
    sequences: readonly ReadSequence[],
    topK: number,
    onProgress?: (done: number, of: number) => void,
    signal?: AbortSignal,
  ): Promise<Representation[]>;
  dispose(): Promise<void>;
}

/**
 * Weights are used in place, not copied.
 * @throws Problem `tooLarge` where the model cannot read even one short sequence within the memory limit,
 * `badInput` where the weights are not the model's.
 */
export async function openLanguageModel(
  config: ModelConfig,
  weights: Weights,
  options: LanguageModelOptions,
): Promise<LanguageModel> {
  const parameters = requireWeights(config, weights);
  const vocabularyMask = options.vocabularyMask ?? new Float32Array(config.vocabulary);
  if (vocabularyMask.length !== config.vocabulary) {
    throw new Error(`vocabularyMask has ${vocabularyMask.length} of ${config.vocabulary} numbers`);
  }
  requireRoom(config, options.memoryLimit, 1, 0);
  const feeds = new Map<string, TensorData>([["vocabularyMask", vocabularyMask]]);
  for (const { name } of parameters) feeds.set(name, weights.get(name)!);
  const usableIds = vocabularyMask.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
  return new Reader(config, feeds, options, usableIds);
}

/** Tokens a batch holds at most, but for one long sequence: matrix products are no faster with more. */
export const batchTokens = 1024;

/** Compiled programs that are kept, the latest used. */
const programsKept = 8;

/** A program for one shape with its inputs. */
interface ShapedProgram {
  readonly session: Session;
  readonly batch: TokenBatch;
  readonly feeds: ReadonlyMap<string, TensorData>;
}

class Reader implements LanguageModel {
  readonly #config: ModelConfig;
  readonly #feeds: ReadonlyMap<string, TensorData>;
  readonly #options: LanguageModelOptions;
  /** Ids that the mask leaves to a top k. */
  readonly #usableIds: number;
  /** By shape and top k, in order of last use. */
  readonly #programs = new Map<string, ShapedProgram>();
  /** Reads one after the other: they share programs. */
  #lastRead: Promise<unknown> = Promise.resolve();

  constructor(
    config: ModelConfig,
    feeds: ReadonlyMap<string, TensorData>,
    options: LanguageModelOptions,
    usableIds: number,
  ) {
    this.#config = config;
    this.#feeds = feeds;
    this.#options = options;
    this.#usableIds = usableIds;
  }

  read(
    sequences: readonly ReadSequence[],
    topK: number,
    onProgress?: (done: number, of: number) => void,
    signal?: AbortSignal,
  ): Promise<Representation[]> {
    return this.#inTurn(() => this.#readAll(sequences, topK, onProgress, signal));
  }

  dispose(): Promise<void> {
    return this.#inTurn(async () => {
      const programs = [...this.#programs.values()];
      this.#programs.clear();
      for (const { session } of programs) await session.release();
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#lastRead.then(work);
    this.#lastRead = result.catch(() => undefined);
    return result;
  }

  async #readAll(
    sequences: readonly ReadSequence[],
    topK: number,
    onProgress: ((done: number, of: number) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Representation[]> {
    const lengths = sequences.map((sequence) => requireSequence(sequence, this.#config));
    this.#requireReadable(lengths, topK);
    const representations: Representation[] = [];
    let done = 0;
    for (const batch of planReading(lengths, this.#costs(topK))) {
      if (signal?.aborted) throw new Problem("cancelled", "Reading was cancelled.");
      for (const [index, read] of await this.#readBatch(batch, sequences, topK)) {
        representations[index] = read;
        done++;
      }
      onProgress?.(done, sequences.length);
    }
    return representations;
  }

  #requireReadable(lengths: readonly number[], topK: number): void {
    if (topK > this.#usableIds) {
      throw new Problem(
        "badInput",
        `A top ${topK} is asked of a vocabulary of ${this.#usableIds} tokens.`,
        { next: "Lower representation.topK." },
      );
    }
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    if (longest > 0) requireRoom(this.#config, this.#options.memoryLimit, longest, topK);
  }

  #costs(topK: number): ReadingCosts {
    const { hidden } = this.#config;
    return {
      // Scores, softmax and their product against the 24 hidden² of a layer's matrices.
      attentionLength: 3 * hidden,
      // About 20 ms to compile, in which some 150 GFLOP/s read this many tokens.
      shapeTokens: 1.5e9 / parameterCount(this.#config),
      mostRows: (length) => {
        let rows = Math.max(1, Math.floor(batchTokens / length));
        while (rows > 1 && this.#estimate({ rows, length }, topK) > this.#options.memoryLimit) {
          rows = Math.ceil(rows / 2);
        }
        return rows;
      },
    };
  }

  #estimate(shape: BatchShape, topK: number): number {
    return estimateReading(this.#config, { ...shape, topK });
  }

  async #readBatch(
    { shape, rows }: ReadingBatch,
    sequences: readonly ReadSequence[],
    topK: number,
  ): Promise<[index: number, read: Representation][]> {
    const { session, batch, feeds } = await this.#program(shape, topK);
    batch.clear();
    const places = rows.flatMap((indices, row) =>
      indices.map((index) => ({ index, start: batch.append(row, sequences[index]) })),
    );
    const outputs = await session.run(feeds);
    return places.map(({ index, start }) => [
      index,
      cutOut(outputs, start, sequences[index].tokens.length, topK),
    ]);
  }

  async #program(shape: BatchShape, topK: number): Promise<ShapedProgram> {
    const key = `${shape.rows} ${shape.length} ${topK}`;
    let program = this.#programs.get(key);
    this.#programs.delete(key);
    if (program === undefined) {
      await this.#makeRoom();
      const bytes = readingProgram(this.#config, shape, { topK });
      const session = await Session.open(bytes, {
        threads: this.#options.threads,
        keepBuffers: false,
      });
      const batch = createTokenBatch(shape, this.#config);
      program = { session, batch, feeds: new Map([...this.#feeds, ...batch.feeds]) };
    }
    this.#programs.set(key, program);
    return program;
  }

  async #makeRoom(): Promise<void> {
    for (const [key, { session }] of this.#programs) {
      if (this.#programs.size < programsKept) return;
      this.#programs.delete(key);
      await session.release();
    }
  }
}

/** @throws Problem `tooLarge` where one sequence of `tokens` cannot be read within the limit. */
function requireRoom(config: ModelConfig, limit: number, tokens: number, topK: number): void {
  const need = estimateReading(config, { rows: 1, length: rowLength(tokens), topK });
  requireMemory(need, limit, `Reading a text of ${tokens} tokens`);
}

/** One sequence's rows out of a batch's outputs. */
function cutOut(
  outputs: ReadonlyMap<string, TensorData>,
  start: number,
  rows: number,
  topK: number,
): Representation {
  const nats = (outputs.get("labelNats") as Float32Array).slice(start, start + rows);
  requireFinite(nats);
  if (topK === 0) {
    const nothing = new Float32Array(0);
    return {
      rows,
      topK,
      ids: new Int32Array(0),
      logProbs: nothing,
      leftOver: new Float32Array(rows).fill(1),
      nats,
    };
  }
  const from = start * topK;
  const to = (start + rows) * topK;
  const logProbs = (outputs.get("topLogProbs") as Float32Array).slice(from, to);
  const words = lowWords(outputs.get("topIds") as BigInt64Array);
  const ids = Int32Array.from({ length: to - from }, (_, i) => words[2 * (from + i)]);
  return { rows, topK, ids, logProbs, leftOver: leftOverOf(logProbs, rows, topK), nats };
}

function requireFinite(nats: Float32Array): void {
  if (nats.every(Number.isFinite)) return;
  throw new Problem("failed", "The model gives a text no finite probability.", {
    next: "Check that its weights are sound: a damaged or overflowing checkpoint reads like this.",
  });
}

/** 1 − Σ p of each row; rounding may put the sum a little above 1. */
function leftOverOf(logProbs: Float32Array, rows: number, topK: number): Float32Array {
  const leftOver = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let mass = 0;
    for (let k = 0; k < topK; k++) mass += Math.exp(logProbs[row * topK + k]);
    leftOver[row] = Math.max(0, 1 - mass);
  }
  return leftOver;
}
