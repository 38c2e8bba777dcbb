/**
 * A run's curves for drawing: the steps of events.jsonl, read on from where the last look ended, and reduced to a
 * number of points (reduceCurve.ts).
 */
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { parseEventLine } from "../pipeline/runEventSchema.ts";
import type { EventStamp, StepEvent, TrainingArm } from "../protocol/runEvents.ts";
import {
  type SeriesAnswer,
  type SeriesBody,
  type SeriesFigure,
  type SeriesResume,
  seriesFigures,
} from "../protocol/runSeries.ts";
import { lowerBound, reduceSeries, smoothAt, smoothingWindow } from "./reduceCurve.ts";

/** Read at a time. A line longer than this is no event. */
const blockSize = 2 ** 20;
const lineFeed = 10;

interface Curve {
  readonly arm: TrainingArm;
  readonly seed: number;
  /** Ascending. */
  readonly steps: number[];
  readonly times: number[];
  readonly tokens: number[];
  readonly values: Readonly<Record<SeriesFigure, number[]>>;
  readonly resumes: SeriesResume[];
  /** A process went on with the run, and this curve has had no step since. */
  resumed: boolean;
}

interface ReadRun {
  /** Tells another file of the same name. */
  readonly inode: number;
  offset: number;
  readonly curves: Map<string, Curve>;
}

export interface RunSeries {
  /** @throws Problem `missing` where the run has no events. */
  read(body: SeriesBody): Promise<SeriesAnswer>;
}

/** Runs that are remembered, the latest asked for. */
const runsKept = 8;

export function createRunSeries(): RunSeries {
  const runs = new Map<string, ReadRun>();
  return {
    async read({ run: folder, figure, points, from = 0, to = Number.MAX_SAFE_INTEGER }) {
      const file = path.join(folder, "events.jsonl");
      const handle = await open(file).catch((cause: unknown) => {
        throw new Problem("missing", "The run has no events that can be read.", { file, cause });
      });
      try {
        const { size, ino } = await handle.stat();
        const known = runs.get(folder);
        const run =
          known !== undefined && known.inode === ino && size >= known.offset
            ? known
            : { inode: ino, offset: 0, curves: new Map<string, Curve>() };
        runs.delete(folder);
        runs.set(folder, run);
        for (const oldest of runs.keys()) if (runs.size > runsKept) runs.delete(oldest);
        run.offset = await readLines(handle, run.offset, (line) => noteLine(run.curves, line));
        const curves = [...run.curves.values()];
        const series = curves.map((curve) => seriesOf(curve, figure, { points, from, to }));
        return { offset: run.offset, series };
      } finally {
        await handle.close();
      }
    },
  };
}

function seriesOf(
  curve: Curve,
  figure: SeriesFigure,
  { points, from, to }: { readonly points: number; readonly from: number; readonly to: number },
): SeriesAnswer["series"][number] {
  const { arm, seed, steps, resumes } = curve;
  const values = curve.values[figure];
  const [start, end] = [lowerBound(steps, from), lowerBound(steps, to + 1)];
  const kept = reduceSeries(values.slice(start, end), points).map((i) => start + i);
  const at = (column: readonly number[]) => Float64Array.from(kept, (i) => column[i] ?? Number.NaN);
  const lost = steps.filter((_, i) => i >= start && i < end && !Number.isFinite(values[i]));
  const window = smoothingWindow(end - start);
  const breaks = resumes.map(({ step }) => lowerBound(steps, step));
  return {
    arm,
    seed,
    of: end - start,
    steps: Int32Array.from(kept, (i) => steps[i] ?? 0),
    values: at(values),
    times: at(curve.times),
    tokens: at(curve.tokens),
    smoothed: smoothAt(values, kept, { window, breaks }),
    window,
    notFinite: Int32Array.from(lost.slice(0, points)),
    resumes: resumes.filter(({ step }) => step >= from && step <= to),
  };
}

/** Whole lines from an offset on. Answers where the first line begins that is not whole yet. */
async function readLines(
  handle: FileHandle,
  from: number,
  take: (line: string) => void,
): Promise<number> {
  const block = Buffer.alloc(blockSize);
  for (let offset = from; ; ) {
    const { bytesRead } = await handle.read(block, 0, blockSize, offset);
    const end = block.subarray(0, bytesRead).lastIndexOf(lineFeed) + 1;
    if (end === 0 && bytesRead < blockSize) return offset;
    for (const line of block.toString("utf8", 0, end).split("\n")) take(line);
    offset += end === 0 ? bytesRead : end;
  }
}

function noteLine(curves: Map<string, Curve>, line: string): void {
  if (!line.includes('"step"') && !line.includes('"hello"')) return; // the others need not be parsed
  const event = parseEventLine(line);
  if (event?.t === "step") noteStep(curves, event);
  if (event?.t === "hello") for (const curve of curves.values()) curve.resumed = true;
}

/** A resumed run repeats the steps after its checkpoint: the later ones count. */
function noteStep(curves: Map<string, Curve>, event: EventStamp & StepEvent): void {
  const { arm, seed, step, time, tokens } = event;
  const key = `${arm} ${seed}`;
  const curve = curves.get(key) ?? emptyCurve(arm, seed);
  curves.set(key, curve);
  const { steps, resumes } = curve;
  const at = lowerBound(steps, step);
  if ((curve.resumed || at < steps.length) && steps.length > 0) {
    const known = resumes.findIndex((resume) => resume.step >= step);
    if (known >= 0) resumes.splice(known);
    resumes.push({ step, again: Math.max(step - 1, steps.at(-1) ?? 0) });
  }
  curve.resumed = false;
  const put = (column: number[], value: number) =>
    column.splice(at, Number.POSITIVE_INFINITY, value);
  put(steps, step);
  put(curve.times, time);
  put(curve.tokens, tokens);
  for (const figure of seriesFigures) put(curve.values[figure], figureOf(event, figure));
}

const emptyCurve = (arm: TrainingArm, seed: number): Curve => ({
  arm,
  seed,
  steps: [],
  times: [],
  tokens: [],
  values: emptyValues(),
  resumes: [],
  resumed: false,
});

const emptyValues = (): Record<SeriesFigure, number[]> => ({
  total: [],
  clm: [],
  fusion: [],
  text: [],
  gradientNorm: [],
  lr: [],
  tokensPerSecond: [],
});

function figureOf({ loss, ...event }: StepEvent, figure: SeriesFigure): number {
  const value =
    figure === "gradientNorm" || figure === "lr" || figure === "tokensPerSecond"
      ? event[figure]
      : loss[figure];
  return value ?? Number.NaN;
}
