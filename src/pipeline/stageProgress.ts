/** Turns a job's many progress calls into few events, each with the rate so far. */
import type { RunEventBody, StageName } from "../protocol/runEvents.ts";

/** Milliseconds between two progress events of one job. */
const shortestPause = 250;

export function progressReporter(
  stage: StageName,
  what: string,
  unit: string,
  emit: (event: RunEventBody) => void,
): (done: number, of: number) => void {
  const started = performance.now();
  let first: number | undefined;
  let last = 0;
  return (done, of) => {
    const now = performance.now();
    // What a resumed job finds already done says nothing about its rate.
    first ??= done - 1;
    if (done < of && now - last < shortestPause) return;
    last = now;
    const seconds = (now - started) / 1000;
    const rate = seconds > 0 ? (done - first) / seconds : 0;
    emit({ t: "progress", stage, done, of, unit, what, rate });
  };
}
