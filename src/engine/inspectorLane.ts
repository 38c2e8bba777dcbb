/**
 * A worker thread with a queue in front: one call at a time, since what it computes blocks it. A thread that
 * computes may hear no message, so a call that is abandoned and does not end by itself is ended with its thread;
 * the next call starts another. A thread that dies refuses its call and no other.
 */
import type { Worker } from "node:worker_threads";
import { Problem } from "../core/problem.ts";
import { AbandonedCall, type CallOptions, type Heard, Port } from "../port/port.ts";

export interface Lane {
  /** @throws Problem as the thread refuses, `failed` where it died, AbandonedCall. The limit starts when its turn comes. */
  call(verb: string, body: unknown, options: Required<CallOptions>): Promise<unknown>;
  /** Ends the thread; calls in the queue are refused. */
  close(): Promise<void>;
}

/** What every thread offers besides its verbs: the answer says that all code is loaded and no work is left. */
export interface ThreadVerbs {
  ready(body: null): null;
}

type AnyVerbs = Record<string, (body: unknown) => unknown>;

interface Thread {
  readonly worker: Worker;
  readonly port: Port<AnyVerbs, object>;
}

/** Milliseconds in which a thread has to be there. */
const startLimit = 60_000;

/**
 * @param patience milliseconds that an abandoned call is given to end by itself. ONNX Runtime aborts the whole
 *   process when its thread is ended inside a run, so models are given the time of a batch; 0 where that is no danger.
 * @param hears what is done with the snapshots that the thread pushes
 */
export function createLane(startWorker: () => Worker, patience = 0, hears: Heard = {}): Lane {
  let thread: Thread | undefined;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const start = (): Thread => {
    const worker = startWorker();
    const port = new Port<AnyVerbs, object>(
      (message) => worker.postMessage(message),
      {},
      { timeLimit: startLimit, hears },
    );
    const started = { worker, port };
    const gone = (error?: Error): void => {
      if (thread === started) thread = undefined;
      port.close(died(error));
    };
    worker.on("message", (message) => port.receive(message));
    worker.on("messageerror", gone);
    worker.on("error", gone);
    worker.on("exit", () => gone());
    return started;
  };

  const rested = ({ port }: Thread): Promise<boolean> =>
    port.call("ready", null, { timeLimit: patience }).then(
      () => true,
      () => false,
    );

  const end = async (ended: Thread): Promise<void> => {
    if (thread === ended) thread = undefined;
    await ended.worker.terminate();
  };

  /** What is not begun need not be ended. */
  const requireWanted = ({ aborted }: AbortSignal): void => {
    if (closed) throw new Problem("cancelled", "The inspector is ending.");
    if (aborted) throw new Problem("cancelled", "The call was cancelled before its turn.");
  };

  const callNow = async (
    verb: string,
    body: unknown,
    options: Required<CallOptions>,
  ): Promise<unknown> => {
    requireWanted(options.signal);
    if (thread === undefined) {
      thread = start();
      await thread.port.call("ready", null);
      requireWanted(options.signal);
    }
    return thread.port.call(verb, body, options);
  };

  return {
    call(verb, body, options) {
      const answer = last.then(() => callNow(verb, body, options));
      last = answer.catch(async (error: unknown) => {
        if (!(error instanceof AbandonedCall) || thread === undefined || closed) return;
        if (patience > 0 && (await rested(thread))) return;
        // The memory of one that is ending should be free before the next one starts.
        if (thread !== undefined) await end(thread);
      });
      return answer;
    },
    close: async () => {
      closed = true;
      if (thread !== undefined && patience > 0) await rested(thread);
      if (thread !== undefined) await end(thread);
    },
  };
}

function died(error: Error | undefined): Problem {
  const outOfMemory =
    (error as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  return outOfMemory
    ? new Problem("tooLarge", "The inspector's thread ran out of memory.", {
        next: "Try a shorter text, or raise fuselab.inspector.memoryLimitMB.",
      })
    : new Problem("failed", "The inspector's thread ended before it answered.", {
        next: "Ask again: another thread takes over.",
        cause: error,
      });
}
