/**
 * What a cell of the matrix is worth: the local cost from the table of pieces, the detour from its band. Below one
 * pixel per cell a square of cells is worth the least of them, or the path would disappear; the squares are
 * powers of two, so that a pyramid of tiles serves every zoom.
 */
import type { CostTable, DetourBand } from "../../src/protocol/alignmentView.ts";

/** Costs of a tile's squares [size × size], row by row; `beyondCap` where all that is known is "too much". */
export type TileCosts = Uint16Array | Float32Array;

export const beyondCap = 0xffff;

/** Squares on a side of a tile. */
export const tileSide = 256;

/** A tile of the pyramid: squares of `2 ** level` cells on a side, `tileSide` of them each way. */
export interface TilePlace {
  readonly level: number;
  readonly row: number;
  readonly column: number;
}

export interface CellRange {
  readonly row0: number;
  readonly row1: number;
  readonly column0: number;
  readonly column1: number;
}

/** The cells that a tile covers, those beyond the matrix left out. */
export function tileCells(place: TilePlace, rows: number, columns: number): CellRange {
  const side = tileSide << place.level;
  const [row0, column0] = [place.row * side, place.column * side];
  return {
    row0,
    row1: Math.min(rows, row0 + side),
    column0,
    column1: Math.min(columns, column0 + side),
  };
}

/** Edits of pairing source token `row` with target token `column`. */
export function localCost(costs: CostTable, row: number, column: number): number {
  const { table, sourceKinds, targetKinds, targetLabels } = costs;
  return table[sourceKinds[row] * targetLabels.length + targetKinds[column]];
}

export const emptyTile = (): Uint16Array => new Uint16Array(tileSide * tileSide).fill(beyondCap);

export function localTile(costs: CostTable, place: TilePlace): Uint16Array {
  const tile = emptyTile();
  putLocal(tile, costs, place, 0, costs.sourceKinds.length);
  return tile;
}

/** The part of a tile that rows `from` … `to` − 1 of the matrix make: a whole one can take longer than a frame. */
export function putLocal(
  tile: Uint16Array,
  costs: CostTable,
  place: TilePlace,
  from: number,
  to: number,
): void {
  const { table, sourceKinds, targetKinds, targetLabels } = costs;
  const range = tileCells(place, sourceKinds.length, targetKinds.length);
  const { row0, column0, column1 } = range;
  const { level } = place;
  for (let row = Math.max(row0, from); row < Math.min(range.row1, to); row++) {
    const of = sourceKinds[row] * targetLabels.length;
    const line = ((row - row0) >> level) * tileSide;
    for (let column = column0; column < column1; column++) {
      const cost = table[of + targetKinds[column]];
      const at = line + ((column - column0) >> level);
      if (cost < tile[at]) tile[at] = cost;
    }
  }
}

/** Cost of the cheapest path through a cell beyond the cheapest of all; `undefined` above the band's cap. */
export function detourAt(band: DetourBand, row: number, column: number): number | undefined {
  const cell = band.kind === "fine" ? fineCell(band, row, column) : coarseCell(band, row, column);
  return cell === undefined || cell === 255 ? undefined : cell;
}

type FineBand = Extract<DetourBand, { kind: "fine" }>;
type CoarseBand = Extract<DetourBand, { kind: "coarse" }>;

function fineCell({ first, offsets, cells }: FineBand, row: number, column: number) {
  const at = column - first[row];
  return at >= 0 && at < offsets[row + 1] - offsets[row] ? cells[offsets[row] + at] : undefined;
}

function coarseCell({ square, columns, cells }: CoarseBand, row: number, column: number) {
  const across = Math.ceil(columns / square);
  return cells[Math.floor(row / square) * across + Math.floor(column / square)];
}

export function detourTile(band: DetourBand, place: TilePlace): Uint16Array {
  const range = tileCells(place, band.rows, band.columns);
  const tile = emptyTile();
  if (band.kind === "fine") putFine(tile, band, range, place.level);
  else putCoarse(tile, band, range, place.level);
  return tile;
}

function putFine(tile: Uint16Array, band: FineBand, range: CellRange, level: number): void {
  const { first, offsets, cells } = band;
  for (let row = range.row0; row < range.row1; row++) {
    const line = ((row - range.row0) >> level) * tileSide;
    const start = Math.max(range.column0, first[row]);
    const end = Math.min(range.column1, first[row] + offsets[row + 1] - offsets[row]);
    for (let column = start; column < end; column++) {
      const detour = cells[offsets[row] + column - first[row]];
      const at = line + ((column - range.column0) >> level);
      if (detour < 255 && detour < tile[at]) tile[at] = detour;
    }
  }
}

function putCoarse(
  tile: Uint16Array,
  { square, columns, cells }: CoarseBand,
  range: CellRange,
  level: number,
): void {
  const across = Math.ceil(columns / square);
  for (let i = Math.floor(range.row0 / square); i * square < range.row1; i++) {
    const lines = squaresOf(i, square, range.row0, range.row1, level);
    for (let j = Math.floor(range.column0 / square); j * square < range.column1; j++) {
      const detour = cells[i * across + j];
      if (detour === 255) continue;
      const places = squaresOf(j, square, range.column0, range.column1, level);
      for (let line = lines.from; line <= lines.to; line++)
        for (let at = places.from; at <= places.to; at++)
          if (detour < tile[line * tileSide + at]) tile[line * tileSide + at] = detour;
    }
  }
}

/** The squares of a tile, both included, that the `index`-th square of a coarse band touches. */
function squaresOf(index: number, square: number, start: number, end: number, level: number) {
  return {
    from: (Math.max(start, index * square) - start) >> level,
    to: (Math.min(end, (index + 1) * square) - 1 - start) >> level,
  };
}
