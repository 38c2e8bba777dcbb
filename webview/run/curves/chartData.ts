/** From what the host answered to what a chart draws: curves on the chosen axis, marks and resumes among them. */
import type { SeriesFigure } from "../../../src/protocol/runSeries.ts";
import type { RunMark } from "../../../src/protocol/runView.ts";
import type { AxisMark, ChartInput, DrawnCurve } from "./chartGeometry.ts";
import type { LineLook } from "./chartPaint.ts";
import { breaksOf, columnOf, placeOfStep, type SeriesPoints } from "./curve.ts";
import type { DeckState } from "./deck.ts";
import { questionKey, type SeriesAnswers } from "./seriesFeed.ts";

export interface ChartLine {
  readonly key: string;
  readonly label: string;
  readonly figure: SeriesFigure;
  readonly arm: "fused" | "clm";
  /** The run's folder. */
  readonly run: string;
  readonly look: LineLook;
  readonly letter?: string;
}

export interface ChartSpec {
  readonly key: string;
  readonly title: string;
  /** What it shows, where the title does not say it all. */
  readonly note?: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
}

export interface ChartSource {
  readonly answers: SeriesAnswers;
  readonly marks: readonly RunMark[];
  /** Milliseconds since 1970 from which a run's time counts. */
  readonly originOf: (run: string) => number;
}

/** One training: a line has a curve for each seed. */
export interface PlacedCurve {
  readonly key: string;
  readonly line: ChartLine;
  readonly points: SeriesPoints;
  readonly x: Float64Array;
}

export function curvesOfLine(line: ChartLine, { answers }: ChartSource): SeriesPoints[] {
  const answer = answers.get(questionKey(line));
  return answer?.series.filter(({ arm, of }) => arm === line.arm && of > 0) ?? [];
}

/** The curves of a chart, but for those of hidden lines. */
export function placedCurves(
  spec: ChartSpec,
  source: ChartSource,
  { axis, hidden }: Pick<DeckState, "axis" | "hidden">,
): PlacedCurve[] {
  return spec.lines
    .filter(({ key }) => !hidden.includes(key))
    .flatMap((line) =>
      curvesOfLine(line, source).map((points) => ({
        key: `${line.key} ${points.seed}`,
        line,
        points,
        x: columnOf(points, axis, source.originOf(line.run)),
      })),
    );
}

/** What a chart of these curves is made from, but for its size. The first curve says where marks and resumes stand. */
export function chartInput(
  curves: readonly PlacedCurve[],
  { marks, originOf }: ChartSource,
  { axis, y, range }: Pick<DeckState, "axis" | "y" | "range">,
): Omit<ChartInput, "width" | "height"> {
  const [first] = curves;
  const place = (step: number): number =>
    axis === "step" || first === undefined ? step : placeOfStep(first.points, first.x, step);
  return {
    axis,
    y,
    domain: range === null ? undefined : domainOf(curves, range, axis === "step"),
    curves: curves.map(drawnCurve),
    marks: marks.map(
      (mark, index): AxisMark => ({
        x:
          axis === "time" && first !== undefined
            ? (mark.time - originOf(first.line.run)) / 1000
            : place(mark.step),
        shape: mark.kind === "checkpoint" ? "checkpoint" : "event",
        index,
      }),
    ),
    resumes: (first?.points.resumes ?? []).map(({ step, again }) => ({
      x: place(step),
      again: place(again),
    })),
  };
}

function drawnCurve({ key, points, x }: PlacedCurve): DrawnCurve {
  return {
    key,
    x,
    raw: points.window === 1 ? points.values.map(() => Number.NaN) : points.values,
    smoothed: points.window === 1 ? points.values : points.smoothed,
    breaks: breaksOf(points),
    notFinite: [...points.notFinite].map((step) => placeOfStep(points, x, step)),
  };
}

/** A range of steps along the axis: wide enough for all curves, which come to a step at different times. */
function domainOf(
  curves: readonly PlacedCurve[],
  { from, to }: { readonly from: number; readonly to: number },
  isSteps: boolean,
): readonly [number, number] | undefined {
  if (isSteps) return [from, to];
  const places = (step: number): number[] =>
    curves.map(({ points, x }) => placeOfStep(points, x, step)).filter(Number.isFinite);
  const [low, high] = [Math.min(...places(from)), Math.max(...places(to))];
  return low < high ? [low, high] : undefined;
}
