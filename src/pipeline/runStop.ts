/**
 * Stopping a run from outside: asked first, and where the process does not end in time and lives on this host,
 * ended. A run on another host can only be asked.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../core/problem.ts";
import { ownerOf, type ShownRunState } from "../protocol/runState.ts";
import { claimRun } from "./runClaim.ts";
import { askToStop } from "./runFolder.ts";
import { livenessOf, shownState } from "./runLiveness.ts";
import { readRunRecord } from "./runRecord.ts";

/** How long a process may take from being asked to being ended, in milliseconds. */
const patience = 15_000;
/** And from being told to end to being ended without a word. */
const lastPatience = 3_000;
const pollInterval = 200;

/** `stopped`: it stopped by itself. `ended`: it had to be ended. `asked`: it has not stopped yet and cannot be ended from here. */
export type StopOutcome = "stopped" | "ended" | "asked";

/** Throws a Problem `badInput` where the run is not to be executed by anyone. */
export async function stopRun(
  folder: string,
  options: { readonly patience?: number } = {},
): Promise<StopOutcome> {
  const state = await stateOf(folder);
  if (!isStoppable(state)) {
    throw new Problem("badInput", `The run is not running: it is ${state}.`, { file: folder });
  }
  await askToStop(folder);
  if (await endsWithin(folder, options.patience ?? patience)) return "stopped";
  const owner = ownerOf(await readRunRecord(folder));
  if (owner === undefined || (await livenessOf(owner, 0)) !== "here") return "asked";
  await endProcess(owner.pid, folder);
  await (await claimRun(folder)).release("stopped");
  return "ended";
}

const isStoppable = (state: ShownRunState): boolean =>
  state === "queued" || state === "running" || state === "stopping" || state === "elsewhere";

const stateOf = async (folder: string): Promise<ShownRunState> =>
  shownState(await readRunRecord(folder));

async function endsWithin(folder: string, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isStoppable(await stateOf(folder))) {
    if (performance.now() > deadline) return false;
    await delay(pollInterval);
  }
  return true;
}

async function endProcess(pid: number, folder: string): Promise<void> {
  signalGroup(pid, "SIGTERM");
  if (await endsWithin(folder, lastPatience)) return;
  signalGroup(pid, "SIGKILL");
  await endsWithin(folder, lastPatience);
}

/** A worker leads a process group of its own; a run that was started in another way is one process. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of process.platform === "win32" ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
