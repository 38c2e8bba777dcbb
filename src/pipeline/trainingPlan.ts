/**
 * Which chunks a run trains on and in what order: chunks are drawn by domain weight, packed whole into
 * blocks of `length` tokens, and each optimiser step takes `batch` blocks. Everything follows from the seed
 * and the step, nothing from a generator that was used up before, so a resumed run sees the same data.
 */
import { createRandom } from "../core/random.ts";

export interface PlanInput {
  /** Tokens of each chunk as the target reads it, BOS included. */
  readonly lengths: readonly number[];
  /** How often each chunk is drawn, relative to the others. Above 0. */
  readonly weights: readonly number[];
  readonly length: number;
  readonly batch: number;
  /** Optimiser steps, or passes over the chunks; one of them. */
  readonly extent: { readonly steps: number } | { readonly epochs: number };
  readonly seed: number;
}

export interface TrainingPlan {
  /** Chunk indices of each block; together they hold at most `length` tokens. */
  readonly blocks: readonly (readonly number[])[];
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
}

/** How many blocks may be open at once while packing: enough to fill most gaps, few enough to keep the order. */
const openBlocks = 32;

export function planTraining(input: PlanInput): TrainingPlan {
  const order = weightedOrder(input.weights, input.seed);
  const packed = packBlocks(order, input.lengths, input.length);
  const { batch, extent, seed } = input;
  const steps =
    "steps" in extent
      ? extent.steps
      : Math.max(1, Math.round((extent.epochs * packed.length) / batch));
  return { blocks: packed.slice(0, steps * batch), batch, steps, seed };
}

/** Chunks that any block of the plan holds, in the order of first use. */
export function chunksOfPlan(plan: TrainingPlan): number[] {
  return plan.blocks.flat();
}

/** Indices of the blocks that optimiser step `step` (from 0) takes. Each pass over the blocks has an order of its own. */
export function blocksOfStep(plan: TrainingPlan, step: number): number[] {
  const count = plan.blocks.length;
  const chosen: number[] = [];
  for (let i = step * plan.batch; i < (step + 1) * plan.batch; i++) {
    const pass = Math.floor(i / count);
    chosen.push(passOrder(count, plan.seed, pass)[i % count]);
  }
  return chosen;
}

/** The order of one pass is asked for once a step; only the latest is kept. */
let lastOrder: { key: string; order: number[] } | undefined;

function passOrder(count: number, seed: number, pass: number): number[] {
  const key = `${count} ${seed} ${pass}`;
  if (lastOrder?.key !== key) {
    const order = Array.from({ length: count }, (_, i) => i);
    createRandom(seed, pass + 1).shuffle(order);
    lastOrder = { key, order };
  }
  return lastOrder.order;
}

/** Weighted sampling without replacement: ascending −ln(u) / weight (Efraimidis and Spirakis, 2006). */
function weightedOrder(weights: readonly number[], seed: number): number[] {
  const random = createRandom(seed);
  const keys = weights.map((weight) => -Math.log(1 - random.next()) / weight);
  return weights.map((_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b);
}

/** Best fit over a bounded number of open blocks; the fullest block is closed when there are too many. */
function packBlocks(
  order: readonly number[],
  lengths: readonly number[],
  length: number,
): number[][] {
  const closed: number[][] = [];
  const open: { chunks: number[]; free: number }[] = [];
  for (const chunk of order) {
    const need = lengths[chunk];
    let best = -1;
    for (let i = 0; i < open.length; i++) {
      const { free } = open[i];
      if (free >= need && (best < 0 || free < open[best].free)) best = i;
    }
    const block = best < 0 ? { chunks: [] as number[], free: length } : open[best];
    block.chunks.push(chunk);
    block.free -= need;
    if (best < 0) open.push(block);
    if (open.length > openBlocks) closed.push(takeFullest(open).chunks);
  }
  return [...closed, ...open.map((block) => block.chunks)];
}

function takeFullest<Block extends { free: number }>(open: Block[]): Block {
  let fullest = 0;
  for (let i = 1; i < open.length; i++) {
    if (open[i].free < open[fullest].free) fullest = i;
  }
  return open.splice(fullest, 1)[0];
}
