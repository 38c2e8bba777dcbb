/** Estimates of memory, and the micro-batch chosen by them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import {
  chooseMicroBatch,
  estimateReading,
  estimateTraining,
  parameterCount,
} from "../../src/model/memory.ts";
import { smallModels } from "../support/models.ts";

const model: ModelConfig = {
  ...smallModels["Llama, tied"],
  hidden: 256,
  heads: 4,
  keyValueHeads: 4,
  headSize: 64,
  layers: 4,
  feedForward: 1024,
  vocabulary: 32_000,
  context: 512,
};
const extent = { batch: 8, length: 128, topK: 10 };

test("parameters are counted as Hugging Face counts them", () => {
  // Tied embedding, four layers of four square and three wide matrices and two norms, one last norm.
  const layer = 4 * 256 * 256 + 3 * 256 * 1024 + 2 * 256;
  assert.equal(parameterCount(model), 32_000 * 256 + 4 * layer + 256);
});

test("training estimates lie between the peaks measured and half as much again", () => {
  // Peak growth of resident memory in bytes, on Linux, by (layers, hidden, wide, vocabulary, heads, batch, length).
  const measured = [
    [4, 128, 384, 2048, 4, 8, 128, 148e6],
    [4, 128, 384, 2048, 8, 4, 512, 401e6],
    [4, 256, 1024, 32_000, 4, 8, 128, 587e6],
    [4, 256, 1024, 8192, 4, 32, 128, 782e6],
    [8, 512, 1376, 8192, 8, 8, 128, 1010e6],
  ];
  for (const [layers, hidden, feedForward, vocabulary, heads, batch, length, peak] of measured) {
    const config = {
      ...model,
      layers,
      hidden,
      feedForward,
      vocabulary,
      heads,
      keyValueHeads: heads,
      headSize: hidden / heads,
    };
    const estimate = estimateTraining(config, { batch, length, topK: 10 });
    assert.ok(
      estimate > peak && estimate < 1.5 * peak,
      `${estimate / 1e6} MB for ${peak / 1e6} MB`,
    );
  }
});

test("more of anything takes more memory", () => {
  const training = estimateTraining(model, extent);
  for (const more of [{ batch: 9 }, { length: 144 }, { topK: 20 }, { accumulates: true }]) {
    assert.ok(estimateTraining(model, { ...extent, ...more }) > training, JSON.stringify(more));
  }
  const reading = estimateReading(model, { rows: 4, length: 64, topK: 10 });
  for (const more of [{ rows: 5 }, { length: 80 }, { topK: 20 }]) {
    const estimate = estimateReading(model, { rows: 4, length: 64, topK: 10, ...more });
    assert.ok(estimate > reading, JSON.stringify(more));
  }
  assert.ok(reading < training);
});

test("a step is cut into the fewest micro-batches that fit, of nearly equal size", () => {
  const narrow = { ...model, vocabulary: 4000 };
  const long = { ...extent, length: 512 };
  const limitFor = (batch: number): number =>
    estimateTraining(narrow, { ...long, batch, accumulates: true });
  const choose = (memoryLimit: number, wanted?: number): number =>
    chooseMicroBatch(narrow, { ...long, memoryLimit }, wanted);
  assert.equal(choose(1e12), 8);
  assert.equal(choose(limitFor(7)), 4, "two of four rather than seven and one");
  assert.equal(choose(limitFor(3)), 3, "three, three and two");
  assert.equal(choose(limitFor(1)), 1);
  assert.equal(choose(1e12, 2), 2);
  assert.equal(choose(limitFor(3), 6), 3, "a wish that does not fit is not granted");
  assert.equal(choose(1e12, 9), 8, "nor one beyond the batch");
});
