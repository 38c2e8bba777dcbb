/**
 * The suite that runs inside the extension host: the editor calls `run` and takes a rejection for failure. What
 * became of each test is written to the file that FUSELAB_REPORT names, as a list of SuiteResult.
 */
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

export interface SuiteResult {
  readonly file: string;
  readonly title: string;
  readonly state: "passed" | "failed" | "pending";
  readonly milliseconds: number;
  readonly error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter: Mocha.reporters.Base });
  for (const name of readdirSync(__dirname)) {
    if (name.endsWith(".test.cjs")) mocha.addFile(path.join(__dirname, name));
  }
  const results: SuiteResult[] = [];
  const note = (test: Mocha.Test, state: SuiteResult["state"], error?: unknown) => {
    results.push({
      file: path.basename(test.file ?? "", ".cjs"),
      title: test.fullTitle(),
      state,
      milliseconds: test.duration ?? 0,
      ...(error === undefined ? {} : { error: textOf(error) }),
    });
  };
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on("pass", (test) => note(test, "passed"))
      .on("pending", (test) => note(test, "pending"))
      .on("fail", (test, error) => note(test, "failed", error));
  });
  const report = process.env.FUSELAB_REPORT;
  if (report !== undefined) writeFileSync(report, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
