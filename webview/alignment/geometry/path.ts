/** The warping path and the byte groups as things in the matrix: what of them is in sight, and where to go along them. */
import type { Pair } from "../alignedText.ts";
import type { CellRange } from "../matrixLayers.ts";
import { shareBytes, tokenSpan } from "../tokenTrack.ts";
import type { Cell } from "./matrix.ts";

/** How a path came to a cell. */
export type PathStep = "first" | "diagonal" | "source only" | "target only";

export interface PathPoint extends Cell {
  /** The pair has no byte in common. */
  readonly offText: boolean;
}

/** Indices of the path's points `from` … `to` − 1 whose cells are in a range, with one before and after. */
export function pathInRange(path: Int32Array, { row0, row1, column0, column1 }: CellRange) {
  const count = path.length / 2;
  const firstWhere = (test: (i: number) => boolean): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const from = firstWhere((i) => path[2 * i] >= row0 && path[2 * i + 1] >= column0);
  const to = firstWhere((i) => path[2 * i] >= row1 || path[2 * i + 1] >= column1);
  return { from: Math.max(0, from - 1), to: Math.min(count, Math.max(from, to) + 1) };
}

export function pathPoint({ dtw, source, target }: Pair, index: number): PathPoint {
  const path = dtw?.path ?? new Int32Array(0);
  const [row, column] = [path[2 * index], path[2 * index + 1]];
  return {
    row,
    column,
    offText: !shareBytes(tokenSpan(source, row), tokenSpan(target, column)),
  };
}

export const pathLength = ({ dtw }: Pair): number => (dtw?.path.length ?? 0) / 2;

/** Index on the path of a cell, or of the cell of the path that is nearest to it by row and column. */
export function nearestOnPath(path: Int32Array, { row, column }: Cell): number {
  const count = path.length / 2;
  // Row + column grows along the path.
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (path[2 * middle] + path[2 * middle + 1] >= row + column) high = middle;
    else low = middle + 1;
  }
  const distance = (i: number): number =>
    Math.abs(path[2 * i] - row) + Math.abs(path[2 * i + 1] - column);
  const before = low - 1;
  if (low >= count) return count - 1;
  return before >= 0 && distance(before) < distance(low) ? before : low;
}

export function isOnPath(path: Int32Array, cell: Cell): boolean {
  const at = nearestOnPath(path, cell);
  return at >= 0 && path[2 * at] === cell.row && path[2 * at + 1] === cell.column;
}

export function stepTo(path: Int32Array, index: number): PathStep {
  if (index <= 0) return "first";
  const down = path[2 * index] - path[2 * index - 2];
  const right = path[2 * index + 1] - path[2 * index - 1];
  if (down === 1 && right === 1) return "diagonal";
  return down === 1 ? "source only" : "target only";
}

/** Groups that are not one by one and meet a range, as ranges of cells. */
export function groupsInRange(groups: Int32Array, range: CellRange): CellRange[] {
  const found: CellRange[] = [];
  for (let i = firstGroup(groups, range.row0); i < groups.length; i += 4) {
    const group = groupCells(groups, i);
    if (group.row0 >= range.row1 || group.column0 >= range.column1) break;
    const single = group.row1 - group.row0 === 1 && group.column1 - group.column0 === 1;
    if (!single && group.column1 > range.column0) found.push(group);
  }
  return found;
}

/** The byte group that holds a target token; `undefined` behind the last common boundary. */
export function groupOfTarget(groups: Int32Array, token: number): CellRange | undefined {
  let [low, high] = [0, groups.length / 4];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (groups[4 * middle + 3] > token) high = middle;
    else low = middle + 1;
  }
  return 4 * low < groups.length ? groupCells(groups, 4 * low) : undefined;
}

/** Offset of the first group that ends behind a row. */
function firstGroup(groups: Int32Array, row: number): number {
  let [low, high] = [0, groups.length / 4];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (groups[4 * middle + 1] > row) high = middle;
    else low = middle + 1;
  }
  return 4 * low;
}

function groupCells(groups: Int32Array, at: number): CellRange {
  return {
    row0: groups[at],
    row1: groups[at + 1],
    column0: groups[at + 2],
    column1: groups[at + 3],
  };
}
