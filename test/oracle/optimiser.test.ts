/** AdamW, clipping and schedules against torch; test/fixtures/make_adamw.py made the expectations. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ParameterKind } from "../../src/model/architecture/config.ts";
import {
  adamW,
  clipScale,
  decays,
  globalNorm,
  type LearningRatePlan,
  learningRate,
} from "../../src/model/optimiser.ts";
import { largestDifference } from "../support/program.ts";

type ByKind = Readonly<Record<ParameterKind, readonly number[]>>;

interface Fixture {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly updates: {
    readonly start: ByKind;
    readonly steps: readonly {
      readonly rate: number;
      readonly gradients: ByKind;
      readonly norm: number;
      readonly weights: ByKind;
    }[];
  };
  readonly schedules: readonly (LearningRatePlan & { readonly rates: readonly number[] })[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/adamw.json", import.meta.url), "utf8"),
) as Fixture;
const kinds = Object.keys(fixture.updates.start) as ParameterKind[];

test("six clipped updates leave torch's weights, decayed and not decayed", () => {
  const { betas, epsilon, weightDecay, clip, updates } = fixture;
  const parameters = kinds.map((kind) => {
    const weights = Float32Array.from(updates.start[kind]);
    const moments = {
      weights,
      first: new Float32Array(weights.length),
      second: new Float32Array(weights.length),
    };
    return { kind, moments };
  });
  let clipped = 0;
  for (const [i, { rate, gradients, norm, weights }] of updates.steps.entries()) {
    const own = kinds.map((kind) => Float32Array.from(gradients[kind]));
    const ownNorm = globalNorm(own);
    assert.ok(largestDifference([ownNorm], [norm]) < 1e-6, `norm ${ownNorm}, torch ${norm}`);
    const scale = clipScale(ownNorm, clip);
    if (scale < 1) clipped++;
    for (const [k, { kind, moments }] of parameters.entries()) {
      const settings = { betas, epsilon, weightDecay: decays(kind) ? weightDecay : 0 };
      adamW(moments, own[k], settings, i + 1, rate, scale);
      const difference = largestDifference(moments.weights, weights[kind]);
      assert.ok(difference < 3e-7, `step ${i + 1}, ${kind}: off by ${difference}`);
    }
  }
  assert.ok(
    clipped > 0 && clipped < updates.steps.length,
    "both clipped and unclipped steps occur",
  );
});

for (const { rates, ...plan } of fixture.schedules) {
  test(`${plan.schedule} over ${plan.steps} steps, warm-up ${plan.warmup}, gives torch's rates`, () => {
    const own = rates.map((_, i) => learningRate(i + 1, plan));
    for (const [i, rate] of own.entries()) {
      assert.ok(Math.abs(rate - rates[i]) < 1e-12, `step ${i + 1}: ${rate}, torch ${rates[i]}`);
    }
  });
}
