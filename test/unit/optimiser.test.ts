import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adamW,
  clipScale,
  decays,
  globalNorm,
  type LearningRatePlan,
  learningRate,
} from "../../src/model/optimiser.ts";

const plan: LearningRatePlan = { steps: 200, peak: 1e-3, warmup: 0.05, schedule: "cosine" };

test("the first update moves each weight by the learning rate against its gradient", () => {
  // m / (1 − β₁) = g and √(v / (1 − β₂)) = |g|, so the step is lr · sign(g) but for ε.
  const moments = {
    weights: Float32Array.of(1, 1, 1),
    first: new Float32Array(3),
    second: new Float32Array(3),
  };
  const settings = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0 } as const;
  adamW(moments, Float32Array.of(5, -0.001, 0), settings, 1, 0.1);
  const expected = [0.9, 1.1, 1];
  for (const [i, weight] of moments.weights.entries()) {
    assert.ok(Math.abs(weight - expected[i]) < 1e-5, `weight ${i} is ${weight}`);
  }
});

test("without a gradient a weight only decays, by learning rate times decay", () => {
  const moments = {
    weights: Float32Array.of(2),
    first: new Float32Array(1),
    second: new Float32Array(1),
  };
  const settings = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.5 } as const;
  adamW(moments, Float32Array.of(0), settings, 1, 0.1);
  assert.ok(Math.abs(moments.weights[0] - 2 * (1 - 0.1 * 0.5)) < 1e-6);
});

test("matrices and embeddings decay, norms and biases do not", () => {
  assert.deepEqual((["matrix", "embedding", "norm", "bias"] as const).map(decays), [
    true,
    true,
    false,
    false,
  ]);
});

test("the global norm runs over all arrays and clipping brings it to the limit", () => {
  const gradients = [Float32Array.of(3, 0), Float32Array.of(4), Float32Array.of(12)];
  assert.equal(globalNorm(gradients), 13);
  assert.ok(Math.abs(13 * clipScale(13, 1) - 1) < 1e-6);
  assert.equal(clipScale(0.5, 1), 1);
  assert.equal(clipScale(1e9, 0), 1, "a limit of 0 is none");
});

test("a norm that is not finite stays so", () => {
  assert.ok(Number.isNaN(globalNorm([Float32Array.of(1, Number.NaN)])));
  assert.equal(globalNorm([Float32Array.of(Number.POSITIVE_INFINITY)]), Number.POSITIVE_INFINITY);
});

test("the rate rises in equal parts and reaches the peak with the last warm-up step", () => {
  for (let step = 1; step <= 10; step++) {
    assert.equal(learningRate(step, plan), (1e-3 * step) / 10);
  }
  assert.ok(learningRate(11, plan) < 1e-3);
});

test("the cosine is half the peak half-way down and almost 0 at the end", () => {
  // p = (step − 10) / 191 is 1/2 between steps 105 and 106.
  const middle = (learningRate(105, plan) + learningRate(106, plan)) / 2;
  assert.ok(Math.abs(middle - 0.5e-3) < 1e-9);
  const last = learningRate(200, plan);
  assert.ok(last > 0 && last < 1e-7, `last rate ${last}`);
});

test("a warm-up of 0 starts at the peak, one of 1 ends there", () => {
  assert.equal(learningRate(1, { ...plan, warmup: 0 }), 1e-3);
  assert.equal(learningRate(200, { ...plan, warmup: 1 }), 1e-3);
  assert.equal(learningRate(1, { steps: 1, peak: 2, warmup: 0.05, schedule: "cosine" }), 2);
});

test("a share of steps that is whole but for rounding is not rounded up", () => {
  assert.ok(0.07 * 100 > 7, "the case is there");
  assert.equal(learningRate(7, { ...plan, steps: 100, warmup: 0.07 }), 1e-3);
});
