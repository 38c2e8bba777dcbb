/**
 * A workspace that the user does not trust and that means harm: its settings point at programs and folders of its
 * own, and its tokenizer's regular expression takes exponential time. Aligning works; nothing of it is run or read.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { demoFolder, smallRecipe } from "../support/smallRun.ts";

/** Backtracks through every way of cutting a run of letters: the text below takes it years. */
const endless = "(?:[a-z]+)+[0-9]";
const text = `${"a".repeat(60)}!\n`;

/** A tokenizer like the demo's, whose words are cut by `endless`. */
function hostileTokenizer(): string {
  const file = path.join(demoFolder, "models", "code-neox", "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(file, "utf8"));
  const split = tokenizer.pre_tokenizer.pretokenizers[0];
  split.pattern = { Regex: endless };
  return JSON.stringify(tokenizer);
}

const program = (mark: string) => `#!/bin/sh\ntouch "$(dirname "$0")/../${mark}"\n`;
/** What would be there if something of the workspace had been run or written to. */
const marks = ["ran-program", "ran-task", "stolen", "runs", "cache"];

const settings = {
  "fuselab.runs.folder": "./runs",
  "fuselab.models.folders": ["./tokenizer", "./models"],
  "fuselab.models.default": ["./tokenizer", "./models/code-neox"],
  "fuselab.inspector.memoryLimitMB": 1,
  "fuselab.training.threads": 1024,
  "fuselab.hub.endpoint": "http://attacker.invalid",
  "fuselab.hub.cacheFolder": "./cache",
  "fuselab.alignment.maxTokens": "many",
  "python.defaultInterpreterPath": "./bin/python",
};

let editor: Editor;
before(async () => {
  editor = await openEditor({
    restricted: true,
    files: {
      ".vscode/settings.json": JSON.stringify(settings),
      "bin/python": program("ran-program"),
      "tokenizer/tokenizer.json": hostileTokenizer(),
      "evil.fusion.yaml": smallRecipe("evil", { steps: 1 }),
      "text.md": text,
    },
  });
  const own = path.join(editor.profile.home, "own", "endless");
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, "tokenizer.json"), hostileTokenizer());
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const addTitle = "A Hugging Face folder, or one that holds some";

test(
  "the built-in tokenizers align its text, and the settings of the workspace do not count",
  inEditor(async (workbench) => {
    await workbench.openFile(editor.file("text.md"));
    await workbench.runCommand("FuseLab: Align tokenizers");
    await workbench.quickPickRows().first().waitFor();
    const offered = await workbench.quickPickLabels();
    assert.ok(offered.includes("prose-gpt2"), offered.join());
    assert.ok(!offered.includes("tokenizer"), offered.join());
    await workbench.pickMany(["generalist-llama", "prose-gpt2"]);
    await workbench
      .quickInput()
      .getByText("Which one is the target?")
      .or(workbench.quickPickRows())
      .first()
      .waitFor();
    await workbench.pick("generalist-llama");
    const frame = await workbench.webview("Align · text.md");
    await frame
      .locator("body")
      .filter({ hasText: /DTW[\s\S]*\d+ of \d+/ })
      .waitFor();
    assert.match(editor.log(), /inspector \d+ is up, restricted/);
  }),
);

test(
  "its own tokenizer is refused in a sentence when it is added",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model folder…");
    await workbench.answerFileDialog(addTitle, editor.file("tokenizer"));
    await workbench
      .toast(
        "lies in a workspace that is not trusted. Trust the workspace, or pick a folder outside it.",
      )
      .waitFor();
    await workbench.runCommand("Notifications: Clear All Notifications");
  }),
);

test("commands that need trust say so and what to do, also past the palette", async (context) => {
  const refused: readonly (readonly [id: string, ...args: unknown[]])[] = [
    ["showFusedDistributions"],
    ["newRun"],
    ["runRecipe", { uri: `file://${editor.file("evil.fusion.yaml")}` }],
    ["checkRecipe", { uri: `file://${editor.file("evil.fusion.yaml")}` }],
    ["runDemo"],
    ["run.stop", editor.file("runs/one")],
    ["run.resume", editor.file("runs/one")],
    ["run.delete", editor.file("runs/one")],
    ["model.addFromHub", "owner/name"],
    ["model.buildVocabularyMap"],
  ];
  await inEditor(async (workbench) => {
    for (const [id, ...args] of refused) {
      await editor.command(`fuselab.${id}`, ...args);
      const toast = workbench.toast(
        /in a workspace that is not trusted\. Trust the workspace first/,
      );
      await toast.waitFor();
      await toast.getByRole("button", { name: "Manage Workspace Trust" }).waitFor();
      await workbench.runCommand("Notifications: Clear All Notifications");
      await toast.waitFor({ state: "hidden" });
    }
    assert.ok(await workbench.offersCommand("FuseLab: Align tokenizers"));
    assert.ok(!(await workbench.offersCommand("FuseLab: Run the demo")));
  })(context);
});

test("a tokenizer whose expression never ends is refused while the host stays awake", async (context) => {
  await inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model folder…");
    await workbench.answerFileDialog(addTitle, path.join(editor.profile.home, "own"));
    await workbench.treeRow("Models", /endless/).waitFor();
    const began = performance.now();
    const { all, own } = await editor.hostLag(async () => {
      const answer = editor.invokeTool("fuselab_tokenize_text", { text, tokenizer: "endless" });
      await assert.rejects(
        answer,
        /no answer within 20 s\..*regular expression never comes to an end/,
      );
    });
    const seconds = (performance.now() - began) / 1000;
    context.diagnostic(
      `figure: endless expression refused after ${seconds.toFixed(1)} s; the host was late by ` +
        `${all.toFixed(0)} ms at most, ${own.toFixed(0)} ms of its own`,
    );
    assert.ok(own < 100, `${own} ms`);
    const after = JSON.parse(
      await editor.invokeTool("fuselab_tokenize_text", { text, tokenizer: "prose-gpt2" }),
    );
    assert.ok(after.tokens > 0);
  })(context);
});

test("the alignment view refuses it as soon, and shows the others", async (context) => {
  await inEditor(async (workbench) => {
    await workbench.tab("Align · text.md").click();
    const frame = await workbench.webview("Align · text.md");
    await frame.getByRole("button", { name: "+ tokenizer" }).click();
    const began = performance.now();
    await workbench.pickMany(["generalist-llama", "prose-gpt2", "endless"]);
    await workbench.page.getByText("(2/2)").waitFor();
    await workbench.pick("generalist-llama");
    const notice = frame.locator(".line.notice");
    await notice.getByText(/endless.*: .*no answer within 20 s/).waitFor({ timeout: 60_000 });
    const seconds = (performance.now() - began) / 1000;
    context.diagnostic(`figure: refused in the view after ${seconds.toFixed(1)} s`);
    assert.ok(seconds < 45, `${seconds} s`);
    await frame
      .locator(".figures-table")
      .filter({ hasText: /DTW[\s\S]*\d+ of \d+/ })
      .waitFor();
  })(context);
});

test("nothing of the workspace ran, was written, or asked another machine", () => {
  for (const mark of marks) assert.ok(!existsSync(editor.file(mark)), mark);
  const { workspace, home } = editor.profile;
  assert.deepEqual(
    editor.processes(path.join(workspace, "bin")).map(({ command }) => command),
    [],
  );
  assert.ok(!existsSync(path.join(home, "FuseLab")));
  assert.deepEqual(editor.outside(), []);
});
