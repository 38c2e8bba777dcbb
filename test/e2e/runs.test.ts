/** Runs in the editor: the demo is started, watched, stopped, resumed, read and deleted, as a person would. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";

let editor: Editor;
before(async () => {
  editor = await openEditor({ files: { "a.md": "text" } });
});
after(() => editor?.close());

const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const runsFolder = () => editor.file("runs");
const onlyRun = () => {
  const [name] = readdirSync(runsFolder());
  assert.ok(name, "no run folder was made");
  return path.join(runsFolder(), name);
};
const recordOf = (run: string) => JSON.parse(readFileSync(path.join(run, "run.json"), "utf8"));

test(
  "Run the demo starts a run, and its view opens",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Run the demo");
    const frame = await workbench.webview(/demo/);
    await frame.locator("text=/split|training|extract/").first().waitFor({ timeout: 60_000 });
    assert.equal(recordOf(onlyRun()).name, "demo");
    await workbench.screenshot("run-demo");
  }),
);
