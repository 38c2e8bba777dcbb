/**
 * Commands from the palette with keys alone: those that act on a view are offered where one is in front and not
 * elsewhere, and the rest do what they say, or say why not.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { until } from "../support/waiting.ts";

let editor: Editor;
before(async () => {
  editor = await openEditor({
    files: { "a.md": "The valkyrie sat.\n", "b.md": "Another text.\n" },
  });
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const ofViews = [
  "FuseLab: Keep this view",
  "FuseLab: Export the drawing…",
  "FuseLab: Show the drawing as a table",
];

test(
  "commands of a view are not offered where none is in front",
  inEditor(async (workbench) => {
    await workbench.openFile(editor.file("a.md"));
    await workbench.runCommand("FuseLab: Refresh models");
    assert.ok(await workbench.offersCommand("FuseLab: Align tokenizers"));
    for (const title of ofViews) assert.ok(!(await workbench.offersCommand(title)), title);
    await editor.command("fuselab.view.openAsTable"); // a key may be bound to it
    await workbench.toast("No view of FuseLab has the focus.").waitFor();
    await workbench.runCommand("Notifications: Clear All Notifications");
  }),
);

test(
  "a view is opened, shown as a table, exported and kept with keys alone",
  inEditor(async (workbench) => {
    const { page } = workbench;
    await workbench.typeCommand("FuseLab: Align tokenizers");
    await workbench.quickPickRows().first().waitFor();
    for (const key of ["ArrowDown", "Space", "ArrowDown", "Space", "Enter"]) {
      await page.keyboard.press(key);
    }
    await workbench.quickInput().getByText("(2/2)").waitFor();
    await page.keyboard.press("Enter");
    const frame = await workbench.webview("Align · a.md");
    await frame.locator(".view > [role=status]").filter({ hasText: /\d/ }).waitFor();
    // The same again moves the focus into the view; Escape, which also closes the palette, may move it back.
    const enter = async () => {
      await workbench.typeCommand("FuseLab: Align tokenizers");
      await until("the view has the focus", () => frame.evaluate(() => document.hasFocus()));
    };
    for (const title of ofViews) {
      await enter();
      assert.ok(await workbench.offersCommand(title), title);
    }
    await enter();

    await workbench.typeCommand("FuseLab: Show the drawing as a table");
    await frame.getByRole("grid").first().waitFor();
    await workbench.typeCommand("FuseLab: Show the drawing as a table");
    await frame.getByRole("grid").first().waitFor({ state: "hidden" });

    await workbench.typeCommand("FuseLab: Export the drawing…");
    await frame.getByRole("menuitem", { name: "Export as SVG…" }).waitFor();
    await frame.getByRole("menuitem", { name: "Export as SVG…" }).press("Enter");
    await workbench.answerFileDialog("Save the drawing", editor.file("drawing.svg"));
    await until("the drawing is there", () => existsSync(editor.file("drawing.svg")));
    assert.match(readFileSync(editor.file("drawing.svg"), "utf8"), /^<svg|^<\?xml/);

    await workbench.tab("Align · a.md").click();
    await workbench.typeCommand("FuseLab: Keep this view");
    await frame.locator('[data-kept="true"]').first().waitFor();
    await workbench.openFile(editor.file("b.md"));
    await workbench.typeCommand("FuseLab: Align tokenizers");
    await workbench.tab("Align · b.md").waitFor();
    assert.equal(await workbench.tab("Align · a.md").count(), 1);
  }),
);

test(
  "the inspector is restarted, and goes on",
  inEditor(async (workbench) => {
    const [before] = editor.processes("inspector.js");
    assert.ok(before !== undefined);
    await workbench.typeCommand("FuseLab: Restart the inspector");
    await until("the old one is gone", () =>
      editor.processes("inspector.js").every(({ pid }) => pid !== before.pid),
    );
    const { tokens } = JSON.parse(
      await editor.invokeTool("fuselab_tokenize_text", { text: "a b", tokenizer: "prose-gpt2" }),
    );
    assert.ok(tokens > 0);
  }),
);

test(
  "the log, the walkthrough and both trees are reached from the palette",
  inEditor(async (workbench) => {
    await workbench.typeCommand("FuseLab: Show log");
    await workbench.page.locator(".part.panel .output-view").waitFor();
    await workbench.typeCommand("FuseLab: Open the walkthrough");
    await workbench.page.locator("button.getting-started-step").first().waitFor();
    await workbench.screenshot("walkthrough");
    await workbench.openContainer("FuseLab");
    await workbench.typeCommand("FuseLab: Refresh runs");
    await workbench.typeCommand("FuseLab: Refresh models");
    await workbench.treeRow("Models", /prose-gpt2/).waitFor();
  }),
);

test(
  "a command on runs says what to do where there is none",
  inEditor(async (workbench) => {
    for (const title of ["Open run", "Resume run", "Stop run", "Compare runs", "Delete run"]) {
      await workbench.typeCommand(`FuseLab: ${title}`);
      const toast = workbench.toast(/No run in .*FuseLab: Run the demo/);
      await toast.waitFor();
      await workbench.runCommand("Notifications: Clear All Notifications");
      await toast.waitFor({ state: "hidden" });
    }
  }),
);

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
