/** The agents' tools, called in the host as an agent would: what they answer, what they cut, what they refuse. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fuselab } from "../support/commandLine.ts";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { recordOf } from "../support/smallRun.ts";
import { makeToyProject } from "../support/toyProject.ts";

const longest = 8 * 1024;
const text = "The valkyrie sat on </script>, éclair 😀.\n";

let editor: Editor;
before(async () => {
  editor = await openEditor({ files: { "a.md": text } });
  const project = await makeToyProject(editor.file("toy"), { steps: 2, checkpointEvery: 2 });
  const run = await fuselab(["run", project.recipe, "--out", editor.file("runs")]);
  assert.equal(run.code, 0, run.stderr);
  await editor.workbench.openContainer("FuseLab");
  await editor.workbench.treeRow("Runs", /done/).waitFor();
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

/** What a tool says, checked to be short enough for an agent. */
async function ask(name: string, input: object): Promise<string> {
  const answer = await editor.invokeTool(`fuselab_${name}`, input);
  assert.ok(Buffer.byteLength(answer) <= longest, `${name}: ${Buffer.byteLength(answer)} bytes`);
  return answer;
}

const told = async (name: string, input: object) => JSON.parse(await ask(name, input));
const refused = (name: string, input: object, says: RegExp): Promise<void> =>
  assert.rejects(editor.invokeTool(`fuselab_${name}`, input), ({ message }) => says.test(message));
const runName = (): string => readdirSync(editor.file("runs"))[0];

test("fuselab_tokenize_text lists tokenizers, and cuts a text without a byte lost", async () => {
  const { tokenizers } = await told("tokenize_text", { text });
  const names = tokenizers.map(({ name }: { name: string }) => name);
  assert.ok(names.includes("prose-gpt2"), names.join());
  const answer = await told("tokenize_text", { text, tokenizer: "prose-gpt2" });
  assert.equal(answer.bytes, Buffer.byteLength(text));
  assert.equal(answer.list.length, answer.tokens);
  assert.equal(answer.list.at(-1).byteEnd, answer.bytes);
  assert.equal(answer.cut, undefined);
});

test("an answer that is too long says how much of it was cut", async () => {
  const long = text.repeat(300);
  const { tokens, list, cut } = await told("tokenize_text", {
    text: long,
    tokenizer: "prose-gpt2",
  });
  assert.ok(list.length < tokens);
  assert.equal(cut.list, `${list.length} of ${tokens} are given`);
});

test("fuselab_align_text counts each target token once", async () => {
  const pair = { target: "generalist-llama", source: "prose-gpt2" };
  const { target, answered, outcomes } = await told("align_text", { text, ...pair });
  const all = Object.values(outcomes as Record<string, number>).reduce((sum, n) => sum + n, 0);
  assert.equal(all, target.tokens);
  assert.equal(answered.of, target.tokens);
  assert.equal(answered.bytes, outcomes.same + outcomes.bytesOnly + outcomes.other);
});

test("fuselab_list_runs and fuselab_read_run_metrics tell a run as its files have it", async () => {
  const { runs, all } = await told("list_runs", {});
  assert.equal(all, 1);
  assert.deepEqual([runs[0].run, runs[0].state], [runName(), "done"]);
  assert.deepEqual((await told("list_runs", { limit: 0 })).runs, []);
  const metrics = await told("read_run_metrics", { run: runName() });
  const file = editor.file(`runs/${runName()}/evaluation.json`);
  const { differences } = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(metrics.unit, "bits per UTF-8 byte");
  assert.ok(metrics.scores.length > 0 && metrics.differences.length === differences.length);
});

test("fuselab_explain_fused_row explains a row of a run, and opens no model for it", async () => {
  let fused = 0;
  for (let position = 0; position < 40 && fused === 0; position++) {
    const row = await told("explain_fused_row", { run: runName(), document: 0, position });
    assert.equal(row.position, position);
    assert.equal(row.models.length, 2);
    fused = row.fused.row.length;
  }
  assert.ok(fused > 0, "no row of forty was fused");
  const [inspector] = editor.processes("inspector.js");
  assert.ok(inspector !== undefined);
  const loaded = readFileSync(`/proc/${inspector.pid}/maps`, "utf8");
  assert.doesNotMatch(loaded, /libonnxruntime/);
});

test("bad input is refused in a sentence that says what would do", async () => {
  await refused(
    "tokenize_text",
    { text, tokenizer: "nobody" },
    /no tokenizer "nobody"\. Known ones: .*prose-gpt2/,
  );
  await refused("tokenize_text", { text: "a".repeat(20_001), tokenizer: "prose-gpt2" }, /20,?000/);
  await refused("tokenize_text", { tokenizer: "prose-gpt2" }, /text/);
  await refused("align_text", { text, target: "prose-gpt2" }, /source/);
  await refused("list_runs", { limit: -1 }, /limit/);
  await refused("read_run_metrics", { run: "nobody" }, /no run "nobody"\. Runs: .*toy/i);
  await refused("explain_fused_row", { position: 1 }, /No distributions view is open.*Name a run/);
  await refused(
    "explain_fused_row",
    { run: runName(), document: 9999, position: 0 },
    /no document 9999/,
  );
  await refused("explain_fused_row", { run: runName(), document: 0, position: 1e6 }, /position/);
  await refused("start_run", { recipe: "a.md" }, /ends in \.fusion\.yaml/);
  await refused("start_run", { recipe: "none.fusion.yaml" }, /cannot be read.*Check the path/);
  await refused("stop_run", { run: "nobody" }, /no run "nobody"/);
});

test("fuselab_start_run and fuselab_stop_run ask the person first, and do nothing after a no", async (context) => {
  await inEditor(async (workbench) => {
    const recipe = "toy/toy.fusion.yaml";
    const answerTo = async (name: string, input: object, question: string, button: string) => {
      const answer = editor.invokeTool(name, input).catch((error: unknown) => String(error));
      await workbench.dialog().filter({ hasText: question }).waitFor();
      await workbench.pressDialog(button);
      return answer;
    };
    await answerTo("fuselab_start_run", { recipe }, "Start a fusion run", "Cancel");
    assert.equal(readdirSync(editor.file("runs")).length, 1);

    const started = JSON.parse(
      await answerTo("fuselab_start_run", { recipe }, "toy.fusion.yaml?", "Yes"),
    );
    assert.equal(readdirSync(editor.file("runs")).length, 2);
    await answerTo("fuselab_stop_run", { run: started.run }, "It can be resumed.", "Yes");
    await workbench
      .treeRow("Runs", new RegExp(`(stopped|done) · .*${started.run}`))
      .waitFor({ timeout: 120_000 });
    const { state } = (await told("list_runs", {})).runs.find(
      ({ run }: { run: string }) => run === started.run,
    );
    assert.match(state, /stopped|done/);
    assert.equal(recordOf(started.folder).state, state);
  })(context);
});

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
