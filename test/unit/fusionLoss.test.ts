/** What the fusion loss promises beyond its values: agreement with its gradient, exact zeros, chunks, order. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createRandom, type Random } from "../../src/core/random.ts";
import { type LossSizes, lossProgram } from "../support/lossProgram.ts";
import {
  type Feeds,
  integers,
  largestDifference,
  type Numbers,
  openProgram,
  runProgram,
} from "../support/program.ts";
import { slopeAlong } from "../support/slope.ts";

const sizes: LossSizes = { rows: 7, size: 5, vocabulary: 23, slots: 4, mostRows: 7 };

/** Unique ids per row, probabilities that need not add up to 1, every fifth slot unused. */
function randomFeeds(random: Random, { rows, size, vocabulary, slots }: LossSizes) {
  const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const uniforms = (count: number) => Float32Array.from({ length: count }, () => random.next());
  const ids = Array.from({ length: rows }, () => {
    const all = Array.from({ length: vocabulary }, (_, id) => id);
    random.shuffle(all);
    return all.slice(0, slots);
  });
  return {
    hidden: normals(rows * size),
    table: normals(vocabulary * size),
    labels: integers(Array.from({ length: rows }, () => random.integer(vocabulary))),
    labelWeight: uniforms(rows),
    fusedWeight: uniforms(rows),
    fusedIds: integers(ids.flat()),
    fusedProbs: uniforms(rows * slots).map((p) => p / slots),
    fusedUsed: Float32Array.from({ length: rows * slots }, (_, slot) => (slot % 5 === 4 ? 0 : 1)),
    fusedRest: uniforms(rows),
  };
}

/** The definition, row by row, in double precision: Σ labelWeight · CE and Σ fusedWeight · H. */
function plainLoss(
  feeds: ReturnType<typeof randomFeeds>,
  { rows, size, vocabulary, slots }: LossSizes,
) {
  let clm = 0;
  let fusion = 0;
  for (let row = 0; row < rows; row++) {
    const logits = Array.from({ length: vocabulary }, (_, id) => {
      let logit = 0;
      for (let i = 0; i < size; i++)
        logit += feeds.hidden[row * size + i] * feeds.table[id * size + i];
      return logit;
    });
    const normaliser = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    clm += feeds.labelWeight[row] * (normaliser - logits[Number(feeds.labels[row])]);
    let covered = 0;
    let crossEntropy = 0;
    for (let slot = row * slots; slot < (row + 1) * slots; slot++) {
      if (feeds.fusedUsed[slot] === 0) continue;
      const logQ = logits[Number(feeds.fusedIds[slot])] - normaliser;
      covered += Math.exp(logQ);
      crossEntropy -= feeds.fusedProbs[slot] * logQ;
    }
    const bucket = feeds.fusedRest[row] * Math.log(1 - covered);
    fusion += feeds.fusedWeight[row] * (crossEntropy - bucket);
  }
  return { clm, fusion };
}

describe("the fusion loss", () => {
  test("is the definition's value", async () => {
    const feeds = randomFeeds(createRandom(1), sizes);
    const { clm, fusion } = plainLoss(feeds, sizes);
    const answer = await runProgram(lossProgram(sizes), feeds);
    const losses = [answer.clmLoss[0], answer.fusionLoss[0]].map(Number);
    assert.ok(largestDifference(losses, [clm, fusion]) < 1e-6);
  });

  for (const [where, gap] of [
    ["with S in the middle", 0],
    ["with S near 1, above the floor", 6.5],
    ["with S near 1, below the floor", 11],
    ["with S near 1 as far as fp32 goes", 20],
  ] as const) {
    test(`agrees with its gradient ${where}`, async () => {
      const feeds = randomFeeds(createRandom(2), sizes);
      // The last number of the hidden state lifts the teacher's ids, the same in every row here.
      const { size, slots, vocabulary, rows } = sizes;
      for (let id = 0; id < vocabulary; id++) feeds.table[(id + 1) * size - 1] = id < slots ? 1 : 0;
      for (let row = 0; row < rows; row++) feeds.hidden[(row + 1) * size - 1] = gap;
      feeds.fusedIds.set(integers(Array.from({ length: rows * slots }, (_, slot) => slot % slots)));
      feeds.fusedUsed.fill(1);
      // Large multipliers of 1 − S need small steps; the loss then has few digits left to tell them apart.
      const rest = gap === 0 ? 1 : 0.02;
      for (let row = 0; row < rows; row++) feeds.fusedRest[row] *= rest;

      const program = await openProgram(lossProgram(sizes));
      const gradients = await program.run(feeds);
      const lossNow = async () => {
        const answer = await program.run(feeds);
        return Number(answer.clmLoss[0]) + Number(answer.fusionLoss[0]);
      };
      for (const [name, values, gradient] of [
        ["hidden", feeds.hidden, gradients.dHidden],
        ["table", feeds.table, gradients.dTable],
      ] as const) {
        const along = await slopeAlong(values, gradient as Float32Array, 1e-2, lossNow);
        const norm = Math.hypot(...(gradient as Float32Array));
        assert.ok(Math.abs(along - norm) < 5e-3 * norm, `${name}: ${along} is not ${norm}`);
      }
      await program.close();
    });
  }

  test("is the same bits whatever the teacher says, where the teacher weighs nothing", async () => {
    const feeds = randomFeeds(createRandom(3), sizes);
    feeds.fusedWeight.fill(0);
    const first = await runProgram(lossProgram(sizes), feeds);
    const { hidden, table, labels, labelWeight, fusedWeight } = feeds;
    for (const slots of [0, 1, 9]) {
      const other = {
        ...randomFeeds(createRandom(4), { ...sizes, slots }),
        ...{ hidden, table, labels, labelWeight, fusedWeight },
      };
      assertSameBits(await runProgram(lossProgram({ ...sizes, slots }), other), first);
    }
    assert.equal(first.fusionLoss[0], 0);
  });

  test("does not see what stands in unused slots", async () => {
    const feeds = randomFeeds(createRandom(5), sizes);
    const first = await runProgram(lossProgram(sizes), feeds);
    feeds.fusedUsed.forEach((used, slot) => {
      if (used === 1) return;
      feeds.fusedIds[slot] = feeds.labels[Math.floor(slot / sizes.slots)];
      feeds.fusedProbs[slot] = 0.9;
    });
    assertSameBits(await runProgram(lossProgram(sizes), feeds), first);
  });

  test("is exactly 0, and so is its gradient, for rows without weight", async () => {
    const feeds = randomFeeds(createRandom(6), sizes);
    feeds.labelWeight.fill(0);
    feeds.fusedWeight.fill(0);
    const answer = await runProgram(lossProgram(sizes), feeds);
    const { labelNats, ...weighted } = answer;
    assert.ok(
      (labelNats as Float32Array).every((nats) => nats > 0),
      "the label's nats have no weight",
    );
    for (const [name, values] of Object.entries(weighted)) {
      assert.ok(
        (values as Float32Array).every((value) => value === 0),
        name,
      );
    }
  });

  test("does not depend on the number of rows at a time", async () => {
    const feeds = randomFeeds(createRandom(7), sizes);
    const whole = await runProgram(lossProgram(sizes), feeds);
    for (const mostRows of [1, 2, 3, 100]) {
      const cut = await runProgram(lossProgram({ ...sizes, mostRows }), feeds);
      for (const [name, values] of Object.entries(whole)) {
        assert.ok(
          largestDifference(cut[name] as Float32Array, values as Float32Array) < 1e-6,
          name,
        );
      }
    }
  });

  test("ends one chunk's work before it begins the next one's", async () => {
    const order = await executedOps(lossProgram({ ...sizes, rows: 12, mostRows: 3 }), {
      ...randomFeeds(createRandom(8), { ...sizes, rows: 12 }),
    });
    // A chunk's logits become a softmax, get the sparse part of the gradient, and are read by two products.
    const steps = order.filter((op) => ["LogSoftmax", "ScatterElements", "Gemm"].includes(op));
    const chunk = ["Gemm", "LogSoftmax", "ScatterElements", "Gemm", "Gemm"];
    assert.deepEqual(steps, [...chunk, ...chunk, ...chunk, ...chunk]);
  });
});

function assertSameBits(a: Record<string, Numbers>, b: Record<string, Numbers>): void {
  for (const [name, values] of Object.entries(b)) {
    const bits = (numbers: Numbers) => new Uint8Array((numbers as Float32Array).slice().buffer);
    assert.deepEqual(bits(a[name]), bits(values), name);
  }
}

/** The operators of a run in the order in which ONNX Runtime executed them, from its own profile. */
async function executedOps(program: Uint8Array, feeds: Feeds): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "fuselab-order-"));
  try {
    const session = await InferenceSession.create(program, {
      intraOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const tensors = session.inputMetadata.map((input) => {
      const data = feeds[input.name];
      const shape = input.isTensor ? (input.shape as number[]) : [];
      const type = data instanceof BigInt64Array ? "int64" : "float32";
      return [input.name, new Tensor(type, data, shape)] as const;
    });
    await session.run(Object.fromEntries(tensors));
    session.endProfiling();
    await session.release();
    const events: { cat: string; ts: number; name: string; args?: { op_name?: string } }[] =
      JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), "utf8"));
    return events
      .filter(({ cat, name }) => cat === "Node" && name.endsWith("kernel_time"))
      .sort((a, b) => a.ts - b.ts)
      .map(({ args }) => args!.op_name!);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
