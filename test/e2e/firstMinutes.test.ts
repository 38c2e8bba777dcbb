/**
 * The first minutes of somebody who has just installed FuseLab: no settings, no folder open, nothing in the home
 * folder, no network. The buttons of the walkthrough lead to an alignment, a fused row, a finished run and a recipe.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Frame } from "playwright-core";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { recordOf } from "../support/smallRun.ts";

/** Milliseconds that all of it may take; the demo trains for about half of that on one core. */
const budget = 8 * 60_000;

let editor: Editor;
let began: number;
before(async () => {
  editor = await openEditor({ openWorkspace: false, viewport: { width: 1500, height: 900 } });
  began = performance.now();
});
after(() => editor?.close());

interface Context {
  readonly name: string;
  diagnostic(message: string): void;
}

/** A test that prints how long its step of the walkthrough took. */
const step =
  (what: string, body: (workbench: Workbench) => Promise<void>) =>
  async (context: Context): Promise<void> => {
    const start = performance.now();
    await pictured(() => editor, body)(context);
    const seconds = (performance.now() - start) / 1000;
    context.diagnostic(`figure: first minutes, ${what}: ${seconds.toFixed(1)} s`);
  };

/** Brings the walkthrough to the front, opens one of its steps, and presses the step's button. */
async function press(workbench: Workbench, title: string, button: string): Promise<void> {
  const { page } = workbench;
  const row = page.locator("button.getting-started-step:enabled").filter({ hasText: title });
  const walkthrough = page.locator("button.getting-started-category:enabled", {
    hasText: "FuseLab",
  });
  await workbench.tab(/^(Welcome|Walkthrough)/).click();
  // A page that comes back to the front may list all walkthroughs again.
  await row.or(walkthrough).first().waitFor();
  if (!(await row.isVisible())) await walkthrough.click();
  await row.waitFor();
  if ((await row.getAttribute("aria-expanded")) !== "true") await row.click();
  await row.getByRole("button", { name: button, exact: true }).click();
}

const shows = (frame: Frame, text: string | RegExp, timeout = 60_000): Promise<void> =>
  frame.locator("body").filter({ hasText: text }).waitFor({ timeout });

const home = (...names: readonly string[]): string => path.join(editor.profile.home, ...names);

test(
  "the tree of runs, empty, leads to the walkthrough",
  step("the walkthrough", async (workbench) => {
    await workbench.openContainer("FuseLab");
    await workbench.view("Runs").getByText("walkthrough", { exact: true }).click();
    await workbench.page.locator("button.getting-started-step").first().waitFor();
    const steps = workbench.page.locator("button.getting-started-step .step-title");
    assert.equal(await steps.count(), 4);
  }),
);

test(
  "its first button brings a text and aligns tokenizers on it, without a question",
  step("an alignment", async (workbench) => {
    await press(workbench, "Align two tokenizers", "Align the demo text");
    const frame = await workbench.webview(/^Align · /);
    await shows(frame, /DTW[\s\S]*\d+ of \d+/);
    await frame
      .locator(".view > [role=status]")
      .filter({ hasText: /\d of \d+: / })
      .waitFor();
    assert.equal(await workbench.quickInput().count(), 0);
  }),
);

test(
  "its second shows what the models say together, a fused row at once",
  step("a fused row", async (workbench) => {
    await press(workbench, "Fuse what models predict", "Show fused distributions");
    const frame = await workbench.webview(/^Fused · /);
    await shows(frame, /bits\/byte[\s\S]*fused \d+\.\d/);
    await shows(frame, "TAUGHT");
    assert.equal(await workbench.quickInput().count(), 0);
  }),
);

test(
  "its third asks once where runs are kept, and trains: fused is better than the baseline",
  step("the demo", async (workbench) => {
    await press(workbench, "Train on the fused rows", "Run the demo");
    await workbench
      .dialog()
      .filter({ hasText: home("FuseLab", "runs") })
      .waitFor();
    await workbench.pressDialog("Keep runs there");
    const frame = await workbench.webview("demo");
    await shows(
      frame,
      /fused target \d\.\d+ bits\/byte: −0\.\d+ \[.*\] against continued CLM/,
      budget,
    );
    await workbench.treeRow("Runs", /demo.*done/).waitFor();
    const [name] = readdirSync(home("FuseLab", "runs"));
    const run = home("FuseLab", "runs", name);
    assert.equal(recordOf(run).state, "done");
    const { differences } = JSON.parse(readFileSync(path.join(run, "evaluation.json"), "utf8"));
    const difference = differences.find(
      (one: { of: string; against: string }) => one.of === "fused" && one.against === "clm",
    );
    assert.ok(difference.average.value < 0, "the fused target is not below continued CLM");
  }),
);

test(
  "its fourth asks five questions and opens the recipe that they make",
  step("a recipe", async (workbench) => {
    await press(workbench, "Fuse your own models", "New fusion run…");
    await workbench.pick("generalist-llama");
    await workbench.quickPickRows().getByRole("checkbox").first().waitFor();
    await workbench.pickMany(["prose-gpt2", "code-neox"]);
    await workbench.pick("01.md"); // what is offered lies beside the text that was read before
    await workbench.pick("corrected");
    await workbench.quickInput().getByText("What is the run called?").waitFor();
    await workbench.answer("mine");
    await workbench.quickInput().getByText("Where is the recipe kept?").waitFor();
    await workbench.quickInput().getByRole("button", { name: "OK", exact: true }).click();
    await workbench.tab("mine.fusion.yaml").waitFor();
    await workbench.screenshot("first-minutes");
    const recipe = readFileSync(home("mine.fusion.yaml"), "utf8");
    for (const wanted of [/^target: .*generalist-llama/m, /prose-gpt2/, /code-neox/, /01\.md/]) {
      assert.match(recipe, wanted);
    }
  }),
);

test("all of it took at most eight minutes, and asked nothing of another machine", (context) => {
  const seconds = (performance.now() - began) / 1000;
  context.diagnostic(`figure: first minutes, in all: ${seconds.toFixed(0)} s`);
  assert.ok(seconds * 1000 < budget, `${seconds} s`);
  assert.deepEqual(editor.outside(), []);
  assert.ok(existsSync(home("FuseLab", "runs")));
});
