/**
 * A long curve in few points: which of its values to draw, and a smoothed line through them. A bucket keeps its
 * smallest and its largest value, so that no peak is lost; the means are of all values, not of those that are kept.
 */

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

/** Steps that a mean is taken over: about a fifteenth of the curve, an odd and round number. */
export function smoothingWindow(steps: number): number {
  return smoothingWindows.findLast((window) => window <= steps / 15) ?? 1;
}

const smoothingWindows = [1, 3, 5, 11, 21, 51, 101, 201, 501, 1001];

/**
 * The mean of the finite values of `window` places around each place in `at`; NaN where there are none. Nothing
 * from the other side of a break counts.
 * @param breaks ascending: the places whose value does not continue the one before.
 */
export function smoothAt(
  values: readonly number[],
  at: Int32Array,
  { window, breaks }: { readonly window: number; readonly breaks: readonly number[] },
): Float64Array {
  const half = (window - 1) / 2;
  return Float64Array.from(at, (place) => {
    const next = breaks.findIndex((one) => one > place);
    const since = (next < 0 ? breaks.at(-1) : breaks[next - 1]) ?? 0;
    const until = next < 0 ? values.length : (breaks[next] ?? values.length);
    const end = Math.min(until, place + half + 1);
    let [sum, count] = [0, 0];
    for (let i = Math.max(since, place - half); i < end; i++) {
      const value = values[i];
      if (value === undefined || !Number.isFinite(value)) continue;
      sum += value;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
}

/** The first index whose step is not below `step`. */
export function lowerBound(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
