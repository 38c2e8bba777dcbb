/**
 * Where the matrix stands on the screen: a corner and a size of cells, both in CSS pixels, as d3's zoom keeps
 * them. Painting, pointer, keyboard and pictures all ask here. Rows are the source and run down, columns are the
 * target and run right.
 */

import type { CellRange, TilePlace } from "../matrixLayers.ts";
import { tileSide } from "../matrixLayers.ts";
import type { Span } from "../tokenTrack.ts";

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The square of tokens and the pane it is seen through. */
export interface MatrixFrame {
  readonly rows: number;
  readonly columns: number;
  /** CSS pixels of the pane, axes left out. */
  readonly width: number;
  readonly height: number;
}

/** `k` pixels a cell; the matrix's corner stands at `x`, `y` in the pane. */
export interface MatrixPlace {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Cells are never larger than this by themselves, nor ever larger than that. */
const [fittedMost, zoomedMost] = [28, 64];

/** The whole matrix in the pane. */
export function fitted({ rows, columns, width, height }: MatrixFrame): MatrixPlace {
  const k = Math.min(fittedMost, width / Math.max(1, columns), height / Math.max(1, rows));
  return { k: Math.max(k, 1e-3), x: 0, y: 0 };
}

export function zoomExtent(frame: MatrixFrame): readonly [number, number] {
  const { k } = fitted(frame);
  return [k, Math.max(zoomedMost, k)];
}

/** Keeps the matrix in sight: no gap before it, and none behind it as long as it is larger than the pane. */
export function clamped(frame: MatrixFrame, { k, x, y }: MatrixPlace): MatrixPlace {
  return {
    k,
    x: Math.min(0, Math.max(x, Math.min(0, frame.width - frame.columns * k))),
    y: Math.min(0, Math.max(y, Math.min(0, frame.height - frame.rows * k))),
  };
}

/** Another size of cells, with the cell under a point of the pane staying there. */
export function zoomedAt(
  frame: MatrixFrame,
  place: MatrixPlace,
  factor: number,
  x: number,
  y: number,
): MatrixPlace {
  const [least, most] = zoomExtent(frame);
  const k = Math.min(most, Math.max(least, place.k * factor));
  const grown = k / place.k;
  return clamped(frame, { k, x: x - (x - place.x) * grown, y: y - (y - place.y) * grown });
}

/** The cell at a point of the pane. */
export function cellAt(
  frame: MatrixFrame,
  { k, x, y }: MatrixPlace,
  px: number,
  py: number,
): Cell | undefined {
  const [column, row] = [Math.floor((px - x) / k), Math.floor((py - y) / k)];
  const inside = row >= 0 && column >= 0 && row < frame.rows && column < frame.columns;
  return inside && px >= 0 && py >= 0 && px < frame.width && py < frame.height
    ? { row, column }
    : undefined;
}

export function visibleCells(frame: MatrixFrame, { k, x, y }: MatrixPlace): CellRange {
  const from = (offset: number): number => Math.max(0, Math.floor(-offset / k));
  return {
    row0: from(y),
    row1: Math.min(frame.rows, Math.ceil((frame.height - y) / k)),
    column0: from(x),
    column1: Math.min(frame.columns, Math.ceil((frame.width - x) / k)),
  };
}

export function boxOf({ k, x, y }: MatrixPlace, cells: CellRange): Box {
  return {
    x: x + cells.column0 * k,
    y: y + cells.row0 * k,
    width: (cells.column1 - cells.column0) * k,
    height: (cells.row1 - cells.row0) * k,
  };
}

/** The least movement that brings a cell into sight, with a little of what stands around it. */
export function revealing(frame: MatrixFrame, place: MatrixPlace, cell: Cell): MatrixPlace {
  const shift = (offset: number, index: number, size: number): number => {
    const margin = Math.min(3 * place.k, size / 3);
    const [start, end] = [offset + index * place.k, offset + (index + 1) * place.k];
    if (start < margin) return offset + margin - start;
    return end > size - margin ? offset + size - margin - end : offset;
  };
  return clamped(frame, {
    k: place.k,
    x: shift(place.x, cell.column, frame.width),
    y: shift(place.y, cell.row, frame.height),
  });
}

/** Rows and columns as large as the pane allows, with as much around them. */
export function zoomedTo(frame: MatrixFrame, rows: Span, columns: Span): MatrixPlace {
  const [high, wide] = [rows.to - rows.from, columns.to - columns.from];
  const room = (cells: number): number => cells + Math.max(4, cells);
  const [least, most] = zoomExtent(frame);
  const fitting = Math.min(frame.width / room(wide), frame.height / room(high));
  const k = Math.min(most, Math.max(least, fitting));
  return clamped(frame, {
    k,
    x: frame.width / 2 - ((columns.from + columns.to) / 2) * k,
    y: frame.height / 2 - ((rows.from + rows.to) / 2) * k,
  });
}

/** The level of the pyramid whose squares are at least a pixel of the device. */
export function pyramidLevel(devicePixelsPerCell: number): number {
  return devicePixelsPerCell >= 1 ? 0 : Math.ceil(-Math.log2(devicePixelsPerCell) - 1e-9);
}

/** Tiles that cover cells, row by row. */
export function tilesOf(cells: CellRange, level: number): TilePlace[] {
  const side = tileSide << level;
  const tiles: TilePlace[] = [];
  for (let row = Math.floor(cells.row0 / side); row * side < cells.row1; row++)
    for (let column = Math.floor(cells.column0 / side); column * side < cells.column1; column++)
      tiles.push({ level, row, column });
  return tiles;
}
