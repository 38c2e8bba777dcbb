/**
 * Shows a run while it works, from its folder alone: on a terminal with bars that move, elsewhere as a line
 * every few seconds. Ends when the run does, also where its process dies without a word.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { followEvents } from "../pipeline/runEvents.ts";
import { shownState } from "../pipeline/runLiveness.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import type { RunRecord, ShownRunState } from "../protocol/runState.ts";
import { createRunView } from "./runView.ts";
import type { Terminal } from "./terminal.ts";

/** Milliseconds between two lines of the same kind where lines cannot be drawn again. */
const plainPause = 5_000;
/** Between two looks at whether the process lives. */
const stateInterval = 1_000;
/** How long a run may wait for its process. */
const longestQueue = 60_000;

export interface FollowedRun {
  readonly state: ShownRunState;
  readonly record: RunRecord;
}

/** Where the events of a run end now: following from here leaves out what is past. */
export async function endOfEvents(folder: string): Promise<number> {
  return stat(path.join(folder, "events.jsonl")).then(
    ({ size }) => size,
    () => 0,
  );
}

/**
 * Shows the events of a run from `fromOffset` on until it is done, stopped, failed or lost, or the signal says
 * that nobody looks any more. Throws a Problem `failed` where no process takes the run.
 */
export async function followRun(
  folder: string,
  terminal: Terminal,
  options: { readonly fromOffset?: number; readonly signal?: AbortSignal } = {},
): Promise<FollowedRun> {
  const view = createRunView(terminal.style);
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])]);
  const watching = watchState(folder, over);
  let lastPlain = performance.now();
  try {
    for await (const { event } of followEvents(folder, options.fromOffset, { signal })) {
      const lines = view.accept(event);
      if (lines.length > 0) terminal.print(...lines);
      terminal.redraw(view.current());
      if (!terminal.live && performance.now() - lastPlain > plainPause) {
        lastPlain = performance.now();
        terminal.print(...view.current().map(withoutBar));
      }
      if (event.t === "done" || event.t === "failed") break;
    }
  } finally {
    over.abort();
    terminal.redraw([]);
  }
  const stalled = await watching;
  if (stalled !== undefined) throw stalled;
  return settled(folder);
}

/** Ends the following once the run is over and its last events had the time to be read. */
async function watchState(folder: string, over: AbortController): Promise<Problem | undefined> {
  const started = performance.now();
  while (!over.signal.aborted) {
    const before = await isOver(folder);
    await pause(stateInterval, over.signal);
    if (before && !over.signal.aborted) over.abort();
    const { state } = await readRunRecord(folder);
    if (state === "queued" && performance.now() - started > longestQueue) {
      over.abort();
      return new Problem("failed", "No process has started to execute the run.", {
        file: path.join(folder, "worker.log"),
        next: "The log says why, if the process came that far.",
      });
    }
  }
  return undefined;
}

async function isOver(folder: string): Promise<boolean> {
  const state = await shownState(await readRunRecord(folder));
  return state === "done" || state === "stopped" || state === "failed" || state === "lost";
}

/** The last event comes a moment before the last state. */
async function settled(folder: string): Promise<FollowedRun> {
  for (let tries = 0; ; tries++) {
    const record = await readRunRecord(folder);
    const state = await shownState(record);
    const moving = state === "running" || state === "stopping";
    if (!moving || tries === 20) return { state, record };
    await pause(100);
  }
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

const withoutBar = (line: string): string => line.replace(/ [█▏▎▍▌▋▊▉·]+ /u, " ").trim();
