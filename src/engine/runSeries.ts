/**
 * A run's curves for drawing: the steps of events.jsonl, read on from where the last look ended, and reduced to a
 * number of points. A bucket keeps its smallest and its largest value, so that no peak is lost.
 */
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { parseEventLine } from "../pipeline/runEventSchema.ts";
import type { SeriesAnswer, SeriesBody, SeriesFigure } from "../protocol/inspector.ts";
import { seriesFigures } from "../protocol/inspector.ts";
import type { StepEvent, TrainingArm } from "../protocol/runEvents.ts";

/** Read at a time. A line longer than this is no event. */
const blockSize = 2 ** 20;
const lineFeed = 10;

interface Curve {
  readonly arm: TrainingArm;
  readonly seed: number;
  /** Ascending. */
  readonly steps: number[];
  readonly values: Readonly<Record<SeriesFigure, number[]>>;
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
        run.offset = await readLines(handle, run.offset, (line) => noteStep(run.curves, line));
        const series = [...run.curves.values()].map(({ arm, seed, steps, values }) => {
          const [start, end] = [lowerBound(steps, from), lowerBound(steps, to + 1)];
          const kept = reduceSeries(values[figure].slice(start, end), points);
          return {
            arm,
            seed,
            of: end - start,
            steps: kept.map((i) => steps[start + i] ?? 0),
            values: Float64Array.from(kept, (i) => values[figure][start + i] ?? Number.NaN),
          };
        });
        return { offset: run.offset, series };
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * Which of the values to draw, ascending: all where they are no more than `points`, otherwise the smallest
 * and the largest of each of points / 2 stretches of equal length. Values that are not finite are passed over,
 * but for a stretch that has no others.
 */
export function reduceSeries(values: readonly number[], points: number): Int32Array {
  if (values.length <= points) return Int32Array.from(values.keys());
  const buckets = Math.floor(points / 2);
  const kept: number[] = [];
  for (let b = 0; b < buckets; b++) {
    const start = Math.floor((b * values.length) / buckets);
    const end = Math.floor(((b + 1) * values.length) / buckets);
    let [least, most] = [start, start];
    for (let i = start; i < end; i++) {
      if (isBetter(values[i], values[least], (a, b) => a < b)) least = i;
      if (isBetter(values[i], values[most], (a, b) => a > b)) most = i;
    }
    kept.push(Math.min(least, most));
    if (least !== most) kept.push(Math.max(least, most));
  }
  return Int32Array.from(kept);
}

function isBetter(
  value: number | undefined,
  best: number | undefined,
  better: (a: number, b: number) => boolean,
): boolean {
  if (value === undefined || !Number.isFinite(value)) return false;
  return best === undefined || !Number.isFinite(best) || better(value, best);
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

function noteStep(curves: Map<string, Curve>, line: string): void {
  if (!line.includes('"step"')) return; // most lines are steps; the others need not be parsed
  const event = parseEventLine(line);
  if (event?.t !== "step") return;
  const { arm, seed, step } = event;
  const key = `${arm} ${seed}`;
  const curve = curves.get(key) ?? { arm, seed, steps: [], values: emptyValues() };
  curves.set(key, curve);
  // A resumed run repeats the steps after its checkpoint: the later ones count.
  const at = lowerBound(curve.steps, step);
  curve.steps.splice(at, Number.POSITIVE_INFINITY, step);
  for (const figure of seriesFigures) {
    curve.values[figure].splice(at, Number.POSITIVE_INFINITY, figureOf(event, figure));
  }
}

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

/** The first index whose step is not below `step`. */
function lowerBound(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
