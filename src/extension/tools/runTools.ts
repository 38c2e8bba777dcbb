/** The agents' tools about runs: which there are, what they measured, starting and stopping one. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { ListedRun } from "../../pipeline/runFolder.ts";
import { stopRun } from "../../pipeline/runStop.ts";
import type { Runs } from "../runs/registerRuns.ts";
import { RunReader, readEvaluation, readFusion, readRecipeText } from "../runs/runReading.ts";
import { runShow } from "../runs/runShow.ts";
import { requireTrust } from "../trust.ts";
import { answerText } from "./toolAnswers.ts";
import { countOf, inputOf, nameOf } from "./toolInputs.ts";

export async function listRuns({ store }: Runs, value: unknown): Promise<string> {
  const limit = countOf(inputOf(value), "limit", 20, 100);
  await store.refresh();
  const runs = await Promise.all(store.runs.slice(0, limit).map(runInList));
  return answerText({ folder: store.folder, runs, all: store.runs.length }, ["runs"]);
}

async function runInList(run: ListedRun): Promise<unknown> {
  const name = path.basename(run.folder);
  if (!("record" in run)) return { run: name, problem: run.problem.message };
  const { verdict, sentence } = await shownRun(run.folder);
  const { record, state } = run;
  return {
    run: name,
    name: record.name,
    state,
    sentence,
    verdict,
    created: new Date(record.created).toISOString(),
  };
}

export async function readRunMetrics(runs: Runs, value: unknown): Promise<string> {
  const folder = await runNamed(runs, nameOf(inputOf(value), "run"));
  const show = await shownRun(folder);
  const { name, state, sentence, verdict, scores, differences, alignment, lastSteps, warnings } =
    show;
  return answerText(
    {
      run: path.basename(folder),
      name,
      state,
      sentence,
      verdict,
      unit: "bits per UTF-8 byte",
      scores: scores.map(({ of, name, seed, bitsPerByte, domains }) => ({
        of,
        name,
        seed,
        bitsPerByte,
        domains,
      })),
      differences,
      alignment,
      losses: lastSteps.map(({ arm, step, of, loss }) => ({ arm, step, of, loss })),
      warnings,
    },
    ["warnings", "losses", "alignment", "differences", "scores"],
  );
}

async function shownRun(folder: string) {
  const [evaluation, fusion, recipe] = await Promise.all([
    readEvaluation(folder),
    readFusion(folder),
    readRecipeText(folder),
  ]);
  const reading = await new RunReader(folder).now();
  return runShow(reading, { evaluation, fusion, recipe, logTail: "", files: [] });
}

/** The file an agent names, and what it holds: shown to the person before anything starts. */
export async function recipeNamed(value: unknown): Promise<vscode.TextDocument> {
  const written = nameOf(inputOf(value), "recipe");
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const file =
    path.isAbsolute(written) || base === undefined ? written : path.resolve(base, written);
  if (!file.endsWith(".fusion.yaml")) {
    throw new Problem("badInput", "A recipe's name ends in .fusion.yaml.", { file });
  }
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  } catch (cause) {
    throw new Problem("missing", "This recipe cannot be read.", {
      file,
      next: "Check the path.",
      cause,
    });
  }
}

export async function startRun(runs: Runs, value: unknown): Promise<string> {
  requireTrust("No run is started");
  const document = await recipeNamed(value);
  const folder = await runs.start({ text: document.getText(), file: document.uri.fsPath });
  return answerText({
    run: path.basename(folder),
    folder,
    next: "Read it with fuselab_read_run_metrics.",
  });
}

export async function stopNamedRun(runs: Runs, value: unknown): Promise<string> {
  requireTrust("No run is stopped");
  const folder = await runNamed(runs, nameOf(inputOf(value), "run"));
  const outcome = await stopRun(folder);
  await runs.store.refresh();
  return answerText({ run: path.basename(folder), outcome });
}

/** By folder, folder's name or name, of this window's runs. */
export async function runNamed({ store }: Runs, name: string): Promise<string> {
  await store.refresh();
  const found = store.runs.filter(
    (run) =>
      run.folder === name ||
      path.basename(run.folder) === name ||
      ("record" in run && run.record.name === name),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.folder;
  const known = (found.length > 1 ? found : store.runs).map(({ folder }) => path.basename(folder));
  throw new Problem(
    found.length > 1 ? "badInput" : "missing",
    found.length > 1
      ? `Several runs are called ${JSON.stringify(name)}.`
      : `There is no run ${JSON.stringify(name.slice(0, 100))}.`,
    { next: `Runs: ${known.slice(0, 20).join(", ") || "none"}.` },
  );
}
