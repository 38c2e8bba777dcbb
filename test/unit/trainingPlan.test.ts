import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { blocksOfStep, chunksOfPlan, planTraining } from "../../src/pipeline/trainingPlan.ts";

const random = createRandom(3);
const lengths = Array.from({ length: 500 }, () => 8 + random.integer(121));
const input = {
  lengths,
  weights: lengths.map(() => 1),
  length: 128,
  batch: 4,
  extent: { epochs: 1 },
  seed: 7,
} as const;

test("one epoch packs every chunk once and no block is over-full", () => {
  const plan = planTraining(input);
  assert.deepEqual(
    [...chunksOfPlan(plan)].sort((a, b) => a - b),
    lengths.map((_, i) => i),
  );
  for (const block of plan.blocks) {
    assert.ok(block.reduce((sum, i) => sum + lengths[i], 0) <= 128);
  }
  const filled = lengths.reduce((sum, n) => sum + n, 0) / (plan.blocks.length * 128);
  assert.ok(filled > 0.9, `blocks are filled to ${filled}`);
  assert.equal(plan.steps, Math.round(plan.blocks.length / 4));
});

test("each pass over the blocks takes every block once, in an order of its own", () => {
  const plan = planTraining({ ...input, batch: 1, extent: { steps: 1000 } });
  const count = plan.blocks.length;
  const pass = (p: number): number[] =>
    Array.from({ length: count }, (_, i) => blocksOfStep(plan, p * count + i)[0]);
  assert.deepEqual(
    [...pass(0)].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
  assert.deepEqual(
    [...pass(1)].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
  assert.notDeepEqual(pass(0), pass(1));
});

test("the blocks of a step follow from seed and step alone", () => {
  const plan = planTraining({ ...input, extent: { steps: 300 } });
  const late = blocksOfStep(plan, 250);
  for (let step = 0; step < 5; step++) blocksOfStep(plan, step);
  assert.deepEqual(blocksOfStep(plan, 250), late);
  assert.deepEqual(planTraining({ ...input, extent: { steps: 300 } }), plan);
  assert.notDeepEqual(
    planTraining({ ...input, extent: { steps: 300 }, seed: 8 }).blocks,
    plan.blocks,
  );
});

test("few steps use few blocks", () => {
  const plan = planTraining({ ...input, extent: { steps: 3 } });
  assert.equal(plan.blocks.length, 12);
  const used = [0, 1, 2].flatMap((step) => blocksOfStep(plan, step));
  assert.equal(new Set(used).size, 12);
});

test("a chunk of weight one half is drawn about half as often", () => {
  const weights = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 1 : 0.5));
  const plan = planTraining({
    ...input,
    lengths: weights.map(() => 128),
    weights,
    extent: { steps: 100 },
  });
  const drawn = chunksOfPlan(plan);
  const heavy = drawn.filter((i) => weights[i] === 1).length;
  const ratio = (drawn.length - heavy) / heavy;
  assert.ok(Math.abs(ratio - 0.5) < 0.15, `ratio ${ratio}`);
});
