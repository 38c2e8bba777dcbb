/**
 * *Align tokenizers* in the editor: the command, its panel, and the text on both sides of the link. What the view
 * draws is tested with the view; here it is what the editor does with it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame, Locator } from "playwright-core";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { until } from "../support/waiting.ts";

const lines = Array.from(
  { length: 60 },
  (_, i) =>
    `Line ${i + 1}: the valkyrie sat on </script> and <img onerror=alert(1)>, éclair 😀, number ${i * 17}.`,
);
const files = { "a.md": `${lines.join("\n")}\n`, "b.txt": "One line only.\n" };

let editor: Editor;
before(async () => {
  editor = await openEditor({ files });
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const panel = /^Align · /;
const chosen = (workbench: Workbench): Locator =>
  workbench.page.locator('.monaco-editor .view-overlays [class*="ced-"]');
const status = (frame: Frame): Locator => frame.locator(".view > [role=status]");
const focusedText = (workbench: Workbench): Locator =>
  workbench.page.locator(".editor-instance > .monaco-editor.focused");

/** Opens a file, or brings its tab to the front. */
async function show(workbench: Workbench, file: string): Promise<void> {
  const tab = workbench.tab(file);
  if ((await tab.count()) === 0) return workbench.openFile(editor.file(file));
  await tab.click();
  await until(
    `${file} is in front`,
    async () => (await tab.getAttribute("aria-selected")) === "true",
  );
  await focusedText(workbench).waitFor();
}

/** The panel, with an alignment drawn. */
async function aligned(workbench: Workbench): Promise<Frame> {
  const frame = await workbench.webview(panel);
  await until("a chosen token", async () => /\d/.test((await status(frame).textContent()) ?? ""));
  return frame;
}

/** A key pressed now goes to the drawing. */
async function focused(frame: Frame): Promise<void> {
  await until("the drawing has the focus", () =>
    frame.evaluate(() => document.hasFocus() && document.activeElement !== document.body),
  );
}

const titleOf = async (frame: Frame): Promise<string> =>
  (await frame.locator("body").innerText()).replaceAll(/\s+/g, " ");

describe("aligning tokenizers", () => {
  test(
    "asks once which tokenizers, opens beside, and leaves the focus in the text",
    inEditor(async (workbench) => {
      await show(workbench, "a.md");
      await workbench.select({ line: 10 }, { line: 13 });
      await workbench.chooseFromContextMenu("Align tokenizers");
      await workbench.quickPickRows().first().waitFor();
      const labels = await workbench.quickPickLabels();
      assert.ok(labels.includes("prose-gpt2") && labels.includes("Add a folder…"), `${labels}`);
      await workbench.pickMany(["generalist-llama", "prose-gpt2"]);
      await workbench.page.getByText("Tokenizers (2/2)").waitFor();
      await workbench.pick("generalist-llama");
      const frame = await aligned(workbench);
      assert.match(await titleOf(frame), /a\.md 10–12/);
      assert.equal(await focusedText(workbench).count(), 1);
      assert.deepEqual(
        (await workbench.tabTitles()).filter((title) => panel.test(title)).length,
        1,
      );
    }),
  );

  test(
    "moves the focus into the view when the same text is aligned a second time, and Esc moves it back",
    inEditor(async (workbench) => {
      await workbench.runCommand("FuseLab: Align tokenizers");
      await focused(await aligned(workbench));
      assert.equal(await focusedText(workbench).count(), 0);
      await workbench.page.keyboard.press("Escape");
      await focusedText(workbench).waitFor();
    }),
  );

  test(
    "marks in the text what is chosen in the view",
    inEditor(async (workbench) => {
      const frame = await aligned(workbench);
      await workbench.runCommand("FuseLab: Align tokenizers");
      await focused(frame);
      const before = await status(frame).textContent();
      await workbench.page.keyboard.press("n");
      await chosen(workbench).first().waitFor();
      assert.notEqual(await status(frame).textContent(), before);
      await workbench.page.keyboard.press("Escape");
      await focusedText(workbench).waitFor();
    }),
  );

  test(
    "follows the cursor of the text",
    inEditor(async (workbench) => {
      const frame = await aligned(workbench);
      const said = async () => (await status(frame).textContent()) ?? "";
      await workbench.goTo({ line: 11, column: 1 });
      await sleep(500);
      const first = await said();
      await workbench.goTo({ line: 12, column: 20 });
      await until("another token is chosen", async () => (await said()) !== first);
      await workbench.goTo({ line: 11, column: 1 });
      await until("the same token is chosen again", async () => (await said()) === first);
    }),
  );

  test(
    "keeps the link where lines are put in front, and the picture as it is",
    inEditor(async (workbench) => {
      const frame = await aligned(workbench);
      await workbench.goTo({ line: 1, column: 1 });
      await workbench.page.keyboard.type("Above.\n");
      await sleep(700);
      assert.doesNotMatch(await titleOf(frame), /Text changed/);
      await workbench.goTo({ line: 12, column: 1 });
      const there = async () => (await status(frame).textContent()) ?? "";
      const before = await there();
      await workbench.goTo({ line: 13, column: 30 });
      await until("the cursor is followed", async () => (await there()) !== before);
    }),
  );

  test(
    "aligns a short text again by itself after an edit inside, and only says so where that is not wanted",
    inEditor(async (workbench) => {
      const frame = await aligned(workbench);
      const bytes = async () => /T →|→ T/.test(await titleOf(frame));
      assert.ok(await bytes());
      await editor.setSettings({ "fuselab.alignment.followEdits": false });
      await workbench.goTo({ line: 12, column: 5 });
      await workbench.page.keyboard.type("changed");
      await frame.getByText(/Text changed/).waitFor();
      await sleep(800);
      await frame.getByText(/Text changed/).waitFor();
      assert.equal(await chosen(workbench).count(), 0);
      for (let i = 0; i < "changed".length; i++) await workbench.page.keyboard.press("Backspace");
      await frame.getByText(/Text changed/).waitFor({ state: "hidden" });
      await editor.setSettings({ "fuselab.alignment.followEdits": true });
      await sleep(500);
      await workbench.page.keyboard.type("again");
      await frame.getByText(/Text changed/).waitFor();
      await frame.getByText(/Text changed/).waitFor({ state: "hidden" });
    }),
  );

  test(
    "takes several selections as several documents",
    inEditor(async (workbench) => {
      await workbench.goTo({ line: 20, column: 1 });
      for (let i = 0; i < 2; i++) await workbench.page.keyboard.press("Control+D"); // "Line", and the next one
      await workbench.runCommand("FuseLab: Align tokenizers");
      const frame = await aligned(workbench);
      await until("two documents", async () => /2 selections/.test(await titleOf(frame)));
    }),
  );

  test(
    "takes the whole file where nothing is selected, and shows it in the same panel",
    inEditor(async (workbench) => {
      await show(workbench, "b.txt");
      await workbench.runCommand("FuseLab: Align tokenizers");
      await workbench.tab("Align · b.txt").waitFor();
      assert.equal((await workbench.tabTitles()).filter((title) => panel.test(title)).length, 1);
      assert.match(await titleOf(await aligned(workbench)), /b\.txt 1/);
    }),
  );

  test(
    "refuses in words what holds no text",
    inEditor(async (workbench) => {
      await workbench.runCommand("File: New Untitled Text File");
      await focusedText(workbench).waitFor();
      await workbench.runCommand("FuseLab: Align tokenizers");
      await workbench.toast("There is no text to look at.").waitFor();
      await focusedText(workbench).click();
      await workbench.page.keyboard.type("Not saved anywhere.");
      await workbench.runCommand("FuseLab: Align tokenizers");
      await workbench.tab(/^Align · Untitled/).waitFor();
      await aligned(workbench);
    }),
  );

  test(
    "goes on after the inspector was killed",
    inEditor(async (workbench) => {
      for (const { pid } of editor.processes("inspector.js")) process.kill(pid, "SIGKILL");
      await show(workbench, "a.md");
      await workbench.select({ line: 30 }, { line: 33 });
      await workbench.runCommand("FuseLab: Align tokenizers");
      await workbench.tab("Align · a.md").waitFor();
      await aligned(workbench);
      assert.match(editor.log(), /inspector \d+ ended/);
    }),
  );

  test(
    "comes back after a reload, with the same text and tokenizers",
    inEditor(async (workbench) => {
      await workbench.runCommand("File: Save");
      const before = await titleOf(await aligned(workbench));
      const [header] = /a\.md \d+–\d+/.exec(before) ?? [];
      assert.ok(header !== undefined, before);
      await sleep(6000); // the editor keeps what views say about themselves every few seconds
      await workbench.reload();
      const frame = await aligned(workbench);
      assert.ok((await titleOf(frame)).includes(header));
    }),
  );
});
