/** A run's curves as they are read from its events: what is kept, smoothed, broken and marked. */
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { reduceSeries, smoothAt, smoothingWindow } from "../../src/engine/reduceCurve.ts";
import { createRunSeries } from "../../src/engine/runSeries.ts";
import type { RunEventBody } from "../../src/protocol/runEvents.ts";
import { temporaryFolder } from "../support/folders.ts";

let seq = 0;
const line = (event: RunEventBody, time: number): string =>
  `${JSON.stringify({ v: 1, seq: seq++, time, ...event })}\n`;

const hello = (resumed: boolean): RunEventBody => ({
  t: "hello",
  fuselab: "0.1.0",
  host: "h",
  pid: 1,
  engine: "onnx",
  device: "cpu",
  threads: 1,
  resumed,
});

const step = (number: number, total: number | null): RunEventBody => ({
  t: "step",
  arm: "fused",
  seed: 1,
  step: number,
  of: 100,
  loss: { total, clm: total, fusion: 0, text: total },
  gradientNorm: 1,
  lr: 0.001,
  tokens: number * 64,
  tokensPerSecond: 500,
});

test("times, tokens, steps without a figure and resumes come with the values", async (t) => {
  const run = temporaryFolder(t);
  const file = path.join(run, "events.jsonl");
  writeFileSync(file, line(hello(false), 1000));
  for (let i = 1; i <= 6; i++) appendFileSync(file, line(step(i, i === 3 ? null : i), 1000 + i));
  const series = createRunSeries();
  const ask = async () => (await series.read({ run, figure: "total", points: 50 })).series[0];

  const [before] = [await ask()];
  assert.deepEqual([...before.times], [1001, 1002, 1003, 1004, 1005, 1006]);
  assert.deepEqual([...before.tokens], [64, 128, 192, 256, 320, 384]);
  assert.deepEqual([[...before.notFinite], before.resumes], [[3], []]);

  appendFileSync(file, line(hello(true), 9000)); // its last checkpoint was at step 4
  assert.deepEqual((await ask()).resumes, [], "no step has been taken since");
  for (let i = 5; i <= 8; i++) appendFileSync(file, line(step(i, 10 * i), 9000 + i));
  const after = await ask();
  assert.deepEqual(after.resumes, [{ step: 5, again: 6 }]);
  assert.deepEqual([...after.values], [1, 2, Number.NaN, 4, 50, 60, 70, 80]);
  assert.equal(after.times[4], 9005);

  appendFileSync(file, line(hello(true), 20_000) + line(step(9, 9), 20_001));
  assert.deepEqual((await ask()).resumes, [
    { step: 5, again: 6 },
    { step: 9, again: 8 },
  ]);

  appendFileSync(file, line(hello(true), 30_000) + line(step(4, 9), 30_001));
  assert.deepEqual((await ask()).resumes, [{ step: 4, again: 9 }], "what was lost has no resumes");
});

test("a mean is of the values around it, and of none beyond a break or without a value", () => {
  const values = [1, 2, Number.NaN, 4, 100, 200];
  const at = Int32Array.from(values.keys());
  assert.deepEqual(
    [...smoothAt(values, at, { window: 3, breaks: [4] })],
    [1.5, 1.5, 3, 4, 150, 150],
  );
  assert.deepEqual(
    [...smoothAt([Number.NaN], at.slice(0, 1), { window: 1, breaks: [] })],
    [Number.NaN],
  );
});

test("a smoothed line is of all values, also where few are kept", () => {
  const values: number[] = Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 1 : 3));
  values[50_001] = 1000;
  const kept = reduceSeries(values, 400);
  assert.ok(kept.length <= 400);
  assert.ok(kept.includes(50_001), "the peak is kept");
  const window = smoothingWindow(values.length);
  const [first] = smoothAt(values, kept.slice(0, 1), { window, breaks: [] });
  assert.equal(window, 1001);
  assert.ok(Math.abs(first - 2) < 0.01, `${first}`);
});
