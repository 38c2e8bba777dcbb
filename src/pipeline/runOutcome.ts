/** The stages of a run from the fused rows on: training, evaluation, and what describes the result. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { openModelFolder } from "../model/checkpoint/folder.ts";
import { type ModelCard, renderModelCard } from "../model/checkpoint/modelCard.ts";
import type { TrainingArm } from "../protocol/runEvents.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import type { Evaluation } from "./evaluation.ts";
import { writeReport } from "./report/report.ts";
import { runCard } from "./runCard.ts";
import { type RunContext, sum } from "./runContext.ts";
import { readWith } from "./runPreparation.ts";
import { threadsPerTraining } from "./runResources.ts";
import type { FuseResult } from "./stages/fuse.ts";

export async function trainArms(run: RunContext) {
  const arms: TrainingArm[] = run.input.recipe.baselines.includes("clm")
    ? ["fused", "clm"]
    : ["fused"];
  const { compute, threads } = run.input;
  const perArm = threadsPerTraining(arms.length, { threads, slots: compute.slots });
  const results = await Promise.all(arms.map((arm) => trainArm(run, arm, perArm)));
  if (results.some(({ stopped }) => stopped))
    throw new Problem("cancelled", "Stopped while training.");
  return { steps: results[0].steps };
}

async function trainArm(run: RunContext, arm: TrainingArm, threads: number) {
  const { recipe, memoryLimit } = run.input;
  const { training } = recipe;
  return run.job(
    "train",
    {
      arm,
      target: run.models.target,
      chunks: run.paths.chunks,
      plan: run.paths.plan,
      ...(arm === "fused" ? { fused: run.paths.fused } : {}),
      fallback: recipe.alignment.fallback,
      lambda: training.lambda,
      length: training.length,
      seed: training.seed,
      learningRate: training.lr,
      warmup: training.warmup,
      schedule: training.schedule,
      weightDecay: training.weightDecay,
      betas: training.betas,
      epsilon: training.epsilon,
      clip: training.clip,
      threads,
      memoryLimit,
      checkpoints: run.paths.checkpoints(arm),
      checkpointEvery: training.checkpointEvery,
      keepCheckpoints: training.keepCheckpoints,
      out: run.paths.trained(arm),
      card: await cardOf(run, arm),
    },
    arm,
    "steps",
  );
}

export async function evaluateModels(run: RunContext, steps: number): Promise<Evaluation> {
  const { recipe } = run.input;
  const arms: TrainingArm[] = recipe.baselines.includes("clm") ? ["clm", "fused"] : ["fused"];
  await Promise.all(arms.map((arm) => readWith(run, run.paths.trained(arm), arm, "heldOut")));
  const { targetLabel, target, sources } = run.models;
  const evaluation = await run.job(
    "evaluate",
    {
      chunks: run.paths.chunks,
      plan: run.paths.plan,
      target: {
        label: targetLabel,
        folder: target,
        heldOut: run.paths.heldOut(targetLabel),
        representation: run.paths.representation(targetLabel),
      },
      sources: sources.map(({ label, folder }) => ({
        label,
        folder,
        heldOut: run.paths.heldOut(label),
        representation: run.paths.representation(label),
      })),
      arms: arms.map((arm) => ({ arm, heldOut: run.paths.heldOut(arm) })),
      withSources: recipe.baselines.includes("sources"),
      withEnsemble: recipe.baselines.includes("ensemble"),
      seed: recipe.training.seed,
    },
    "held-out text",
    "models",
  );
  await writeFileAtomically(run.paths.evaluation, `${JSON.stringify(evaluation, null, 2)}\n`);
  emitScores(run, evaluation, steps);
  return evaluation;
}

function emitScores(run: RunContext, evaluation: Evaluation, step: number): void {
  const bytes = sum(Object.values(evaluation.heldOut), (part) => part.bytes);
  for (const row of evaluation.rows) {
    const of = evaluatedModel(row.label, run.input.recipe.training.seed, step);
    if (of === undefined) continue;
    const domains = Object.entries(row.domains).map(([domain, { value }]) => ({
      domain,
      bitsPerByte: value,
      bytes: evaluation.heldOut[domain].bytes,
    }));
    run.input.emit({ t: "evaluation", of, bitsPerByte: row.average.value, bytes, domains });
  }
}

/** The model cards get their numbers, and the run its report, once there are numbers. */
export async function describeRun(
  run: RunContext,
  evaluation: Evaluation,
  fusion: FuseResult,
): Promise<void> {
  const card = renderModelCard(await cardOf(run, "fused", evaluation));
  await writeFileAtomically(path.join(run.paths.target, "README.md"), card);
  const recipeText = await readFile(run.paths.recipe, "utf8").catch(() => "");
  await writeReport(run.paths, { recipe: run.input.recipe, recipeText, evaluation, fusion });
}

async function cardOf(
  run: RunContext,
  arm: TrainingArm,
  evaluation?: Evaluation,
): Promise<ModelCard> {
  const { target, sources } = run.models;
  const [base, ...others] = await Promise.all(
    [target, ...sources.map(({ folder }) => folder)].map((folder) => openModelFolder(folder)),
  );
  return runCard(run.input.recipe, arm, base, others, evaluation);
}

function evaluatedModel(label: string, seed: number, step: number) {
  if (label === "target") return { kind: "target" } as const;
  if (label === "ensemble") return { kind: "ensemble" } as const;
  if (label === "clm" || label === "fused") {
    return { kind: "arm", arm: label, seed, step } as const;
  }
  const source = /^source:(.+)$/.exec(label);
  return source === null ? undefined : ({ kind: "source", name: source[1] } as const);
}
