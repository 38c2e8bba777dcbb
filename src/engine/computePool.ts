/**
 * The pipeline's `Compute` on worker threads: a fixed number of them, started before the first job, each with
 * one job at a time and a queue in front.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Problem } from "../core/problem.ts";
import type { Compute, JobName, JobResult, JobSpec } from "../pipeline/compute.ts";
import type { JobContext } from "../pipeline/jobContext.ts";
import {
  type JobOrder,
  revivedError,
  type ThreadData,
  type ThreadReply,
} from "./threadMessages.ts";

export interface ComputePool extends Compute {
  /** Asks every job to stop at its next unit of work. */
  stop(): void;
  close(): Promise<void>;
}

/** Milliseconds that running jobs may take to notice that they should stop, and between two looks. */
const closingPatience = 15_000;
const closingPoll = 20;

const closed = (): Problem => new Problem("cancelled", "The work was given up before it began.");

interface Waiting {
  readonly order: JobOrder;
  readonly context: JobContext;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Slot {
  readonly worker: Worker;
  job: Waiting | undefined;
}

/**
 * Starts the threads and waits until each has loaded its code and the native library.
 *
 * @param options.entry the built computeThread
 * @param options.slots jobs side by side
 * @param options.threads threads each job may use
 */
export async function startComputePool(options: {
  readonly entry: URL;
  readonly slots: number;
  readonly threads: number;
}): Promise<ComputePool> {
  const stop = new SharedArrayBuffer(4);
  const queue: Waiting[] = [];
  let nextId = 1;
  const slots: Slot[] = await Promise.all(
    Array.from({ length: options.slots }, () => startThread(options.entry, { stop })),
  );

  const dispatch = (): void => {
    for (const slot of slots) {
      if (slot.job !== undefined) continue;
      const next = queue.shift();
      if (next === undefined) return;
      slot.job = next;
      slot.worker.postMessage(next.order);
    }
  };

  const settle = (slot: Slot, end: (job: Waiting) => void): void => {
    const { job } = slot;
    slot.job = undefined;
    if (job !== undefined) end(job);
    dispatch();
  };

  for (const slot of [...slots]) {
    slot.worker.on("message", (reply: ThreadReply) => {
      if (reply.t === "ready" || slot.job === undefined) return;
      if (reply.t === "progress") slot.job.context.progress(reply.done, reply.of, reply.note);
      else if (reply.t === "event") slot.job.context.event(reply.body);
      else if (reply.t === "result") settle(slot, (job) => job.resolve(reply.value));
      else settle(slot, (job) => job.reject(revivedError(reply.error)));
    });
    slot.worker.on("error", (error) => {
      slots.splice(slots.indexOf(slot), 1); // a thread that died takes no more jobs
      settle(slot, (job) => job.reject(error));
      if (slots.length === 0) for (const waiting of queue.splice(0)) waiting.reject(error);
    });
  }

  return {
    slots: options.slots,
    threads: options.threads,
    run<Name extends JobName>(name: Name, spec: JobSpec<Name>, context: JobContext) {
      return new Promise<JobResult<Name>>((resolve, reject) => {
        const order: JobOrder = { id: nextId++, name, spec };
        queue.push({ order, context, resolve: resolve as (value: unknown) => void, reject });
        dispatch();
      });
    },
    stop: () => {
      Atomics.store(new Int32Array(stop), 0, 1);
    },
    // A thread that is ended inside ONNX Runtime takes the whole process with it, so jobs are let go first.
    close: async () => {
      Atomics.store(new Int32Array(stop), 0, 1);
      for (const waiting of queue.splice(0)) waiting.reject(closed());
      const deadline = performance.now() + closingPatience;
      while (slots.some(({ job }) => job !== undefined) && performance.now() < deadline) {
        await delay(closingPoll);
      }
      await Promise.all(slots.map((slot) => slot.worker.terminate()));
    },
  };
}

function startThread(entry: URL, data: ThreadData): Promise<Slot> {
  const worker = new Worker(entry, { workerData: data });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () => {
      worker.off("error", reject);
      resolve({ worker, job: undefined });
    });
  });
}
