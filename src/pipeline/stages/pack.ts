/**
 * pack: decides which chunks the training sees, in which blocks and in what order. It comes before the models
 * read anything, so that none of them reads a chunk that is never trained on.
 */
import { readFile } from "node:fs/promises";
import { Problem } from "../../core/problem.ts";
import { openTokenizer } from "../../model/checkpoint/tokenizerFolder.ts";
import { writeFileAtomically } from "../atomicFile.ts";
import { type Chunk, hashChunks, readChunks } from "../chunks.ts";
import type { JobContext } from "../jobContext.ts";
import { type PlanInput, planTraining, type TrainingPlan } from "../trainingPlan.ts";

export interface PackSpec {
  readonly chunks: string;
  readonly plan: string;
  readonly target: string;
  /** Relative weight of each domain; 1 where it is not named. */
  readonly weights: Readonly<Record<string, number>>;
  readonly length: number;
  readonly batch: number;
  readonly extent: PlanInput["extent"];
  readonly seed: number;
}

export interface PackResult {
  readonly steps: number;
  readonly blocks: number;
  readonly chunks: number;
  /** Share of the blocks' places that hold a token. */
  readonly filled: number;
  /** How many times each block is seen, on average. */
  readonly passes: number;
}

/** `plan.json`: the plan with the ids of its chunks, so that it cannot be read against other chunks. */
interface StoredPlan extends TrainingPlan {
  readonly version: 1;
  readonly chunkHash: string;
}

export async function pack(spec: PackSpec, _context: JobContext): Promise<PackResult> {
  const chunks = trainingChunks(await readChunks(spec.chunks));
  const tokenizer = await openTokenizer(spec.target);
  const lengths = chunks.map(({ text, id }) => {
    const encoding = tokenizer.encode(text);
    if ("ids" in encoding) return encoding.ids.length + 1;
    throw new Problem("stale", `Chunk ${id} was not cut with the target's tokenizer.`, {
      file: spec.chunks,
    });
  });
  const plan = planTraining({
    lengths,
    weights: chunks.map(({ domain }) => spec.weights[domain] ?? 1),
    length: spec.length,
    batch: spec.batch,
    extent: spec.extent,
    seed: spec.seed,
  });
  const stored: StoredPlan = { version: 1, chunkHash: hashChunks(chunks), ...plan };
  await writeFileAtomically(spec.plan, JSON.stringify(stored));
  const used = plan.blocks.flat();
  return {
    steps: plan.steps,
    blocks: plan.blocks.length,
    chunks: used.length,
    filled: used.reduce((sum, i) => sum + lengths[i], 0) / (plan.blocks.length * spec.length),
    passes: (plan.steps * spec.batch) / plan.blocks.length,
  };
}

export function trainingChunks(chunks: readonly Chunk[]): Chunk[] {
  return chunks.filter(({ split }) => split === "training");
}

/** The plan and the chunks it speaks of. */
export async function readPlan(
  planFile: string,
  chunksFile: string,
): Promise<{ plan: TrainingPlan; chunks: Chunk[] }> {
  const stored = JSON.parse(await readFile(planFile, "utf8")) as StoredPlan;
  const chunks = trainingChunks(await readChunks(chunksFile));
  if (stored.chunkHash !== hashChunks(chunks)) {
    throw new Problem("stale", "The training plan was made for other chunks.", {
      file: planFile,
      next: "Delete the run folder and start the run again.",
    });
  }
  return { plan: stored, chunks };
}
