/** What a run may take of the machine it is executed on: threads, jobs side by side, memory for each. */
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import path from "node:path";
import type { Recipe } from "./recipe.ts";

export interface Machine {
  readonly cores: number;
  /** Bytes. */
  readonly freeMemory: number;
  /** Bytes on the disk that will hold the run folder. */
  readonly freeDisk: number;
}

export interface RunResources {
  readonly threads: number;
  /** Jobs side by side. */
  readonly slots: number;
  /** Threads of each job but trainings. */
  readonly threadsPerJob: number;
  /** Bytes. */
  readonly memoryPerJob: number;
}

/** Trainings side by side: the fused target and its baseline. */
const mostSlots = 2;

/** Share of the free memory that computing may take together where nothing else is said. */
export const memoryShare = 0.6;

export function runResources(
  { threads: wanted, memoryLimitMB }: Pick<Recipe["training"], "threads" | "memoryLimitMB">,
  { cores, freeMemory }: Pick<Machine, "cores" | "freeMemory">,
): RunResources {
  const threads = wanted ?? Math.max(1, cores - 1);
  const slots = Math.min(mostSlots, threads);
  return {
    threads,
    slots,
    threadsPerJob: Math.max(1, Math.floor(threads / slots)),
    memoryPerJob:
      memoryLimitMB === undefined ? (freeMemory * memoryShare) / slots : memoryLimitMB * 2 ** 20,
  };
}

/** Threads of each of the trainings of a run. */
export function threadsPerTraining(
  arms: number,
  { threads, slots }: Pick<RunResources, "threads" | "slots">,
): number {
  return Math.max(1, Math.floor(threads / Math.min(arms, slots)));
}

/** This machine as it is now. The runs' folder need not be there yet. */
export async function thisMachine(runsFolder: string): Promise<Machine> {
  return {
    cores: availableParallelism(),
    freeMemory: freemem(),
    freeDisk: await freeDisk(path.resolve(runsFolder)),
  };
}

async function freeDisk(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const above = path.dirname(folder);
    if (above === folder) throw error;
    return freeDisk(above);
  }
}
