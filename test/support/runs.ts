/** Runs for tests: folders as `fuselab run` makes them, and processes that hold them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createRun, type NewRun } from "../../src/pipeline/runFolder.ts";
import { temporaryFolder } from "./folders.ts";

export const newRun: NewRun = {
  name: "Three specialists, one model",
  mode: "corrected",
  recipeText: "version: 1\n",
  recipeFolder: "/recipes",
  versions: { fuselab: "0.1.0" },
  seeds: { training: 42 },
  hashes: { recipe: "ab" },
  threads: 2,
  device: "cpu",
};

export const noon = new Date(2026, 2, 9, 12);

export const runIn = (t: TestContext): Promise<string> =>
  createRun(temporaryFolder(t), newRun, noon);

/** Starts a process that takes the run (test/support/runProcess.ts); answers its first words. */
export async function startProcess(
  t: TestContext,
  folder: string,
  what: "hold" | "obey" | "deaf" | "crash",
): Promise<{ child: ChildProcess; words: string }> {
  const script = fileURLToPath(new URL("runProcess.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, folder, what], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [words] = (await once(child.stdout, "data")) as [Buffer];
  return { child, words: words.toString().trim() };
}

export const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();
