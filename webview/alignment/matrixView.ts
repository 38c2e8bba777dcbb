/**
 * The matrix on the screen: a canvas, the pane over it that takes pointer and keys, and d3's zoom between them (drag
 * pans, wheel scrolls, Ctrl/Cmd + wheel and pinch zoom at the pointer, double click goes to the group). It tells what
 * is pointed at and chosen; what is drawn it is given.
 */
import { pointer, select, type ZoomTransform, zoom, zoomIdentity } from "d3";
import { make } from "../shared/dom.ts";
import { readTheme } from "../shared/theme.ts";
import type { Pair } from "./alignedText.ts";
import { overviewHeight } from "./axesPaint.ts";
import type { CellTiles } from "./cellTiles.ts";
import {
  type Cell,
  cellAt,
  clamped,
  fitted,
  type MatrixFrame,
  type MatrixPlace,
  revealing,
  zoomExtent,
  zoomedAt,
  zoomedTo,
} from "./geometry/matrix.ts";
import { overviewToken } from "./geometry/overview.ts";
import { groupOfTarget } from "./geometry/path.ts";
import { paintMatrix } from "./matrixPaint.ts";
import type { Margins } from "./matrixScene.ts";
import { paintLoop } from "./paintLoop.ts";
import { cellOfTarget } from "./selection.ts";
import { tokenCount } from "./tokenTrack.ts";

export interface MatrixEvents {
  readonly onChoose: (cell: Cell) => void;
  /** With the pointer's place in the window; `undefined`: at nothing. */
  readonly onPoint: (cell: Cell | undefined, x: number, y: number) => void;
  readonly onPlace: (place: MatrixPlace) => void;
  /** Once all cells of a picture are painted. */
  readonly onPainted: () => void;
  readonly label: (side: "source" | "target", token: number) => string;
  readonly isVisible: () => boolean;
}

export interface MatrixView {
  readonly element: HTMLElement;
  /** Takes the keys. */
  readonly pane: HTMLElement;
  /** `undefined`: the whole of it. */
  readonly place: MatrixPlace | undefined;
  /** Cells in sight, along the rows: for moving by pages. */
  readonly pageRows: number;
  /** `undefined`: nothing to draw. A pair of another size is fitted, unless `place` says where it stood. */
  setPair(pair: Pair | undefined, place?: MatrixPlace): void;
  setTiles(tiles: CellTiles | undefined): void;
  choose(cell: Cell | undefined, reveal: boolean): void;
  point(cell: Cell | undefined): void;
  zoomBy(factor: number): void;
  showWhole(): void;
  zoomToGroup(cell: Cell): void;
  repaint(): void;
}

const compactBelow = 420;

export function makeMatrixView(events: MatrixEvents): MatrixView {
  const canvas = make("canvas", "matrix-canvas");
  canvas.setAttribute("aria-hidden", "true");
  const pane = make("div", "matrix-pane");
  pane.tabIndex = 0;
  pane.setAttribute("role", "application");
  pane.setAttribute("aria-roledescription", "matrix");
  pane.setAttribute("aria-label", "Matrix: source tokens run down, target tokens run right");
  const ruler = make("div", "matrix-ruler");
  ruler.setAttribute("aria-hidden", "true");
  const element = make("div", "matrix", canvas, pane, ruler);
  element.hidden = true; // an opaque canvas is black until it is painted

  let pair: Pair | undefined;
  let tiles: CellTiles | undefined;
  let chosen: Cell | undefined;
  let pointed: Cell | undefined;
  let frame: MatrixFrame = { rows: 0, columns: 0, width: 1, height: 1 };
  let margins: Margins = marginsOf(1000);
  let place: MatrixPlace = { k: 1, x: 0, y: 0 };
  /** What is to be kept when the pane gets its size, or another one. */
  let wanted: MatrixPlace | undefined;
  let isFitted = true;
  let ratio = 1;

  const loop = paintLoop(() => {
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null || pair === undefined || frame.width <= 1) return true;
    const scene = {
      frame,
      place,
      margins,
      pair,
      tiles,
      theme: readTheme(),
      ratio,
      chosen,
      pointed,
    };
    const state = paintMatrix(context, { ...scene, label: events.label });
    Object.assign(canvas.dataset, {
      cell: String(place.k),
      left: String(margins.left + place.x),
      top: String(margins.top + place.y),
    });
    if (state === "done" && tiles !== undefined) events.onPainted();
    return state !== "working";
  }, events.isVisible);

  const selection = select(pane);
  const zooming = zoom<HTMLDivElement, unknown>()
    .filter((event: Event) =>
      event instanceof WheelEvent ? event.ctrlKey || event.metaKey : !(event as MouseEvent).button,
    )
    .extent(() => [
      [0, 0],
      [frame.width, frame.height],
    ])
    .constrain(({ k, x, y }) => transformOf(clamped(frame, { k, x, y })))
    .on(
      "zoom",
      ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: unknown }) => {
        place = { k: transform.k, x: transform.x, y: transform.y };
        if (sourceEvent) isFitted = false;
        events.onPlace(place);
        loop.ask();
      },
    );
  selection.call(zooming).on("dblclick.zoom", null);

  const goTo = (next: MatrixPlace): void => {
    zooming.scaleExtent([...zoomExtent(frame)]);
    zooming.transform(selection, transformOf(clamped(frame, next)));
  };
  const showWhole = (): void => {
    isFitted = true;
    goTo(fitted(frame));
  };
  const cellUnder = (event: MouseEvent): Cell | undefined => {
    const [x, y] = pointer(event, pane);
    return cellAt(frame, place, x, y);
  };
  const zoomToGroup = (cell: Cell): void => {
    const group = pair && groupOfTarget(pair.groups, cell.column);
    const cells = group ?? {
      row0: cell.row,
      row1: cell.row + 1,
      column0: cell.column,
      column1: cell.column + 1,
    };
    isFitted = false;
    goTo(
      zoomedTo(
        frame,
        { from: cells.row0, to: cells.row1 },
        { from: cells.column0, to: cells.column1 },
      ),
    );
  };

  pane.addEventListener("click", (event) => {
    const cell = cellUnder(event);
    if (cell !== undefined) events.onChoose(cell);
  });
  pane.addEventListener("dblclick", (event) => {
    const cell = cellUnder(event);
    if (cell !== undefined) zoomToGroup(cell);
  });
  pane.addEventListener("mousemove", (event) =>
    events.onPoint(
      event.buttons === 0 ? cellUnder(event) : undefined,
      event.clientX,
      event.clientY,
    ),
  );
  pane.addEventListener("mouseleave", () => events.onPoint(undefined, 0, 0));
  pane.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.metaKey) return; // d3's zoom
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const moved = clamped(frame, { k: place.k, x: place.x - dx * unit, y: place.y - dy * unit });
      if (moved.x === place.x && moved.y === place.y) return; // at the edge the page scrolls on
      event.preventDefault();
      isFitted = false;
      goTo(moved);
    },
    { passive: false },
  );
  ruler.addEventListener("click", (event) => {
    if (pair === undefined) return;
    const token = overviewToken(pointer(event, ruler)[0], tokenCount(pair.target), frame.width);
    events.onChoose(cellOfTarget(pair, token));
  });

  const resize = (): void => {
    const { width, height } = element.getBoundingClientRect();
    if (width < 20 || height < 20) return;
    ratio = devicePixelRatio;
    margins = marginsOf(width);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const inner = {
      width: Math.max(1, width - margins.left - margins.right),
      height: Math.max(1, height - margins.top - margins.bottom),
    };
    frame = { ...frame, ...inner };
    Object.assign(pane.style, box(margins.left, margins.top, inner.width, inner.height));
    const below = margins.top + inner.height + 6;
    Object.assign(ruler.style, box(margins.left, below, inner.width, overviewHeight));
    if (wanted !== undefined) {
      isFitted = false;
      goTo(wanted);
      wanted = undefined;
    } else if (isFitted) showWhole();
    else goTo(place);
    loop.ask();
  };
  new ResizeObserver(resize).observe(element);

  return {
    element,
    pane,
    get place() {
      return isFitted ? undefined : place;
    },
    get pageRows() {
      return Math.max(1, Math.floor(frame.height / place.k) - 1);
    },
    setPair(next, at) {
      pair = next;
      tiles = undefined;
      pointed = undefined;
      element.hidden = next === undefined;
      if (next === undefined) return;
      const [rows, columns] = [tokenCount(next.source), tokenCount(next.target)];
      const isSameSize = rows === frame.rows && columns === frame.columns;
      frame = { ...frame, rows, columns };
      if (at !== undefined || !isSameSize) isFitted = at === undefined;
      wanted = at;
      resize();
    },
    setTiles(next) {
      tiles = next;
      loop.ask();
    },
    choose(cell, reveal) {
      chosen = cell;
      if (cell !== undefined && reveal && !isFitted) goTo(revealing(frame, place, cell));
      loop.ask();
    },
    point(cell) {
      if (pointed?.row === cell?.row && pointed?.column === cell?.column) return;
      pointed = cell;
      loop.ask();
    },
    zoomBy(factor) {
      isFitted = false;
      const { width, height } = frame;
      const [x, y] =
        chosen === undefined
          ? [width / 2, height / 2]
          : [place.x + (chosen.column + 0.5) * place.k, place.y + (chosen.row + 0.5) * place.k];
      const isInSight = x >= 0 && y >= 0 && x <= width && y <= height;
      goTo(zoomedAt(frame, place, factor, isInSight ? x : width / 2, isInSight ? y : height / 2));
    },
    showWhole,
    zoomToGroup,
    repaint: () => loop.ask(),
  };
}

function marginsOf(width: number): Margins {
  const isCompact = width < compactBelow;
  return {
    left: isCompact ? 64 : 80,
    top: isCompact ? 56 : 64,
    right: 8,
    bottom: overviewHeight + 12,
  };
}

const transformOf = ({ k, x, y }: MatrixPlace): ZoomTransform =>
  zoomIdentity.translate(x, y).scale(k);

const box = (left: number, top: number, width: number, height: number) => ({
  left: `${left}px`,
  top: `${top}px`,
  width: `${width}px`,
  height: `${height}px`,
});
