/**
 * A run's name, which a person may change at any time; its folder keeps its own. The process that executes a run is
 * the only one that writes run.json, so it is asked by a file `name` beside it, as it is asked to stop, and takes the
 * name up with its next sign of life. The file is removed with the wish it was.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import { shownState } from "./runLiveness.ts";
import { readRunRecord, writeRunRecord } from "./runRecord.ts";

/** Characters. */
export const longestRunName = 200;

const wishFile = (folder: string): string => path.join(folder, "name");

/**
 * `asked`: a process executes the run and takes the name up within seconds. Throws a Problem: `badInput` for a name that is empty or too long, what `readRunRecord` throws where the folder is
 * no run.
 */
export async function renameRun(folder: string, name: string): Promise<"renamed" | "asked"> {
  const wanted = name.trim();
  if (wanted === "" || wanted.length > longestRunName) {
    throw new Problem("badInput", `A run's name has 1 to ${longestRunName} characters.`);
  }
  const record = await readRunRecord(folder);
  const state = await shownState(record);
  if (state === "running" || state === "stopping" || state === "elsewhere") {
    await writeFileAtomically(wishFile(folder), wanted);
    return "asked";
  }
  await forgetWish(folder);
  await writeRunRecord(folder, { ...record, name: wanted });
  return "renamed";
}

/** What the run is wished to be called, where someone wishes it. */
export async function wishedName(folder: string): Promise<string | undefined> {
  try {
    const bytes = await readLimited(wishFile(folder), 4 * longestRunName);
    const name = Buffer.from(bytes).toString("utf8").trim();
    return name === "" || name.length > longestRunName ? undefined : name;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

export function forgetWish(folder: string): Promise<void> {
  return rm(wishFile(folder), { force: true });
}
