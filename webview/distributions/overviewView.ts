/**
 * The whole text in one row above the strip, on a canvas: a column of pixels per bucket, its highest figure pale and
 * its mean strong, ticks where sources have no row, a frame round what the strip shows.
 */
import { css, mix } from "../shared/colour.ts";
import { readTheme } from "../shared/theme.ts";
import { markAt, type Picture } from "./marks.ts";
import { fractionOf } from "./measures.ts";
import { columnOf, layOverview, type OverviewGeometry } from "./overviewGeometry.ts";
import { huesOf } from "./stripView.ts";

export interface OverviewView {
  readonly element: HTMLElement;
  readonly geometry: OverviewGeometry | undefined;
  paint(
    picture: Picture,
    inSight: { readonly first: number; readonly end: number },
    chosen: number,
  ): void;
}

const height = 36;
/** Where ticks stand. */
const foot = 4;

export function makeOverview(onChoose: (position: number) => void): OverviewView {
  const element = document.createElement("div");
  element.className = "overview";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  const frame = document.createElement("div");
  frame.className = "overview-frame";
  const pin = document.createElement("div");
  pin.className = "overview-pin";
  element.append(canvas, frame, pin);
  let geometry: OverviewGeometry | undefined;

  const follow = (event: PointerEvent): void => {
    if (geometry === undefined || geometry.columns === 0) return;
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const column = Math.min(
      geometry.columns - 1,
      Math.max(0, Math.floor(share * geometry.columns)),
    );
    onChoose(geometry.starts[column]);
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    follow(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) follow(event);
  });

  return {
    element,
    get geometry() {
      return geometry;
    },
    paint(picture, inSight, chosen) {
      const width = element.clientWidth;
      if (width === 0) return;
      geometry = layOverview(
        picture.values,
        (i) => picture.places.missing[i] !== "none" || markAt(picture, i).isOpen,
        width,
      );
      paintColumns(canvas, geometry, picture, width);
      const x = (position: number): number =>
        (columnOf(geometry!, position) / geometry!.columns) * width;
      const left = x(inSight.first);
      const right = inSight.end >= picture.values.length ? width : x(inSight.end);
      frame.style.left = `${left}px`;
      frame.style.width = `${Math.max(2, right - left)}px`;
      pin.hidden = chosen < 0;
      if (chosen >= 0) pin.style.left = `${x(chosen)}px`;
      canvas.setAttribute(
        "aria-label",
        `Overview of ${picture.values.length} tokens in ${geometry.columns} columns`,
      );
    },
  };
}

function paintColumns(
  canvas: HTMLCanvasElement,
  { columns, highest, means, marked }: OverviewGeometry,
  picture: Picture,
  width: number,
): void {
  const density = window.devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.scale(density, density);
  const theme = readTheme();
  const hues = huesOf(theme, picture);
  const isDiverging = picture.scale.kind === "diverging";
  const room = height - foot - 1;
  const zero = isDiverging ? room / 2 : room;
  const reach = isDiverging ? room / 2 : room;
  const pixel = width / Math.max(1, columns);
  const bar = (column: number, value: number, paleness: number): void => {
    if (Number.isNaN(value)) return;
    const fraction = fractionOf(picture.scale, value);
    const hue = fraction < 0 ? hues.below : hues.above;
    pen.fillStyle = css(mix(hue, theme.background, paleness));
    const length = Math.abs(fraction) * reach;
    pen.fillRect(column * pixel, fraction < 0 ? zero : zero - length, Math.max(1, pixel), length);
  };
  for (let c = 0; c < columns; c++) {
    bar(c, highest[c], theme.isHighContrast ? 0.5 : 0.6);
    bar(c, means[c], 0);
    if (marked[c] === 1) {
      pen.fillStyle = css(theme.muted);
      pen.fillRect(c * pixel, height - foot + 1, Math.max(1, pixel), foot - 1);
    }
  }
  pen.fillStyle = css(theme.border);
  pen.fillRect(0, zero, width, 1);
}
