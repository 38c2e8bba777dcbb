/**
 * The folder of a run: made once, listed, asked to stop. Who executes it is runClaim.ts's affair, where things
 * stand in it runPaths.ts's.
 */

import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { fileExists } from "../model/checkpoint/outsideFile.ts";
import { type RunRecord, runRecordVersion, type ShownRunState } from "../protocol/runState.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import { shownState } from "./runLiveness.ts";
import { readRunRecord, writeRunRecord } from "./runRecord.ts";

/** What is known of a run before it starts. */
export interface NewRun
  extends Pick<
    RunRecord,
    "name" | "mode" | "recipeFolder" | "versions" | "seeds" | "hashes" | "threads" | "device"
  > {
  readonly recipeText: string;
}

/** Makes `<runs>/<date>-<name>` with recipe.yaml and a run.json in state `queued`; answers its path. */
export async function createRun(
  runsFolder: string,
  run: NewRun,
  now: Date = new Date(),
): Promise<string> {
  const { recipeText, ...known } = run;
  const folder = await makeUniqueFolder(runsFolder, `${dateOf(now)}-${slugOf(run.name)}`);
  await writeFileAtomically(path.join(folder, "recipe.yaml"), recipeText);
  await writeRunRecord(folder, {
    v: runRecordVersion,
    ...known,
    state: "queued",
    created: now.getTime(),
    started: null,
    ended: null,
    host: null,
    bootId: null,
    pid: null,
    pidStartTime: null,
    heartbeat: null,
    problem: null,
  });
  return folder;
}

async function makeUniqueFolder(parent: string, name: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (let i = 1; ; i++) {
    const folder = path.join(parent, i === 1 ? name : `${name}-${i}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

function dateOf(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** A name as part of a path: letters and digits of any script, the rest as hyphens. */
export function slugOf(name: string): string {
  const words =
    name
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return [...words.join("-")].slice(0, 60).join("").replace(/-$/, "") || "run";
}

export const stopFile = (folder: string): string => path.join(folder, "stop");

/** Asks the process that executes the run to stop. It does within one step. */
export async function askToStop(folder: string): Promise<void> {
  await readRunRecord(folder);
  await writeFile(stopFile(folder), "");
}

export function stopAsked(folder: string): Promise<boolean> {
  return fileExists(stopFile(folder));
}

/** A run in a list of runs: its record, or why that cannot be read. */
export type ListedRun =
  | { readonly folder: string; readonly record: RunRecord; readonly state: ShownRunState }
  | { readonly folder: string; readonly problem: Problem };

/** The runs of a folder, the newest first, unreadable ones last. A folder that is not there holds none. */
export async function listRuns(runsFolder: string): Promise<ListedRun[]> {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  const folders = entries.map((entry) => path.join(runsFolder, entry.name));
  const listed = await Promise.all(folders.map(listedRun));
  const created = (run: ListedRun): number => ("record" in run ? run.record.created : 0);
  return listed.filter((run) => run !== undefined).sort((a, b) => created(b) - created(a));
}

async function listedRun(folder: string): Promise<ListedRun | undefined> {
  try {
    const record = await readRunRecord(folder);
    return { folder, record, state: await shownState(record) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.code === "missing" ? undefined : { folder, problem: error };
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
