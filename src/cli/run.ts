/** `fuselab run`: makes a run from a recipe, starts its worker and follows it. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { Problem } from "../core/problem.ts";
import { startRun } from "../engine/startRun.ts";
import { type ParsedRecipe, parseRecipe } from "../pipeline/recipe.ts";
import { runPaths } from "../pipeline/runPaths.ts";
import { print, printJson } from "./output.ts";
import { findRun } from "./runArgument.ts";
import { createProgress } from "./terminal.ts";
import { watchRun } from "./watchRun.ts";

interface RunOptions {
  readonly out: string;
  readonly reuse?: string;
  readonly detach?: true;
  readonly json?: true;
}

export function registerRun(program: Command): void {
  program
    .command("run")
    .summary("execute a recipe")
    .description(
      "Makes a run folder from a recipe and executes it in a process of its own, which outlives this one. Ctrl-C stops it after the step in hand; it can be resumed.",
    )
    .argument("<recipe>", "a *.fusion.yaml file")
    .option("--out <folder>", "the folder in which the run folder is made", "runs")
    .option(
      "--reuse <run>",
      "take the representations of another run where models and chunks are the same",
    )
    .option("--detach", "start it, print its folder, and return")
    .option("--json", "print the run's folder and evaluation as JSON at the end")
    .action(runRecipe);
}

async function runRecipe(file: string, options: RunOptions): Promise<void> {
  const progress = createProgress();
  const parsed = await readRecipe(file);
  for (const { message, line } of parsed.warnings) {
    progress.say(`warning: ${file}:${line}: ${message}`);
  }
  const reuse =
    options.reuse === undefined ? {} : { reuse: await findRun(options.reuse, options.out) };
  const folder = await startRun(parsed, path.resolve(options.out), reuse);
  if (options.detach === true) {
    if (options.json === true) printJson({ folder });
    else print(folder);
    return;
  }
  progress.say(folder);
  await watchRun(folder, { progress });
  await answer(folder, options.json === true);
}

/** @throws Problem `missing` where there is no such file, `badInput` with all that is wrong with it. */
export async function readRecipe(file: string): Promise<ParsedRecipe> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new Problem("missing", "The recipe cannot be read.", {
      file,
      cause,
      next: "Check the path.",
    });
  });
  return parseRecipe(text, path.resolve(file));
}

/** Where the results are, or all of them for a program. */
export async function answer(folder: string, json: boolean): Promise<void> {
  const { target, report, evaluation } = runPaths(folder);
  if (json) {
    printJson({
      folder,
      target,
      report,
      evaluation: JSON.parse(await readFile(evaluation, "utf8")),
    });
    return;
  }
  print(`model   ${target}\nreport  ${report}`);
}
