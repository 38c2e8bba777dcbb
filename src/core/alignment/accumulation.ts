/**
 * Cumulative costs of dynamic time warping, D(i, j) = cost(i, j) + min(D(i−1, j−1), D(i−1, j), D(i, j−1)): what
 * the path, the detours and the tiles of the drawing are all read from. Rows are the source, columns the target.
 *
 * The whole matrix of two texts of 4,000 tokens would take 128 MB. So the row above each block of √rows rows is
 * kept, and the rows of a block are computed again when they are wanted: O(columns · √rows) memory, twice the
 * arithmetic, and exactly the same values. Sums are made in double precision, exact for edits.
 */

/** Local cost of a pair: finite, not negative. Asked for more than once per cell. */
export type PairCost = (row: number, column: number) => number;

/** Told after some rows how many have been passed. */
export type OnRows = (done: number, of: number) => void;

export interface Accumulation {
  readonly rows: number;
  readonly columns: number;
  readonly cost: PairCost;
  /** Rows of a block; the last may have less. */
  readonly height: number;
  /** For each block the row above it, with its border: [columns + 1] each. */
  readonly tops: readonly Float64Array[];
}

export function accumulate(
  rows: number,
  columns: number,
  cost: PairCost,
  onRows?: OnRows,
): Accumulation {
  const height = Math.max(1, Math.ceil(Math.sqrt(rows)));
  const tops: Float64Array[] = [borderRow(columns)];
  let above = borderRow(columns);
  let current: Float64Array = new Float64Array(columns + 1);
  const lastTop = height * (Math.ceil(rows / height) - 1);
  for (let row = 0; row < lastTop; row++) {
    fillRow(above, current, row, cost);
    [above, current] = [current, above];
    if ((row + 1) % height !== 0) continue;
    tops.push(above.slice());
    onRows?.(row + 1, rows);
  }
  return { rows, columns, cost, height, tops };
}

export interface Block {
  /** Its first row, and how many it has. */
  readonly first: number;
  readonly height: number;
  /** [(height + 1) × (columns + 1)]: the row above the block on top, the border on its left. */
  readonly cells: Float64Array;
}

/** The rows of a block. */
export function blockOf(
  { rows, columns, cost, height: most, tops }: Accumulation,
  block: number,
): Block {
  const first = block * most;
  const height = Math.min(most, rows - first);
  const width = columns + 1;
  const cells = new Float64Array((height + 1) * width);
  cells.set(tops[block]);
  for (let i = 1; i <= height; i++) {
    const above = cells.subarray((i - 1) * width, i * width);
    fillRow(above, cells.subarray(i * width, (i + 1) * width), first + i - 1, cost);
  }
  return { first, height, cells };
}

/** Above the first row nothing can be reached but the corner, from which the first cell starts. */
export function borderRow(columns: number): Float64Array {
  const border = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  border[0] = 0;
  return border;
}

/** One row under another, both with their border in front; as many columns as `current` holds. */
export function fillRow(
  above: Float64Array,
  current: Float64Array,
  row: number,
  cost: PairCost,
): void {
  current[0] = Number.POSITIVE_INFINITY;
  let before = Number.POSITIVE_INFINITY;
  let diagonal = above[0];
  const end = current.length;
  for (let j = 1; j < end; j++) {
    // Compared by hand: Math.min minds NaN and -0, and this is where the time goes.
    const up = above[j];
    let best = diagonal < up ? diagonal : up;
    if (before < best) best = before;
    diagonal = up;
    before = best + cost(row, j - 1);
    current[j] = before;
  }
}
