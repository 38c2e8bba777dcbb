/**
 * How far off the best way a pair of tokens lies:
 *
 *     detour(i, j) = F(i, j) + B(i, j) − cost(i, j) − F(last, last)
 *
 * F is the cumulative cost from the first cell (accumulation.ts), B the same from the last cell backwards; both
 * count the cell's own cost, so it is taken away once. That is the cost of the cheapest path through the cell
 * less the cost of the cheapest path: 0 on every best path, however ties are broken. In edits, whole numbers.
 *
 * On real text few cells cost little more than nothing, so each row is given as one run of columns. Where the
 * costs decide nothing (a text of one word over and over) that would be the whole square: then the least detour
 * of each small square is given instead.
 */
import type { DetourBand } from "../../protocol/alignedPair.ts";
import { type Accumulation, blockOf, borderRow, type OnRows } from "./accumulation.ts";

/** Stands for a detour above the cap. */
export const beyondCap = 255;

export interface DetourOptions {
  /** Detours above it are not told apart; at most 254. */
  readonly cap: number;
  /** Bytes that the cells of the answer may take. */
  readonly mostBytes: number;
  readonly onRows?: OnRows;
}

/** Costs must be whole numbers. About twice the work of a path. */
export function detourBand(sums: Accumulation, options: DetourOptions): DetourBand {
  const { cap, mostBytes, onRows } = options;
  const { rows, columns } = sums;
  const fine = createFineBand(rows, mostBytes);
  const coarse = createCoarseBand(rows, columns, mostBytes);
  forEachDetourRow(sums, onRows, (row, detours) => {
    let first = 0;
    while (detours[first] > cap) first++; // ends: the best path passes through every row
    let end = columns;
    while (detours[end - 1] > cap) end--;
    fine.put(row, first, end, detours, cap);
    coarse.put(row, first, end, detours, cap);
  });
  return { rows, columns, cap, ...(fine.band() ?? coarse.band()) };
}

/** Rows from the last to the first; `detours` is used again for the next row. */
function forEachDetourRow(
  sums: Accumulation,
  onRows: OnRows | undefined,
  visit: (row: number, detours: Float64Array) => void,
): void {
  const { rows, columns, cost, tops } = sums;
  const width = columns + 1;
  // B of the row below, with its border behind; below the last row nothing can be reached but the corner.
  let below = borderRow(columns).reverse();
  let current: Float64Array = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const detours = new Float64Array(columns);
  let total = 0;
  for (let block = tops.length - 1; block >= 0; block--) {
    const { first, height, cells } = blockOf(sums, block);
    if (block === tops.length - 1) total = cells[cells.length - 1];
    for (let row = first + height - 1; row >= first; row--) {
      const start = (row - first + 1) * width + 1;
      let behind = Number.POSITIVE_INFINITY;
      let diagonal = below[columns];
      current[columns] = behind;
      for (let j = columns - 1; j >= 0; j--) {
        const down = below[j];
        let rest = diagonal < down ? diagonal : down;
        if (behind < rest) rest = behind;
        diagonal = down;
        detours[j] = cells[start + j] + rest - total; // `rest` is B without the cell's own cost
        behind = rest + cost(row, j);
        current[j] = behind;
      }
      visit(row, detours);
      [below, current] = [current, below];
    }
    onRows?.(rows - first, rows);
  }
}

type Part<Kind> = Omit<Extract<DetourBand, { kind: Kind }>, "rows" | "columns" | "cap">;

interface Band<Kind> {
  put(row: number, first: number, end: number, detours: Float64Array, cap: number): void;
  /** `undefined` where it did not fit. */
  band(): Part<Kind> | undefined;
}

/** Filled from its end, since rows come from the last to the first. */
function createFineBand(rows: number, mostBytes: number): Band<"fine"> {
  const { BYTES_PER_ELEMENT } = Int32Array;
  const room = Math.max(0, mostBytes - BYTES_PER_ELEMENT * (2 * rows + 1));
  const buffer = new Uint8Array(room);
  const firsts = new Int32Array(rows);
  const widths = new Int32Array(rows);
  let at = room;
  let fits = true;
  return {
    put(row, first, end, detours, cap) {
      fits &&= end - first <= at;
      if (!fits) return;
      at -= end - first;
      firsts[row] = first;
      widths[row] = end - first;
      for (let j = first; j < end; j++)
        buffer[at + j - first] = detours[j] <= cap ? detours[j] : beyondCap;
    },
    band() {
      if (!fits) return undefined;
      const offsets = new Int32Array(rows + 1);
      for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + widths[row];
      return { kind: "fine", first: firsts, offsets, cells: buffer.slice(at) };
    },
  };
}

/** Squares as small as fit, their side a power of two. */
function createCoarseBand(rows: number, columns: number, mostBytes: number) {
  let square = 1;
  while (Math.ceil(rows / square) * Math.ceil(columns / square) > mostBytes) square *= 2;
  const across = Math.ceil(columns / square);
  const cells = new Uint8Array(Math.ceil(rows / square) * across).fill(beyondCap);
  return {
    put(row, first, end, detours, cap) {
      const start = Math.floor(row / square) * across;
      for (let j = first; j < end; j++) {
        const at = start + Math.floor(j / square);
        if (detours[j] <= cap && detours[j] < cells[at]) cells[at] = detours[j];
      }
    },
    band: () => ({ kind: "coarse", square, cells }),
  } as const satisfies Band<"coarse">;
}
