/**
 * Paints the matrix: cells from tiles, byte groups and the warping path over them, what is pointed at and chosen on
 * top. It reads places from geometry and colours from the theme and keeps nothing; work that would take longer than
 * a frame (new tiles) is left for the next one, and the answer says so.
 */
import { css } from "../shared/colour.ts";
import type { Theme } from "../shared/theme.ts";
import type { Pair } from "./alignedText.ts";
import { paintAxes } from "./axesPaint.ts";
import { translucent } from "./colours.ts";
import {
  type Box,
  boxOf,
  type Cell,
  type MatrixPlace,
  pyramidLevel,
  tilesOf,
  visibleCells,
} from "./geometry/matrix.ts";
import { groupsInRange, pathInRange, pathPoint } from "./geometry/path.ts";
import { type CellRange, tileCells } from "./matrixLayers.ts";
import type { MatrixScene } from "./matrixScene.ts";

/** Milliseconds of a frame that may go into new tiles. */
const tileTime = 4;

/** Below so many pixels a cell, dots would be the path, and lines between cells the picture. */
const [dotFrom, outlineFrom, bandFrom] = [6, 10, 5];

/** Pixels a cell from which the path is set off from strong cells by a rim of the background. */
const haloFrom = 8;

/** `working`: there is more to do in the next frame. `asked`: some cells are still on their way from the host. */
export type PaintState = "done" | "working" | "asked";

export function paintMatrix(context: CanvasRenderingContext2D, scene: MatrixScene): PaintState {
  const { theme, ratio, margins, frame } = scene;
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, width, height);
  const visible = visibleCells(frame, scene.place);
  const state = paintCells(context, scene, visible);
  context.setTransform(ratio, 0, 0, ratio, margins.left * ratio, margins.top * ratio);
  context.save();
  context.beginPath();
  context.rect(0, 0, frame.width, frame.height);
  context.clip();
  if (theme.isHighContrast) outlineCells(context, scene, visible);
  paintEdge(context, scene);
  paintBand(context, scene, scene.pointed, 0.5);
  paintBand(context, scene, scene.chosen, 0.3);
  paintGroups(context, scene, visible);
  paintPath(context, scene, visible);
  paintChosen(context, scene);
  context.restore();
  paintAxes(context, scene, visible);
  return state;
}

/** In pixels of the device, whole ones, so that neighbours touch without a seam. */
function paintCells(
  context: CanvasRenderingContext2D,
  { frame, place, margins, tiles, ratio }: MatrixScene,
  visible: CellRange,
): PaintState {
  if (tiles === undefined) return "done";
  const level = pyramidLevel(place.k * ratio);
  const [left, top] = [margins.left * ratio, margins.top * ratio];
  context.save();
  context.beginPath();
  context.rect(left, top, frame.width * ratio, frame.height * ratio);
  context.clip();
  context.imageSmoothingEnabled = false;
  const started = performance.now();
  let state: PaintState = "done";
  for (const tile of tilesOf(visible, level)) {
    const isLate = performance.now() - started > tileTime;
    const picture = tiles.known(tile) ?? (isLate ? "working" : tiles.make(tile));
    if (typeof picture === "string") {
      if (state !== "working") state = picture;
      continue;
    }
    const cells = tileCells(tile, frame.rows, frame.columns);
    const part = meet(cells, visible, level);
    const [x, x1] = edges(part.column0, part.column1, place.x, place.k, ratio, left);
    const [y, y1] = edges(part.row0, part.row1, place.y, place.k, ratio, top);
    const sx = (part.column0 - cells.column0) >> level;
    const sy = (part.row0 - cells.row0) >> level;
    const squares = (count: number): number => count / 2 ** level;
    const [wide, high] = [part.column1 - part.column0, part.row1 - part.row0].map(squares);
    context.drawImage(picture, sx, sy, wide, high, x, y, x1 - x, y1 - y);
  }
  context.restore();
  return state;
}

/** The part of a tile that is in sight, whole squares of the tile. */
function meet(cells: CellRange, visible: CellRange, level: number): CellRange {
  const whole = (index: number, start: number): number =>
    start + (((index - start) >> level) << level);
  const up = (index: number, start: number, end: number): number =>
    Math.min(end, start + (((index - start + (1 << level) - 1) >> level) << level));
  return {
    row0: Math.max(cells.row0, whole(visible.row0, cells.row0)),
    row1: Math.min(cells.row1, up(visible.row1, cells.row0, cells.row1)),
    column0: Math.max(cells.column0, whole(visible.column0, cells.column0)),
    column1: Math.min(cells.column1, up(visible.column1, cells.column0, cells.column1)),
  };
}

function edges(from: number, to: number, offset: number, k: number, ratio: number, start: number) {
  return [from, to].map((index) => Math.round(start + (offset + index * k) * ratio));
}

/** Four steps without outlines would run into each other in high contrast. */
function outlineCells(
  context: CanvasRenderingContext2D,
  { place, theme, frame }: MatrixScene,
  visible: CellRange,
): void {
  if (place.k < outlineFrom) return;
  const box = boxOf(place, visible);
  context.strokeStyle = translucent(theme.foreground, 0.35);
  context.lineWidth = 1;
  context.beginPath();
  for (let row = visible.row0; row <= Math.min(visible.row1, frame.rows); row++) {
    const y = Math.round(place.y + row * place.k) + 0.5;
    context.moveTo(box.x, y);
    context.lineTo(box.x + box.width, y);
  }
  for (let column = visible.column0; column <= Math.min(visible.column1, frame.columns); column++) {
    const x = Math.round(place.x + column * place.k) + 0.5;
    context.moveTo(x, box.y);
    context.lineTo(x, box.y + box.height);
  }
  context.stroke();
}

/** Where the matrix ends: most of its cells are the background. */
function paintEdge(context: CanvasRenderingContext2D, { frame, place, theme }: MatrixScene): void {
  const all = { row0: 0, row1: frame.rows, column0: 0, column1: frame.columns };
  const { x, y, width, height } = boxOf(place, all);
  context.strokeStyle = css(theme.border);
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
}

/** Row and column of a cell, along their edges: the cells between keep their colours. Small cells get a cross of arms. */
function paintBand(
  context: CanvasRenderingContext2D,
  { frame, place, theme }: MatrixScene,
  cell: Cell | undefined,
  strength: number,
): void {
  if (cell === undefined) return;
  const { x, y, width, height } = boxOfCell(place, cell);
  context.fillStyle = translucent(theme.foreground, strength);
  if (place.k < bandFrom) {
    for (const [from, to] of [
      [-22, -8],
      [8, 22],
    ] as const) {
      context.fillRect(x + width / 2 + from, y + height / 2 - 0.5, to - from, 1);
      context.fillRect(x + width / 2 - 0.5, y + height / 2 + from, 1, to - from);
    }
    return;
  }
  const [left, top] = [Math.max(0, place.x), Math.max(0, place.y)];
  const [wide, high] = [frame.columns * place.k, frame.rows * place.k];
  for (const edge of [y, y + height - 1]) context.fillRect(left, Math.round(edge), wide, 1);
  for (const edge of [x, x + width - 1]) context.fillRect(Math.round(edge), top, 1, high);
}

function boxOfCell(place: MatrixPlace, { row, column }: Cell): Box {
  return boxOf(place, { row0: row, row1: row + 1, column0: column, column1: column + 1 });
}

function paintGroups(
  context: CanvasRenderingContext2D,
  { pair, place, theme }: MatrixScene,
  visible: CellRange,
): void {
  context.strokeStyle = translucent(theme.foreground, place.k < 3 ? 0.35 : 0.75);
  context.lineWidth = 1;
  context.beginPath();
  for (const group of groupsInRange(pair.groups, visible)) {
    const { x, y, width, height } = boxOf(place, group);
    context.rect(
      Math.round(x) + 0.5,
      Math.round(y) + 0.5,
      Math.max(1, Math.round(width) - 1),
      Math.max(1, Math.round(height) - 1),
    );
  }
  context.stroke();
}

function paintPath(
  context: CanvasRenderingContext2D,
  { pair, place, theme, ratio }: MatrixScene,
  visible: CellRange,
): void {
  if (pair.dtw === undefined) return;
  const { path } = pair.dtw;
  const { from, to } = pathInRange(path, visible);
  const { k, x, y } = place;
  context.lineJoin = "round";
  context.beginPath();
  let last = Number.NaN;
  for (let i = from; i < to; i++) {
    const [px, py] = [x + (path[2 * i + 1] + 0.5) * k, y + (path[2 * i] + 0.5) * k];
    // Points that fall into one pixel are one.
    const pixel = Math.floor(px * ratio) * 65536 + Math.floor(py * ratio);
    if (pixel === last && i + 1 < to) continue;
    last = pixel;
    context.lineTo(px, py);
  }
  if (k >= haloFrom) {
    context.strokeStyle = css(theme.background);
    context.lineWidth = 3.5;
    context.stroke();
  }
  context.strokeStyle = css(theme.foreground);
  context.lineWidth = 1.5;
  context.stroke();
  if (k >= dotFrom) paintDots(context, pair, place, theme, from, to);
}

function paintDots(
  context: CanvasRenderingContext2D,
  pair: Pair,
  { k, x, y }: MatrixPlace,
  theme: Theme,
  from: number,
  to: number,
): void {
  const radius = Math.min(4, Math.max(2, k / 5));
  for (let i = from; i < to; i++) {
    const point = pathPoint(pair, i);
    context.beginPath();
    context.arc(x + (point.column + 0.5) * k, y + (point.row + 0.5) * k, radius, 0, 2 * Math.PI);
    context.fillStyle = css(point.offText ? theme.background : theme.foreground);
    context.fill();
    if (point.offText) context.stroke();
  }
}

function paintChosen(context: CanvasRenderingContext2D, { chosen, place, theme }: MatrixScene) {
  if (chosen === undefined) return;
  const { x, y, width, height } = boxOfCell(place, chosen);
  const grown = Math.max(0, (9 - width) / 2);
  const outline = (inset: number): void =>
    context.strokeRect(
      x - grown + inset,
      y - grown + inset,
      width + 2 * (grown - inset),
      height + 2 * (grown - inset),
    );
  context.lineWidth = 3.5;
  context.strokeStyle = css(theme.background);
  outline(0);
  context.lineWidth = 2;
  context.strokeStyle = css(theme.focus);
  outline(0);
}
