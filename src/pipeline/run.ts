/**
 * One execution of a recipe, stage after stage. Every stage is a set of jobs that find for themselves what is
 * already there, so executing a run again after a crash goes on where it ended.
 */
import path from "node:path";
import { Problem } from "../core/problem.ts";
import type { StageName } from "../protocol/runEvents.ts";
import type { RunContext, RunInput, RunModels } from "./runContext.ts";
import { describeRun, evaluateModels, trainArms } from "./runOutcome.ts";
import { modelLabels, runPaths } from "./runPaths.ts";
import {
  alignSources,
  extractAll,
  fuseCandidates,
  mapVocabularies,
  packChunks,
  splitCorpus,
} from "./runPreparation.ts";
import { progressReporter } from "./stageProgress.ts";

/** @returns `stopped` where the run was asked to stop; everything made so far is kept. */
export async function executeRun(input: RunInput): Promise<"finished" | "stopped"> {
  try {
    await executeStages(input);
    return "finished";
  } catch (error) {
    if (error instanceof Problem && error.code === "cancelled") return "stopped";
    throw error;
  }
}

async function executeStages(input: RunInput): Promise<void> {
  const { emit, stopped, compute } = input;
  let current: StageName = "split";
  const run: RunContext = {
    input,
    paths: runPaths(input.folder),
    reused: input.reuse === undefined ? undefined : runPaths(input.reuse),
    models: modelsOf(input),
    job: (name, spec, what, unit) =>
      compute.run(name, spec, {
        progress: progressReporter(current, what, unit, emit),
        event: emit,
        stopped,
      }),
  };
  const during = async <Result>(stage: StageName, work: (run: RunContext) => Promise<Result>) => {
    if (stopped()) throw new Problem("cancelled", `Stopped before ${stage}.`);
    current = stage;
    const started = performance.now();
    emit({ t: "stage", stage, phase: "started" });
    const result = await work(run);
    const seconds = (performance.now() - started) / 1000;
    emit({ t: "stage", stage, phase: "finished", seconds, figures: figuresOf(result) });
    return result;
  };

  await during("split", splitCorpus);
  await during("pack", packChunks);
  await during("extract", extractAll);
  await during("map", mapVocabularies);
  await during("align", alignSources);
  const fusion = await during("fuse", fuseCandidates);
  const { steps } = await during("train", trainArms);
  const evaluation = await during("evaluate", () => evaluateModels(run, steps));
  await describeRun(run, evaluation, fusion);
}

function modelsOf({ recipe, base }: RunInput): RunModels {
  const folders = [recipe.target, ...recipe.sources].map((folder) => path.resolve(base, folder));
  const labels = modelLabels(folders);
  return {
    target: folders[0],
    targetLabel: labels[0],
    sources: folders.slice(1).map((folder, i) => ({ folder, label: labels[i + 1] })),
  };
}

/** The numbers of a stage's result, for the log. */
function figuresOf(result: unknown): Record<string, number> {
  if (typeof result !== "object" || result === null) return {};
  const numbers = Object.entries(result).filter(
    ([name, value]) => typeof value === "number" && name !== "version",
  );
  return Object.fromEntries(numbers) as Record<string, number>;
}
