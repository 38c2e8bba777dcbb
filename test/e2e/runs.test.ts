/** Runs in the editor: started, watched, stopped, resumed, renamed, compared and deleted, as a person would. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Frame } from "playwright-core";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import {
  demoFolder,
  eventsOf,
  lossesOf,
  recordOf,
  smallRecipe,
  smallTexts,
} from "../support/smallRun.ts";
import { eventually, until as waitUntil } from "../support/waiting.ts";

const steps = 40;
/** Milliseconds; a small run takes seconds on a machine that does nothing else. */
const patience = 240_000;

let editor: Editor;
before(async () => {
  editor = await openEditor({
    copyOf: demoFolder,
    files: {
      ...smallTexts,
      "first.fusion.yaml": smallRecipe("first", { steps }),
      "second.fusion.yaml": smallRecipe("second", { steps }),
    },
  });
  await editor.workbench.page
    .context()
    .grantPermissions(["clipboard-read", "clipboard-write"], { origin: editor.server.url });
});
after(() => editor?.close());

const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);
const until = (what: string, isSo: () => boolean) => waitUntil(what, isSo, patience);

/** The folder of the run whose recipe had the name. */
function runOf(name: string): string {
  const folder = editor.file("runs");
  const found = readdirSync(folder).find((one) => one.endsWith(`-${name}`));
  assert.ok(found, `no run of ${name} was made`);
  return path.join(folder, found);
}

const statusItem = (workbench: Workbench) => workbench.statusItem("fuselab.run");
const shows = (frame: Frame, text: string | RegExp) =>
  frame.locator("body").filter({ hasText: text }).waitFor({ timeout: patience });
/** What the context menu of a row offers. */
async function entriesOf(workbench: Workbench, row: RegExp): Promise<readonly string[]> {
  await workbench.treeRow("Runs", row).click({ button: "right" });
  const entries = workbench.page.locator(".monaco-menu .action-label:not(.separator)");
  await entries.filter({ hasText: "Open run" }).waitFor();
  const texts = await entries.allTextContents();
  await workbench.page.keyboard.press("Escape");
  await workbench.page.locator(".monaco-menu").waitFor({ state: "hidden" });
  return texts.map((text) => text.trim());
}
/** As many points as steps, for one arm: nothing is missing and nothing is drawn twice. */
const everyStep = [...Array(steps).keys()].map((step) => step + 1);
const stepsOf = (run: string, arm: "fused" | "clm") =>
  [...lossesOf(run).keys()]
    .filter((key) => key.startsWith(arm))
    .map((key) => Number(key.split(" ")[1]))
    .sort((a, b) => a - b);

test("a recipe is run from the palette and followed to its verdict", async (context) => {
  await inEditor(async (workbench) => {
    await workbench.openFile(editor.file("first.fusion.yaml"));
    const asked = performance.now();
    await workbench.runCommand("FuseLab: Run recipe");
    const frame = await workbench.webview("first");
    await shows(frame, /split|starting|queued/);
    context.diagnostic(
      `figure: run recipe to its view ${Math.round(performance.now() - asked)} ms`,
    );

    await workbench.openContainer("FuseLab");
    await workbench.treeRow("Runs", /first.*running/).waitFor({ timeout: patience });
    await statusItem(workbench).waitFor();
    await workbench.expand("Runs", /first/);
    await workbench.expand("Runs", /Stages/);
    await workbench.treeRow("Runs", /split.*(running|finished)/).waitFor();
    await workbench.treeRow("Runs", /train.*running/).waitFor({ timeout: patience });
    await shows(frame, /training \d+ of 40/);
    await statusItem(workbench)
      .filter({ hasText: /training|starting/ })
      .waitFor();
    await workbench.screenshot("run-training");

    await shows(frame, /fused target \d\.\d{3} bits\/byte: −0\.\d{3} .*against continued CLM/);
    await workbench.treeRow("Runs", /first.*done/).waitFor({ timeout: patience });
    await statusItem(workbench).waitFor({ state: "hidden" });
    await workbench.treeRow("Runs", /train.*finished/).waitFor();
    await workbench.expand("Runs", /Evaluation/);
    await workbench.treeRow("Runs", /fused target.*bits\/byte/).waitFor();
    await workbench.screenshot("run-done");
  })(context);
  const run = runOf("first");
  const { differences } = JSON.parse(readFileSync(path.join(run, "evaluation.json"), "utf8"));
  const fused = differences.find(
    (one: { of: string; against: string }) => one.of === "fused" && one.against === "clm",
  );
  assert.ok(fused.average.value < 0, "fused is not below continued CLM");
  assert.deepEqual(stepsOf(run, "fused"), everyStep);
});

test("a live run is not deleted; stopped within a step, it is resumed to the same losses", async (context) => {
  await inEditor(async (workbench) => {
    await workbench.openFile(editor.file("second.fusion.yaml"));
    await workbench.runCommand("FuseLab: Run recipe");
    const frame = await workbench.webview("second");
    await workbench.treeRow("Runs", /second.*running/).waitFor({ timeout: patience });
    const run = runOf("second");

    assert.ok(
      !(await entriesOf(workbench, /second.*running/)).includes("Delete run"),
      "deleting is offered",
    );
    await workbench.runCommand("FuseLab: Delete run");
    assert.deepEqual(await workbench.quickPickLabels(), ["first"]);
    await workbench.page.keyboard.press("Escape");

    await until("in training", () => eventsOf(run).some(({ t }) => t === "step"));
    const before = lossesOf(run).size;
    await workbench.pressRow("Runs", /second/, "Stop run");
    await until("stopped", () => recordOf(run).state === "stopped");
    const stopping = eventsOf(run).find(({ t }) => t === "stopping");
    const last = eventsOf(run).findLast(({ t }) => t === "step");
    context.diagnostic(
      `figure: stop, from its event to the last step ${(last?.time ?? 0) - (stopping?.time ?? 0)} ms, ` +
        `${lossesOf(run).size - before} steps after the button`,
    );
    assert.ok(lossesOf(run).size < 2 * steps, "it went to its end instead");
    const after = eventsOf(run).filter(
      ({ t, seq }) => t === "step" && stopping !== undefined && seq > stopping.seq,
    );
    assert.ok(after.length <= 2, `${after.length} steps of two arms after it was stopping`);
    await workbench.treeRow("Runs", /second.*stopped/).waitFor();
    await shows(frame, /stopped at step \d+/);
    await statusItem(workbench).waitFor({ state: "hidden" });
    await workbench.screenshot("run-stopped");

    await workbench.pressRow("Runs", /second/, "Resume run");
    await statusItem(workbench).waitFor();
    await workbench.treeRow("Runs", /second.*done/).waitFor({ timeout: patience });
    await shows(frame, /done in/);
    // So few steps are not smoothed: the line goes through each.
    const curve = frame.locator('.chart-lines path.smoothed[data-curve^="total"]').first();
    assert.equal(((await curve.getAttribute("d")) ?? "").match(/[ML]/g)?.length, steps);
    await workbench.screenshot("run-resumed");
  })(context);
  for (const arm of ["fused", "clm"] as const) {
    assert.deepEqual(stepsOf(runOf("second"), arm), everyStep);
  }
  assert.deepEqual([...lossesOf(runOf("second"))].sort(), [...lossesOf(runOf("first"))].sort());
});

test(
  "a run is renamed by what it is asked; its folder keeps its name",
  inEditor(async (workbench) => {
    const run = runOf("second");
    await workbench.runCommand("FuseLab: Rename run");
    await workbench.pick("second");
    await workbench.answer("taken up again");
    await workbench.treeRow("Runs", /taken up again.*second/).waitFor();
    assert.equal(recordOf(run).name, "taken up again");
    await workbench.tab("taken up again").waitFor();
  }),
);

test(
  "its recipe is copied, and opens as a copy that cannot be edited",
  inEditor(async (workbench) => {
    await workbench.chooseFromRow("Runs", /first.*done/, "Copy recipe of run");
    const copied = () => workbench.page.evaluate(() => navigator.clipboard.readText());
    const wanted = readFileSync(editor.file("first.fusion.yaml"), "utf8");
    await eventually(async () => assert.equal(await copied(), wanted));

    // What is below the pane's edge is not there: groups that were opened before are closed.
    await workbench.view("Runs").hover();
    await workbench.view("Runs").locator('.actions [aria-label^="Collapse All"]').click();
    await workbench.expand("Runs", /first.*done/);
    await workbench.expand("Runs", /Files/);
    await workbench.treeRow("Runs", /recipe\.yaml/).click();
    await workbench.tab("recipe.yaml").waitFor();
    await workbench.textEditor().click();
    await workbench.page.keyboard.type("x");
    await workbench.page.getByText("Cannot edit in read-only editor").first().waitFor();
    assert.equal(readFileSync(path.join(runOf("first"), "recipe.yaml"), "utf8"), wanted);
  }),
);

test(
  "its log, its folder and its report are shown",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Show log of run");
    await workbench.pick("first");
    await workbench.tab("worker.log").waitFor();

    await workbench.runCommand("FuseLab: Show run folder");
    await workbench.pick("first");
    const revealed = workbench.page.locator(".explorer-folders-view .monaco-list-row.selected");
    await revealed.filter({ hasText: path.basename(runOf("first")) }).waitFor();
    await workbench.openContainer("FuseLab");

    await workbench.runCommand("FuseLab: Open report of run");
    await workbench.pick("first");
    const report = await workbench.webview(/^Report: first/);
    await report.locator("h1", { hasText: "first" }).waitFor();
    await workbench.screenshot("run-report");
  }),
);

test(
  "two runs are compared: a view with both, and the settings that differ",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Compare runs");
    await workbench.quickInput().filter({ hasText: "Compare which runs?" }).waitFor();
    await workbench.pickMany(["first", "taken up again"]);
    const frame = await workbench.webview(/Compare|first/);
    await shows(frame, /first/);
    await shows(frame, /taken up again/);
    await workbench.screenshot("run-compare");
  }),
);

test(
  "a run that has ended is deleted after a question, and its view closes",
  inEditor(async (workbench) => {
    const run = runOf("second");
    await workbench.chooseFromRow("Runs", /taken up again/, "Delete run");
    await workbench.dialog().filter({ hasText: "taken up again" }).waitFor();
    await workbench.pressDialog("Move to the bin");
    const noBin = workbench.dialog().filter({ hasText: "no bin" });
    await noBin.or(workbench.page.locator("body")).first().waitFor();
    await waitUntil("its folder is gone", async () => {
      if (await noBin.isVisible()) await workbench.pressDialog("Delete for good");
      return !existsSync(run);
    });
    await workbench.treeRow("Runs", /taken up again/).waitFor({ state: "detached" });
    await workbench.tab("taken up again").waitFor({ state: "detached" });
    assert.ok(existsSync(runOf("first")));
  }),
);

test(
  "runs are read again when that is asked for, and opened by name",
  inEditor(async (workbench) => {
    const other = path.join(editor.file("runs"), "copied-here");
    await workbench.openContainer("Explorer"); // nobody looks at the runs meanwhile
    cpSync(runOf("first"), other, { recursive: true });
    writeFileSync(
      path.join(other, "run.json"),
      JSON.stringify({ ...recordOf(other), name: "from elsewhere" }),
    );
    await workbench.runCommand("FuseLab: Refresh runs");
    await workbench.runCommand("FuseLab: Open run");
    await workbench.pick("from elsewhere");
    const frame = await workbench.webview("from elsewhere");
    await shows(frame, /fused target \d\.\d{3} bits/);
  }),
);

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
