import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import type { Evaluation } from "../../src/pipeline/evaluation.ts";
import { readEvents } from "../../src/pipeline/runEvents.ts";
import { readRunRecord } from "../../src/pipeline/runRecord.ts";
import type { StepEvent } from "../../src/protocol/runEvents.ts";
import { commandFile, fuselab } from "../support/commandLine.ts";
import { temporaryFolder } from "../support/folders.ts";
import { makeToyProject } from "../support/toyProject.ts";

/** Losses of an arm by step; a step that was taken twice counts as it came out last. */
async function lossesOf(run: string, arm: StepEvent["arm"]): Promise<(number | null)[]> {
  const losses: (number | null)[] = [];
  for (const event of await readEvents(run)) {
    if (event.t === "step" && event.arm === arm) losses[event.step - 1] = event.loss.total;
  }
  return losses;
}

/** Starts a run and answers its folder once the fused target has taken `step` steps. */
async function runUntilStep(recipe: string, out: string, step: number): Promise<string> {
  const { stdout, stderr, code } = await fuselab(["run", recipe, "--out", out, "--detach"]);
  assert.equal(code, 0, stderr);
  const run = stdout.trim();
  await untilStep(run, step);
  return run;
}

async function untilStep(run: string, step: number): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    const events = existsSync(path.join(run, "events.jsonl")) ? await readEvents(run) : [];
    if (events.some((event) => event.t === "step" && event.arm === "fused" && event.step >= step)) {
      return;
    }
    const failed = events.find((event) => event.t === "failed");
    assert.equal(failed, undefined, JSON.stringify(failed));
    await delay(20);
  }
  throw new Error(`step ${step} was not reached`);
}

async function processOf(run: string): Promise<number> {
  const { pid } = await readRunRecord(run);
  assert.ok(pid !== null);
  return pid;
}

describe("a run", () => {
  test("makes a model, an evaluation and a report", async (t) => {
    const { folder, recipe, target } = await makeToyProject(temporaryFolder(t));
    const out = path.join(folder, "runs");
    const { code, stdout, stderr } = await fuselab(["run", recipe, "--out", out, "--json"]);
    assert.equal(code, 0, stderr);
    const answer = JSON.parse(stdout) as { folder: string; target: string; evaluation: Evaluation };

    const { state } = await readRunRecord(answer.folder);
    assert.equal(state, "done");
    const fused = await openModelFolder(answer.target);
    const before = await openModelFolder(target);
    assert.deepEqual(fused.config, before.config);
    const [changed, original] = [await fused.loadWeights(), await before.loadWeights()];
    assert.notDeepEqual(changed.get("model.norm.weight"), original.get("model.norm.weight"));

    const { rows, differences, heldOut } = answer.evaluation;
    assert.deepEqual(
      rows.map(({ label }) => label),
      ["source:source", "target", "ensemble", "oracle", "clm", "fused"],
    );
    assert.deepEqual(Object.keys(heldOut).sort(), ["code", "prose"]);
    const score = (label: string): number => {
      const row = rows.find((one) => one.label === label);
      assert.ok(row, label);
      return row.average.value;
    };
    assert.ok(score("clm") < score("target") - 0.05, "training lowers the held-out loss");
    assert.ok(score("fused") < score("target") - 0.02);
    assert.ok(score("oracle") <= Math.min(score("target"), score("source:source")) + 1e-9);
    for (const { average } of differences)
      assert.ok(average.low <= average.value && average.value <= average.high);

    const report = readFileSync(path.join(answer.folder, "report.html"), "utf8");
    assert.match(report, /Held-out text/);
    assert.doesNotMatch(report, /NaN|undefined|<script/);
    const card = readFileSync(path.join(answer.target, "README.md"), "utf8");
    assert.match(card, /base_model|library_name: transformers/);
    assert.ok(card.includes(score("fused").toFixed(4)), "the model card has the numbers");

    const again = await fuselab(["resume", answer.folder]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /done/);
  });

  test("takes representations over from another run where models and chunks are the same", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), { steps: 2 });
    const out = path.join(folder, "runs");
    const first = await fuselab(["run", recipe, "--out", out, "--json"]);
    assert.equal(first.code, 0, first.stderr);
    const { folder: from } = JSON.parse(first.stdout) as { folder: string };
    const second = await fuselab(["run", recipe, "--out", out, "--reuse", from, "--json"]);
    assert.equal(second.code, 0, second.stderr);
    const { folder: run } = JSON.parse(second.stdout) as { folder: string };
    const extracted = (await readEvents(run)).filter(
      (e) => e.t === "shard" && e.stage === "extract",
    );
    assert.ok(extracted.length > 0);
    for (const event of extracted) assert.equal(event.t === "shard" && event.reused, true);
    assert.deepEqual(await lossesOf(run, "fused"), await lossesOf(from, "fused"));
  });

  test("with λ = 1 is continued training on the text, bit for bit", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), {
      steps: 6,
      training: "  lambda: 1\n",
    });
    const { code, stdout, stderr } = await fuselab(["run", recipe, "--out", folder, "--json"]);
    assert.equal(code, 0, stderr);
    const { folder: run } = JSON.parse(stdout) as { folder: string };
    const fused = await lossesOf(run, "fused");
    assert.equal(fused.length, 6);
    assert.deepEqual(fused, await lossesOf(run, "clm"));
    const weights = (model: string): Buffer =>
      readFileSync(path.join(run, model, "model.safetensors"));
    assert.ok(weights("target").equals(weights(path.join("baselines", "clm", "model"))));
  });

  test("repeats the published method from end to end", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), {
      steps: 3,
      recipe: "mode: published\n",
    });
    const { code, stdout, stderr } = await fuselab(["run", recipe, "--out", folder, "--json"]);
    assert.equal(code, 0, stderr);
    const { folder: run } = JSON.parse(stdout) as { folder: string };
    const fusion = JSON.parse(readFileSync(path.join(run, "fusion.json"), "utf8"));
    const { noRow, positions, rows } = fusion.tally.sources[0];
    assert.ok(noRow.notOneToOne + noRow.piecesDiffer > 0);
    assert.equal(noRow.noSharedBoundary, 0, "bytes have no say in it");
    assert.ok(rows > 0 && rows < positions);
  });
});

describe("a run that ends early", () => {
  const steps = 40;

  test("goes on after kill -9 with the losses of an undisturbed run", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), { steps });
    const whole = await fuselab(["run", recipe, "--out", path.join(folder, "whole"), "--json"]);
    assert.equal(whole.code, 0, whole.stderr);
    const undisturbed = (JSON.parse(whole.stdout) as { folder: string }).folder;

    const run = await runUntilStep(recipe, path.join(folder, "killed"), 12);
    process.kill(-(await processOf(run)), "SIGKILL");
    await delay(100);
    const status = await fuselab(["status", run, "--json"]);
    assert.equal((JSON.parse(status.stdout) as { state: string }).state, "lost");

    const resumed = await fuselab(["resume", run, "--json"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    for (const arm of ["fused", "clm"] as const) {
      const losses = await lossesOf(run, arm);
      assert.equal(losses.length, steps);
      assert.deepEqual(losses, await lossesOf(undisturbed, arm));
    }
    const hellos = (await readEvents(run)).filter(({ t }) => t === "hello");
    assert.equal(hellos.length, 2);
    const score = (folder: string): unknown =>
      JSON.parse(readFileSync(path.join(folder, "evaluation.json"), "utf8")).rows;
    assert.deepEqual(score(run), score(undisturbed));
  });

  test("stops within a step when asked, refuses a second start meanwhile, and goes on", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), {
      steps: 8000,
      checkpointEvery: 1000,
    });
    const run = await runUntilStep(recipe, path.join(folder, "runs"), 3);
    const second = await fuselab(["resume", run]);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /being executed/);

    const stopped = await fuselab(["stop", run]);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.equal((await readRunRecord(run)).state, "stopped");
    const taken = (await lossesOf(run, "fused")).length;
    assert.ok(taken < 8000, "it was stopped before the end");
    assert.ok(!existsSync(path.join(run, "target")), "nothing half-written");

    const resumed = fuselab(["resume", run]);
    await untilStep(run, taken + 3);
    assert.equal((await fuselab(["stop", run])).code, 0);
    const { code, stderr } = await resumed;
    assert.equal(code, 130, "a command whose run was stopped says so");
    assert.match(stderr, /resume/);
    const losses = await lossesOf(run, "fused");
    assert.ok(losses.length >= taken + 3);
    assert.ok(
      losses.every((loss) => typeof loss === "number"),
      "no step is missing",
    );
  });

  test("is stopped by Ctrl-C in the command that follows it, which says how to go on", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t), { steps: 8000 });
    const out = path.join(folder, "runs");
    const child = spawn(process.execPath, [commandFile, "run", recipe, "--out", out], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const closed = once(child, "close");
    while (!existsSync(out)) await delay(20);
    const run = path.join(out, readdirSync(out)[0] ?? "");
    await untilStep(run, 3);
    child.kill("SIGINT");
    const [code] = await closed;
    assert.equal(code, 130, said);
    assert.match(said, /stopping[\s\S]*fuselab resume/);
    assert.equal((await readRunRecord(run)).state, "stopped");
  });

  test("names the model that is broken before anything is written", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t));
    const out = path.join(folder, "runs");
    writeFileSync(path.join(folder, "source", "tokenizer.json"), "{");
    const { code, stderr } = await fuselab(["run", recipe, "--out", out]);
    assert.equal(code, 2);
    assert.match(stderr, /tokenizer\.json/);
    assert.ok(!existsSync(out));
  });
});
