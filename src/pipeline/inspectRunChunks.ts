/** The chunks and the plan of a run, checked before anything relies on them. */
import { stat } from "node:fs/promises";
import * as z from "zod";
import { Problem } from "../core/problem.ts";
import type { Chunk } from "./chunks.ts";
import type { RunPaths } from "./runPaths.ts";
import { readPlan } from "./stages/pack.ts";

/** A corpus of this size is not looked through in an editor. */
const largestFile = 512 * 2 ** 20;

const chunkSchema = z.object({
  id: z.string().max(5000),
  bytes: z.int().min(0),
  textHash: z.string().max(200),
  text: z.string(),
});

export interface RunChunks {
  /** Those of the training part. */
  readonly chunks: readonly Chunk[];
  /** Indices of the chunks of each block. */
  readonly blocks: readonly (readonly number[])[];
}

/** @throws Problem `missing` where the run has no plan yet, `tooLarge`, `badInput` or `stale` for what is wrong with the files. */
export async function readRunChunks({ chunks: file, plan }: RunPaths): Promise<RunChunks> {
  for (const needed of [file, plan]) await requireReadable(needed);
  const read = await readPlan(plan, file).catch((error: unknown) => {
    if (error instanceof Problem) throw error;
    throw damaged(file, error);
  });
  const count = read.chunks.length;
  const blocks = z
    .array(
      z.array(
        z
          .int()
          .min(0)
          .max(Math.max(0, count - 1)),
      ),
    )
    .safeParse(read.plan.blocks);
  if (!blocks.success) throw damaged(plan, blocks.error);
  const chunks = z.array(chunkSchema).safeParse(read.chunks);
  if (!chunks.success) throw damaged(file, chunks.error);
  return { chunks: read.chunks, blocks: blocks.data };
}

async function requireReadable(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new Problem("missing", "The run has not chosen its chunks yet.", {
      file,
      next: "Wait until its stage extract is done.",
      cause,
    });
  });
  if (found.isFile() && found.size <= largestFile) return;
  throw new Problem(
    "tooLarge",
    `The run's texts take ${found.size} bytes; at most ${largestFile} are read here.`,
    {
      file,
      next: "Select a part of the text in the editor instead.",
    },
  );
}

const damaged = (file: string, cause: unknown): Problem =>
  new Problem("badInput", "The run's list of chunks is not what was written.", {
    file,
    next: "Start a new run.",
    cause,
  });
