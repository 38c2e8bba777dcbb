/**
 * `fuselab demo`: makes the models, fuses them in three ways, and puts the results in one table. Whatever is
 * there already is kept, so it can be interrupted and called again.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { resumeRun, startRun } from "../engine/startRun.ts";
import { compareRuns } from "../pipeline/compareRuns.ts";
import type { Difference, Evaluation } from "../pipeline/evaluation.ts";
import { parseRecipe } from "../pipeline/recipe.ts";
import { readEvents } from "../pipeline/runEvents.ts";
import { listRuns } from "../pipeline/runFolder.ts";
import { runPaths } from "../pipeline/runPaths.ts";
import { summariseRun } from "../pipeline/runSummary.ts";
import { ablationRecipes, type DemoRecipe, demoRecipes } from "../pipeline/zoo/demoRecipes.ts";
import { positiveInteger } from "./arguments.ts";
import { evaluationTable, signed } from "./evaluationTable.ts";
import { endOfEvents } from "./followRun.ts";
import { print, printJson } from "./output.ts";
import { prepareZoo } from "./prepareZoo.ts";
import { createProgress, duration, table } from "./terminal.ts";
import { watchRun } from "./watchRun.ts";

interface DemoOptions {
  readonly out: string;
  readonly seeds: number;
  readonly ablations?: true;
  readonly json?: true;
}

interface SeedResult {
  readonly seed: number;
  readonly evaluation: Evaluation;
  readonly report: string;
  readonly extractionSeconds: number;
  readonly trainingSeconds: number;
}

export function registerDemo(program: Command): void {
  program
    .command("demo")
    .summary("fuse three small models into a fourth, from scratch")
    .description(
      "Makes text, tokenizers and four small models from what is installed, then fuses three of the models into the fourth: by our method, and by FuseLLM's as published and corrected. Prints a table against the sources, the target before, continued training on the same text, and the ensemble. What is there already is kept.",
    )
    .option(
      "--seeds <count>",
      "repeat everything, models included, with seeds 1 to count",
      positiveInteger,
      1,
    )
    .option("--out <folder>", "where everything is made", "out/demo")
    .option("--ablations", "also run our recipe with one thing changed at a time")
    .option("--json", "print the evaluations as JSON")
    .action(runDemo);
}

async function runDemo({ out, seeds, ablations, json }: DemoOptions): Promise<void> {
  const results: SeedResult[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const recipes = [...demoRecipes(seed), ...(ablations === true ? ablationRecipes(seed) : [])];
    const result = await demoOfSeed(path.resolve(out, `seed-${seed}`), seed, recipes);
    results.push(result);
    if (json !== true) print(seedText(result, seeds));
  }
  if (json === true) return printJson(results);
  if (seeds > 1) print(overSeeds(results));
}

async function demoOfSeed(
  folder: string,
  seed: number,
  recipes: readonly DemoRecipe[],
): Promise<SeedResult> {
  await prepareZoo(folder, seed, createProgress());
  const runs: { folder: string; title: string }[] = [];
  for (const recipe of recipes) {
    const run = await finishedRun(folder, recipe, runs[0]?.folder);
    runs.push({ folder: run, title: recipe.title });
  }
  const [ours, ...others] = runs;
  if (ours === undefined) throw new Error("the demo has no recipes");
  const { stages } = summariseRun(await readEvents(ours.folder));
  const secondsOf = (name: string): number =>
    stages.find(({ stage }) => stage === name)?.seconds ?? Number.NaN;
  return {
    seed,
    evaluation: await compareRuns([ours, ...others]),
    report: runPaths(ours.folder).report,
    extractionSeconds: secondsOf("extract"),
    trainingSeconds: secondsOf("train"),
  };
}

/** The run of a recipe: the one that is there, gone on with where it ended early, or a new one. */
async function finishedRun(
  folder: string,
  recipe: DemoRecipe,
  reuse: string | undefined,
): Promise<string> {
  const file = path.join(folder, `${recipe.name}.fusion.yaml`);
  const runs = path.join(folder, "runs");
  await mkdir(folder, { recursive: true });
  await writeFile(file, recipe.text);
  const progress = createProgress();
  const options = reuse === undefined ? {} : { reuse };
  const existing = await runOf(runs, recipe.text);
  if (existing?.state === "done") {
    progress.say(`${recipe.title}: there already`);
    return existing.folder;
  }
  progress.say(`${recipe.title} (${file})`);
  if (existing === undefined) {
    const run = await startRun(parseRecipe(recipe.text, file), runs, options);
    await watchRun(run, { progress });
    return run;
  }
  const fromOffset = await endOfEvents(existing.folder);
  const live = existing.state === "running" || existing.state === "stopping";
  if (!live) await resumeRun(existing.folder, options);
  await watchRun(existing.folder, { progress, fromOffset });
  return existing.folder;
}

/** The newest run with exactly this recipe. */
async function runOf(runs: string, text: string) {
  for (const run of await listRuns(runs)) {
    if (!("record" in run)) continue;
    const recipe = await readFile(runPaths(run.folder).recipe, "utf8");
    if (recipe === text) return run;
  }
  return undefined;
}

function seedText(result: SeedResult, seeds: number): string {
  const { evaluation, report, seed } = result;
  return [
    ...(seeds > 1 ? [`\nseed ${seed}`] : [""]),
    evaluationTable(evaluation),
    "",
    `Reading all texts with all four models took ${duration(result.extractionSeconds)}, training both targets ${duration(result.trainingSeconds)}: equal steps are not equal compute.`,
    `report  ${report}`,
  ].join("\n");
}

/** Two-sided 95 % quantile of Student's t by degrees of freedom, from 1. */
const studentQuantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Our paired difference to CLM seed by seed, and its mean with an interval over seeds. */
function overSeeds(results: readonly SeedResult[]): string {
  const claims = results.map(({ evaluation }) => claimOf(evaluation));
  const domains = Object.keys(claims[0]?.domains ?? {});
  const column = (value: (claim: Difference) => number): string[] => {
    const values = claims.map(value);
    return [...values.map(signed), meanText(values)];
  };
  const columns = [
    ...domains.map((domain) => column((claim) => claim.domains[domain]?.value ?? Number.NaN)),
    column((claim) => claim.average.value),
  ];
  const labels = [...results.map(({ seed }) => `seed ${seed}`), "mean, 95 % over seeds"];
  return [
    "",
    table([
      ["FuseLab − CLM, bits per byte", ...domains, "average"],
      ...labels.map((label, i) => [label, ...columns.map((values) => values[i] ?? "")]),
    ]),
  ].join("\n");
}

function claimOf({ differences }: Evaluation): Difference {
  const [claim] = differences;
  if (claim === undefined) throw new Error("the evaluation compares nothing");
  return claim;
}

function meanText(values: readonly number[]): string {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const quantile = studentQuantiles[count - 2] ?? 1.96;
  return `${signed(mean)} ±${(quantile * Math.sqrt(variance / count)).toFixed(4)}`;
}
