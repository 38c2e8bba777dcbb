/** What the run view and the comparison show, worked out from events and files as a run leaves them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compareShow } from "../../src/extension/runs/compareShow.ts";
import { RunDigest } from "../../src/extension/runs/runDigest.ts";
import type { RunReading } from "../../src/extension/runs/runReading.ts";
import { durationText, runShow, stateSentence } from "../../src/extension/runs/runShow.ts";
import type { Evaluation, EvaluationRow } from "../../src/pipeline/evaluation.ts";
import type { RunEvent, RunEventBody } from "../../src/protocol/runEvents.ts";
import type { RunRecord, ShownRunState } from "../../src/protocol/runState.ts";

const record: RunRecord = {
  v: 1,
  name: "three into one",
  state: "running",
  mode: "corrected",
  created: 1000,
  started: 2000,
  ended: null,
  host: "here",
  bootId: "",
  pid: 7,
  pidStartTime: "1",
  heartbeat: 3000,
  recipeFolder: "/recipes",
  versions: {},
  seeds: { training: 1 },
  hashes: {},
  threads: 2,
  device: "cpu",
  problem: null,
};

function readingOf(
  bodies: readonly (RunEventBody & { time?: number })[],
  state: ShownRunState = "running",
  change: Partial<RunRecord> = {},
): RunReading {
  const digest = new RunDigest();
  for (const [seq, body] of bodies.entries()) {
    digest.take({ v: 1, seq, time: 10_000 + seq, ...body } as RunEvent);
  }
  return { folder: "/runs/a", record: { ...record, ...change }, state, digest, offset: 99 };
}

const noFiles = { evaluation: undefined, fusion: undefined, recipe: "", logTail: "", files: [] };

function stepEvent(arm: "fused" | "clm", step: number, tokensPerSecond: number): RunEventBody {
  return {
    t: "step",
    arm,
    seed: 1,
    step,
    of: 400,
    loss: { total: 3, clm: 2, fusion: 1, text: 2 },
    gradientNorm: 1,
    lr: 1e-3,
    tokens: step * 1000,
    tokensPerSecond,
  };
}

const training: RunEventBody[] = [
  {
    t: "stage",
    stage: "align",
    phase: "finished",
    seconds: 4,
    figures: { positions: 1000, rows: 834, share: 0.834 },
  },
  { t: "stage", stage: "train", phase: "started" },
];

suite("the sentence of a run", () => {
  test("says how far training is, and takes the time left from the slower arm", () => {
    const reading = readingOf([
      ...training,
      stepEvent("clm", 240, 2000),
      stepEvent("fused", 200, 1000),
    ]);
    // fused: 200 steps of 1,000 tokens at 1,000 tokens/s are left: 200 s
    assert.equal(
      stateSentence(reading, 10_003),
      "training 200 of 400 · 3 min left · 3,000 tokens/s",
    );
  });

  test("adds up what a stage works on side by side", () => {
    const progress = (what: string, done: number): RunEventBody => ({
      t: "progress",
      stage: "extract",
      done,
      of: 50,
      unit: "chunks",
      what,
    });
    const reading = readingOf([
      { t: "stage", stage: "extract", phase: "started" },
      progress("a", 10),
      progress("b", 20),
      progress("a", 30),
    ]);
    assert.equal(stateSentence(reading, 0), "extract 50 of 100 chunks");
  });

  test("names the error of a run that failed, from its record or its events", () => {
    const problem = { code: "failed", message: "The disk is full." } as const;
    const byEvent = readingOf([{ t: "failed", problem }], "failed");
    assert.equal(stateSentence(byEvent, 0), "failed: The disk is full.");
    const byRecord = readingOf([], "failed", { problem });
    assert.equal(stateSentence(byRecord, 0), "failed: The disk is full.");
  });

  test("of one that is lost says so, and of one that is done how long it took", () => {
    assert.match(stateSentence(readingOf([], "lost"), 0), /lost/);
    assert.equal(stateSentence(readingOf([], "done", { ended: 602_000 }), 0), "done in 10 min");
  });
});

suite("a run's snapshot", () => {
  test("has the stages in order, with the share that found a row", () => {
    const { stages } = runShow(readingOf(training), noFiles);
    assert.deepEqual(
      stages.map(({ name }) => name),
      ["split", "pack", "extract", "map", "align", "fuse", "train", "evaluate"],
    );
    assert.equal(stages[4].headline, "83.4 % answered");
    assert.equal(stages[6].state, "running");
    assert.equal(stages[7].state, "waiting");
  });

  test("forgets the warnings and the failure of the process before, and marks where it was resumed", () => {
    const hello = {
      t: "hello",
      fuselab: "0",
      host: "h",
      pid: 1,
      engine: "onnx",
      device: "cpu",
      threads: 1,
    } as const;
    const {
      warnings,
      record: shown,
      marks,
    } = runShow(
      readingOf([
        { ...hello, resumed: false },
        { t: "warning", message: "old" },
        { t: "failed", problem: { code: "failed", message: "fell" } },
        { ...hello, resumed: true },
        { t: "warning", message: "new", next: "Mend it." },
      ]),
      noFiles,
    );
    assert.deepEqual(warnings, ["new Mend it."]);
    assert.equal(shown.problem, null);
    assert.deepEqual(
      marks.map(({ kind }) => kind),
      ["warning", "problem", "resumed", "warning"],
    );
  });

  test("names files by their paths in the run, and none outside it", () => {
    const shard = (path: string): RunEventBody => ({
      t: "shard",
      stage: "fuse",
      path,
      bytes: 1,
      chunks: 1,
      reused: false,
    });
    const { stages } = runShow(
      readingOf([shard("/runs/a/fused/shard-00000.arrow"), shard("/elsewhere/shard.arrow")]),
      noFiles,
    );
    assert.deepEqual(stages[5].files, ["fused/shard-00000.arrow"]);
  });

  test("gives the paired difference with its interval as the verdict", () => {
    const evaluation = evaluationOf({ fused: 2.31, clm: 2.34, target: 2.41 });
    const { verdict } = runShow(readingOf([], "done"), { ...noFiles, evaluation });
    assert.equal(
      verdict,
      "fused target 2.310 bits/byte: −0.030 [−0.040, −0.020] against continued CLM, −0.100 against the start",
    );
  });

  test("says that there is no baseline where the recipe has none", () => {
    const evaluation = evaluationOf({ fused: 2.31 });
    const { verdict } = runShow(readingOf([], "done"), { ...noFiles, evaluation });
    assert.equal(verdict, "fused target 2.310 bits/byte · no baseline in this recipe");
  });
});

function rowOf(label: string, value: number): EvaluationRow {
  const estimate = { value, low: value - 0.01, high: value + 0.01 };
  return {
    label,
    title: label,
    kind: label as EvaluationRow["kind"],
    domains: { prose: estimate },
    average: estimate,
  };
}

function evaluationOf(scores: Readonly<Record<string, number>>, bytes = 1000): Evaluation {
  const paired = "clm" in scores;
  const difference = scores.fused - (scores.clm ?? 0);
  const estimate = { value: difference, low: difference - 0.01, high: difference + 0.01 };
  return {
    version: 1,
    unit: "bits per UTF-8 byte",
    heldOut: { prose: { chunks: 3, bytes } },
    leftOut: 0,
    bootstrap: { resamples: 10, seed: 1 },
    rows: Object.entries(scores).map(([label, value]) => rowOf(label, value)),
    differences: paired
      ? [{ of: "fused", against: "clm", domains: { prose: estimate }, average: estimate }]
      : [],
  };
}

suite("a comparison", () => {
  const run = (fused: number, recipe: string, bytes = 1000) => ({
    reading: readingOf([], "done"),
    evaluation: evaluationOf({ fused, clm: 2.4 }, bytes),
    recipe,
  });

  test("lists only settings that differ", () => {
    const { settings } = compareShow([
      run(2.3, "mode: corrected\ntraining: { seed: 1, steps: 400 }"),
      run(2.2, "mode: corrected\ntraining: { seed: 1, steps: 800 }\nfusion: { rule: avgCE }"),
    ]);
    assert.deepEqual(settings, [
      { key: "training.steps", values: ["400", "800"] },
      { key: "fusion.rule", values: ["", "avgCE"] },
    ]);
  });

  test("sets a difference against the spread of runs that differ in their seed alone", () => {
    const { runs } = compareShow([
      run(2.3, "name: a\ntraining: { seed: 1 }"),
      run(2.32, "name: b\ntraining: { seed: 2 }"),
      run(2.2, "name: c\ntraining: { seed: 1 }\nfusion: { rule: avgCE }"),
    ]);
    // standard deviation of 2.30 and 2.32: 0.02 / √2
    assert.ok(Math.abs((runs[1].difference?.spread ?? 0) - 0.02 / Math.SQRT2) < 1e-12);
    assert.equal(runs[1].difference?.beyondSpread, true);
    assert.ok(Math.abs((runs[2].difference?.bitsPerByte ?? 0) + 0.1) < 1e-12);
    assert.equal(runs[0].difference, undefined);
  });

  test("knows no spread without two runs of one method, and calls nothing beyond it", () => {
    const { runs } = compareShow([run(2.3, "mode: corrected"), run(2.2, "mode: published")]);
    assert.equal(runs[1].difference?.spread, null);
    assert.equal(runs[1].difference?.beyondSpread, false);
  });

  test("leaves out the difference to a run that was measured on other text, and says why", () => {
    const { runs } = compareShow([run(2.3, ""), run(2.2, "", 999)]);
    assert.match(runs[1].notComparable ?? "", /other held-out text/);
    assert.equal(runs[1].difference, undefined);
  });

  test("takes a recipe that cannot be read as one without settings", () => {
    const { settings } = compareShow([run(2.3, "a: [1"), run(2.2, "a: [1")]);
    assert.deepEqual(settings, []);
  });
});

test("durations are said in the largest unit that is needed", () => {
  assert.deepEqual([0.4, 59, 61, 3600, 5400].map(durationText), [
    "0 s",
    "59 s",
    "1 min",
    "1 h 0 min",
    "1 h 30 min",
  ]);
});
