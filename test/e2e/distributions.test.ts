/**
 * *Show fused distributions* in the editor: of selected text and of a run. What the view draws is tested with the
 * view; here it is that what stands there is what the models say, and what the editor does with it.
 */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Frame, Locator } from "playwright-core";
import type { InspectedChunk } from "../../src/pipeline/inspectText.ts";
import { fuselab } from "../support/commandLine.ts";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { makeToyProject } from "../support/toyProject.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const builtIn = (name: string): string => path.join(root, "demo", "models", name);

/** The target, then the sources in the order in which they are listed. */
const models = ["generalist-llama", "code-neox", "prose-gpt2"];

const lines = Array.from(
  { length: 30 },
  (_, i) => `Line ${i + 1}: export const sum = (a) => a + ${i * 17}; // e\u0301clair </script> 😀`,
);
const files = { "a.md": `${lines.join("\n")}\n` };
/** Lines 10 to 12. */
const selected = `${lines.slice(9, 12).join("\n")}\n`;

let editor: Editor;
before(async () => {
  editor = await openEditor({ files, viewport: { width: 1800, height: 1000 } });
  const project = await makeToyProject(editor.file("toy"), { steps: 2, checkpointEvery: 2 });
  const run = await fuselab(["run", project.recipe, "--out", editor.file("runs")]);
  assert.equal(run.code, 0, run.stderr);
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const panel = /^Fused · /;
const chosen = (workbench: Workbench): Locator =>
  workbench.page.locator('.monaco-editor .view-overlays [class*="ced-"]');
const status = (frame: Frame): Locator => frame.locator(".view > [role=status]");
const detail = (frame: Frame): Locator => frame.locator("[data-position][data-form]");
const focusedText = (workbench: Workbench): Locator =>
  workbench.page.locator(".editor-instance > .monaco-editor.focused");

async function until(what: string, test: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await test())) {
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await sleep(100);
  }
}

async function selectLines(workbench: Workbench): Promise<void> {
  await workbench.openFile(editor.file("a.md"));
  await until("the text has the focus", async () => (await focusedText(workbench).count()) === 1);
  await workbench.select({ line: 10 }, { line: 13 });
}

/** The panel, with a position in full. */
async function shown(workbench: Workbench, title: string | RegExp = panel): Promise<Frame> {
  const frame = await workbench.webview(title);
  await detail(frame).locator("tr[data-token-id]").first().waitFor({ timeout: 60_000 });
  return frame;
}

const positionOf = async (frame: Frame): Promise<number> =>
  Number(await detail(frame).first().getAttribute("data-position"));

/** FUSED, or TAUGHT, as the view says it: probability by token. */
async function rowOf(frame: Frame, column: "fused" | "taught"): Promise<Map<number, number>> {
  const entries = await detail(frame)
    .locator("tr[data-token-id]")
    .evaluateAll(
      (rows, name) =>
        rows.flatMap((row) => {
          const cell = row.querySelector<HTMLElement>(`.col-${name} [data-probability]`);
          const id = Number((row as HTMLElement).dataset.tokenId);
          return cell === null ? [] : [[id, Number(cell.dataset.probability)] as const];
        }),
      column,
    );
  return new Map(entries);
}

async function inspected(mode: "corrected" | "published") {
  const file = editor.file("selected.txt");
  writeFileSync(file, selected);
  const { code, stdout, stderr } = await fuselab([
    ...["inspect", "--json", "--text", file, "--mode", mode, "--length", "512"],
    ...["--target", builtIn("generalist-llama")],
    ...["--source", builtIn("code-neox"), builtIn("prose-gpt2")],
  ]);
  assert.equal(code, 0, stderr);
  const { chunks } = JSON.parse(stdout) as { readonly chunks: readonly InspectedChunk[] };
  return chunks.flatMap(({ positions }) => positions);
}

/** The view shows the likeliest of a row; each of them is the command line's to the sixth place. */
async function assertAsInspected(frame: Frame, mode: "corrected" | "published"): Promise<void> {
  const position = (await inspected(mode))[await positionOf(frame)];
  for (const column of ["fused", "taught"] as const) {
    const expected = new Map(position?.[column].row.map(({ id, p }) => [id, p]));
    const found = await rowOf(frame, column);
    assert.ok(found.size > 3, `${found.size} candidates`);
    for (const [id, p] of found) {
      const wanted = expected.get(id) ?? Number.NaN;
      assert.ok(Math.abs(p - wanted) <= 1e-6, `${mode} ${column} ${id}: ${p}, not ${wanted}`);
    }
  }
}

describe("the fused distributions of a selection", () => {
  test(
    "are asked for once with which models, open beside, and leave the focus in the text",
    inEditor(async (workbench) => {
      await selectLines(workbench);
      await workbench.chooseFromContextMenu("Show fused distributions");
      await workbench.quickPickRows().first().waitFor();
      await workbench.pickMany(models);
      await workbench.quickPickRows().filter({ hasText: "prose-gpt2" }).waitFor();
      await workbench.pick("generalist-llama");
      const frame = await shown(workbench);
      assert.equal(await focusedText(workbench).count(), 1);
      await assertOrder(frame, models);
    }),
  );

  test(
    "are those of inspect --json, in both modes",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      await assertAsInspected(frame, "corrected");
      await choosePreset(frame, "published");
      await until("fewer candidates", async () => /top 10/.test(await bodyOf(frame)));
      await assertAsInspected(frame, "published");
      await choosePreset(frame, "corrected");
      await until("all candidates", async () => /top 64/.test(await bodyOf(frame)));
    }),
  );

  test(
    "take the focus when they are asked for a second time, and mark in the text what is chosen",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      await workbench.runCommand("FuseLab: Show fused distributions");
      await until("the view has it", async () => (await focusedText(workbench).count()) === 0);
      await frame.locator('.strip [data-position="1"]').click();
      await until("another position", async () => (await positionOf(frame)) === 1);
      await chosen(workbench).first().waitFor();
      assert.match((await status(frame).textContent()) ?? "", /fused/);
      await workbench.page.keyboard.press("Escape");
      await focusedText(workbench).waitFor();
    }),
  );

  test(
    "follow the cursor, behind a character that the models read composed",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      await workbench.goTo({ line: 11, column: 1 });
      await until("the second line", async () => (await positionOf(frame)) > 5);
      const [at, expected] = [await positionOf(frame), await inspected("corrected")];
      // The composed letter takes a byte less in every line above.
      const byte = Buffer.byteLength(`${lines[9]}\n`.normalize("NFC"));
      assert.equal(expected[at]?.token.byteEnd, byte);
    }),
  );

  test(
    "open the alignment of the same text and models at the chosen place",
    inEditor(async (workbench) => {
      await selectLines(workbench);
      await workbench.runCommand("FuseLab: Show fused distributions");
      await shown(workbench);
      await until("the view has it", async () => (await focusedText(workbench).count()) === 0);
      await workbench.page.keyboard.press("o");
      await workbench.tab(/^Align · a\.md/).waitFor();
      const alignment = await workbench.webview(/^Align · a\.md/);
      await until("three tokenizers", async () => {
        const words = await bodyOf(alignment);
        return ["generalist-llama", "prose-gpt2", "code-neox"].every((name) =>
          words.includes(name),
        );
      });
    }),
  );

  test(
    "are read again by themselves after an edit inside",
    inEditor(async (workbench) => {
      await workbench.tab(panel).click();
      const frame = await shown(workbench);
      await workbench.openFile(editor.file("a.md"));
      await workbench.goTo({ line: 11, column: 1 });
      await workbench.page.keyboard.type("More: ");
      await frame.getByText(/Text changed/).waitFor();
      await frame.getByText(/Text changed/).waitFor({ state: "hidden", timeout: 60_000 });
      await workbench.page.keyboard.press("Control+Z");
    }),
  );

  test(
    "come back after a reload, with the same text, models and settings",
    inEditor(async (workbench) => {
      const before = await shown(workbench);
      await choosePreset(before, "published");
      await until("fewer candidates", async () => /top 10/.test(await bodyOf(before)));
      await workbench.runCommand("File: Save");
      await workbench.reload();
      const frame = await shown(workbench);
      await until("the settings", async () => /top 10/.test(await bodyOf(frame)));
      await assertOrder(frame, models);
      await workbench.screenshot("distributions-selection");
    }),
  );

  test(
    "are read again after the inspector was killed",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      for (const { pid } of editor.processes("inspector.js")) process.kill(pid, "SIGKILL");
      await choosePreset(frame, "corrected");
      await until("all candidates", async () => /top 64/.test(await bodyOf(frame)));
    }),
  );
});

test(
  "the fused distributions of a run open from its row, the worst document first",
  inEditor(async (workbench) => {
    assert.equal(readdirSync(editor.file("runs")).length, 1);
    await workbench.openContainer("FuseLab");
    await workbench.runCommand("FuseLab: Refresh runs");
    await workbench.chooseFromRow("Runs", /toy/, "Show fused distributions");
    const frame = await shown(workbench, /^Fused · toy/);
    await assertOrder(frame, ["target", "source"]);
    assert.match(await bodyOf(frame), /#\d+/);
    await workbench.screenshot("distributions-run");
  }),
);

const bodyOf = async (frame: Frame): Promise<string> =>
  (await frame.locator("body").innerText()).replaceAll(/\s+/g, " ");

/** Names in the top line, the target first. */
async function assertOrder(frame: Frame, names: readonly string[]): Promise<void> {
  const words = await bodyOf(frame);
  const places = names.map((name) => words.indexOf(name));
  assert.ok(
    places.every((place) => place >= 0),
    words.slice(0, 300),
  );
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
}

async function choosePreset(frame: Frame, preset: string): Promise<void> {
  const field = frame.locator('[data-control="preset"] vscode-dropdown');
  await field.click();
  await field.locator("vscode-option", { hasText: preset }).click();
}
