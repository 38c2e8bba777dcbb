/** The shown layer as tiles and as figures: from the table, from the band, or asked for tile by tile. */
import type { CostTable, MatrixLayer } from "../../src/protocol/alignmentView.ts";
import type { Theme } from "../shared/theme.ts";
import type { Pair } from "./alignedText.ts";
import { CellTiles, type TileSource } from "./cellTiles.ts";
import { pixelWords, stopColours } from "./colours.ts";
import { type CostScale, costScale } from "./costScale.ts";
import {
  detourAt,
  detourTile,
  emptyTile,
  localCost,
  putLocal,
  type TilePlace,
  tileCells,
} from "./matrixLayers.ts";
import type { PairCosts } from "./session.ts";
import { tokenCount } from "./tokenTrack.ts";

export interface LayerView {
  readonly scale: CostScale;
  /** `undefined`: this layer cannot be had, or not yet. */
  readonly tiles: CellTiles | undefined;
  /** Of one cell, where it is known without asking. */
  readonly value: ((row: number, column: number) => number | undefined) | undefined;
  /** What the legend adds. */
  readonly note: string;
}

export interface LayerInput {
  readonly layer: MatrixLayer;
  readonly pair: Pair;
  readonly costs: PairCosts | undefined;
  readonly theme: Theme;
  /** A tile of cumulative costs. */
  readonly cumulative: (place: TilePlace) => Promise<Float32Array>;
  /** A tile has come. */
  readonly onTile: () => void;
  readonly onError: (error: unknown) => void;
}

export function layerView(input: LayerInput): LayerView {
  const { layer, pair, costs, theme } = input;
  const scale = costScale(layer, pair.dtw?.cost ?? 0, theme.isHighContrast ? "few" : "all");
  const words = pixelWords(stopColours(scale, theme));
  const tilesOf = (source: TileSource): CellTiles => new CellTiles(source, scale, words);
  const nothing = { scale, tiles: undefined, value: undefined, note: "" };
  const { table, band } = costs ?? {};
  switch (layer) {
    case "local": {
      if (table === undefined) return nothing;
      const value = (row: number, column: number): number => localCost(table, row, column);
      return { scale, tiles: tilesOf(localTiles(table)), value, note: "" };
    }
    case "detour": {
      if (band === undefined) return nothing;
      const value = (row: number, column: number): number | undefined =>
        detourAt(band, row, column);
      const note = band.kind === "coarse" ? `coarse: least of ${band.square} × ${band.square}` : "";
      return { scale, tiles: tilesOf((place) => detourTile(band, place)), value, note };
    }
    case "cumulative":
      if (pair.dtw === undefined) return nothing;
      return { scale, tiles: tilesOf(askedTiles(input)), value: undefined, note: "" };
  }
}

/** Milliseconds, and rows at a time, that go into a tile before the next frame. */
const [workTime, rowsAtATime] = [3, 64];

/** A tile of a large matrix is worked out over several frames. */
function localTiles(table: CostTable): TileSource {
  const begun = new Map<string, { readonly tile: Uint16Array; row: number }>();
  return (place) => {
    const { row0, row1 } = tileCells(place, table.sourceKinds.length, table.targetKinds.length);
    const work = begun.get(keyOf(place)) ?? { tile: emptyTile(), row: row0 };
    const until = performance.now() + workTime;
    while (work.row < row1 && performance.now() < until) {
      putLocal(work.tile, table, place, work.row, work.row + rowsAtATime);
      work.row += rowsAtATime;
    }
    if (work.row < row1) begun.set(keyOf(place), work);
    else begun.delete(keyOf(place));
    return work.row < row1 ? "working" : work.tile;
  };
}

/** Each tile is asked for once, and painted when it has come. */
function askedTiles({ cumulative, onTile, onError }: LayerInput): TileSource {
  const tiles = new Map<string, Float32Array | "asked">();
  return (place) => {
    const key = keyOf(place);
    const known = tiles.get(key);
    if (known === undefined) {
      tiles.set(key, "asked");
      cumulative(place).then((tile) => {
        tiles.set(key, tile);
        onTile();
      }, onError);
      return "asked";
    }
    if (known !== "asked") tiles.delete(key); // the picture made of it is kept instead
    return known;
  };
}

const keyOf = ({ level, row, column }: TilePlace): string => `${level}/${row}/${column}`;

/** Share of cells that lie on some cheapest path, where the whole band is known. */
export function undetermined(pair: Pair, costs: PairCosts | undefined): number {
  const band = costs?.band;
  const cells = tokenCount(pair.source) * tokenCount(pair.target);
  if (band?.kind !== "fine" || cells === 0) return 0;
  let zeros = 0;
  for (const detour of band.cells) if (detour === 0) zeros++;
  return zeros / cells;
}
