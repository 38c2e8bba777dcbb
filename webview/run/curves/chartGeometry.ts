/**
 * Where everything of a chart stands, in pixels: ticks, lines in pieces, crosses, marks. Data and a size go in,
 * numbers come out; painting, pointer, keyboard, export and tests read the same object.
 */
import { extent, type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3";
import type { XAxis } from "./curve.ts";
import { type Tick, xTicks, yTicks } from "./ticks.ts";

export interface DrawnCurve {
  readonly key: string;
  /** Ascending, along the axis. */
  readonly x: Float64Array;
  /** NaN where there is nothing to draw. */
  readonly raw: Float64Array;
  readonly smoothed: Float64Array;
  /** Indices of points that do not go on from the one before. */
  readonly breaks: readonly number[];
  /** Where the figure was not finite. */
  readonly notFinite: readonly number[];
}

/** Something that stands on the axis. */
export interface AxisMark {
  readonly x: number;
  readonly shape: "checkpoint" | "event";
  readonly index: number;
}

export interface ChartInput {
  readonly width: number;
  readonly height: number;
  readonly axis: XAxis;
  readonly y: "linear" | "log";
  /** What is in sight along the axis; of all points where it is absent. */
  readonly domain?: readonly [number, number] | undefined;
  readonly curves: readonly DrawnCurve[];
  readonly marks: readonly AxisMark[];
  /** Where another process went on, and up to where it took steps a second time. */
  readonly resumes: readonly Omit<ResumePlace, "index">[];
}

export interface ResumePlace {
  readonly x: number;
  readonly again: number;
  /** In what came in. */
  readonly index: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartGeometry {
  readonly width: number;
  readonly height: number;
  readonly plot: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** A piece is drawn by itself; one of a single point is a dot. */
  readonly lines: readonly {
    readonly key: string;
    readonly raw: readonly (readonly Point[])[];
    readonly smoothed: readonly (readonly Point[])[];
  }[];
  readonly crosses: readonly { readonly key: string; readonly x: number }[];
  readonly marks: readonly MarkGroup[];
  readonly resumes: readonly ResumePlace[];
  /** Values that a logarithmic axis cannot show. */
  readonly leftOut: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** What stands at a pixel along the axis. */
  readonly at: (pixel: number) => number;
}

/** Marks that stand too close to be told apart are one. */
export interface MarkGroup {
  readonly x: number;
  readonly shape: "checkpoint" | "event";
  readonly members: readonly number[];
}

export const margins = { top: 20, right: 14, bottom: 42, left: 52 } as const;
/** Pixels below the axis at which marks stand, and how far apart they must be. */
export const markLane = 9;
const markGap = 11;

export function chartGeometry(input: ChartInput): ChartGeometry {
  const { width, height, axis, curves } = input;
  const plot = {
    left: margins.left,
    top: margins.top,
    right: Math.max(margins.left + 1, width - margins.right),
    bottom: Math.max(margins.top + 1, height - margins.bottom),
  };
  const domain = input.domain ?? widened(extent(curves.flatMap(({ x }) => [...ends(x)])));
  const x = scaleLinear(domain, [plot.left, plot.right]);
  const values = curves.flatMap((curve) => valuesWithin(curve, domain));
  const drawable = input.y === "log" ? values.filter((value) => value > 0) : values;
  const y = valueScale(input.y, drawable).range([plot.bottom, plot.top]);
  const isDrawn = (value: number): boolean =>
    Number.isFinite(value) && (input.y === "linear" || value > 0);
  const piecesOf = (curve: DrawnCurve, of: Float64Array): Point[][] =>
    pieces(curve, of, (i) => (isDrawn(of[i]) ? { x: x(curve.x[i]), y: y(of[i]) } : undefined));
  const isInSight = (place: number): boolean => place >= domain[0] && place <= domain[1];
  return {
    width,
    height,
    plot,
    xTicks: xTicks(x, axis, plot.right - plot.left),
    yTicks: yTicks(y, input.y, plot.bottom - plot.top),
    lines: curves.map((curve) => ({
      key: curve.key,
      raw: piecesOf(curve, curve.raw),
      smoothed: piecesOf(curve, curve.smoothed),
    })),
    crosses: curves.flatMap(({ key, notFinite }) =>
      [...new Set(notFinite.filter(isInSight).map((place) => Math.round(x(place))))].map(
        (pixel) => ({ key, x: pixel }),
      ),
    ),
    marks: groupMarks(
      input.marks.filter((mark) => isInSight(mark.x)).map((mark) => ({ ...mark, x: x(mark.x) })),
    ),
    resumes: input.resumes
      .map((one, index) => ({ ...one, index }))
      .filter((one) => Math.max(one.x, one.again) >= domain[0] && one.x <= domain[1])
      .map((one) => ({ ...one, x: x(one.x), again: x(one.again) })),
    leftOut: values.length - drawable.length,
    x,
    y,
    at: (pixel) => x.invert(pixel),
  };
}

/** Runs of points that follow each other, without those that cannot be drawn. */
function pieces(
  curve: DrawnCurve,
  of: Float64Array,
  place: (index: number) => Point | undefined,
): Point[][] {
  const starts = new Set(curve.breaks);
  const found: Point[][] = [];
  let piece: Point[] = [];
  for (let i = 0; i < of.length; i++) {
    const point = place(i);
    if (starts.has(i) || point === undefined) {
      if (piece.length > 0) found.push(piece);
      piece = [];
    }
    if (point !== undefined) piece.push(point);
  }
  if (piece.length > 0) found.push(piece);
  return found;
}

/** Groups along the axis. One event among checkpoints gives the group its shape. */
export function groupMarks(marks: readonly AxisMark[]): MarkGroup[] {
  const groups: { x: number; shape: MarkGroup["shape"]; members: number[]; last: number }[] = [];
  for (const mark of marks.toSorted((a, b) => a.x - b.x)) {
    const group = groups.at(-1);
    if (group !== undefined && mark.x - group.last < markGap) {
      group.members.push(mark.index);
      group.last = mark.x;
      group.x += (mark.x - group.x) / group.members.length;
      if (mark.shape === "event") group.shape = "event";
    } else groups.push({ x: mark.x, shape: mark.shape, members: [mark.index], last: mark.x });
  }
  return groups.map(({ x, shape, members }) => ({ x, shape, members }));
}

function valuesWithin({ x, raw, smoothed }: DrawnCurve, [from, to]: readonly [number, number]) {
  const values: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (x[i] < from || x[i] > to) continue;
    if (Number.isFinite(raw[i])) values.push(raw[i]);
    if (Number.isFinite(smoothed[i])) values.push(smoothed[i]);
  }
  return values;
}

function valueScale(
  kind: "linear" | "log",
  values: readonly number[],
): ScaleContinuousNumeric<number, number> {
  const [low, high] = extentOf(values);
  if (kind === "log") {
    const pad = low === high ? 2 : (high / low) ** 0.05;
    return scaleLog().domain([low / pad, high * pad]);
  }
  const pad = 0.05 * (high - low) || Math.abs(high) * 0.1 || 1;
  return scaleLinear().domain([low - pad, high + pad]);
}

/** Without values, 1 to 10: an empty chart still has axes. */
function extentOf(values: readonly number[]): [number, number] {
  const [low, high] = extent(values);
  return low === undefined || high === undefined ? [1, 10] : [low, high];
}

function* ends(x: Float64Array): Iterable<number> {
  if (x.length === 0) return;
  yield x[0];
  yield x[x.length - 1];
}

/** A domain of one place gets room on both sides. */
function widened([from, to]: [number, number] | [undefined, undefined]): [number, number] {
  if (from === undefined || to === undefined) return [0, 1];
  return from === to ? [from - 1, to + 1] : [from, to];
}
