/**
 * The matrix's cells as small pictures, one pixel a square of cells, which the painter enlarges without smoothing:
 * so a pixel has exactly the legend's colour, panning only copies, and a zoom needs new tiles only below a pixel
 * per cell. Tiles are made when they are first seen and forgotten when they have long not been.
 */
import type { CostScale } from "./costScale.ts";
import { stopTable } from "./costScale.ts";
import { type TileCosts, type TilePlace, tileSide } from "./matrixLayers.ts";

/** `working`: ask again in the next frame. `asked`: it is on its way, the view will be told. */
export type TileSource = (place: TilePlace) => TileCosts | "working" | "asked";

/** 256 kB each. */
const tilesKept = 96;

export class CellTiles {
  readonly #costs: TileSource;
  readonly #words: Uint32Array;
  readonly #stops: Uint8Array;
  readonly #tiles = new Map<string, OffscreenCanvas>();

  /** @param words a pixel for each of the scale's stops */
  constructor(costs: TileSource, scale: CostScale, words: Uint32Array) {
    this.#costs = costs;
    this.#words = words;
    this.#stops = stopTable(scale);
  }

  /** A tile that has been made before. */
  known(place: TilePlace): OffscreenCanvas | undefined {
    const key = keyOf(place);
    const tile = this.#tiles.get(key);
    if (tile === undefined) return undefined;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  make(place: TilePlace): OffscreenCanvas | "working" | "asked" {
    const costs = this.#costs(place);
    if (typeof costs === "string") return costs;
    const tile = new OffscreenCanvas(tileSide, tileSide);
    tile.getContext("2d")?.putImageData(this.#pixels(costs), 0, 0);
    this.#tiles.set(keyOf(place), tile);
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= tilesKept) break;
      this.#tiles.delete(oldest);
    }
    return tile;
  }

  #pixels(costs: TileCosts): ImageData {
    const [stops, words] = [this.#stops, this.#words];
    const last = words.length - 1;
    const image = new ImageData(tileSide, tileSide);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < costs.length; i++) {
      const cost = Math.floor(costs[i]);
      pixels[i] = words[cost < stops.length ? stops[cost] : last];
    }
    return image;
  }
}

const keyOf = ({ level, row, column }: TilePlace): string => `${level}/${row}/${column}`;
