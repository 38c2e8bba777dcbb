/**
 * The inspector: a child process of the editor, one per window, for everything that computes on selected text.
 * Forked with serialization "advanced"; what it prints is log. This thread only routes: it checks what is
 * asked, hands it to the thread for text or the one for models, and ends when it has been idle, told so, or left.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Problem } from "../core/problem.ts";
import { type Offered, Port } from "../port/port.ts";
import type { InspectorGreeting, InspectorVerb } from "../protocol/inspector.ts";
import { type Body, readBody } from "./inspectorBodies.ts";
import { createGate, type Gate } from "./inspectorGate.ts";
import { createLane, type Lane } from "./inspectorLane.ts";
import type { InspectorThreadData } from "./inspectorThread.ts";
import type { FullInspectorVerbs } from "./modelVerbs.ts";
import { version } from "./version.ts";

type RoutedVerb = Exclude<InspectorVerb, "hello" | "bye">;

/** Which thread meets a verb, and the seconds it may take where the host sets no limit. */
const routes: Readonly<
  Record<RoutedVerb, { readonly lane: InspectorThreadData["lane"]; readonly seconds: number }>
> = {
  loadTokenizer: { lane: "text", seconds: 30 },
  describeModel: { lane: "text", seconds: 60 },
  tokenize: { lane: "text", seconds: 20 },
  align: { lane: "text", seconds: 60 },
  costTable: { lane: "text", seconds: 60 },
  detourBand: { lane: "text", seconds: 60 },
  cumulativeTile: { lane: "text", seconds: 60 },
  vocabularyMap: { lane: "text", seconds: 300 },
  validateRecipe: { lane: "text", seconds: 10 },
  series: { lane: "text", seconds: 30 },
  loadModel: { lane: "models", seconds: 120 },
  unload: { lane: "models", seconds: 30 },
  represent: { lane: "models", seconds: 120 },
  fuse: { lane: "models", seconds: 300 },
  estimate: { lane: "models", seconds: 600 },
};

const defaultIdleMinutes = 5;
/** Megabytes of objects in a thread: a tokenizer of 260,000 tokens takes some hundreds. */
const defaultHeapMB = 2048;

/** Milliseconds in which a batch of the largest model should have been read. */
const batchPatience = 15_000;

/** What follows from the greeting. */
interface Session {
  readonly hello: Body<"hello">;
  readonly gate: Gate;
  readonly lanes: Readonly<Record<InspectorThreadData["lane"], Lane>>;
}

let session: Session | undefined;
let atWork = 0;
let idle: NodeJS.Timeout | undefined;
let ending = false;

const post = process.send?.bind(process);
if (post === undefined) throw new Error("inspector.ts runs only as a forked child process");

function greet(body: unknown): InspectorGreeting {
  if (session !== undefined) throw new Problem("badInput", "hello has been said.");
  const hello = readBody("hello", body);
  session = {
    hello,
    gate: createGate(hello),
    lanes: { text: laneFor("text", hello), models: laneFor("models", hello) },
  };
  const { restricted } = hello;
  return { fuselab: version, node: process.versions.node, pid: process.pid, restricted };
}

function laneFor(
  lane: InspectorThreadData["lane"],
  { memoryLimitMB, threads = availableParallelism() }: Body<"hello">,
): Lane {
  const workerData: InspectorThreadData = {
    lane,
    threads,
    memoryLimit: memoryLimitMB === undefined ? Number.POSITIVE_INFINITY : memoryLimitMB * 2 ** 20,
  };
  const resourceLimits = { maxOldGenerationSizeMb: memoryLimitMB ?? defaultHeapMB };
  const entry = new URL("./inspectorThread.js", import.meta.url);
  const patience = lane === "models" ? batchPatience : 0;
  return createLane(() => new Worker(entry, { workerData, resourceLimits }), patience, {
    progress: (body) => port.push("progress", body),
  });
}

async function route(verb: RoutedVerb, body: unknown, signal: AbortSignal): Promise<unknown> {
  if (session === undefined) throw new Problem("badInput", "Nothing is answered before hello.");
  const { hello, gate, lanes } = session;
  const checked = readBody(verb, body);
  await gate(verb, checked);
  const { lane, seconds } = routes[verb];
  return lanes[lane].call(verb, checked, {
    signal,
    timeLimit: 1000 * (hello.limitSeconds ?? seconds),
  });
}

/** Calls keep the process; the clock starts again after the last answer. */
async function whileAwake<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer> {
  clearTimeout(idle);
  atWork++;
  try {
    return await work();
  } finally {
    atWork--;
    waitForCalls();
  }
}

function waitForCalls(): void {
  clearTimeout(idle);
  if (atWork > 0 || ending) return;
  const minutes = session?.hello.idleMinutes ?? defaultIdleMinutes;
  idle = setTimeout(() => void end(), minutes * 60_000);
}

/** Ends by having nothing left to wait for, so that the last answer gets out. */
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  clearTimeout(idle);
  port.close(new Problem("cancelled", "The inspector is ending."));
  process.off("message", receive);
  await Promise.all(Object.values(session?.lanes ?? {}).map((lane) => lane.close()));
  if (process.connected) process.disconnect();
}

const routed = Object.fromEntries(
  Object.keys(routes).map((verb) => [
    verb,
    (body: unknown, signal: AbortSignal) =>
      whileAwake(() => route(verb as RoutedVerb, body, signal)),
  ]),
) as Offered<Pick<FullInspectorVerbs, RoutedVerb>>;

const port = new Port<object, FullInspectorVerbs>(
  (message) => void post(message, undefined, undefined, () => undefined), // unsent: `disconnect` follows
  {
    ...routed,
    hello: (body) => whileAwake(() => greet(body)),
    bye: (body) => {
      readBody("bye", body);
      setImmediate(() => void end());
      return null;
    },
  },
  {
    timeLimit: 0, // this side asks nothing
    onDefect: (error) =>
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
  },
);
const receive = (message: unknown): void => port.receive(message);
process.on("message", receive);
process.on("disconnect", () => void end()); // whoever would read an answer is gone
waitForCalls();
