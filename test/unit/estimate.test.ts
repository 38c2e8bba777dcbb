import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import {
  chooseMicroBatch,
  estimateReading,
  estimateTraining,
  parameterCount,
} from "../../src/model/memory.ts";
import {
  alignedShards,
  fusedShards,
  representationShards,
} from "../../src/pipeline/chunkShards.ts";
import {
  estimateDisk,
  estimateMemory,
  type ModelShape,
  widestRow,
} from "../../src/pipeline/estimate.ts";
import type { TextEstimate } from "../../src/pipeline/estimateText.ts";
import { modeDefaults } from "../../src/pipeline/recipeDefaults.ts";
import { runResources, threadsPerTraining } from "../../src/pipeline/runResources.ts";
import { temporaryFolder } from "../support/folders.ts";
import { smallModels } from "../support/models.ts";

const target: ModelShape = {
  label: "target",
  config: smallModels["Llama, tied"]!,
  dtype: "F16",
  ids: 31,
  longest: 20,
};
const source: ModelShape = {
  ...target,
  label: "source",
  config: { ...smallModels["GPT-2"]!, feedForward: 4000 },
  ids: 100,
};

const text: TextEstimate = {
  training: { chunks: 40, bytes: 4000, tokens: [1000, 2000] },
  read: { chunks: 20, bytes: 2000, tokens: [500, 1000] },
  heldOut: { chunks: 10, bytes: 1000, tokens: [250, 500] },
  domains: [],
  steps: 250,
  blocks: 80,
  filled: 1,
  epochs: 0.5,
  exact: true,
};

const defaults = modeDefaults.corrected;
const settings = {
  ...defaults,
  representation: { topK: 10, temperature: 1 },
  training: {
    ...defaults.training,
    batch: 8,
    length: 16,
    keepCheckpoints: 2,
  },
};

describe("memory", () => {
  const plenty = { slots: 2, memoryPerJob: 1e12 };
  const byLabel = (limits: typeof plenty) => {
    const memory = estimateMemory(settings, [target, source], text, limits);
    return { memory, job: new Map(memory.jobs.map((job) => [job.label, job])) };
  };

  test("of a reading is that of a full batch of its longest chunk", () => {
    const { job } = byLabel(plenty);
    // 20 tokens make rows of 32, of which 32 are 1024 tokens.
    const shape = { rows: 32, length: 32, topK: 10 };
    assert.equal(job.get("source")?.bytes, estimateReading(source.config, shape));
    assert.equal(job.get("source")?.fits, true);
  });

  test("of a training is that of its micro-batch, with a row as wide as it may be", () => {
    const { memory, job } = byLabel(plenty);
    assert.equal(memory.microBatch, 8);
    const extent = { batch: 8, length: 16, topK: 11, accumulates: false };
    assert.equal(job.get("fused")?.bytes, estimateTraining(target.config, extent));
    assert.equal(job.get("clm")?.bytes, estimateTraining(target.config, { ...extent, topK: 1 }));
  });

  test("at its peak holds as many jobs as run side by side", () => {
    const one = estimateMemory(settings, [target, source], text, { ...plenty, slots: 1 });
    const two = estimateMemory(settings, [target, source], text, plenty);
    const { job } = byLabel(plenty);
    const [read, train] = [job.get("source")!.bytes, job.get("fused")!.bytes];
    assert.ok(one.peak > 100e6 + Math.max(read, train));
    assert.ok(two.peak > 100e6 + train + job.get("clm")!.bytes);
    assert.ok(two.peak < 1.01 * (100e6 + 2 * Math.max(read, train)));
  });

  test("makes the micro-batch smaller where it is short, as the trainer does", () => {
    const need = (batch: number) =>
      estimateTraining(target.config, { batch, length: 16, topK: 11, accumulates: true });
    const memoryPerJob = need(3) + 1;
    const { memory, job } = byLabel({ slots: 1, memoryPerJob });
    assert.equal(
      memory.microBatch,
      chooseMicroBatch(target.config, {
        batch: 8,
        length: 16,
        topK: 11,
        memoryLimit: memoryPerJob,
      }),
    );
    assert.equal(memory.microBatch, 3);
    assert.equal(job.get("fused")?.fits, true);
  });

  test("that one block is too large for is said", () => {
    const { memory, job } = byLabel({ slots: 1, memoryPerJob: 1e6 });
    assert.deepEqual(
      [...job.values()].map(({ fits }) => fits),
      [false, false, false, false],
    );
    assert.equal(memory.microBatch, 1);
  });
});

test("a fused row holds the top k and the true token, of every candidate where they are mixed", () => {
  assert.equal(widestRow(settings, 4), 11);
  assert.equal(widestRow({ ...settings, fusion: { ...settings.fusion, rule: "avgCE" } }, 4), 44);
});

describe("disk", () => {
  const disk = estimateDisk(settings, [target, source], text, [0.8]);

  test("holds rows of the formats, worked by hand", () => {
    // 500 + 1000 rows of 10 · (4 + 2) + 8 bytes; 2 models × 20 chunks of 96 + 4 · 4.
    assert.equal(disk.representation, 1500 * 68 + 40 * 112);
    // 750 rows read before, the target's 250 after each of two trainings.
    assert.equal(disk.heldOut, 1250 * 8 + 40 * 112);
    assert.equal(disk.vocabulary, 700);
    assert.ok(Math.abs(disk.aligned - (500 * (26 + 8 * 0.8 * 11) + 20 * 136)) < 1e-6);
    assert.equal(disk.fused, 500 * (9 + 88) + 20 * 116);
  });

  test("holds two trained models in the target's own type", () => {
    assert.equal(disk.models, 2 * 2 * parameterCount(target.config));
  });

  test("holds the checkpoints that are kept, and one more while it is written", () => {
    const one = 12 * parameterCount(target.config);
    const checkpointsAfter = (steps: number) =>
      estimateDisk(settings, [target, source], { ...text, steps }, [1]).checkpoints;
    assert.equal(disk.checkpoints, 2 * 3 * one);
    assert.equal(checkpointsAfter(1), 0);
    assert.equal(checkpointsAfter(2), 2 * one);
  });

  test("adds up", () => {
    const { total, ...parts } = disk;
    assert.equal(
      total,
      Object.values(parts).reduce((sum, bytes) => sum + bytes, 0),
    );
  });

  test("comes within 3 % of real shards", async (t) => {
    const folder = temporaryFolder(t);
    const [chunks, rows, topK] = [64, 50, 10];
    const of = <Value>(value: Value) =>
      Array.from({ length: chunks }, (_, i) => ({
        chunkId: `prose/a-document-of-the-corpus.md#${i}`,
        textHash: "0".repeat(32),
        value,
      }));
    const sparse = {
      rows,
      offsets: Int32Array.from({ length: rows + 1 }, (_, i) => i * (topK + 1)),
      ids: new Int32Array(rows * (topK + 1)),
      probs: new Float32Array(rows * (topK + 1)),
      leftOver: new Float32Array(rows),
    };
    const masses = () => new Float32Array(rows);
    await representationShards.write(
      path.join(folder, "representation"),
      of({
        rows,
        topK,
        ids: new Int32Array(rows * topK),
        logProbs: new Float32Array(rows * topK),
        leftOver: masses(),
        nats: masses(),
      }),
      {},
    );
    await alignedShards.write(
      path.join(folder, "aligned"),
      of({
        ...sparse,
        outcome: new Uint8Array(rows),
        boundaryCase: new Uint8Array(rows),
        goldNats: masses(),
        noTargetToken: masses(),
        duplicateDropped: masses(),
        merged: masses(),
      }),
      {},
    );
    await fusedShards.write(
      path.join(folder, "fused"),
      of({ ...sparse, from: new Int8Array(rows) }),
      {},
    );
    const tokens = chunks * rows;
    const expected = estimateDisk(
      settings,
      [target, source],
      // The source reads nothing, so that the representation is the target's alone.
      { ...text, read: { chunks, bytes: 0, tokens: [tokens, 0] } },
      [1],
    );
    assert.equal(readdirSync(folder).length, 3);
    for (const name of ["representation", "aligned", "fused"] as const) {
      const size = statSync(path.join(folder, name)).size;
      const ratio = expected[name] / size;
      assert.ok(ratio > 0.97 && ratio < 1.04, `${name}: ${expected[name]} for ${size}`);
    }
  });
});

describe("what a run takes of the machine", () => {
  const machine = { cores: 8, freeMemory: 10e9 };

  test("is all cores but one, two jobs, and a share of the free memory for each", () => {
    assert.deepEqual(runResources({}, machine), {
      threads: 7,
      slots: 2,
      threadsPerJob: 3,
      memoryPerJob: 3e9,
    });
  });

  test("is what the recipe says where it says so", () => {
    const asked = runResources({ threads: 1, memoryLimitMB: 100 }, machine);
    assert.deepEqual(asked, {
      threads: 1,
      slots: 1,
      threadsPerJob: 1,
      memoryPerJob: 100 * 2 ** 20,
    });
  });

  test("gives a training alone all threads, and two of them half each", () => {
    const resources = runResources({}, machine);
    assert.equal(threadsPerTraining(1, resources), 7);
    assert.equal(threadsPerTraining(2, resources), 3);
    assert.equal(threadsPerTraining(2, runResources({}, { ...machine, cores: 1 })), 1);
  });
});
