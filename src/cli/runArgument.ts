/** How commands name a run: by its folder, its name in the folder of runs, or a part of that name that only it has. */
import path from "node:path";
import { Option } from "commander";
import { Problem } from "../core/problem.ts";
import { type ListedRun, listRuns } from "../pipeline/runFolder.ts";
import type { ShownRunState } from "../protocol/runState.ts";

export const runsOption = (): Option =>
  new Option("--runs <folder>", "the folder that holds runs").default("runs");

/** The folder of the run that is meant. Throws a Problem that lists what there is. */
export async function findRun(word: string, runsFolder: string): Promise<string> {
  const runs = await listRuns(runsFolder);
  const names = runs.map(({ folder }) => path.basename(folder));
  const exact = runs.find(({ folder }) => path.basename(folder) === word);
  if (exact !== undefined) return exact.folder;
  if (word.includes("/") || word.includes(path.sep) || word === ".") return path.resolve(word);
  const [found, ...others] = runs.filter(({ folder }) => path.basename(folder).includes(word));
  if (found === undefined) {
    throw new Problem("missing", `There is no run ${word} in ${runsFolder}.`, {
      next:
        names.length === 0
          ? "Start one with: fuselab run <recipe>."
          : `Name one of: ${names.slice(0, 10).join(", ")}.`,
    });
  }
  if (others.length > 0) {
    const all = [found, ...others].map(({ folder }) => path.basename(folder));
    throw new Problem("badInput", `${word} means several runs.`, {
      next: `Write more of its name: ${all.slice(0, 10).join(", ")}.`,
    });
  }
  return found.folder;
}

const liveStates: readonly ShownRunState[] = ["running", "stopping", "queued", "elsewhere"];

/** The one run that is being executed. Throws a Problem where there is none or more than one. */
export async function findLiveRun(runsFolder: string): Promise<string> {
  const isLive = (run: ListedRun): boolean => "state" in run && liveStates.includes(run.state);
  const [live, ...others] = (await listRuns(runsFolder)).filter(isLive);
  if (live === undefined) {
    throw new Problem("missing", `No run in ${runsFolder} is running.`, {
      next: "See all of them with: fuselab status.",
    });
  }
  if (others.length > 0) {
    throw new Problem("badInput", "Several runs are running.", {
      next: `Name one of: ${[live, ...others].map(({ folder }) => path.basename(folder)).join(", ")}.`,
    });
  }
  return live.folder;
}
