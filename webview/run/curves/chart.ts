/** One chart on the page: its heading, its legend, the drawing, and what the pointer does to it. */
import { brushX, type D3BrushEvent, pointer, select } from "d3";
import { count } from "../figures.ts";
import { element, onceAFrame, setAttributes, setShown, setText } from "../patch.ts";
import { axisTitle, markSentence, noStepYet, resumeSentence, smoothingNote } from "../strings.ts";
import {
  type ChartSource,
  type ChartSpec,
  chartInput,
  curvesOfLine,
  type PlacedCurve,
  placedCurves,
} from "./chartData.ts";
import { type ChartGeometry, chartGeometry, margins } from "./chartGeometry.ts";
import { type Crosshair, makeChartLayers } from "./chartPaint.ts";
import { nearestIndex, placeOfStep, type SeriesPoints, stepAtPlace } from "./curve.ts";
import type { Deck } from "./deck.ts";
import { makeLegend } from "./legend.ts";
import { readLine, readText, stepsText } from "./readOut.ts";
import { questionKey } from "./seriesFeed.ts";

export interface Chart {
  readonly element: HTMLElement;
  readonly svg: SVGSVGElement;
  /** Points that its width can show: the least and the most of each pixel. */
  readonly points: number;
  draw(spec: ChartSpec, source: ChartSource): void;
  /** Only what depends on the step that is pointed at. */
  point(): void;
}

export interface ChartOptions {
  readonly deck: Deck;
  readonly height: number;
  /** The title is said elsewhere: it is only read out. */
  readonly isTitleHidden?: boolean;
  /** Exact values of a step that was not sent, by line. */
  readonly exact: (line: string, step: number) => readonly SeriesPoints[];
  readonly onChoose: (step: number) => void;
  /** `isFirst`: it had no place on the page before. */
  readonly onResize: (isFirst: boolean) => void;
}

export function makeChart(options: ChartOptions): Chart {
  const { deck, height, isTitleHidden = false, exact, onChoose, onResize } = options;
  const layers = makeChartLayers();
  const title = element("h3", { class: isTitleHidden ? "visually-hidden" : "chart-title" });
  const note = element("p", { class: "chart-note muted" });
  const legend = makeLegend((key) => {
    const { hidden } = deck.state;
    deck.change({
      hidden: hidden.includes(key) ? hidden.filter((one) => one !== key) : [...hidden, key],
    });
  });
  const holder = element("div", {
    class: "chart-holder",
    tabindex: "0",
    role: "group",
    "aria-roledescription": "chart",
  });
  holder.append(layers.svg);
  const root = element("section", { class: "chart" }, title, legend.element, holder, note);
  const brush = brushX<unknown>().on("end", onBrushed);
  let width = 0;
  let shown: { spec: ChartSpec; source: ChartSource } | undefined;
  let curves: readonly PlacedCurve[] = [];
  let geometry: ChartGeometry | undefined;

  const paint = onceAFrame(() => {
    if (shown === undefined || width === 0) return;
    const { spec, source } = shown;
    const { state } = deck;
    curves = placedCurves(spec, source, state);
    geometry = chartGeometry({ width, height, ...chartInput(curves, source, state) });
    const looks = new Map(curves.map(({ key, line }) => [key, line.look]));
    const [first] = curves;
    layers.paint(geometry, (key) => looks.get(key) ?? { dash: "solid", colour: "currentColor" }, {
      unit: spec.unit,
      axis: axisTitle[state.axis],
      mark: ({ members }) => members.map((i) => markSentence(source.marks[i])).join("\n"),
      resume: (index) => {
        const resume = first?.points.resumes[index];
        return resume === undefined ? "" : resumeSentence(resume);
      },
    });
    const { plot } = geometry;
    brush.extent([
      [plot.left, plot.top],
      [plot.right, plot.bottom],
    ]);
    brush(select(layers.brush));
    setText(title, spec.title);
    setAttributes(holder, { "aria-label": `${spec.title} by ${axisTitle[state.axis]}` });
    const isEmpty = spec.lines.every(
      (line) => source.answers.has(questionKey(line)) && curvesOfLine(line, source).length === 0,
    );
    const notes = [
      isEmpty ? noStepYet : spec.note,
      smoothingNote(first?.points),
      leftOutNote(geometry.leftOut),
    ];
    setText(note, notes.filter((one) => one !== undefined && one !== "").join(" · "));
    setShown(note, note.textContent !== "");
    point();
  });

  function point(): void {
    if (shown === undefined || geometry === undefined) return;
    const { hover, chosen, hidden } = deck.state;
    const { spec, source } = shown;
    const at = hover ?? chosen;
    const steps = spec.lines.map((line) => at ?? curvesOfLine(line, source)[0]?.steps.at(-1));
    legend.set(
      spec.lines.map((line, i) => {
        const points = curvesOfLine(line, source);
        const step = steps[i];
        const read =
          step === undefined
            ? undefined
            : readLine({ label: line.label, curves: [...exact(line.key, step), ...points] }, step);
        return {
          key: line.key,
          label: line.label,
          look: line.look,
          letter: line.letter,
          value: readText(read),
          isShown: !hidden.includes(line.key),
        };
      }),
      stepsText(steps),
    );
    layers.crosshair("hover", crosshairAt(hover));
    layers.crosshair("chosen", crosshairAt(chosen));
  }

  function crosshairAt(step: number | null): Crosshair | null {
    const [first] = curves;
    if (step === null || first === undefined || geometry === undefined) return null;
    const { plot, x, y } = geometry;
    const place = deck.state.axis === "step" ? step : placeOfStep(first.points, first.x, step);
    const at = x(place);
    if (!(at >= plot.left - 1 && at <= plot.right + 1)) return null;
    const dots = curves.flatMap((curve) => {
      const { steps, smoothed, values } = curve.points;
      if (steps.length === 0 || step < steps[0] || step > steps[steps.length - 1]) return [];
      const nearest = nearestIndex(steps, step);
      const value = Number.isFinite(smoothed[nearest]) ? smoothed[nearest] : values[nearest];
      const dot = { x: x(curve.x[nearest]), y: y(value), colour: curve.line.look.colour };
      return Number.isFinite(dot.y) ? [dot] : [];
    });
    return { x: at, top: plot.top, bottom: plot.bottom, dots };
  }

  function stepUnder(event: PointerEvent | MouseEvent): number | null {
    const [first] = curves;
    if (first === undefined || geometry === undefined) return null;
    const { plot, at } = geometry;
    const [x] = pointer(event, layers.svg);
    if (x < plot.left - 8 || x > plot.right + 8) return null;
    return stepAtPlace(first.points, first.x, at(x));
  }

  function onBrushed({ selection, sourceEvent }: D3BrushEvent<unknown>): void {
    if (selection === null || sourceEvent === undefined || geometry === undefined) return;
    const [first] = curves;
    const [from, to] = (selection as [number, number]).map(geometry.at);
    select(layers.brush).call(brush.move, null);
    if (first === undefined) return;
    const range = {
      from: stepAtPlace(first.points, first.x, from),
      to: stepAtPlace(first.points, first.x, to),
    };
    if (range.to > range.from) deck.change({ range, hover: null });
  }

  layers.svg.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) deck.change({ hover: stepUnder(event) });
  });
  layers.svg.addEventListener("pointerleave", () => deck.change({ hover: null }));
  layers.svg.addEventListener("click", (event) => {
    const step = stepUnder(event);
    if (step !== null) onChoose(markUnder(event) ?? step);
  });
  layers.svg.addEventListener("dblclick", () => deck.change({ range: null }));

  /** The step of the mark under the pointer: it may lie between two points. */
  function markUnder(event: MouseEvent): number | undefined {
    if (geometry === undefined || shown === undefined) return undefined;
    const [x, y] = pointer(event, layers.svg);
    if (y < geometry.plot.bottom) return undefined;
    const group = geometry.marks.find((one) => Math.abs(one.x - x) <= 7);
    return group && shown.source.marks[group.members[0]].step;
  }

  new ResizeObserver(() => {
    const next = Math.floor(holder.clientWidth);
    if (next === width) return;
    const isFirst = width === 0;
    width = next;
    paint();
    onResize(isFirst);
  }).observe(holder);

  return {
    element: root,
    svg: layers.svg,
    get points() {
      const pixels = Math.max(0, width - margins.left - margins.right);
      return Math.min(4000, Math.ceil((2 * pixels) / 100) * 100);
    },
    draw(spec, source) {
      shown = { spec, source };
      paint();
    },
    point,
  };
}

const leftOutNote = (values: number): string | undefined =>
  values === 0
    ? undefined
    : `${count(values)} values of 0 or less have no place on a logarithmic axis`;
