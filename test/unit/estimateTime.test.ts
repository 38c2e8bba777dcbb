import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TextEstimate } from "../../src/pipeline/estimateText.ts";
import {
  estimateTime,
  makespan,
  type RunLayout,
  type RunSpeeds,
} from "../../src/pipeline/estimateTime.ts";

const text: TextEstimate = {
  training: { chunks: 40, bytes: 4000, tokens: [1000, 2000] },
  read: { chunks: 20, bytes: 2000, tokens: [500, 1000] },
  heldOut: { chunks: 10, bytes: 1000, tokens: [250, 500] },
  domains: [],
  steps: 10,
  blocks: 80,
  filled: 1,
  epochs: 0.5,
  exact: true,
};

const always = (seconds: number) => ({ fewest: seconds, most: seconds });

const speeds: RunSpeeds = {
  open: [1, 2],
  encoding: [
    { bytes: 100, seconds: 0.1, exponent: 1 },
    { bytes: 1000, seconds: 2, exponent: 1 },
  ],
  cutPerByte: 0.01,
  readPerToken: [always(0.01), always(0.1)],
  map: [always(7)],
  alignPerToken: [always(0.02)],
  fusePerToken: always(0.03),
  training: { perMicroBatch: { fewest: 2, most: 3 }, perUpdate: always(0.5) },
  rough: false,
};

const layout: RunLayout = { slots: 1, batch: 8, microBatch: 3, arms: 2, withEnsemble: true };

const fewestOf = (speed: RunSpeeds, how: RunLayout): Record<string, number> =>
  Object.fromEntries(estimateTime(text, speed, how).stages.map((one) => [one.stage, one.fewest]));

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9 * Math.max(1, expected), `${actual} ≠ ${expected}`);

describe("the time of a run", () => {
  test("is each stage's work at the speed measured, one job after the other", () => {
    const seconds = fewestOf(speeds, layout);
    near(seconds.split, 1 + 2 + 5000 * (0.001 + 0.002 + 0.01));
    near(seconds.pack, 1 + 4000 * 0.001);
    const target = 1 + 2000 * 0.001 + 500 * 0.01 + (1 + 1000 * 0.001 + 250 * 0.01);
    const source = 2 + 2000 * 0.002 + 1000 * 0.1 + (2 + 1000 * 0.002 + 500 * 0.1);
    near(seconds.extract, target + source);
    near(seconds.map, 1 + 2 + 7);
    near(seconds.align, 1 + 2 + 2000 * (0.001 + 0.002) + 500 * 0.02);
    near(seconds.fuse, 1 + 2000 * 0.001 + 500 * 0.03);
    // Eight blocks are three micro-batches of three.
    near(seconds.train, 2 * (1 + 2 + 10 * (3 * 2 + 0.5)));
    // Both arms read the held-out text, then every tokenizer reads it and the 20 chunks for the weights.
    near(seconds.evaluate, 2 * (1 + 1 + 2.5) + 3 + 3000 * 0.003);
  });

  test("with two slots is that of the longer queue", () => {
    const seconds = fewestOf(speeds, { ...layout, slots: 2 });
    near(seconds.train, 1 + 2 + 10 * 6.5);
    // Jobs in order 8, 4.5, 106, 54: the second slot is free first and takes 106, the first takes 54.
    near(seconds.extract, 4.5 + 106);
  });

  test("without ensemble and baseline leaves their work out", () => {
    const seconds = fewestOf(speeds, { ...layout, arms: 1, withEnsemble: false });
    near(seconds.train, 1 + 2 + 10 * 6.5);
    near(seconds.evaluate, 1 + 1 + 2.5);
  });

  test("counts on words to become known, and at most on none", () => {
    const learning = {
      ...speeds,
      encoding: [{ bytes: 1000, seconds: 2, exponent: 0.5 }, speeds.encoding[1]],
    };
    const pack = estimateTime(text, learning, layout).stages.find(({ stage }) => stage === "pack");
    // Four times the text takes twice as long, or four times.
    near(pack?.fewest ?? 0, 1 + 2 * 2);
    near(pack?.most ?? 0, 1.25 * (1 + 4 * 2));
  });

  test("goes from the fastest that was measured to above the slowest", () => {
    const { stages, fewest, most } = estimateTime(text, speeds, layout);
    const train = stages.find(({ stage }) => stage === "train");
    assert.ok(train !== undefined);
    near(train.most, 1.25 * 2 * (1 + 2 + 10 * (3 * 3 + 0.5)));
    near(
      fewest,
      stages.reduce((sum, stage) => sum + stage.fewest, 0),
    );
    assert.ok(most > 1.25 * fewest);
  });

  test("has a wider range where speeds were drawn out", () => {
    const plain = estimateTime(text, speeds, layout);
    const rough = estimateTime(text, { ...speeds, rough: true }, layout);
    assert.equal(rough.rough, true);
    near(rough.fewest, plain.fewest);
    near(rough.most, (1.5 / 1.25) * plain.most);
  });
});

test("jobs wait for the first free slot, in order", () => {
  assert.equal(makespan([3, 1, 1, 1], 2), 3);
  assert.equal(makespan([1, 1, 3], 2), 4);
  assert.equal(makespan([1, 2, 3], 1), 6);
  assert.equal(makespan([], 2), 0);
});
