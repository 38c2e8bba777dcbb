/**
 * Runs the in-host suite (test/editor) in a desktop VS Code, which it downloads: for machines with a network and a
 * display. `npm test` does not need it; docs/testing.md says what only this shows.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { bundleSuite } from "../support/editor/hostSuite.ts";
import { root } from "../support/editor/tools.ts";

if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  fail("A desktop VS Code needs a display, and there is none: start this under xvfb-run.");
}
const vscodeExecutablePath = await download();
const extensionTestsPath = await bundleSuite();
const profile = mkdtempSync(path.join(os.tmpdir(), "fuselab-electron-"));
const report = path.join(profile, "report.json");
try {
  await run();
  if (!existsSync(report)) fail("The suite ended without a report; VS Code's output is above.");
  tell(JSON.parse(readFileSync(report, "utf8")));
} finally {
  rmSync(profile, { recursive: true, force: true });
}

async function download() {
  try {
    return await downloadAndUnzipVSCode({ cachePath: path.join(root, ".cache", "vscode-test") });
  } catch (error) {
    return fail(
      `VS Code could not be downloaded (${error.message}). This suite needs a network that allows it; npm run test:editor runs the same tests without one.`,
    );
  }
}

async function run() {
  const launchArgs = [
    path.join(root, "demo"),
    ...["--user-data-dir", path.join(profile, "user-data")],
    ...["--extensions-dir", path.join(profile, "extensions")],
    ...["--disable-workspace-trust", "--skip-welcome", "--skip-release-notes"],
  ];
  const extensionTestsEnv = { FUSELAB_REPORT: report };
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath,
      launchArgs,
      extensionTestsEnv,
    });
  } catch (error) {
    // A failing test ends VS Code with an error too; the report tells the two apart.
    console.error(String(error));
  }
}

function tell(results) {
  for (const { title, state, error } of results) {
    console.log(`${state} ${title}`);
    if (error !== undefined) console.log(error.replace(/^/gm, "  "));
  }
  const count = (state) => results.filter((result) => result.state === state).length;
  const [passed, failed, skipped] = ["passed", "failed", "pending"].map(count);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

function fail(message) {
  console.error(`test: ${message}`);
  process.exit(1);
}
