import assert from "node:assert/strict";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../src/core/problem.ts";
import { parseEventLine } from "../../src/pipeline/runEventSchema.ts";
import { followEvents, openEventLog, readEvents } from "../../src/pipeline/runEvents.ts";
import type { RunEventBody } from "../../src/protocol/runEvents.ts";
import { temporaryFolder } from "../support/folders.ts";

const warning = (message: string): RunEventBody => ({ t: "warning", message });

const messages = async (folder: string): Promise<string[]> =>
  (await readEvents(folder)).map((event) => (event.t === "warning" ? event.message : event.t));

/** One of each kind: the compiler sees that none is missing. */
const samples: { readonly [Kind in RunEventBody["t"]]: Extract<RunEventBody, { t: Kind }> } = {
  hello: {
    t: "hello",
    fuselab: "0.1.0",
    host: "h",
    pid: 5,
    engine: "onnx",
    device: "cpu",
    threads: 2,
    resumed: false,
  },
  stage: { t: "stage", stage: "split", phase: "finished", seconds: 1.5, figures: { chunks: 3 } },
  progress: { t: "progress", stage: "extract", done: 1, of: 2, unit: "chunks", what: "a", rate: 3 },
  step: {
    t: "step",
    arm: "clm",
    seed: 1,
    step: 1,
    of: 2,
    loss: { total: 1, clm: 1, fusion: null, text: 1 },
    gradientNorm: 0.5,
    lr: 1e-3,
    tokens: 1024,
    tokensPerSecond: 100,
  },
  evaluation: {
    t: "evaluation",
    of: { kind: "arm", arm: "fused", seed: 1, step: 200 },
    bitsPerByte: 2.3,
    bytes: 100,
    domains: [{ domain: "prose", bitsPerByte: null, bytes: 100 }],
  },
  checkpoint: {
    t: "checkpoint",
    arm: "fused",
    seed: 1,
    step: 100,
    path: "checkpoints/step-000100",
  },
  shard: { t: "shard", stage: "fuse", path: "a.arrow", bytes: 10, chunks: 2, reused: true },
  warning: { t: "warning", message: "m", next: "n", stage: "map" },
  problem: { t: "problem", problem: { code: "stale", message: "m" } },
  stopping: { t: "stopping", by: "file" },
  done: { t: "done", outcome: "finished", seconds: 2 },
  failed: { t: "failed", problem: { code: "failed", message: "m", next: "n" }, stage: "train" },
};

describe("an event log", () => {
  for (const [kind, body] of Object.entries(samples)) {
    test(`gives back a ${kind} event as it was written`, async (t) => {
      const folder = temporaryFolder(t);
      const log = openEventLog(folder, () => 1234);
      log.append(body);
      log.close();
      assert.deepEqual(await readEvents(folder), [{ v: 1, seq: 0, time: 1234, ...body }]);
    });
  }

  test("counts on over processes", async (t) => {
    const folder = temporaryFolder(t);
    for (const word of ["a", "b", "c"]) {
      const log = openEventLog(folder);
      log.append(warning(word));
      log.append(warning(`${word}2`));
      log.close();
    }
    const events = await readEvents(folder);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [0, 1, 2, 3, 4, 5],
    );
  });

  test("a torn last line is ignored, closed off, and its number used again", async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, "events.jsonl");
    const log = openEventLog(folder);
    log.append(warning("whole"));
    log.append(warning("tórn"));
    log.close();
    const { length } = readFileSync(file);
    for (let cut = 2; cut < 60; cut += 7) {
      truncateSync(file, length - cut);
      assert.deepEqual(await messages(folder), ["whole"]);
      const next = openEventLog(folder);
      assert.equal(next.append(warning("after")).seq, 1);
      next.close();
      assert.deepEqual(await messages(folder), ["whole", "after"]);
      writeFileSync(file, readFileSync(file).subarray(0, 0));
      const again = openEventLog(folder);
      again.append(warning("whole"));
      again.append(warning("tórn"));
      again.close();
    }
  });

  test("an event that lacks only its line end is whole", async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, "events.jsonl");
    const log = openEventLog(folder);
    log.append(warning("first"));
    log.close();
    truncateSync(file, readFileSync(file).length - 1);
    const next = openEventLog(folder);
    assert.equal(next.append(warning("second")).seq, 1);
    next.close();
    assert.deepEqual(await messages(folder), ["first", "second"]);
  });

  test("finds its last number behind a long stretch of rubbish", (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, "events.jsonl");
    const log = openEventLog(folder);
    for (let i = 0; i < 5; i++) log.append(warning("x"));
    log.close();
    appendFileSync(file, `${"x".repeat(700_000)}\n`);
    const next = openEventLog(folder);
    assert.equal(next.append(warning("y")).seq, 5);
    next.close();
  });

  test("lines that are no events are passed over", async (t) => {
    const folder = temporaryFolder(t);
    const line = JSON.stringify({ v: 1, seq: 0, time: 0, t: "warning", message: "kept" });
    const rubbish = [
      "",
      "null",
      "{}",
      '{"v":2,"seq":1,"time":0,"t":"done"}',
      "x".repeat(1_200_000),
    ];
    writeFileSync(path.join(folder, "events.jsonl"), [...rubbish, line, "[1]", ""].join("\n"));
    assert.deepEqual(await messages(folder), ["kept"]);
  });

  test("a run without events has none", async (t) => {
    assert.deepEqual(await readEvents(temporaryFolder(t)), []);
  });

  test("a figure that is not finite becomes null", async (t) => {
    const folder = temporaryFolder(t);
    const log = openEventLog(folder);
    log.append({ ...samples.step, loss: { total: Number.NaN, clm: Infinity, fusion: 1, text: 2 } });
    log.close();
    const [event] = await readEvents(folder);
    assert.ok(event.t === "step");
    assert.deepEqual(event.loss, { total: null, clm: null, fusion: 1, text: 2 });
  });
});

describe("an event line", () => {
  const stamp = { v: 1, seq: 0, time: 0 };
  const wrong: readonly [title: string, value: unknown][] = [
    ["an unknown kind", { ...stamp, t: "boom" }],
    ["an unknown stage", { ...stamp, ...samples.stage, stage: "cook" }],
    ["a number as text", { ...stamp, ...samples.progress, done: "1" }],
    ["no sequence number", { ...samples.done, v: 1, time: 0 }],
    ["a problem code of no list", { ...stamp, t: "failed", problem: { code: "x", message: "" } }],
  ];
  for (const [title, value] of wrong) {
    test(`with ${title} is none`, () => {
      assert.equal(parseEventLine(JSON.stringify(value)), undefined);
    });
  }
});

/** Waits for what will be, as long as the test may take. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}

describe("following events", () => {
  test("gives what is there and what comes, over a line in pieces, until it is ended", async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, "events.jsonl");
    const controller = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      const options = { signal: controller.signal, pollInterval: 10 };
      for await (const { event } of followEvents(folder, 0, options)) {
        seen.push(event.t === "warning" ? event.message : event.t);
        if (event.t === "done") controller.abort();
      }
    })();
    await delay(30);
    const log = openEventLog(folder);
    log.append(warning("one"));
    await until(() => seen.length === 1);
    const line = Buffer.from(
      `${JSON.stringify({ v: 1, seq: 1, time: 0, t: "warning", message: "zwölf" })}\n`,
    );
    const middle = line.indexOf(0xc3) + 1; // in the middle of a character
    appendFileSync(file, line.subarray(0, middle));
    await delay(40);
    assert.deepEqual(seen, ["one"]);
    appendFileSync(file, line.subarray(middle));
    log.append(samples.done);
    log.close();
    await following;
    assert.deepEqual(seen, ["one", "zwölf", "done"]);
  });

  test("goes on from an offset without a gap or a repetition", async (t) => {
    const folder = temporaryFolder(t);
    const log = openEventLog(folder);
    for (let i = 0; i < 6000; i++) log.append(warning(`${i} ${"é".repeat(40)}`));
    log.close();
    const seen: number[] = [];
    let offset = 0;
    while (seen.length < 6000) {
      let taken = 0;
      for await (const read of followEvents(folder, offset, { pollInterval: 1 })) {
        seen.push(read.event.seq);
        offset = read.offset;
        if (++taken === 1999 || seen.length === 6000) break;
      }
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 6000 }, (_, i) => i),
    );
    assert.equal(offset, readFileSync(path.join(folder, "events.jsonl")).length);
  });

  test("is refused where the file became shorter", async (t) => {
    const folder = temporaryFolder(t);
    const log = openEventLog(folder);
    log.append(warning("x"));
    log.close();
    await assert.rejects(
      followEvents(folder, 10_000).next(),
      (error) => error instanceof Problem && error.code === "stale",
    );
  });
});
