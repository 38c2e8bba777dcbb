/**
 * A compute thread: runs one job at a time and says how it goes. ONNX Runtime blocks the thread it runs in,
 * which is why it lives here and not in the worker's main thread.
 */
import { parentPort, workerData } from "node:worker_threads";
import { loadRuntime } from "../model/session.ts";
import type { JobContext } from "../pipeline/jobContext.ts";
import { jobs } from "../pipeline/jobs.ts";
import { carryError, type JobOrder, type ThreadData, type ThreadReply } from "./threadMessages.ts";

if (parentPort === null) throw new Error("computeThread.ts runs only as a worker thread");
const port = parentPort;
const stop = new Int32Array((workerData as ThreadData).stop);
const reply = (message: ThreadReply): void => port.postMessage(message);

port.on("message", async ({ id, name, spec }: JobOrder) => {
  const context: JobContext = {
    progress: (done, of, note) => reply({ t: "progress", id, done, of, note }),
    event: (body) => reply({ t: "event", id, body }),
    stopped: () => Atomics.load(stop, 0) === 1,
  };
  try {
    const run = jobs[name] as (spec: unknown, context: JobContext) => Promise<unknown>;
    reply({ t: "result", id, value: await run(spec, context) });
  } catch (error) {
    reply({ t: "error", id, error: carryError(error) });
  }
});

// The native library is loaded before anything is promised: an update of the installation cannot pull it away later.
await loadRuntime();
reply({ t: "ready" });
