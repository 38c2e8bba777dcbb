/**
 * Bundles test/editor, the tests that run inside the extension host, and runs them in a window of the editor with
 * the checkout as its extension. What counts is the report that the suite writes: no report is a failure.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import type { SuiteResult } from "../../editor/index.ts";
import { openEditor } from "./editor.ts";
import { root } from "./tools.ts";

const sources = path.join(root, "test", "editor");
const bundles = path.join(root, "out", "editorSuite");
const patience = 300_000;

/** Names of the suite's files, those whose name holds `only`. */
export function suiteFiles(only = ""): readonly string[] {
  return readdirSync(sources).filter((name) => name.endsWith(".test.ts") && name.includes(only));
}

/** Gives the path of the bundled suite's entry point. */
export async function bundleSuite(only = ""): Promise<string> {
  rmSync(bundles, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["index.ts", ...suiteFiles(only)].map((name) => path.join(sources, name)),
    outdir: bundles,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "mocha", "onnxruntime-node"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return path.join(bundles, "index.cjs");
}

export async function runHostSuite(only = ""): Promise<readonly SuiteResult[]> {
  const suite = await bundleSuite(only);
  const report = path.join(bundles, "report.json");
  const lines: string[] = [];
  const ended = deferred();
  const editor = await openEditor({
    vsix: undefined,
    suite,
    environment: { FUSELAB_REPORT: report },
    files: { "sample.md": "One line.\nAnother line.\n" },
    async prepare(page) {
      // The workbench calls these when a test run was asked for.
      await page.exposeFunction("codeAutomationLog", (_type: string, values: unknown[]) => {
        lines.push(values.map(String).join(" "));
      });
      await page.exposeFunction("codeAutomationExit", ended.resolve);
    },
  });
  try {
    await Promise.race([ended.promise, sleep(patience, undefined, { ref: false })]);
    if (existsSync(report)) return JSON.parse(readFileSync(report, "utf8"));
    const picture = await editor.workbench.screenshot("failed/editor-suite").catch(String);
    throw new Error(`The suite gave no report (${picture}).\n${lines.join("\n")}\n${editor.log()}`);
  } finally {
    await editor.close();
  }
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
