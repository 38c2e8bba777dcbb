/**
 * Shows a run while it works, from its folder alone. Ends when the run does, also where its process dies without
 * a word.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { followEvents } from "../pipeline/runEvents.ts";
import { shownState } from "../pipeline/runLiveness.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import { evaluatedName } from "../pipeline/runSummary.ts";
import type { EvaluationEvent, RunEvent } from "../protocol/runEvents.ts";
import type { ShownRunState } from "../protocol/runState.ts";
import { eventLine, lossText, scoreTable } from "./runText.ts";
import { createProgress, type Progress } from "./terminal.ts";

/** Milliseconds between two looks at whether the process lives. */
const stateInterval = 1_000;
/** How long a run may wait for its process. */
const longestQueue = 60_000;

export interface FollowOptions {
  /**
   * Leaves out what is past; `endOfEvents` says where it ends. The run was just started again then: that it was
   * over before means nothing until its new process shows itself.
   */
  readonly fromOffset?: number;
  /** Nobody looks any more; the run goes on. */
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** Where the events of a run end now. */
export async function endOfEvents(folder: string): Promise<number> {
  return stat(path.join(folder, "events.jsonl")).then(
    ({ size }) => size,
    () => 0,
  );
}

/**
 * Shows the events of a run until it is done, stopped, failed or lost, or nobody looks any more; answers its
 * state then. Throws a Problem `failed` where no process takes the run.
 */
export async function followRun(
  folder: string,
  { fromOffset, signal, progress = createProgress() }: FollowOptions = {},
): Promise<ShownRunState> {
  const ended = new AbortController();
  const either = AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]);
  let begun = fromOffset === undefined;
  const watched = endWhenOver(folder, ended, () => begun).catch((error: unknown) => {
    ended.abort();
    return error;
  });
  const show = createShow(progress);
  try {
    for await (const { event } of followEvents(folder, fromOffset, { signal: either })) {
      begun = true;
      show(event);
      if (event.t === "done" || event.t === "failed") break;
    }
  } finally {
    ended.abort();
    progress.end();
  }
  const problem = await watched;
  if (problem !== undefined) throw problem;
  return lastState(folder);
}

function createShow(progress: Progress): (event: RunEvent) => void {
  const evaluations = new Map<string, EvaluationEvent>();
  return (event) => {
    if (event.t === "progress" && event.stage !== "train") {
      const name = `${event.stage} ${event.what ?? ""}`.trimEnd();
      progress.update(name, event.done, event.of, "", event.unit);
    } else if (event.t === "step") {
      progress.update(`train ${event.arm}`, event.step, event.of, lossText(event));
    } else if (event.t === "evaluation") evaluations.set(evaluatedName(event), event);
    else if (event.t === "done" && evaluations.size > 0) {
      progress.say(scoreTable([...evaluations.values()]));
    }
    const line = eventLine(event);
    if (line !== undefined) progress.say(line);
  };
}

/** Ends the following once the run is over and its last events had the time to be read. */
async function endWhenOver(
  folder: string,
  ended: AbortController,
  hasBegun: () => boolean,
): Promise<Problem | undefined> {
  const started = performance.now();
  const { heartbeat } = await readRunRecord(folder);
  while (!ended.signal.aborted) {
    const begun = hasBegun(); // asked before the state is read, which may be the old one
    const record = await readRunRecord(folder);
    const state = await shownState(record);
    await pause(stateInterval, ended.signal);
    const isNew = begun || record.heartbeat !== heartbeat;
    if (isNew && isOver(state)) ended.abort();
    else if (
      (state === "queued" || (!isNew && isOver(state))) &&
      performance.now() - started > longestQueue
    ) {
      ended.abort();
      return notStarted(folder);
    }
  }
  return undefined;
}

const notStarted = (folder: string): Problem =>
  new Problem("failed", "No process has started to execute the run.", {
    file: path.join(folder, "worker.log"),
    next: "The log says why, if the process came that far.",
  });

/** The last event comes a moment before the last state is written. */
async function lastState(folder: string): Promise<ShownRunState> {
  for (let tries = 0; ; tries++) {
    const state = await shownState(await readRunRecord(folder));
    if (isOver(state) || tries === 20) return state;
    await pause(100);
  }
}

const isOver = (state: ShownRunState): boolean =>
  state === "done" || state === "stopped" || state === "failed" || state === "lost";

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}
