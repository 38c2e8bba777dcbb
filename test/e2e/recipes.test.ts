/** Recipes in the editor: made by five questions, checked as they are typed, mended, helped with, and estimated. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkRecipe } from "../../src/pipeline/recipe.ts";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { demoFolder, smallRecipe, smallTexts } from "../support/smallRun.ts";

/** Milliseconds; a check measures models on a loaded machine. */
const patience = 120_000;
const right = smallRecipe("right", { steps: 20 });
const mistake = "lamda";
const wrong = right.replace("lambda", mistake);

let editor: Editor;
before(async () => {
  editor = await openEditor({
    copyOf: demoFolder,
    files: {
      ...smallTexts,
      "right.fusion.yaml": right,
      "wrong.fusion.yaml": wrong,
      "broken.fusion.yaml": right.replace("./models/prose-gpt2", "./models/no-such-model"),
    },
  });
});
after(() => editor?.close());

const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

/** The question that is asked now. */
const question = (workbench: Workbench, text: string) =>
  workbench.quickInput().filter({ hasText: text }).waitFor();
const line = (workbench: Workbench, text: string | RegExp) =>
  workbench.textEditor().locator(".view-line").filter({ hasText: text }).first();
const lens = (workbench: Workbench, text: string | RegExp) =>
  workbench.textEditor().locator(".codelens-decoration").filter({ hasText: text });
const problem = (workbench: Workbench, text: string) =>
  workbench.page.locator(".part.panel .monaco-list-row").filter({ hasText: text }).first();

/** What the editor holds, as soon as it is on disk. */
async function saved(workbench: Workbench, file: string, isSo: (text: string) => boolean) {
  await workbench.page.keyboard.press("Control+S");
  const deadline = performance.now() + 20_000;
  for (;;) {
    const text = readFileSync(file, "utf8");
    if (isSo(text) || performance.now() > deadline) return text;
    await sleep(100);
  }
}

test(
  "New fusion run asks five questions and opens a recipe in which nothing is wrong",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: New fusion run…");
    await question(workbench, "New fusion run (1/5)");
    await workbench.pick("generalist-llama");
    await question(workbench, "New fusion run (2/5)");
    await workbench.pickMany(["prose-gpt2", "code-neox"]);
    await question(workbench, "New fusion run (3/5)");
    await workbench.pick(/^small$/);
    await workbench.pick("prose.txt");
    await question(workbench, "New fusion run (4/5)");
    await workbench.pick("corrected");
    await question(workbench, "New fusion run (5/5)");
    await workbench.answer("my: first");
    await workbench.tab("my-first.fusion.yaml").waitFor();

    const file = editor.file("my-first.fusion.yaml");
    const { parsed, problems } = checkRecipe(readFileSync(file, "utf8"), file);
    assert.deepEqual(problems, []);
    const recipe = parsed?.recipe;
    assert.equal(recipe?.name, "my: first");
    assert.equal(path.basename(recipe?.target ?? ""), "generalist-llama");
    assert.deepEqual(recipe?.sources.map((one) => path.basename(one)).sort(), [
      "code-neox",
      "prose-gpt2",
    ]);
    assert.equal(recipe?.corpus[0].domain, "prose");
    assert.deepEqual([recipe?.corpus[0].files].flat(), ["./small/prose.txt"]);
    assert.equal(recipe?.mode, "corrected");
    await lens(workbench, /Run.*Check/).waitFor();
    await workbench.screenshot("recipe-new");
  }),
);

test(
  "a question that is left leaves nothing behind",
  inEditor(async (workbench) => {
    const before = await workbench.tabTitles();
    await workbench.runCommand("FuseLab: New fusion run…");
    await question(workbench, "New fusion run (1/5)");
    await workbench.page.keyboard.press("Escape");
    await workbench.quickInput().waitFor({ state: "hidden" });
    assert.equal(await workbench.toast(/./).count(), 0, "leaving is no failure");
    assert.deepEqual(await workbench.tabTitles(), before);
  }),
);

test(
  "a mistake is shown at its line with what was meant, and the quick fix writes that",
  inEditor(async (workbench) => {
    const file = editor.file("wrong.fusion.yaml");
    const before = wrong.slice(0, wrong.indexOf(mistake)).split("\n");
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    await workbench.openFile(file);
    await workbench.textEditor().locator(".squiggly-error").first().waitFor();
    await workbench.runCommand("Problems: Focus on Problems View");
    const shown = problem(workbench, mistake);
    await shown.waitFor();
    const row = await shown.innerText();
    assert.match(row, /training has no key "lamda"\. Did you mean lambda\?/);
    assert.match(row, new RegExp(`Ln ${place.line}, Col ${place.column}`));
    await workbench.screenshot("recipe-mistake");

    await workbench.openFile(file);
    await workbench.goTo(place);
    await workbench.page.keyboard.press("Control+.");
    const fix = workbench.page.locator(".action-widget .monaco-list-row");
    await fix.filter({ hasText: "Write lambda" }).waitFor();
    await workbench.page.keyboard.press("Enter");
    await line(workbench, "lambda: 0.4").waitFor();
    await workbench.textEditor().locator(".squiggly-error").first().waitFor({ state: "detached" });
    assert.equal(await saved(workbench, file, (text) => text === right), right);
    await workbench.page.keyboard.press("Control+J"); // the panel's place is the editor's again
  }),
);

test(
  "completion offers what may stand there, and hover says what a key means",
  inEditor(async (workbench) => {
    const { page } = workbench;
    await workbench.openFile(editor.file("right.fusion.yaml"));
    await page.keyboard.press("Control+End");
    await page.keyboard.type("alig");
    await page.keyboard.press("Control+Space");
    const suggestions = page.locator(".suggest-widget .monaco-list-row");
    await suggestions.filter({ hasText: "alignment" }).waitFor();
    await page.keyboard.press("Enter");
    await line(workbench, "alignment:").waitFor();
    await page.keyboard.type("positions: ");
    await page.keyboard.press("Control+Space");
    await suggestions.filter({ hasText: "bytes" }).waitFor();
    await suggestions.filter({ hasText: "dtw" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.type("bytes");
    const file = editor.file("right.fusion.yaml");
    const text = await saved(workbench, file, (now) => now.includes("positions"));
    assert.equal(text, `${right}alignment:\n  positions: bytes`);
    assert.deepEqual(checkRecipe(text, file).problems, []);

    await workbench.goTo({ line: right.split("\n").length + 1, column: 5 });
    await page.keyboard.press("Control+K");
    await page.keyboard.press("Control+I");
    const hover = page.locator(".monaco-hover:visible").filter({ hasText: "alignment.positions" });
    await hover.waitFor();
    assert.match(await hover.innerText(), /Default: bytes \(corrected\), dtw \(published\)/);
    await page.keyboard.press("Escape");
  }),
);

test("the lens Check leaves memory, disk and time above the recipe, until it is edited", async (context) => {
  await inEditor(async (workbench) => {
    await workbench.openFile(editor.file("right.fusion.yaml"));
    await workbench.goTo({ line: 1 });
    const asked = performance.now();
    await lens(workbench, "Check").getByText("Check").click();
    const verdict = lens(
      workbench,
      /memory [\d.]+ [MG]B of [\d.]+ GB · disk [\d.]+ [MG]B of [\d.]+ GB · \d+ (s|min) to \d+ (s|min)/,
    );
    await verdict.waitFor({ timeout: patience });
    context.diagnostic(`figure: check of a recipe ${Math.round(performance.now() - asked)} ms`);
    await workbench.screenshot("recipe-checked");
    assert.match(editor.log(), /check of .*right\.fusion\.yaml: \d+ findings/);
    await workbench.page.keyboard.press("Control+End");
    await workbench.page.keyboard.type("\n");
    await verdict.waitFor({ state: "detached" });
    await lens(workbench, /Run.*Check/).waitFor();
    await workbench.page.keyboard.press("Control+Z");
  })(context);
});

test(
  "a check says what would make the run fail",
  inEditor(async (workbench) => {
    await workbench.openFile(editor.file("broken.fusion.yaml"));
    await workbench.runCommand("FuseLab: Check recipe");
    await workbench.toast(/no-such-model/).waitFor({ timeout: patience });
    await lens(workbench, /would fail: 1 error/).waitFor();
  }),
);

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
