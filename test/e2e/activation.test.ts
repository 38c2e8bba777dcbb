import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { until } from "../support/waiting.ts";

const starts = 5;
/** Milliseconds that activate() may take, as the median. */
const budget = 50;

let editor: Editor;
before(async () => {
  editor = await openEditor();
});
after(() => editor?.close());

/** What activate() took, each time that it ran, in milliseconds. */
function activations(): readonly number[] {
  return [...editor.log().matchAll(/activate: ([\d.]+) ms/g)].map(([, time]) => Number(time));
}

async function activationsAfter(count: number): Promise<readonly number[]> {
  await until("it is activated once more", () => activations().length > count);
  return activations();
}

test(
  "in an empty profile the extension is there, and a command of the palette runs",
  pictured(
    () => editor,
    async (workbench) => {
      const offered = await workbench.commandsFor("FuseLab: Show log");
      assert.ok(offered.includes("FuseLab: Show log"), offered.join("\n"));
      await workbench.runCommand("FuseLab: Show log");
      await workbench.page.locator(".part.panel .output-view").waitFor();
      assert.equal((await activationsAfter(0)).length, 1);
    },
  ),
);

test("activate() takes at most 50 ms, as the median of five starts", async (context) => {
  const { workbench } = editor;
  for (let count = activations().length; count < starts; count++) {
    await workbench.reload();
    await workbench.openContainer("FuseLab");
    assert.equal((await activationsAfter(count)).length, count + 1);
  }
  const times = [...activations()].sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  context.diagnostic(`figure: activate() ${median} ms median of ${times.join(", ")}`);
  assert.ok(median <= budget, `${median} ms`);
});

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
