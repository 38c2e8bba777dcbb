/** Up to six runs over each other: their curves, their scores with the difference to the first, and where their recipes differ. */
import "./compare.css";
import { seriesFigures } from "../../src/protocol/runSeries.ts";
import type { CompareAsks, CompareEvents, CompareShow } from "../../src/protocol/runView.ts";
import { curveKeys, leaveCurves } from "../run/curves/curveKeys.ts";
import { makeCurvePanel } from "../run/curves/curvePanel.ts";
import { isCurveState } from "../run/curves/curveState.ts";
import { makeCurveTwin } from "../run/curves/curveTwin.ts";
import { questionKey, type SeriesAnswers, type SeriesQuestion } from "../run/curves/seriesFeed.ts";
import { makeFrame, sentenceOf } from "../shared/frame.ts";
import { connectToHost, viewState } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { comparedCharts } from "./comparedCharts.ts";
import { makeComparedScores } from "./comparedScores.ts";
import { makeSettingsTable } from "./settingsTable.ts";

const host = connectToHost<CompareAsks, CompareEvents>({
  show,
  press: ({ what }) => frame.press(what),
  progress: (progress) => frame.working(progress),
});
const kept = viewState(1, isCurveState);
let newest: CompareShow | undefined;
let isPainted = false;

const frame = makeFrame({
  name: "Compare runs",
  host: host.common,
  menu: () => twin.menu(),
  toggleTable: () => twin.toggle(),
});
const ask = (question: SeriesQuestion, signal: AbortSignal) =>
  host.call("series", question, { signal });
const fail = (error: unknown): void => frame.say(sentenceOf(error));
const panel = makeCurvePanel({
  ask,
  fail,
  say: (sentence) => frame.say(sentence),
  onState: () => kept.set(panel.state),
  onAnswers: (answers) => {
    twin.take(answers);
    paintedOnce();
  },
  first: kept.get() ?? {},
  layerLabel: "shows",
});
const scores = makeComparedScores();
const settings = makeSettingsTable();
const twin = makeCurveTwin({
  host: host.common,
  frame,
  panel,
  ask,
  runs: () => newest?.runs.map(({ folder, letter }) => ({ run: folder, letter })) ?? [],
  areCompared: true,
  name: () => "compared runs",
});

frame.drawing.append(panel.element);
frame.detail.append(scores.element, settings.element);
host.onVisible((isVisible) => panel.setVisible(isVisible));
installKeys({
  host: host.common,
  frame,
  bindings: [
    ...curveKeys(panel, {
      toggleTable: () => twin.toggle(),
      copy,
      say: (sentence) => frame.say(sentence),
    }),
    {
      keys: "Digits",
      says: "hide or show the run of that number",
      run: ({ digit }) => toggleRun(digit),
    },
  ],
  goOut() {
    if (twin.isOpen) twin.toggle();
    else if (leaveCurves(panel)) frame.say("");
    else return false;
    return true;
  },
});
host.begin();

function show(next: CompareShow): void {
  const isFirst = newest === undefined;
  newest = next;
  frame.setTitle(next.title);
  frame.setKept(next.kept);
  if (next.problem !== undefined) {
    frame.show({ kind: "failed", problem: next.problem });
    return;
  }
  if (next.runs.length < 2) {
    frame.show({ kind: "empty", sentence: "Choose two to six runs in the tree, then Compare." });
    return;
  }
  frame.show({ kind: "ready" });
  if (isFirst) {
    frame.say(`${next.runs.length} runs over each other; the figures stand for the last step.`);
  }
  scores.show(next);
  settings.show(next);
  panel.show({
    large: comparedCharts(next.runs),
    small: [],
    runs: next.runs.map(({ folder }) => folder),
    marks: [],
    lastStep: Math.max(...next.runs.map(({ lastStep }) => lastStep)),
    revision: JSON.stringify([next.revision, next.runs.map(({ lastStep }) => lastStep)]),
    originOf: firstStepOf,
  });
  if (next.runs.every(({ lastStep }) => lastStep === 0)) paintedOnce();
}

/** Where time counts from: runs that were trained on different days lie over each other. */
const origins = new Map<string, number>();

function firstStepOf(run: string, answers: SeriesAnswers): number {
  const known = origins.get(run);
  if (known !== undefined) return known;
  const times = seriesFigures
    .flatMap((figure) => answers.get(questionKey({ run, figure }))?.series ?? [])
    .flatMap((one) => [...one.times.slice(0, 1)]);
  if (times.length === 0) return 0;
  const first = Math.min(...times);
  origins.set(run, first);
  return first;
}

function toggleRun(digit: number): void {
  const run = newest?.runs[digit - 1];
  if (run === undefined) return;
  const { hidden } = panel.deck.state;
  const isHidden = hidden.includes(run.folder);
  panel.deck.change({
    hidden: isHidden ? hidden.filter((one) => one !== run.folder) : [...hidden, run.folder],
  });
  frame.say(`${run.letter} ${run.name} ${isHidden ? "is shown" : "is hidden"}.`);
}

function copy(): void {
  const text = panel.sentence();
  if (text === "") {
    frame.say("Choose a step first: its sentence is what is copied.");
    return;
  }
  host.common.call("copy", { text }).then(() => frame.say(`Copied: ${text}`), fail);
}

function paintedOnce(): void {
  if (isPainted) return;
  isPainted = true;
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("fuselab.painted")));
}
