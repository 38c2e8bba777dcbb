/**
 * The matrix as SVG, the whole of it whatever is in sight. Marks carry what they stand for in data attributes, so that
 * a reader (or a test) can take the figures back out; above so many cells they go in as one picture.
 */
import { css } from "../shared/colour.ts";
import { makeSvg } from "../shared/dom.ts";
import { canvasPicture } from "../shared/exportDrawing.ts";
import type { Theme } from "../shared/theme.ts";
import { outcomeOf, type Pair } from "./alignedText.ts";
import { pixelWords, sized, stopColours } from "./colours.ts";
import { type CostScale, stopOf, stopText } from "./costScale.ts";
import { axisOf } from "./geometry/axes.ts";
import { boxOf, type MatrixPlace } from "./geometry/matrix.ts";
import { groupsInRange, pathLength, pathPoint } from "./geometry/path.ts";
import type { CellRange } from "./matrixLayers.ts";
import { outcomeShape } from "./outcomeShapes.ts";
import { layerNames, outcomeNames } from "./strings.ts";
import { tokenCount } from "./tokenTrack.ts";

export interface MatrixPictureInput {
  readonly pair: Pair;
  readonly scale: CostScale;
  /** What a cell is worth on the layer; `undefined`: above the scale, or not known. */
  readonly value: ((row: number, column: number) => number | undefined) | undefined;
  readonly localCost: ((row: number, column: number) => number) | undefined;
  readonly theme: Theme;
  readonly label: (side: "source" | "target", token: number) => string;
}

/** Marks above which the cells are one picture. */
const mostMarks = 50_000;

/** Units of the drawing: the matrix's longer side at most, a cell at most, and room for axes and legend. */
const [longestSide, largestCell] = [1200, 28];
const room = { left: 110, top: 110, right: 16, bottom: 64 };

export function matrixPicture(input: MatrixPictureInput): SVGSVGElement {
  const { pair } = input;
  const [rows, columns] = [tokenCount(pair.source), tokenCount(pair.target)];
  const k = Math.min(largestCell, longestSide / Math.max(1, rows, columns));
  const place = { k, x: room.left, y: room.top };
  const width = Math.max(420, room.left + columns * k + room.right);
  const height = room.top + rows * k + room.bottom;
  const svg = makeSvg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  const all = { row0: 0, row1: rows, column0: 0, column1: columns };
  svg.append(
    cellMarks(input, place, all),
    edge(input, place, all),
    groupMarks(input, place, all),
    pathMarks(input, place),
    axisMarks(input, place, rows, columns),
    outcomeMarks(input, place, columns),
    legendMarks(input, room.left, height - 40),
  );
  return svg;
}

function cellMarks(input: MatrixPictureInput, place: MatrixPlace, all: CellRange): SVGElement {
  const { value, scale, theme } = input;
  const layer = makeSvg("g", { "data-layer": scale.layer });
  if (value === undefined) return layer;
  const colours = stopColours(scale, theme).map(css);
  const last = colours.length - 1;
  const marks: SVGElement[] = [];
  for (let row = 0; row < all.row1; row++)
    for (let column = 0; column < all.column1; column++) {
      const cost = value(row, column);
      const stop = cost === undefined ? last : stopOf(scale, cost);
      if (stop === last) continue; // the background
      if (marks.length === mostMarks) return picture(input, place, all);
      const { x, y, width, height } = boxOf(place, cellRange(row, column));
      const data = { "data-row": row, "data-column": column, "data-cost": cost ?? "" };
      marks.push(makeSvg("rect", { x, y, width, height, fill: colours[stop], ...data }));
    }
  layer.append(...marks);
  return layer;
}

const cellRange = (row: number, column: number): CellRange => ({
  row0: row,
  row1: row + 1,
  column0: column,
  column1: column + 1,
});

/** Pixels of the picture's side, at most: from there on a pixel is the least of several cells. */
const mostPixels = 4096;

function picture(input: MatrixPictureInput, place: MatrixPlace, all: CellRange): SVGElement {
  const { value, scale, theme } = input;
  const layer = makeSvg("g", { "data-layer": scale.layer });
  const side = Math.max(1, Math.ceil(Math.max(all.row1, all.column1) / mostPixels));
  const [wide, high] = [all.column1, all.row1].map((count) => Math.ceil(count / side));
  const words = pixelWords(stopColours(scale, theme));
  const image = new ImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer).fill(words[words.length - 1]);
  const stops = new Uint8Array(wide * high).fill(words.length - 1);
  for (let row = 0; row < all.row1; row++)
    for (let column = 0; column < all.column1; column++) {
      const cost = value?.(row, column);
      if (cost === undefined) continue;
      const at = Math.floor(row / side) * wide + Math.floor(column / side);
      const stop = stopOf(scale, cost);
      if (stop < stops[at]) {
        stops[at] = stop;
        pixels[at] = words[stop];
      }
    }
  const canvas = document.createElement("canvas");
  canvas.width = wide;
  canvas.height = high;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  const box = { ...boxOf(place, all), width: wide * side * place.k, height: high * side * place.k };
  const element = canvasPicture(canvas, box);
  element.setAttribute("data-cells-per-pixel", String(side));
  layer.append(element);
  return layer;
}

function edge({ theme }: MatrixPictureInput, place: MatrixPlace, all: CellRange): SVGElement {
  return makeSvg("rect", { ...boxOf(place, all), fill: "none", stroke: css(theme.border) });
}

function groupMarks({ pair, theme }: MatrixPictureInput, place: MatrixPlace, all: CellRange) {
  const groups = groupsInRange(pair.groups, all).map((group) =>
    makeSvg("rect", {
      ...boxOf(place, group),
      fill: "none",
      stroke: css(theme.foreground),
      "stroke-opacity": 0.75,
      "data-group": `${group.row0} ${group.row1} ${group.column0} ${group.column1}`,
    }),
  );
  return makeSvg("g", { "data-marks": "groups" }, ...groups);
}

function pathMarks({ pair, theme, localCost }: MatrixPictureInput, { k, x, y }: MatrixPlace) {
  const ink = css(theme.foreground);
  const points = Array.from({ length: pathLength(pair) }, (_, i) => pathPoint(pair, i));
  const at = ({ row, column }: { row: number; column: number }) => [
    x + (column + 0.5) * k,
    y + (row + 0.5) * k,
  ];
  const line = makeSvg("polyline", {
    points: points.map((point) => at(point).join(",")).join(" "),
    fill: "none",
    stroke: ink,
    "stroke-width": 1.5,
  });
  const radius = Math.max(0.4, Math.min(4, k / 5));
  const dots = points.map((point) => {
    const [cx, cy] = at(point);
    return makeSvg("circle", {
      cx,
      cy,
      r: radius,
      fill: point.offText ? css(theme.background) : ink,
      stroke: ink,
      "data-row": point.row,
      "data-column": point.column,
      "data-cost": localCost?.(point.row, point.column) ?? "",
      "data-off-text": String(point.offText),
    });
  });
  return makeSvg("g", { "data-marks": "path" }, line, ...dots);
}

function axisMarks(
  { pair, theme, label }: MatrixPictureInput,
  { k, x, y }: MatrixPlace,
  rows: number,
  columns: number,
): SVGElement {
  const font = {
    "font-family": sized(theme.editorFont, 11).slice(5),
    "font-size": 11,
    fill: css(theme.foreground),
  };
  const group = makeSvg("g", { "data-marks": "axes" });
  const across = axisOf({ from: 0, to: columns }, k, x, pair.target.first);
  for (const { index, at } of across.entries) {
    const text = across.kind === "labels" ? label("target", index) : `${index + pair.target.first}`;
    group.append(
      makeSvg("text", { ...font, transform: `translate(${at + 4} ${y - 18}) rotate(-90)` }, text),
    );
  }
  const down = axisOf({ from: 0, to: rows }, k, y, pair.source.first);
  for (const { index, at } of down.entries) {
    const text = down.kind === "labels" ? label("source", index) : `${index + pair.source.first}`;
    group.append(makeSvg("text", { ...font, x: x - 6, y: at + 4, "text-anchor": "end" }, text));
  }
  const names = { ...font, "font-weight": 600, x: x - 6, "text-anchor": "end" };
  group.append(
    makeSvg("text", { ...names, y: y - 20 }, `${pair.target.letter} →`),
    makeSvg("text", { ...names, y: y - 5 }, `${pair.source.letter} ↓`),
  );
  return group;
}

function outcomeMarks(
  { pair, theme }: MatrixPictureInput,
  { k, x, y }: MatrixPlace,
  columns: number,
) {
  const ink = css(theme.foreground);
  const group = makeSvg("g", { "data-marks": "outcomes" });
  const radius = Math.max(0.5, Math.min(4, k / 2));
  for (let token = 0; token < columns; token++) {
    const outcome = outcomeOf(pair, token);
    if (outcome === undefined || outcome === "same") continue;
    const shape = outcomeShape(outcome, x + (token + 0.5) * k, y - 8, radius);
    const data = { "data-column": token, "data-outcome": outcome };
    const mark = makeSvg("g", data, makeSvg("title", {}, outcomeNames[outcome]));
    if (shape.fill !== "") mark.append(makeSvg("path", { d: shape.fill, fill: ink }));
    if (shape.outline !== "")
      mark.append(makeSvg("path", { d: shape.outline, fill: "none", stroke: ink }));
    group.append(mark);
  }
  return group;
}

function legendMarks({ scale, theme }: MatrixPictureInput, x: number, y: number): SVGElement {
  const font = { "font-size": 10, fill: css(theme.foreground), "font-family": "sans-serif" };
  const group = makeSvg("g", { "data-marks": "legend" });
  const name = `${layerNames[scale.layer]} (edits)`;
  group.append(makeSvg("text", { ...font, x, y: y - 6 }, name));
  const width = scale.layer === "cumulative" ? 46 : 24;
  for (const [i, colour] of stopColours(scale, theme).entries()) {
    const stop = scale.stops[i];
    const data = { "data-value": stop.from, "data-colour": css(colour) };
    const box = { x: x + i * width, y, width, height: 10 };
    group.append(
      makeSvg("rect", { ...box, fill: css(colour), stroke: css(theme.border), ...data }),
      makeSvg(
        "text",
        { ...font, x: box.x + width / 2, y: y + 22, "text-anchor": "middle" },
        stopText(stop),
      ),
    );
  }
  return group;
}
