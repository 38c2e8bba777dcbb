/**
 * Commands from the palette with keys alone: those that act on a view are offered where one is in front and not
 * elsewhere, and the rest do what they say, or say why not.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";

let editor: Editor;
before(async () => {
  editor = await openEditor({
    files: { "a.md": "The valkyrie sat.\n", "b.md": "Another text.\n" },
  });
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await sleep(100);
  }
}

/** Types a command's title into the palette and takes it with Enter. */
async function type(workbench: Workbench, title: string): Promise<void> {
  const { page } = workbench;
  await page.keyboard.press("F1");
  await workbench.quickInput().locator("input").first().waitFor();
  await page.keyboard.type(title);
  await workbench.quickPickRows().first().filter({ hasText: title }).waitFor();
  await page.keyboard.press("Enter");
}

/** Whether the palette offers a command; another that is always there says that it has answered. */
async function offers(workbench: Workbench, title: string): Promise<boolean> {
  return (await workbench.commandsFor("FuseLab: ")).includes(title);
}

const ofViews = [
  "FuseLab: Keep this view",
  "FuseLab: Export the drawing…",
  "FuseLab: Show the drawing as a table",
];

test(
  "commands of a view are not offered where none is in front",
  inEditor(async (workbench) => {
    await workbench.openFile(editor.file("a.md"));
    for (const title of ofViews) assert.ok(!(await offers(workbench, title)), title);
  }),
);

test(
  "a view is opened, shown as a table, exported and kept, without a mouse",
  inEditor(async (workbench) => {
    const { page } = workbench;
    await type(workbench, "FuseLab: Align tokenizers");
    await workbench.quickPickRows().first().waitFor();
    for (const key of ["Space", "ArrowDown", "Space", "Enter"]) await page.keyboard.press(key);
    await sleep(1500);
    await workbench.screenshot("keys-pick");
  }),
);
