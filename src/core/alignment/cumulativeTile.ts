/** A tile of the cumulative matrix, thinned out, for drawing: only the rows from the kept one above it are computed. */
import type { CumulativeTile, MatrixTile } from "../../protocol/alignedPair.ts";
import { type Accumulation, fillRow } from "./accumulation.ts";

/**
 * @param tile every `step`-th cell of `rows` × `columns` from (`row`, `column`), cut to the matrix; `step` ≥ 1
 * @returns the tile as it was cut. Single precision: exact below 16,777,216 edits.
 */
export function cumulativeTile(sums: Accumulation, tile: MatrixTile): CumulativeTile {
  const { step } = tile;
  const row = Math.min(tile.row, sums.rows);
  const column = Math.min(tile.column, sums.columns);
  const rows = Math.min(tile.rows, sums.rows - row);
  const columns = Math.min(tile.columns, sums.columns - column);
  const across = Math.ceil(columns / step);
  const cells = new Float32Array(Math.ceil(rows / step) * across);
  const cut = { row, column, rows, columns, step, cells };
  if (cells.length === 0) return cut;

  const block = Math.floor(row / sums.height);
  const width = column + columns + 1; // nothing to the right has a say
  let above: Float64Array = sums.tops[block].slice(0, width);
  let current: Float64Array = new Float64Array(width);
  for (let i = block * sums.height; i < row + rows; i++) {
    fillRow(above, current, i, sums.cost);
    if (i >= row && (i - row) % step === 0) {
      const start = ((i - row) / step) * across;
      for (let k = 0; k < across; k++) cells[start + k] = current[column + k * step + 1];
    }
    [above, current] = [current, above];
  }
  return cut;
}
