/**
 * Dynamic time warping of two sequences, as FuseLLM pairs tokens (Wan et al., ICLR 2024; FuseAI repository,
 * src/utils/others.py): D(i, j) = cost(i, j) + min(D(i−1, j−1), D(i−1, j), D(i, j−1)), no band, no weights. Rows
 * are the source, columns the target.
 *
 * The path is traced back from the last cell to the first; of equal predecessors the first in a fixed order is
 * taken. Which one decides the answer often, since edit distances are small whole numbers, so the order is part
 * of the method: diagonal, source − 1, target − 1 as published; FuseChat's code has the last two swapped.
 *
 * The trace has to compare the cumulative costs themselves, hence goes block by block from the last row to the
 * first; see accumulation.ts for the memory that takes. (A packed matrix of directions would be rows · columns /
 * 4 bytes, and Hirschberg's halving does not keep the tie order.)
 */
import {
  accumulate,
  blockOf,
  borderRow,
  fillRow,
  type OnRows,
  type PairCost,
} from "./accumulation.ts";

export type TieOrder = "published" | "fuseChat2";

export interface WarpingPath {
  /** Pairs row, column, from (0, 0) to the last cell. Empty where a side is. */
  readonly path: Int32Array;
  /** Sum of the local costs along the path. */
  readonly cost: number;
}

export function dtw(
  rows: number,
  columns: number,
  cost: PairCost,
  options: { readonly tieOrder?: TieOrder; readonly onRows?: OnRows } = {},
): WarpingPath {
  if (rows === 0 || columns === 0) return { path: new Int32Array(0), cost: 0 };
  const sums = accumulate(rows, columns, cost, options.onRows);
  const sourceFirst = options.tieOrder !== "fuseChat2";

  // Filled from its end; the longest path has one pair less than the sides together.
  const pairs = new Int32Array(2 * (rows + columns - 1));
  let at = pairs.length;
  let row = rows - 1;
  let column = columns - 1;
  let total = 0;
  for (let block = sums.tops.length - 1; block >= 0; block--) {
    const { first, cells: band } = blockOf(sums, block);
    if (row === rows - 1) total = band[band.length - 1];
    while (row >= first) {
      pairs[--at] = column;
      pairs[--at] = row;
      if (row === 0 && column === 0) break;
      // The band has the row above the block on top and the border on its left.
      const here = (row - first + 1) * (columns + 1) + column + 1;
      const diagonal = band[here - columns - 2];
      const above = band[here - columns - 1];
      const before = band[here - 1];
      const takesRow = sourceFirst ? above <= before : above < before;
      if (row === 0) column--;
      else if (column === 0) row--;
      else if (diagonal <= above && diagonal <= before) {
        row--;
        column--;
      } else if (takesRow) row--;
      else column--;
    }
  }
  return { path: pairs.slice(at), cost: total };
}

/**
 * The whole cumulative matrix, [rows × columns] row by row, 4 bytes a cell: the caller bounds the size. Sums are made in double precision and rounded to single, exact for edits.
 */
export function dtwMatrix(rows: number, columns: number, cost: PairCost): Float32Array {
  const matrix = new Float32Array(rows * columns);
  let above = borderRow(columns);
  let current: Float64Array = new Float64Array(columns + 1);
  for (let row = 0; row < rows; row++) {
    fillRow(above, current, row, cost);
    matrix.set(current.subarray(1), row * columns);
    [above, current] = [current, above];
  }
  return matrix;
}

/** For every target token the source tokens the path pairs it with, ascending. */
export function targetToSource(path: Int32Array, targetLength: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: targetLength }, () => []);
  for (let i = 0; i < path.length; i += 2) lists[path[i + 1]].push(path[i]);
  return lists.map((list) => Int32Array.from(list));
}
