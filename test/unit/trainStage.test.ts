import assert from "node:assert/strict";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { type FusedRows, noFusedRow } from "../../src/core/fusion/representation.ts";
import type { Fallback } from "../../src/core/fusion/settings.ts";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import { fusedShards } from "../../src/pipeline/chunkShards.ts";
import type { JobContext, JobEvent } from "../../src/pipeline/jobContext.ts";
import { inShards, shardName } from "../../src/pipeline/stages/ensureShard.ts";
import { pack, readPlan } from "../../src/pipeline/stages/pack.ts";
import { split } from "../../src/pipeline/stages/split.ts";
import { type TrainSpec, train } from "../../src/pipeline/stages/train.ts";
import { chunksOfPlan } from "../../src/pipeline/trainingPlan.ts";
import { temporaryFolder } from "../support/folders.ts";
import { makeToyProject } from "../support/toyProject.ts";

function recording(events: JobEvent[]): JobContext {
  return { progress: () => undefined, event: (body) => events.push(body), stopped: () => false };
}

/** A project that is split and packed, with fused shards in which no position has a row. */
async function unalignedProject(t: TestContext): Promise<TrainSpec> {
  const { folder, target, source } = await makeToyProject(temporaryFolder(t));
  const files = { chunks: path.join(folder, "chunks.jsonl"), plan: path.join(folder, "plan.json") };
  const common = { ...files, target, length: 48, seed: 3 };
  const corpus = [{ domain: "prose", files: ["text/*"], field: "text" }];
  await split(
    { ...common, base: folder, corpus, evaluation: [], heldOut: 0.2, sources: [source] },
    recording([]),
  );
  await pack({ ...common, weights: {}, batch: 2, extent: { steps: 5 } }, recording([]));

  const tokenizer = await openTokenizer(target);
  const { plan, chunks } = await readPlan(files.plan, files.chunks);
  const shards = inShards(chunksOfPlan(plan).map((i) => chunks[i]!));
  const fused = path.join(folder, "fused");
  for (const [i, part] of shards.entries()) {
    const entries = part.map(({ id, textHash, text }) => {
      const encoding = tokenizer.encode(text);
      assert.ok("ids" in encoding);
      return { chunkId: id, textHash, value: emptyRows(encoding.ids.length + 1) };
    });
    await fusedShards.write(path.join(fused, shardName(i)), entries, {});
  }
  return {
    ...common,
    arm: "fused",
    fused,
    fallback: "nextToken",
    lambda: 0.4,
    learningRate: 1e-2,
    warmup: 0,
    schedule: "constant",
    weightDecay: 0.1,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    clip: 1,
    threads: 1,
    memoryLimit: 1e9,
    checkpoints: path.join(folder, "checkpoints"),
    checkpointEvery: 100,
    keepCheckpoints: 1,
    out: path.join(folder, "trained"),
    card: { title: "toy", summary: [], sources: [], baseModels: [] },
  };
}

function emptyRows(rows: number): FusedRows {
  return {
    rows,
    offsets: new Int32Array(rows + 1),
    ids: new Int32Array(0),
    probs: new Float32Array(0),
    leftOver: new Float32Array(rows).fill(1),
    from: new Int8Array(rows).fill(noFusedRow),
  };
}

async function lossesOf(spec: TrainSpec): Promise<(number | null)[]> {
  const events: JobEvent[] = [];
  await train(spec, recording(events));
  return events.flatMap((event) => (event.t === "step" ? [event.loss.total] : []));
}

test("a training in which nothing aligns is continued CLM bit for bit", async (t) => {
  const spec = await unalignedProject(t);
  const { fused: _, ...withoutFused } = spec;
  const elsewhere = { checkpoints: `${spec.checkpoints}-clm`, out: `${spec.out}-clm` };
  const fused = await lossesOf(spec);
  assert.equal(fused.length, 5);
  assert.deepEqual(fused, await lossesOf({ ...withoutFused, ...elsewhere, arm: "clm" }));
});

test("with fall-back skip every position without a row weighs λ", async (t) => {
  const spec = await unalignedProject(t);
  const first = async (fallback: Fallback): Promise<number> => {
    const [loss] = await lossesOf({ ...spec, fallback, out: `${spec.out}-${fallback}` });
    assert.ok(typeof loss === "number");
    return loss;
  };
  const ratio = (await first("skip")) / (await first("nextToken"));
  assert.ok(Math.abs(ratio - 0.4) < 1e-6, `ratio ${ratio}`);
});

test("fused rows of another length than the chunk are refused by the chunk's name", async (t) => {
  const spec = await unalignedProject(t);
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  const [first, ...others] = chunksOfPlan(plan).map((i) => chunks[i]!);
  assert.ok(first && spec.fused && others.length > 0);
  const { id, textHash } = first;
  const file = path.join(spec.fused, shardName(0));
  await fusedShards.write(file, [{ chunkId: id, textHash, value: emptyRows(2) }], {});
  await assert.rejects(lossesOf(spec), {
    name: "Problem",
    code: "stale",
    message: new RegExp(id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")),
  });
});
