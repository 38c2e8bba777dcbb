/**
 * A curve as the host answers it, seen along an axis: where its points stand, where it is broken, and where a step
 * lies between them. The host has reduced it to a number of points; nothing here needs to know how.
 */
import type { SeriesAnswer } from "../../../src/protocol/runSeries.ts";

export type SeriesPoints = SeriesAnswer["series"][number];

export const xAxes = ["step", "tokens", "time"] as const;
export type XAxis = (typeof xAxes)[number];

/**
 * Where the points stand: steps, tokens read, or seconds since `origin`.
 * @param origin milliseconds since 1970.
 */
export function columnOf(points: SeriesPoints, axis: XAxis, origin: number): Float64Array {
  switch (axis) {
    case "step":
      return Float64Array.from(points.steps);
    case "tokens":
      return points.tokens;
    case "time":
      return points.times.map((time) => (time - origin) / 1000);
  }
}

/**
 * Indices of the points that do not go on from the one before: another process took the run in between, or
 * steps are missing though all were sent.
 */
export function breaksOf({ steps, of, resumes }: SeriesPoints): number[] {
  const isWhole = steps.length === of;
  const breaks: number[] = [];
  for (let i = 1; i < steps.length; i++) {
    const isResumed = resumes.some(({ step }) => steps[i - 1] < step && step <= steps[i]);
    if (isResumed || (isWhole && steps[i] > steps[i - 1] + 1)) breaks.push(i);
  }
  return breaks;
}

/** Where a step stands along the axis, between its neighbours in proportion; past the ends, at them. NaN without points. */
export function placeOfStep(points: SeriesPoints, column: Float64Array, step: number): number {
  const { steps } = points;
  if (steps.length === 0) return Number.NaN;
  const after = firstFrom(steps, step);
  if (after === 0) return column[0];
  if (after === steps.length) return column[after - 1];
  const share = (step - steps[after - 1]) / (steps[after] - steps[after - 1]);
  return column[after - 1] + share * (column[after] - column[after - 1]);
}

/** The step at a place along the axis, to the nearest point; 0 without points. */
export function stepAtPlace(points: SeriesPoints, column: Float64Array, place: number): number {
  if (column.length === 0) return 0;
  return points.steps[nearestIndex(column, place)];
}

/** What a curve says at a step: exactly, or about, where the step itself was not sent. */
export interface ReadValue {
  readonly value: number;
  readonly isExact: boolean;
}

/** Undefined where the curve has not come to that step, or has not begun. */
export function readAtStep(points: SeriesPoints, step: number): ReadValue | undefined {
  const { steps, values, smoothed, notFinite } = points;
  if (steps.length === 0 || step < steps[0] || step > steps[steps.length - 1]) return undefined;
  if (notFinite.includes(step)) return { value: Number.NaN, isExact: true };
  const nearest = nearestIndex(steps, step);
  if (steps[nearest] === step) return { value: values[nearest], isExact: true };
  return { value: smoothed[nearest], isExact: false };
}

/** Index of the entry of an ascending list that is nearest to a value; the lower of two. */
export function nearestIndex(ascending: ArrayLike<number>, value: number): number {
  const after = firstFrom(ascending, value);
  if (after === 0) return 0;
  if (after === ascending.length) return after - 1;
  return ascending[after] - value < value - ascending[after - 1] ? after : after - 1;
}

/** Index of the first entry of an ascending list that is not below a value; its length where all are. */
export function firstFrom(ascending: ArrayLike<number>, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
