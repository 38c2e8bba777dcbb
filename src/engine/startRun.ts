/** Starting runs: a run folder is made from a recipe, and a detached worker takes it from there. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../core/problem.ts";
import { requireOpening } from "../core/text/sequence.ts";
import { openModelFolder } from "../model/checkpoint/folder.ts";
import { requireTrainable } from "../model/memory.ts";
import type { ParsedRecipe } from "../pipeline/recipe.ts";
import { createRun } from "../pipeline/runFolder.ts";
import { shownState } from "../pipeline/runLiveness.ts";
import { modelLabels } from "../pipeline/runPaths.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import { runResources, thisMachine } from "../pipeline/runResources.ts";
import { currentVersions } from "./version.ts";

/** Makes the run folder and starts its worker. Every model is opened first, so that a broken one is named before anything is written. */
export async function startRun(
  parsed: ParsedRecipe,
  runsFolder: string,
  options: {
    readonly reuse?: string;
    /** Where the recipe names none. */
    readonly threads?: number;
  } = {},
): Promise<string> {
  const { recipe, text, folder: base } = parsed;
  const folders = [recipe.target, ...recipe.sources].map((folder) => path.resolve(base, folder));
  const models = await Promise.all(folders.map((folder) => openModelFolder(folder)));
  for (const [i, { config, tokenizer }] of models.entries()) {
    if (i === 0) requireTrainable(config);
    requireOpening(tokenizer);
  }
  const labels = modelLabels(folders);
  const wanted = recipe.training.threads ?? options.threads;
  const run = await createRun(runsFolder, {
    name: recipe.name,
    mode: recipe.mode,
    recipeText: text,
    recipeFolder: base,
    versions: currentVersions(),
    seeds: { training: recipe.training.seed },
    hashes: {
      recipe: createHash("sha256").update(text).digest("hex"),
      ...Object.fromEntries(
        models.map(({ fingerprint }, i) => [`model:${labels[i]}`, fingerprint]),
      ),
    },
    threads: runResources(
      { ...recipe.training, ...(wanted === undefined ? {} : { threads: wanted }) },
      await thisMachine(runsFolder),
    ).threads,
    device: "cpu",
  });
  await startWorker(run, options);
  return run;
}

/** Starts a worker on a run that is stopped, failed or lost. @throws Problem `busy` where one lives. */
export async function resumeRun(
  run: string,
  options: { readonly reuse?: string } = {},
): Promise<void> {
  const state = await shownState(await readRunRecord(run));
  if (state === "done") {
    throw new Problem("badInput", "This run is done; there is nothing to resume.", {
      file: run,
      next: "Start a new run from its recipe.yaml.",
    });
  }
  if (state === "running" || state === "stopping" || state === "elsewhere") {
    throw new Problem("busy", "This run is being executed already.", {
      file: run,
      next: "Follow it with: fuselab status.",
    });
  }
  await startWorker(run, options);
}

async function startWorker(run: string, { reuse }: { readonly reuse?: string }): Promise<void> {
  const log = await open(path.join(run, "worker.log"), "a");
  try {
    const worker = fileURLToPath(new URL("./runWorker.js", import.meta.url));
    const child = spawn(process.execPath, [worker, run, ...(reuse === undefined ? [] : [reuse])], {
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
  } finally {
    await log.close();
  }
}
