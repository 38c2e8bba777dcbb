/** The whole text in one row of columns: each stands for a run of positions, by their highest figure and their mean. */

export interface OverviewGeometry {
  readonly columns: number;
  /** [columns + 1], the first position of each column. */
  readonly starts: Int32Array;
  /** [columns], by absolute value; NaN where no position has a figure. */
  readonly highest: Float32Array;
  readonly means: Float32Array;
  /** [columns], 1 where a figure of the column is a lower bound or missing for want of sources. */
  readonly marked: Uint8Array;
}

/** No more columns than pixels, nor than positions. */
export function layOverview(
  values: Float32Array,
  marked: (position: number) => boolean,
  width: number,
): OverviewGeometry {
  const columns = Math.max(0, Math.min(Math.floor(width), values.length));
  const starts = Int32Array.from({ length: columns + 1 }, (_, c) =>
    Math.floor((c * values.length) / Math.max(1, columns)),
  );
  const highest = new Float32Array(columns).fill(Number.NaN);
  const means = new Float32Array(columns).fill(Number.NaN);
  const marks = new Uint8Array(columns);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    let count = 0;
    for (let i = starts[c]; i < starts[c + 1]; i++) {
      if (marked(i)) marks[c] = 1;
      if (Number.isNaN(values[i])) continue;
      if (count === 0 || Math.abs(values[i]) > Math.abs(highest[c])) highest[c] = values[i];
      sum += values[i];
      count++;
    }
    if (count > 0) means[c] = sum / count;
  }
  return { columns, starts, highest, means, marked: marks };
}

/** The column that a position falls into. */
export function columnOf({ starts, columns }: OverviewGeometry, position: number): number {
  let low = 0;
  let high = columns - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
