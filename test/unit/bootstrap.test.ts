import assert from "node:assert/strict";
import test from "node:test";
import {
  bootstrapDomains,
  bootstrapMean,
  pairedBootstrap,
  pairedBootstrapDomains,
} from "../../src/core/metrics/bootstrap.ts";
import { createRandom } from "../../src/core/random.ts";

const random = createRandom(3);
const bytes = Array.from({ length: 80 }, () => 200 + random.integer(1800));
const bits = bytes.map((b) => b * (2 + 0.3 * random.normal()));
const others = bits.map((b, i) => b + bytes[i] * (0.05 + 0.01 * random.normal()));

test("the value is the ratio of the sums and lies within its interval", () => {
  const { value, low, high } = bootstrapMean(bits, bytes, { seed: 1 });
  const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(value - sum(bits) / sum(bytes)) < 1e-12);
  assert.ok(low < value && value < high);
});

test("the same seed gives the same interval, another seed another", () => {
  const again = bootstrapMean(bits, bytes, { seed: 1 });
  assert.deepEqual(bootstrapMean(bits, bytes, { seed: 1 }), again);
  assert.notDeepEqual(bootstrapMean(bits, bytes, { seed: 2 }), again);
});

test("chunks that all score the same leave no doubt", () => {
  const { low, high } = bootstrapMean([4, 8, 2], [2, 4, 1], { seed: 1, resamples: 50 });
  assert.deepEqual([low, high], [2, 2]);
});

test("the interval of a mean is as wide as theory says", () => {
  const values = Array.from({ length: 400 }, () => random.normal());
  const ones = values.map(() => 1);
  const { low, high } = bootstrapMean(values, ones, { seed: 4, resamples: 4000 });
  const expected = (2 * 1.96) / Math.sqrt(400);
  assert.ok(Math.abs((high - low) / expected - 1) < 0.1, `${high - low} against ${expected}`);
  const narrow = bootstrapMean(values, ones, { seed: 4, resamples: 4000, level: 0.5 });
  assert.ok(Math.abs((narrow.high - narrow.low) / ((2 * 0.6745) / 20) - 1) < 0.1);
});

test("a paired difference is far narrower than the scores it comes from", () => {
  const alone = bootstrapMean(bits, bytes, { seed: 1 });
  const paired = pairedBootstrap(bits, others, bytes, { seed: 1 });
  assert.ok(paired.high < 0, "the first is better, whatever chunks are drawn");
  assert.ok(paired.high - paired.low < 0.1 * (alone.high - alone.low));
});

test("a model against itself differs by nothing", () => {
  assert.deepEqual(pairedBootstrap(bits, bits, bytes, { seed: 1 }), { value: 0, low: 0, high: 0 });
});

test("the average weighs domains the same, however many chunks they have", () => {
  const samples = {
    prose: { values: [2, 2, 2, 2, 2, 2], weights: [1, 1, 1, 1, 1, 1] },
    code: { values: [8], weights: [2] },
  };
  const { domains, average } = bootstrapDomains(samples, { seed: 1 });
  assert.equal(domains.prose.value, 2);
  assert.equal(domains.code.value, 4);
  assert.deepEqual(average, { value: 3, low: 3, high: 3 });
});

test("domains are resampled apart: one with no spread adds none", () => {
  const spread = { values: bits, weights: bytes };
  const { domains, average } = bootstrapDomains(
    { still: { values: [3, 3], weights: [1, 1] }, moving: spread },
    { seed: 1 },
  );
  assert.deepEqual(domains.still, { value: 3, low: 3, high: 3 });
  const half = (domains.moving.high - domains.moving.low) / 2;
  assert.ok(Math.abs(average.high - average.low - half) < 1e-9);
});

test("the paired difference by domain is the difference of the domains' scores", () => {
  const paired = pairedBootstrapDomains(
    {
      a: { first: [1, 2], second: [2, 2], weights: [1, 1] },
      b: { first: [6], second: [2], weights: [4] },
    },
    { seed: 1 },
  );
  assert.equal(paired.domains.a.value, -0.5);
  assert.equal(paired.domains.b.value, 1);
  assert.equal(paired.average.value, 0.25);
});

test("lists of different lengths are an error", () => {
  assert.throws(() => bootstrapMean([1, 2], [1], { seed: 1 }), /2 values .* 1 weight/);
  assert.throws(() => pairedBootstrap([1, 2], [1], [1, 1], { seed: 1 }), /2 .* 1/);
});
