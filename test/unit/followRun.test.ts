import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { endOfEvents, followRun } from "../../src/cli/followRun.ts";
import { findLiveRun, findRun } from "../../src/cli/runArgument.ts";
import type { Progress } from "../../src/cli/terminal.ts";
import { Problem } from "../../src/core/problem.ts";
import { claimRun } from "../../src/pipeline/runClaim.ts";
import { openEventLog, readEvents } from "../../src/pipeline/runEvents.ts";
import { createRun } from "../../src/pipeline/runFolder.ts";
import { summariseRun } from "../../src/pipeline/runSummary.ts";
import type { RunEventBody, StepEvent } from "../../src/protocol/runEvents.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";
import { ended, newRun, runIn, startProcess } from "../support/runs.ts";

/** Progress that only remembers. */
function recorded(): {
  readonly lines: string[];
  readonly bars: string[];
  readonly progress: Progress;
} {
  const lines: string[] = [];
  const bars: string[] = [];
  return {
    lines,
    bars,
    progress: {
      update: (name, done, of, note = "", unit = "") =>
        void bars.push(`${name} ${done}/${of} ${note}${unit}`),
      say: (text) => void lines.push(text),
      end: () => void lines.push("(end)"),
    },
  };
}

const step = (number: number): StepEvent => ({
  t: "step",
  arm: "fused",
  seed: 1,
  step: number,
  of: 2,
  loss: { total: 3, clm: 1, fusion: 2, text: 2.5 },
  gradientNorm: 1,
  lr: 1e-3,
  tokens: 1,
  tokensPerSecond: 1,
});

describe("following a run", () => {
  test("shows its stages, steps and scores and ends with it", async (t) => {
    const folder = await runIn(t);
    const { lines, bars, progress } = recorded();
    const following = followRun(folder, { progress });
    const claim = await claimRun(folder);
    const log = openEventLog(folder);
    const events: RunEventBody[] = [
      { t: "stage", stage: "extract", phase: "started" },
      { t: "progress", stage: "extract", done: 1, of: 2, unit: "shards", what: "gpt2" },
      { t: "stage", stage: "extract", phase: "finished", seconds: 2 },
      step(1),
      step(2),
      { t: "evaluation", of: { kind: "target" }, bitsPerByte: 2, bytes: 1, domains: [] },
      { t: "done", outcome: "finished", seconds: 3 },
    ];
    for (const event of events) log.append(event);
    log.close();
    await delay(50);
    await claim.release("done");
    assert.equal(await following, "done");
    assert.deepEqual(bars, [
      "extract gpt2 1/2 shards",
      "train fused 1/2 loss 3.000 (true next token 2.500)",
      "train fused 2/2 loss 3.000 (true next token 2.500)",
    ]);
    assert.equal(lines[0], "extract: 2 s");
    assert.match(lines[1], /target before training/);
    assert.deepEqual(lines.slice(2), ["done after 3 s", "(end)"]);
  });

  test("ends where its process dies without a word", async (t) => {
    const folder = await runIn(t);
    const { child } = await startProcess(t, folder, "hold");
    const { lines, progress } = recorded();
    const following = followRun(folder, { progress });
    await delay(300);
    child.kill("SIGKILL");
    await ended(child);
    assert.equal(await following, "lost");
    assert.match(lines[0], /^warning: from/);
  });

  test("leaves out what is past", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    const log = openEventLog(folder);
    log.append({ t: "warning", message: "past" });
    const offset = await endOfEvents(folder);
    log.append({ t: "warning", message: "new" });
    log.append({ t: "done", outcome: "stopped", seconds: 1 });
    log.close();
    await claim.release("stopped");
    const { lines, progress } = recorded();
    assert.equal(await followRun(folder, { fromOffset: offset, progress }), "stopped");
    assert.deepEqual(lines, ["warning: new", "stopped after 1 s", "(end)"]);
  });

  test("waits for the new process of a run that had ended before", async (t) => {
    const folder = await runIn(t);
    await (await claimRun(folder)).release("stopped");
    const { lines, progress } = recorded();
    const following = followRun(folder, { fromOffset: await endOfEvents(folder), progress });
    await delay(1300); // the state has been looked at, and will be again
    const claim = await claimRun(folder);
    const log = openEventLog(folder);
    log.append({ t: "warning", message: "here" });
    await delay(1500);
    log.append({ t: "done", outcome: "finished", seconds: 1 });
    log.close();
    await claim.release("done");
    assert.equal(await following, "done");
    assert.deepEqual(lines, ["warning: here", "done after 1 s", "(end)"]);
  });

  test("can be left while the run goes on", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    const leaving = new AbortController();
    const { progress } = recorded();
    const following = followRun(folder, { progress, signal: leaving.signal });
    setTimeout(() => leaving.abort(), 100);
    assert.equal(await following, "running");
    await claim.release("done");
  });
});

test("the summary of a resumed run forgets what the earlier process failed at", async (t) => {
  const folder = await runIn(t);
  const log = openEventLog(folder);
  const hello: RunEventBody = {
    t: "hello",
    fuselab: "1",
    host: "h",
    pid: 1,
    engine: "onnx",
    device: "cpu",
    threads: 1,
    resumed: true,
  };
  log.append({ t: "stage", stage: "split", phase: "finished", seconds: 1 });
  log.append({ t: "warning", message: "old" });
  log.append({ t: "failed", problem: { code: "failed", message: "no space" } });
  log.append(hello);
  log.append({ t: "stage", stage: "train", phase: "started" });
  log.append(step(1));
  log.append(step(2));
  log.close();
  const summary = summariseRun(await readEvents(folder));
  assert.equal(summary.problem, undefined);
  assert.deepEqual(summary.warnings, []);
  assert.deepEqual(
    summary.stages.map(({ phase }) => phase),
    ["finished", ...Array(5).fill("waiting"), "started", "waiting"],
  );
  assert.deepEqual(
    summary.steps.map((one) => one.step),
    [2],
  );
});

describe("naming a run", () => {
  test("works by folder, by name and by a part that only it has", async (t) => {
    const runs = temporaryFolder(t);
    const old = await createRun(runs, { ...newRun, name: "alpha" }, new Date(2026, 0, 1));
    const young = await createRun(runs, { ...newRun, name: "alphabet" }, new Date(2026, 0, 2));
    assert.equal(await findRun(path.basename(old), runs), old);
    assert.equal(await findRun("alphabet", runs), young);
    assert.equal(await findRun(young, runs), young);
    await assert.rejects(findRun("alph", runs), /means several runs/);
    await assert.rejects(findRun("beta", runs), (error) => {
      assert.ok(error instanceof Problem);
      assert.match(error.next ?? "", /2026-01-02-alphabet, 2026-01-01-alpha/);
      return error.isBadInput;
    });
  });

  test("is not needed where one run is alive", async (t) => {
    const runs = temporaryFolder(t);
    writeFiles(runs, { "broken/run.json": "" });
    await assert.rejects(findLiveRun(runs), /No run .* is running/);
    const one = await createRun(runs, newRun);
    assert.equal(await findLiveRun(runs), one);
    await createRun(runs, newRun);
    await assert.rejects(findLiveRun(runs), /Several runs/);
  });
});
