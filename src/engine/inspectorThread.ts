/**
 * A thread of the inspector: the verbs of its lane, one after the other. Which lane is in workerData. The native
 * library is loaded by the first model, so the thread for text never has it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type Offered, Port } from "../port/port.ts";
import type { InspectorProgress } from "../protocol/inspector.ts";
import type { ThreadVerbs } from "./inspectorLane.ts";
import { type FullInspectorVerbs, type ModelVerb, offerModelVerbs } from "./modelVerbs.ts";
import { offerTextVerbs, type TextVerb } from "./textVerbs.ts";

export interface InspectorThreadData {
  readonly lane: "text" | "models";
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
}

if (parentPort === null) throw new Error("inspectorThread.ts runs only as a worker thread");
const pipe = parentPort;
const { lane, threads, memoryLimit } = workerData as InspectorThreadData;

const tell = (progress: InspectorProgress): void => port.push("progress", progress);

const verbs: Partial<Offered<Pick<FullInspectorVerbs, TextVerb | ModelVerb>>> =
  lane === "text" ? offerTextVerbs(tell) : offerModelVerbs({ threads, memoryLimit }, tell);

/** Ends with the latest call: a lane has one at a time. */
let work: Promise<unknown> = Promise.resolve();

const noted = Object.entries(verbs).map(([verb, meet]) => [
  verb,
  (body: unknown, signal: AbortSignal): Promise<unknown> => {
    const answer = Promise.resolve().then(() => meet(body, signal));
    work = answer.catch(() => undefined);
    return answer;
  },
]);

const port = new Port<object, ThreadVerbs>(
  (message) => pipe.postMessage(message),
  { ...Object.fromEntries(noted), ready: () => work.then(() => null) },
  {
    timeLimit: 0, // this side asks nothing
    onDefect: (error) =>
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
  },
);
pipe.on("message", (message) => port.receive(message));
