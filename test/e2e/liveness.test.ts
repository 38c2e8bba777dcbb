/**
 * Runs outlive what watches them: a window that is loaded again, a second window, the extension's own folder. And
 * a run that does not live is told from one that does, and goes on to the same losses.
 */
import assert from "node:assert/strict";
import { readdirSync, renameSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Frame } from "playwright-core";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { endProcess } from "../support/editor/processes.ts";
import { untilStored } from "../support/editor/storage.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import {
  demoFolder,
  eventsOf,
  lossesOf,
  recordOf,
  smallRecipe,
  smallTexts,
} from "../support/smallRun.ts";
import { until as waitUntil } from "../support/waiting.ts";

const steps = 240;
/** Milliseconds. */
const patience = 240_000;
const longestUntilLost = 30_000;

let editor: Editor;
let other: Workbench;
before(async () => {
  const names = ["steady", "killed", "moved"];
  editor = await openEditor({
    copyOf: demoFolder,
    files: {
      ...smallTexts,
      ...Object.fromEntries(
        names.map((name) => [`${name}.fusion.yaml`, smallRecipe(name, { steps })]),
      ),
    },
  });
});
after(() => editor?.close());

const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);
const until = (what: string, isSo: () => boolean) => waitUntil(what, isSo, patience);

function runOf(name: string): string {
  const found = readdirSync(editor.file("runs")).find((one) => one.endsWith(`-${name}`));
  assert.ok(found, `no run of ${name} was made`);
  return editor.file(path.join("runs", found));
}

/** Starts the run of a recipe and waits until it has taken a step. */
async function train(workbench: Workbench, name: string): Promise<string> {
  await workbench.openFile(editor.file(`${name}.fusion.yaml`));
  await workbench.runCommand("FuseLab: Run recipe");
  await workbench.webview(name);
  const run = runOf(name);
  await until("in training", () => lossesOf(run).size > 0);
  return run;
}

const shows = (frame: Frame, text: RegExp) =>
  frame.locator("body").filter({ hasText: text }).waitFor({ timeout: patience });
const press = (frame: Frame, label: string) =>
  frame.locator(".run-state vscode-button:visible", { hasText: label }).click();
const trainingNow = new RegExp(`training \\d+ of ${steps}`);
const isEnded = (run: string): boolean => recordOf(run).state === "done";
const greetings = (run: string): number => eventsOf(run).filter(({ t }) => t === "hello").length;
const everyStep = Array.from({ length: steps }, (_, i) => i + 1);

/** Every step of both arms is there, once. */
function assertWhole(run: string): void {
  const losses = lossesOf(run);
  for (const arm of ["fused", "clm"]) {
    const taken = [...losses.keys()].filter((key) => key.startsWith(`${arm} `));
    assert.deepEqual(
      taken.map((key) => Number(key.split(" ")[1])).sort((a, b) => a - b),
      everyStep,
    );
  }
}

/** Points of the first drawn line: the faint one where the line over it is smoothed. */
async function drawnSteps(frame: Frame): Promise<number> {
  const count = async (part: string): Promise<number> => {
    const line = frame.locator(`.chart-lines path.${part}[data-curve^="total"]`).first();
    return (((await line.getAttribute("d")) ?? "").match(/[ML]/g) ?? []).length;
  };
  return (await count("raw")) || (await count("smoothed"));
}

test("a window that is loaded again finds its run in the same process, with every step", async (context) => {
  await inEditor(async (workbench) => {
    const run = await train(workbench, "steady");
    const { pid } = recordOf(run);
    await untilStored(workbench.page, '"viewType":"fuselab.run"', path.basename(run));
    const before = lossesOf(run).size;
    await workbench.reload();
    assert.ok(before < 2 * steps, "it was over before the window was loaded again");
    const frame = await workbench.webview("steady");
    context.diagnostic(
      `figure: ${before} steps before the reload, ${lossesOf(run).size} after it, of ${2 * steps}`,
    );
    await until("done", () => isEnded(run));
    await shows(frame, /done in/);
    assert.equal(recordOf(run).pid, pid);
    assert.equal(greetings(run), 1, "another process took the run");
    assertWhole(run);
    await frame.locator(".chart-lines path").first().waitFor();
    await waitUntil("every step is drawn", async () => (await drawnSteps(frame)) === steps);
  })(context);
});

test("a run whose process is killed is shown lost within 30 s, in every window, with what it last said", async (context) => {
  await inEditor(async (workbench) => {
    // A window takes as long to open as the run takes, so it is there before.
    other = await editor.openWindow();
    await other.openContainer("FuseLab");
    const run = await train(workbench, "killed");
    const row = other.treeRow("Runs", /killed.*running/);
    await row.waitFor();
    await row.click();
    const there = await other.webview("killed");
    await shows(there, trainingNow);

    const pid = recordOf(run).pid;
    assert.ok(pid !== null);
    assert.ok(lossesOf(run).size < 2 * steps, "it was over before it was killed");
    endProcess(pid, "SIGKILL");
    const killed = performance.now();
    const here = await workbench.webview("killed");
    await here.locator('.run-state[data-state="lost"]').waitFor({ timeout: longestUntilLost });
    const elapsed = performance.now() - killed;
    context.diagnostic(`figure: killed to shown as lost ${Math.round(elapsed)} ms`);
    assert.ok(elapsed < longestUntilLost, `${elapsed} ms`);
    await shows(here, /lost at step \d+: its process is gone/);
    await shows(here, /last sign of life: \d{4}-/);
    await there.locator('.run-state[data-state="lost"]').waitFor({ timeout: longestUntilLost });
    await workbench.openContainer("FuseLab");
    await workbench.treeRow("Runs", /killed.*lost/).waitFor();
    await workbench.screenshot("run-lost");
  })(context);
});

test("a second window follows the run that the first resumes, does not delete it, and stops it", async (context) => {
  await inEditor(async (workbench) => {
    const run = runOf("killed");
    await other.runCommand("FuseLab: Delete run");
    await other.quickPickRows().filter({ hasText: "killed" }).waitFor();
    const before = eventsOf(run).length;
    await press(await workbench.webview("killed"), "Resume");
    await until("taken up again", () => greetings(run) === 2);
    await other.pick("killed");
    await other.toast(/"killed" is being executed and is not deleted/).waitFor();
    assert.equal(await other.dialog().count(), 0);

    const there = await other.webview("killed");
    await until("in training again", () =>
      eventsOf(run)
        .slice(before)
        .some(({ t }) => t === "step"),
    );
    await shows(there, trainingNow);
    await press(there, "Stop");
    await until("stopped", () => recordOf(run).state === "stopped");
    assert.ok(lossesOf(run).size < 2 * steps, "it went to its end instead");
    for (const window of [workbench, other]) {
      const frame = await window.webview("killed");
      await frame
        .locator('.run-state[data-state="stopped"]')
        .waitFor({ timeout: longestUntilLost });
    }
  })(context);
});

test("killed, resumed, stopped and resumed, it has the losses of the run that nothing disturbed", async (context) => {
  await inEditor(async (workbench) => {
    const run = runOf("killed");
    const frame = await workbench.webview("killed");
    await press(frame, "Resume");
    await until("done", () => isEnded(run));
    await shows(frame, /done in/);
    assert.equal(greetings(run), 3);
    assertWhole(run);
    assert.deepEqual([...lossesOf(run)].sort(), [...lossesOf(runOf("steady"))].sort());
    await workbench.screenshot("run-resumed-twice");
  })(context);
});

test("a run goes on to its end when the extension's folder goes away", async (context) => {
  if (process.env.FUSELAB_VSIX === undefined) {
    context.skip("needs the packaged extension: the checkout is not moved");
    return;
  }
  await inEditor(async (workbench, { profile }) => {
    const run = await train(workbench, "moved");
    const name = readdirSync(profile.extensions).find((one) => one.startsWith("fuselab.fuselab-"));
    assert.ok(name, "the extension is not installed");
    const installed = path.join(profile.extensions, name);
    const away = path.join(profile.base, "moved-away");
    const before = lossesOf(run).size;
    renameSync(installed, away);
    try {
      assert.ok(before < 2 * steps, "it was over before the folder was moved");
      await until("done", () => isEnded(run));
    } finally {
      renameSync(away, installed);
    }
    assertWhole(run);
    assert.deepEqual([...lossesOf(run)].sort(), [...lossesOf(runOf("steady"))].sort());
  })(context);
});
