/**
 * Several runs on the same held-out chunks in one table: the baselines of the first, the fused target of each,
 * and each one's paired difference to the first run's continued CLM.
 */
import { readFile } from "node:fs/promises";
import { Problem } from "../core/problem.ts";
import { type Chunk, hashChunks, readChunks } from "./chunks.ts";
import { type Evaluation, type ScoredModel, summedScores } from "./evaluation.ts";
import { runPaths } from "./runPaths.ts";
import { readNats, scoredModel } from "./stages/evaluate.ts";

export interface ComparedRun {
  readonly folder: string;
  /** Of its row. */
  readonly title: string;
}

/** @throws Problem `badInput` where the runs were measured on different text. */
export async function compareRuns(
  runs: readonly [ComparedRun, ...ComparedRun[]],
): Promise<Evaluation> {
  const [first] = runs;
  const paths = runPaths(first.folder);
  const base = JSON.parse(await readFile(paths.evaluation, "utf8")) as Evaluation;
  const chunks = await heldOutChunks(first.folder);
  for (const { folder } of runs) await requireSameText(folder, chunks);
  const clm = scoredModel(chunks, await readNats(paths.heldOut("clm")));
  const fused = await Promise.all(
    runs.map(async ({ folder, title }, i): Promise<ScoredModel> => {
      const read = await readNats(runPaths(folder).heldOut("fused"));
      return { ...scoredModel(chunks, read), label: `fused:${i}`, title, kind: "fused" };
    }),
  );
  const models: ScoredModel[] = [{ ...clm, label: "clm", title: "CLM", kind: "clm" }, ...fused];
  const summed = summedScores({
    chunks,
    leftOut: base.leftOut,
    models,
    pairs: fused.map(({ label }) => [label, "clm"] as const),
    seed: base.bootstrap.seed,
  });
  const baselines = base.rows.filter(({ kind }) => kind !== "fused");
  return { ...summed, rows: [...baselines, ...summed.rows.filter(({ kind }) => kind === "fused")] };
}

async function heldOutChunks(folder: string): Promise<Chunk[]> {
  return (await readChunks(runPaths(folder).chunks)).filter(({ split }) => split === "heldOut");
}

async function requireSameText(folder: string, chunks: readonly Chunk[]): Promise<void> {
  if (hashChunks(await heldOutChunks(folder)) === hashChunks(chunks)) return;
  throw new Problem(
    "badInput",
    "The runs were measured on different text and cannot be compared.",
    {
      file: folder,
      next: "Compare runs of recipes that name the same models, corpus, length and seed.",
    },
  );
}
