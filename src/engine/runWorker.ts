/**
 * The run worker: one detached process that executes one run and outlives whoever started it.
 *
 *   node runWorker.js RUN [REUSE]
 *
 * It has no pipes. What there is to know stands in run.json and events.jsonl; what a program prints goes to
 * worker.log. A file `stop` in the run folder or SIGTERM ends it after the unit of work in hand.
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { parseRecipe } from "../pipeline/recipe.ts";
import { executeRun } from "../pipeline/run.ts";
import { claimRun, type RunClaim } from "../pipeline/runClaim.ts";
import { openEventLog } from "../pipeline/runEvents.ts";
import { stopAsked } from "../pipeline/runFolder.ts";
import { runPaths } from "../pipeline/runPaths.ts";
import { runResources, thisMachine } from "../pipeline/runResources.ts";
import type { RunEventBody } from "../protocol/runEvents.ts";
import type { ProblemBody } from "../protocol/wire.ts";
import { type ComputePool, startComputePool } from "./computePool.ts";
import { currentVersions, version } from "./version.ts";

/** Milliseconds between two looks for the file `stop`. */
const stopPoll = 500;

async function work(folder: string, reuse: string | undefined): Promise<void> {
  const claim = await claimRun(folder);
  const log = openEventLog(folder);
  const started = performance.now();
  let pool: ComputePool | undefined;
  let stopping = false;
  const emit = (event: RunEventBody): void => void log.append(event);
  const stop = (by: "file" | "signal"): void => {
    if (stopping) return;
    stopping = true;
    emit({ t: "stopping", by });
    pool?.stop();
    void claim.update({ state: "stopping" });
  };
  const watch = setInterval(async () => {
    if (await stopAsked(folder)) stop("file");
  }, stopPoll);
  process.on("SIGTERM", () => stop("signal"));
  process.on("SIGINT", () => stop("signal"));
  claim.lost.addEventListener("abort", () => process.exit(1));

  try {
    const { threads, recipeFolder } = claim.record();
    const recipeFile = runPaths(folder).recipe;
    const { recipe } = parseRecipe(await readFile(recipeFile, "utf8"), recipeFile, recipeFolder);
    // The threads are the run's own, from when it was made: a resumed run computes with as many.
    const resources = runResources({ ...recipe.training, threads }, await thisMachine(folder));
    pool = await startComputePool({
      entry: new URL("./computeThread.js", import.meta.url),
      slots: resources.slots,
      threads: resources.threadsPerJob,
    });
    emit({
      t: "hello",
      fuselab: version,
      host: hostname(),
      pid: process.pid,
      engine: "onnx",
      device: "cpu",
      threads,
      resumed: claim.resumed,
    });
    warnOfOtherVersions(claim, emit);
    const outcome = await executeRun({
      folder,
      recipe,
      base: recipeFolder,
      ...(reuse === undefined ? {} : { reuse }),
      compute: pool,
      threads,
      memoryLimit: resources.memoryPerJob,
      emit,
      stopped: () => stopping,
    });
    emit({ t: "done", outcome, seconds: (performance.now() - started) / 1000 });
    await claim.release(outcome === "finished" ? "done" : "stopped");
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    const problem = problemOf(error);
    emit({ t: "failed", problem });
    await claim.release("failed", problem);
    process.exitCode = 1;
  } finally {
    clearInterval(watch);
    log.close();
    await pool?.close();
  }
}

/** A resumed run has the losses of an undisturbed one only where nothing that computes has changed. */
function warnOfOtherVersions(claim: RunClaim, emit: (event: RunEventBody) => void): void {
  const { versions } = claim.record();
  const now = currentVersions();
  const changed = Object.keys(now).filter((name) => versions[name] !== now[name]);
  if (!claim.resumed || changed.length === 0) return;
  const list = changed.map((name) => `${name} ${versions[name]} is now ${now[name]}`).join(", ");
  emit({
    t: "warning",
    message: `The run was started with other versions (${list}): losses may differ in their last digits from here on.`,
  });
}

function problemOf(error: unknown): ProblemBody {
  if (!(error instanceof Problem)) {
    return {
      code: "failed",
      message: `The run ended unexpectedly: ${error instanceof Error ? error.message : String(error)}`,
      next: "worker.log in the run folder has the details.",
    };
  }
  const { code, message, next, file } = error;
  return {
    code,
    message: file === undefined ? message : `${message} (${file})`,
    ...(next === undefined ? {} : { next }),
  };
}

const [folder, reuse] = process.argv.slice(2);
if (folder === undefined) throw new Error("runWorker: no run folder is named");
await work(path.resolve(folder), reuse);
process.exit();
