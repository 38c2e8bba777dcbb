/**
 * The curves of a run, or of several over each other: one large chart with what it can show, small ones under a
 * disclosure, one crosshair over all. Asks for what is in sight and draws it; where a step was left out by the
 * reduction and is chosen, its exact figures are asked for by themselves.
 */
import { type SeriesAnswer, seriesFigures } from "../../../src/protocol/runSeries.ts";
import type { RunMark } from "../../../src/protocol/runView.ts";
import { element, setShown, setText } from "../patch.ts";
import { markSentence } from "../strings.ts";
import { type Chart, makeChart } from "./chart.ts";
import { type ChartSource, type ChartSpec, curvesOfLine } from "./chartData.ts";
import type { SeriesPoints } from "./curve.ts";
import { makeCurveControls } from "./curveControls.ts";
import type { StepRange } from "./curveWalk.ts";
import { type Deck, type DeckState, makeDeck } from "./deck.ts";
import { makeExactFigures } from "./exactFigures.ts";
import { readLine, stepSentence } from "./readOut.ts";
import {
  makeSeriesFeed,
  questionKey,
  type SeriesAnswers,
  type SeriesQuestion,
} from "./seriesFeed.ts";

/** What is stored between two starts of the view. */
export interface CurveState extends Omit<DeckState, "hover"> {
  /** Key of the spec that the large chart shows. */
  readonly layer: string;
  readonly areMoreOpen: boolean;
}

export interface CurvePanelOptions {
  readonly ask: (question: SeriesQuestion, signal: AbortSignal) => Promise<SeriesAnswer>;
  readonly say: (sentence: string) => void;
  readonly fail: (error: unknown) => void;
  readonly onState: () => void;
  /** All of one round. */
  readonly onAnswers: (answers: SeriesAnswers) => void;
  readonly first: Partial<CurveState>;
  readonly layerLabel: string;
}

export interface ShownCurves {
  /** What the large chart can show: at least one. */
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
  readonly shown: ShownCurves | undefined;
  readonly svg: SVGSVGElement;
  readonly spec: ChartSpec | undefined;
  /** Kept points of the first curve: what the keys walk along. */
  readonly steps: ArrayLike<number>;
  readonly all: StepRange;
  show(shown: ShownCurves): void;
  setVisible(isVisible: boolean): void;
  /** All figures are wanted, for the table. */
  setTable(isTable: boolean): void;
  /** What is in sight now, every figure of it. */
  everything(): readonly SeriesQuestion[];
  /** A step, and with it one of several marks that stand there. */
  choose(step: number, mark?: number): void;
  /** The sentence of what is chosen; empty where nothing is. */
  sentence(): string;
  setLayer(layer: string): void;
  refresh(): void;
}

/** Rows of the table, of each figure. */
const tablePoints = 2000;

export function makeCurvePanel(options: CurvePanelOptions): CurvePanel {
  const { ask, say, fail, onState, first } = options;
  const deck = makeDeck(first);
  const exact = makeExactFigures(ask);
  let layer = first.layer ?? "";
  let shown: ShownCurves | undefined;
  let answers: SeriesAnswers = new Map();
  let isTable = false;
  let isVisible = true;
  let chosenMark: number | undefined;

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
    onResize: (isFirst: boolean) => want(isFirst),
  };
  const large = makeChart({ ...chartOptions, height: 300, isTitleHidden: true });
  const small = new Map<string, Chart>();
  const controls = makeCurveControls({ deck, layerLabel: options.layerLabel, onLayer: setLayer });
  const summary = element("summary", {});
  const smallCharts = element("div", { class: "small-charts" });
  const more = element("details", { class: "curve-more" }, summary, smallCharts);
  more.open = first.areMoreOpen ?? false;
  more.addEventListener("toggle", () => {
    draw();
    want(false); // charts that have just got a place ask by themselves
    onState();
  });
  deck.onChange((before) => {
    const now = deck.state;
    const isPointOnly = (["axis", "y", "range", "hidden"] as const).every(
      (key) => before[key] === now[key],
    );
    if (isPointOnly) for (const chart of charts()) chart.point();
    else {
      draw();
      want(true);
    }
    if (before.hover === now.hover) onState();
  });

  const charts = (): Chart[] => [large, ...(more.open ? small.values() : [])];
  const spec = (): ChartSpec | undefined =>
    shown?.large.find(({ key }) => key === layer) ?? shown?.large[0];
  const source = (): ChartSource => ({
    answers,
    marks: shown?.marks ?? [],
    originOf: (run) => shown?.originOf(run, answers) ?? 0,
  });

  function draw(): void {
    const now = spec();
    if (shown === undefined || now === undefined || !isVisible) return;
    large.draw(now, source());
    if (more.open) for (const one of shown.small) small.get(one.key)?.draw(one, source());
    controls.update(now.key, shown.lastStep);
  }

  function questions(isEverything: boolean): SeriesQuestion[] {
    const now = spec();
    if (shown === undefined || now === undefined) return [];
    const { range } = deck.state;
    const bounds = range === null ? {} : { from: range.from, to: range.to };
    if (isEverything) {
      return shown.runs.flatMap((run) =>
        seriesFigures.map((figure) => ({ run, figure, points: tablePoints, ...bounds })),
      );
    }
    const wanted = new Map<string, SeriesQuestion>();
    const add = ({ lines }: ChartSpec, points: number): void => {
      for (const { run, figure } of points === 0 ? [] : lines) {
        const key = questionKey({ run, figure });
        const most = Math.max(points, wanted.get(key)?.points ?? 0);
        wanted.set(key, { run, figure, points: most, ...bounds });
      }
    };
    add(now, large.points);
    if (more.open) for (const one of shown.small) add(one, small.get(one.key)?.points ?? 0);
    return [...wanted.values()];
  }

  const want = (isUrgent: boolean): void => feed.want(questions(isTable), isUrgent);

  function exactOf(line: string, step: number): readonly SeriesPoints[] {
    const lines = [...(shown?.large ?? []), ...(shown?.small ?? [])].flatMap((one) => one.lines);
    const wanted = lines.find(({ key }) => key === line);
    if (wanted === undefined) return [];
    return curvesOfLine(wanted, { ...source(), answers: exact.at(step) });
  }

  function choose(step: number, mark?: number): void {
    chosenMark = mark;
    deck.change({ chosen: step, hover: null });
    say(sentence());
    const isKnown = (spec()?.lines ?? []).every((line) => {
      const read = readLine({ label: "", curves: curvesOfLine(line, source()) }, step);
      return read === undefined || read.isExact;
    });
    exact.cancel();
    if (isKnown) return;
    exact.find(step, questions(false)).then((isFound) => {
      if (!isFound) return;
      for (const chart of charts()) chart.point();
      say(sentence());
    }, fail);
  }

  function sentence(): string {
    const { chosen } = deck.state;
    if (chosen === null) return "";
    const here = (shown?.marks ?? []).filter((mark, i) =>
      chosenMark === undefined ? mark.step === chosen : i === chosenMark,
    );
    const marks = here.map(markSentence);
    if (chosen < 1) return marks.join("; ");
    const lines = (spec()?.lines ?? []).map((line) => ({
      label: line.letter ?? line.label,
      curves: [...exactOf(line.key, chosen), ...curvesOfLine(line, source())],
    }));
    return stepSentence(chosen, lines, marks);
  }

  function setLayer(next: string): void {
    layer = next;
    draw();
    want(true);
    onState();
  }

  function fitSmall(specs: readonly ChartSpec[]): void {
    for (const { key } of specs) {
      if (small.has(key)) continue;
      const chart = makeChart({ ...chartOptions, height: 160 });
      small.set(key, chart);
      smallCharts.append(chart.element);
    }
    setText(summary, specs.map(({ title }) => title).join(", "));
    setShown(more, specs.length > 0);
  }

  return {
    element: element(
      "section",
      { class: "curves", "aria-label": "Curves" },
      controls.element,
      large.element,
      more,
    ),
    deck,
    get state() {
      const { axis, y, range, chosen, hidden } = deck.state;
      return { axis, y, range, chosen, hidden, layer, areMoreOpen: more.open };
    },
    get shown() {
      return shown;
    },
    svg: large.svg,
    get spec() {
      return spec();
    },
    get steps() {
      const [line] = spec()?.lines ?? [];
      return line === undefined ? [] : (curvesOfLine(line, source())[0]?.steps ?? []);
    },
    get all() {
      return { from: 1, to: Math.max(1, shown?.lastStep ?? 1) };
    },
    show(next) {
      const isGrown = shown !== undefined && shown.revision !== next.revision;
      shown = next;
      controls.fit(next.large, spec()?.key ?? "");
      fitSmall(next.small);
      draw();
      want(false);
      if (isGrown) feed.refresh();
    },
    setVisible(next) {
      isVisible = next;
      feed.setVisible(next);
      draw();
    },
    setTable(next) {
      isTable = next;
      want(true);
    },
    everything: () => questions(true),
    choose,
    sentence,
    setLayer,
    refresh: () => feed.refresh(),
  };
}
