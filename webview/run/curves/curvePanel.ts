/**
 * The curves of a run, or of several over each other: one large chart with what it can show, small ones under a
 * disclosure, one crosshair over all. Asks for what is in sight and draws it; where a step was left out by the
 * reduction and is chosen, its exact figures are asked for by themselves.
 */
import { type SeriesAnswer, seriesFigures } from "../../../src/protocol/inspector.ts";
import type { RunMark } from "../../../src/protocol/runView.ts";
import { button, checkbox, dropdown } from "../../controls.ts";
import { Latest } from "../../shared/latest.ts";
import { count } from "../figures.ts";
import { element, setShown, setText } from "../patch.ts";
import { markSentence } from "../strings.ts";
import { makeChart } from "./chart.ts";
import { type ChartSource, type ChartSpec, curvesOfLine } from "./chartData.ts";
import { type SeriesPoints, xAxes } from "./curve.ts";
import type { StepRange } from "./curveWalk.ts";
import { type Deck, type DeckState, makeDeck } from "./deck.ts";
import { readLine, stepSentence } from "./readOut.ts";
import {
  makeSeriesFeed,
  questionKey,
  type SeriesAnswers,
  type SeriesQuestion,
} from "./seriesFeed.ts";

export interface CurveState extends DeckState {
  /** Which of the specs the large chart shows. */
  readonly layer: string;
  readonly areMoreOpen: boolean;
}

export interface CurvePanelOptions {
  readonly ask: (question: SeriesQuestion, signal: AbortSignal) => Promise<SeriesAnswer>;
  readonly say: (sentence: string) => void;
  readonly fail: (error: unknown) => void;
  readonly onState: (state: CurveState) => void;
  /** New answers, all of one round. */
  readonly onAnswers: (answers: SeriesAnswers) => void;
  readonly first: Partial<CurveState>;
  readonly layerLabel: string;
}

export interface ShownCurves {
  /** What the large chart can show: there is always one. */
  readonly large: readonly ChartSpec[];
  readonly small: readonly ChartSpec[];
  readonly runs: readonly string[];
  readonly marks: readonly RunMark[];
  readonly lastStep: number;
  /** Anything that changes when there is more to be read. */
  readonly revision: string;
  readonly originOf: (run: string, answers: SeriesAnswers) => number;
}

export interface CurvePanel {
  readonly element: HTMLElement;
  readonly deck: Deck;
  readonly state: CurveState;
  readonly svg: SVGSVGElement;
  readonly spec: ChartSpec | undefined;
  /** Kept points of the first curve: what the keys walk along. */
  readonly steps: ArrayLike<number>;
  readonly all: StepRange;
  show(shown: ShownCurves): void;
  setVisible(isVisible: boolean): void;
  /** All figures are wanted, for the table. */
  setTable(isTable: boolean): void;
  /** What is in sight now, for an export. */
  questions(everything: boolean): readonly SeriesQuestion[];
  choose(step: number, mark?: number): void;
  setLayer(layer: string): void;
  refresh(): void;
  repaint(): void;
}

/** Rows that the table asks for, of each figure. */
const tablePoints = 2000;

export function makeCurvePanel(options: CurvePanelOptions): CurvePanel {
  const { ask, say, fail, onState, first } = options;
  const deck = makeDeck(first);
  let layer = first.layer ?? "";
  let areMoreOpen = first.areMoreOpen ?? false;
  let shown: ShownCurves | undefined;
  let answers: SeriesAnswers = new Map();
  let isTable = false;
  let exact: { readonly step: number; readonly answers: SeriesAnswers } | undefined;
  const exactWork = new Latest();

  const feed = makeSeriesFeed({
    ask,
    fail,
    take(next) {
      answers = new Map([...answers, ...next]);
      draw();
      options.onAnswers(answers);
    },
  });

  const chartOptions = {
    deck,
    exact: exactOf,
    onChoose: (step: number) => choose(step),
    onResize: () => want(false),
  };
  const large = makeChart({ ...chartOptions, height: 270 });
  const axis = dropdown({
    label: "along",
    options: xAxes.map((value) => ({ value, label: value })),
    value: deck.state.axis,
    onChange: (value) => {
      const next = xAxes.find((one) => one === value);
      if (next !== undefined) deck.change({ axis: next });
    },
  });
  const log = checkbox({
    label: "log",
    checked: deck.state.y === "log",
    onChange: (isLog) => deck.change({ y: isLog ? "log" : "linear" }),
  });
  const layers = element("div", { class: "curve-layers" });
  const rangeText = element("span", { class: "number" });
  const range = element(
    "span",
    { class: "curve-range" },
    rangeText,
    button({ label: "All steps", onPress: () => deck.change({ range: null }) }),
  );
  const controls = element(
    "div",
    { class: "curve-controls" },
    layers,
    axis.element,
    log.element,
    range,
  );
  const more = element("details", { class: "curve-more" });
  const smallCharts = element("div", { class: "small-charts" });
  const summary = element("summary", {});
  more.append(summary, smallCharts);
  const small = new Map<string, ReturnType<typeof makeChart>>();
  const root = element(
    "section",
    { class: "curves", "aria-label": "Curves" },
    controls,
    large.element,
    more,
  );
  let layerKeys = "";

  more.open = areMoreOpen;
  more.addEventListener("toggle", () => {
    areMoreOpen = more.open;
    draw();
    want(true);
    onState(state());
  });

  deck.onChange((before) => {
    const now = deck.state;
    const isPointOnly =
      before.axis === now.axis &&
      before.y === now.y &&
      before.range === now.range &&
      before.hidden === now.hidden;
    if (isPointOnly) for (const chart of charts()) chart.point();
    else {
      if (axis.value !== now.axis) axis.value = now.axis;
      draw();
      want(true);
    }
    if (before.hover === now.hover) onState(state());
  });

  const state = (): CurveState => ({ ...deck.state, layer, areMoreOpen });
  const charts = () => [large, ...(areMoreOpen ? small.values() : [])];
  const specOfLarge = (): ChartSpec | undefined =>
    shown?.large.find(({ key }) => key === layer) ?? shown?.large[0];
  const source = (): ChartSource => ({
    answers,
    marks: shown?.marks ?? [],
    originOf: (run) => shown?.originOf(run, answers) ?? 0,
  });

  function draw(): void {
    const spec = specOfLarge();
    if (shown === undefined || spec === undefined) return;
    large.draw(spec, source());
    if (areMoreOpen) for (const one of shown.small) small.get(one.key)?.draw(one, source());
    const { range: part } = deck.state;
    setShown(range, part !== null);
    if (part !== null) {
      setText(rangeText, `steps ${count(part.from)}–${count(part.to)} of ${count(shown.lastStep)}`);
    }
  }

  function questions(everything: boolean): SeriesQuestion[] {
    const spec = specOfLarge();
    if (shown === undefined || spec === undefined) return [];
    const { range: part } = deck.state;
    const bounds = part === null ? {} : { from: part.from, to: part.to };
    if (everything) {
      return shown.runs.flatMap((run) =>
        seriesFigures.map((figure) => ({ run, figure, points: tablePoints, ...bounds })),
      );
    }
    const wanted = new Map<string, SeriesQuestion>();
    const add = ({ lines }: ChartSpec, points: number): void => {
      for (const { run, figure } of lines) {
        const key = questionKey({ run, figure });
        const most = Math.max(points, wanted.get(key)?.points ?? 0);
        if (most > 0) wanted.set(key, { run, figure, points: most, ...bounds });
      }
    };
    add(spec, large.points);
    if (areMoreOpen) for (const one of shown.small) add(one, small.get(one.key)?.points ?? 0);
    return [...wanted.values()];
  }

  const want = (isUrgent: boolean): void => feed.want(questions(isTable), isUrgent);

  function exactOf(line: string, step: number): readonly SeriesPoints[] {
    const wanted = [...(shown?.large ?? []), ...(shown?.small ?? [])]
      .flatMap(({ lines }) => lines)
      .find(({ key }) => key === line);
    if (exact?.step !== step || wanted === undefined) return [];
    return curvesOfLine(wanted, { ...source(), answers: exact.answers });
  }

  /** The step, and with it one of several marks that stand there. */
  function choose(step: number, mark?: number): void {
    deck.change({ chosen: step, hover: null });
    say(sentenceOf(step, mark));
    const lines = specOfLarge()?.lines ?? [];
    const isKnown = lines.every((line) => {
      const read = readLine({ label: "", curves: curvesOfLine(line, source()) }, step);
      return read === undefined || read.isExact;
    });
    if (isKnown) return exactWork.cancel();
    const wanted = questions(false).map((question) => ({
      ...question,
      from: step,
      to: step,
      points: 2,
    }));
    exactWork
      .run((signal) => Promise.all(wanted.map((question) => ask(question, signal))))
      .then((found) => {
        if (found === undefined) return;
        const byKey = wanted.map((question, i) => [questionKey(question), found[i]] as const);
        exact = { step, answers: new Map(byKey) };
        for (const chart of charts()) chart.point();
        say(sentenceOf(step, mark));
      })
      .catch(fail);
  }

  function sentenceOf(step: number, mark?: number): string {
    const here = shown?.marks.filter((one, i) =>
      mark === undefined ? one.step === step : i === mark,
    );
    const marks = here?.map(markSentence) ?? [];
    if (step < 1) return marks.join("; ");
    const lines = specOfLarge()?.lines.map((line) => ({
      label: line.letter ?? line.label,
      curves: [...exactOf(line.key, step), ...curvesOfLine(line, source())],
    }));
    return stepSentence(step, lines ?? [], marks);
  }

  function setLayer(next: string): void {
    layer = next;
    layerControl?.set(next);
    draw();
    want(true);
    onState(state());
  }

  let layerControl: { set(value: string): void } | undefined;
  /** Made again only where there are other layers. */
  function fitLayers(specs: readonly ChartSpec[]): void {
    const keys = specs.map(({ key }) => key).join(" ");
    if (keys === layerKeys) return;
    layerKeys = keys;
    const value = specOfLarge()?.key ?? "";
    const control = dropdown({
      label: options.layerLabel,
      options: specs.map(({ key, title }) => ({ value: key, label: title })),
      value,
      onChange: setLayer,
    });
    layerControl = {
      set: (next) => {
        if (control.value !== next) control.value = next;
      },
    };
    layers.replaceChildren(...(specs.length > 1 ? [control.element] : []));
  }

  function fitSmall(specs: readonly ChartSpec[]): void {
    for (const { key } of specs) {
      if (small.has(key)) continue;
      const chart = makeChart({ ...chartOptions, height: 160 });
      small.set(key, chart);
      smallCharts.append(chart.element);
    }
    setText(summary, specs.map(({ title }) => title.toLowerCase()).join(", "));
    setShown(more, specs.length > 0);
  }

  return {
    element: root,
    deck,
    get state() {
      return state();
    },
    svg: large.svg,
    get spec() {
      return specOfLarge();
    },
    get steps() {
      const [line] = specOfLarge()?.lines ?? [];
      return line === undefined ? [] : (curvesOfLine(line, source())[0]?.steps ?? []);
    },
    get all() {
      return { from: 1, to: Math.max(1, shown?.lastStep ?? 1) };
    },
    show(next) {
      const isGrown = shown?.revision !== next.revision;
      shown = next;
      fitLayers(next.large);
      fitSmall(next.small);
      draw();
      want(false);
      if (isGrown) feed.refresh();
    },
    setVisible: (isVisible) => feed.setVisible(isVisible),
    setTable(next) {
      isTable = next;
      want(true);
    },
    questions,
    choose,
    setLayer,
    refresh: () => feed.refresh(),
    repaint: draw,
  };
}
