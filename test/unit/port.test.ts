/** Both ends of a port, with structured clone as the pipe, and the thread behind one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Problem } from "../../src/core/problem.ts";
import { createLane } from "../../src/engine/inspectorLane.ts";
import { AbandonedCall, type Offered, Port } from "../../src/port/port.ts";
import { maxMessageBytes, messageBytes, type WireMessage } from "../../src/protocol/wire.ts";
import { isProblem } from "../support/problems.ts";

interface Verbs {
  double(body: number): number;
  sum(body: Float32Array): { readonly total: number; readonly of: Float32Array };
  refuse(body: null): never;
  fail(body: null): never;
  /** Answers when its call is cancelled, and not before. */
  hang(body: null): string;
  large(body: number): Uint8Array;
  uncloneable(body: null): unknown;
  absent(body: null): null;
}

interface Pair {
  readonly asking: Port<Verbs, object>;
  readonly answering: Port<object, Omit<Verbs, "absent">>;
  readonly defects: unknown[];
  readonly sent: WireMessage[];
  /** Aborts that `hang` heard. */
  readonly heard: () => number;
}

function connected(timeLimit = 5000): Pair {
  const defects: unknown[] = [];
  const sent: WireMessage[] = [];
  let aborts = 0;
  const offers: Offered<Omit<Verbs, "absent">> = {
    double: (body) => 2 * (body as number),
    sum: (body) => {
      const of = body as Float32Array;
      return { total: of.reduce((a, b) => a + b, 0), of };
    },
    refuse: () => {
      throw new Problem("missing", "There is no such thing.", {
        next: "Look again.",
        file: "a.txt",
      });
    },
    fail: () => {
      throw new TypeError("a slip");
    },
    hang: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborts++;
          resolve("too late");
        });
      }),
    large: (body) => new Uint8Array(body as number),
    uncloneable: () => () => undefined,
  };
  const asking: Port<Verbs, object> = new Port(
    (message) => {
      sent.push(message);
      const copy = structuredClone(message);
      setImmediate(() => answering.receive(copy));
    },
    {},
    { timeLimit },
  );
  const answering: Pair["answering"] = new Port(
    (message) => {
      const copy = structuredClone(message);
      setImmediate(() => asking.receive(copy));
    },
    offers,
    { timeLimit, onDefect: (error) => defects.push(error) },
  );
  return { asking, answering, defects, sent, heard: () => aborts };
}

async function assertSettled({ asking, answering }: Pair): Promise<void> {
  await delay(20);
  assert.deepEqual(asking.open, { waiting: 0, atWork: 0 });
  assert.deepEqual(answering.open, { waiting: 0, atWork: 0 });
}

describe("a call through a port", () => {
  test("is answered, and arrays stay typed", async () => {
    const pair = connected();
    assert.equal(await pair.asking.call("double", 21), 42);
    const { total, of } = await pair.asking.call("sum", Float32Array.of(1, 2, 3.5));
    assert.equal(total, 6.5);
    assert.ok(of instanceof Float32Array);
    await assertSettled(pair);
  });

  test("that is refused rejects with the same Problem", async () => {
    const pair = connected();
    await assert.rejects(pair.asking.call("refuse", null), (error) => {
      assert.ok(error instanceof Problem);
      assert.deepEqual(
        [error.code, error.message, error.next],
        ["missing", "There is no such thing. (a.txt)", "Look again."],
      );
      return true;
    });
    assert.equal(pair.defects.length, 0);
    await assertSettled(pair);
  });

  test("of a verb that is not offered is refused, also where objects have such a member", async () => {
    const pair = connected();
    await assert.rejects(pair.asking.call("absent", null), isProblem("unsupported", "absent"));
    const foreign = pair.asking as unknown as Port<{ constructor(body: null): null }, object>;
    await assert.rejects(foreign.call("constructor", null), isProblem("unsupported"));
    await assertSettled(pair);
  });

  test("that meets a defect is refused, and the defect is told to its side", async () => {
    const pair = connected();
    await assert.rejects(pair.asking.call("fail", null), isProblem("failed", "fail", "a slip"));
    assert.ok(pair.defects[0] instanceof TypeError);
    await assertSettled(pair);
  });

  test("whose answer cannot be carried is refused", async () => {
    const pair = connected();
    await assert.rejects(pair.asking.call("uncloneable", null), isProblem("failed"));
    await assertSettled(pair);
  });

  test("ends with its signal, and the other side hears of it", async () => {
    const pair = connected();
    const abort = new AbortController();
    const call = pair.asking.call("hang", null, { signal: abort.signal });
    await delay(20);
    assert.deepEqual(pair.answering.open, { waiting: 0, atWork: 1 });
    abort.abort();
    await assert.rejects(call, isProblem("cancelled"));
    await assertSettled(pair);
    assert.equal(pair.heard(), 1);
    assert.equal(await pair.asking.call("double", 4), 8);
  });

  test("is not sent when its signal has gone off before", async () => {
    const pair = connected();
    const call = pair.asking.call("double", 1, { signal: AbortSignal.abort() });
    await assert.rejects(call, isProblem("cancelled"));
    assert.equal(pair.sent.length, 0);
  });

  test("ends at its time limit, and is cancelled on the other side", async () => {
    const pair = connected();
    const call = pair.asking.call("hang", null, { timeLimit: 50 });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof AbandonedCall);
      return isProblem("failed", "0.05 s")(error);
    });
    await assertSettled(pair);
    assert.equal(pair.heard(), 1);
  });

  test("ends with the port, and so do later ones", async () => {
    const pair = connected();
    const call = pair.asking.call("hang", null);
    await delay(20);
    pair.asking.close(new Problem("failed", "The pipe broke."));
    await assert.rejects(call, isProblem("failed", "broke"));
    await assert.rejects(pair.asking.call("double", 1), isProblem("failed", "broke"));
    pair.answering.close(new Problem("cancelled", "over"));
    await assertSettled(pair);
    assert.equal(pair.heard(), 1);
  });

  test("rejects where the pipe throws", async () => {
    const port = new Port<Verbs, object>(
      () => {
        throw new Error("no channel");
      },
      {},
      { timeLimit: 1000 },
    );
    await assert.rejects(port.call("double", 1), isProblem("failed", "no channel"));
    assert.equal(port.open.waiting, 0);
  });

  test("over the size of a message is refused, whichever way it goes", async () => {
    const pair = connected();
    const long = new Float32Array(maxMessageBytes / 4 + 1);
    await assert.rejects(pair.asking.call("sum", long), isProblem("tooLarge"));
    assert.equal(pair.sent.length, 0);
    await assert.rejects(pair.asking.call("large", maxMessageBytes + 1), isProblem("tooLarge"));
    assert.equal((await pair.asking.call("large", 2 ** 20)).length, 2 ** 20);
    await assertSettled(pair);
  });
});

test("what is no envelope, and what nobody waits for, changes nothing", async () => {
  const pair = connected();
  const call = pair.asking.call("double", 5);
  const strays: readonly unknown[] = [
    null,
    7,
    [],
    { v: 2, kind: "answer", id: 1, value: 0 },
    { v: 1, kind: "answer", id: 99, value: 0 },
    { v: 1, kind: "refusal", id: 99, problem: { code: "busy", message: "m" } },
    { v: 1, kind: "cancel", id: 99 },
  ];
  for (const stray of strays) pair.asking.receive(stray);
  for (const stray of strays) pair.answering.receive(stray);
  assert.equal(await call, 10);
  await assertSettled(pair);
});

test("a side that is flooded says it is busy and answers again afterwards", async () => {
  const pair = connected(300);
  const calls = Array.from({ length: 300 }, () => pair.asking.call("hang", null));
  const ends = await Promise.allSettled(calls);
  const codes = ends.map((end) => (end.status === "rejected" ? end.reason.code : "answered"));
  assert.equal(codes.filter((code) => code === "busy").length, 300 - 256);
  await assertSettled(pair);
  assert.equal(await pair.asking.call("double", 5), 10);
});

describe("the size of a message", () => {
  test("counts arrays, texts, keys and what containers hold", () => {
    assert.ok(messageBytes({ a: new Uint8Array(1000) }) >= 1000);
    assert.ok(messageBytes("x".repeat(1000)) >= 1000);
    assert.ok(messageBytes("Ж".repeat(1000)) >= 2000);
    assert.ok(messageBytes(new Map([["k", "y".repeat(500)]])) >= 500);
    assert.ok(messageBytes({ ["k".repeat(500)]: 1 }) >= 500);
    assert.ok(messageBytes({ v: 1, kind: "cancel", id: 3 }) < 100);
  });

  test("is found at once for cycles, sparse arrays and endless nesting", () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    assert.ok(messageBytes(ring) < 100);
    assert.ok(messageBytes(new Array(2 ** 31)) > maxMessageBytes);
    let deep: unknown = null;
    for (let i = 0; i < 2_000_000; i++) deep = [deep];
    assert.ok(messageBytes(deep) > maxMessageBytes);
  });
});

/** A worker's end of the wire in a few lines: it answers, hangs in a loop, and dies. */
const threadSource = `
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ kind, id, verb, body }) => {
    if (kind !== "call") return;
    if (verb === "die") process.exit(1);
    if (verb === "loop") for (;;);
    parentPort.postMessage({ v: 1, kind: "answer", id, value: [verb, body] });
  });`;

test("a lane gets over a thread that hangs and one that dies, and keeps its queue", async () => {
  let started = 0;
  const lane = createLane(() => {
    started++;
    return new Worker(new URL(`data:text/javascript,${encodeURIComponent(threadSource)}`));
  });
  const never = new AbortController().signal;
  const limits = { signal: never, timeLimit: 5000 };
  try {
    assert.deepEqual(await lane.call("echo", 1, limits), ["echo", 1]);

    const dying = lane.call("die", null, limits);
    const behindDeath = lane.call("echo", 2, limits);
    await assert.rejects(dying, isProblem("failed", "before it answered"));
    assert.deepEqual(await behindDeath, ["echo", 2]);

    const late = lane.call("loop", null, { signal: never, timeLimit: 100 });
    await assert.rejects(late, isProblem("failed", "within 0.1 s"));

    const abort = new AbortController();
    const looping = lane.call("loop", null, { signal: abort.signal, timeLimit: 5000 });
    const unwanted = lane.call("echo", 3, { signal: abort.signal, timeLimit: 5000 });
    const behind = lane.call("echo", 4, limits);
    // The loop is to be under way when it is given up: its thread has been started, and had time to get ready.
    while (started < 3) await delay(20);
    setTimeout(() => abort.abort(), 1500);
    await assert.rejects(looping, isProblem("cancelled"));
    await assert.rejects(unwanted, isProblem("cancelled"));
    assert.deepEqual(await behind, ["echo", 4]);
    assert.equal(started, 4);
  } finally {
    await lane.close();
  }
  await assert.rejects(lane.call("echo", 5, limits), isProblem("cancelled"));
});
