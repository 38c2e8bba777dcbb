/** Model folders for tests: copies of the fixtures that a test may break, and what is asked of a Problem. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Problem, type ProblemCode } from "../../src/core/problem.ts";

export const checkpoints = fileURLToPath(new URL("../fixtures/checkpoints/", import.meta.url));

export const checkpointNames = ["llama-sharded", "gpt2-f16", "neox-bf16"] as const;
export type CheckpointName = (typeof checkpointNames)[number];

/** An empty folder that goes when the test ends. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "fuselab-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a fixture that goes when the test ends. */
export function copyOf(name: CheckpointName, context: TestContext): string {
  const folder = path.join(temporaryFolder(context), name);
  cpSync(path.join(checkpoints, name), folder, { recursive: true });
  return folder;
}

export function readJsonFile(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Rewrites a JSON file with what `change` answers. */
export function changeJson(file: string, change: (json: Record<string, unknown>) => unknown): void {
  writeFileSync(file, JSON.stringify(change(readJsonFile(file))));
}

/** Asserts that `act` fails with a Problem of this code that names the file, says what is wrong and what to do. */
export async function assertProblem(
  act: () => unknown,
  expected: { readonly code: ProblemCode; readonly file: string; readonly says: RegExp },
): Promise<void> {
  const problem = await Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.ok(problem instanceof Problem, `no Problem but ${String(problem)}`);
  assert.equal(problem.code, expected.code, problem.message);
  assert.equal(problem.file, expected.file, problem.message);
  assert.match(problem.message, expected.says);
  assert.ok((problem.next ?? "").length > 10, `nothing to do next: ${problem.message}`);
}
