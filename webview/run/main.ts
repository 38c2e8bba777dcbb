/**
 * The run view: is it alive, will it be worth it, can one believe it. Everything comes from the run's folder as
 * snapshots, a few a second while it lives; what is on the page is patched, so that focus, scroll and what was
 * chosen stay.
 */
import "./run.css";
import type { RunAction, RunAsks, RunEvents, RunShow } from "../../src/protocol/runView.ts";
import { make } from "../shared/dom.ts";
import { makeFrame, sentenceOf } from "../shared/frame.ts";
import { connectToHost, viewState } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { observeTheme } from "../shared/theme.ts";
import { makeAlignmentQuality } from "./alignmentQuality.ts";
import { curveKeys, leaveCurves } from "./curves/curveKeys.ts";
import { makeCurvePanel } from "./curves/curvePanel.ts";
import { isCurveState, isRecord } from "./curves/curveState.ts";
import { makeCurveTwin } from "./curves/curveTwin.ts";
import type { SeriesQuestion } from "./curves/seriesFeed.ts";
import { writeLineColours } from "./lineColours.ts";
import { setAttributes, setShown, setText } from "./patch.ts";
import { makeProvenance } from "./provenance.ts";
import { runCharts } from "./runCharts.ts";
import { runMenu } from "./runMenu.ts";
import { makeScoreTable } from "./scoreTable.ts";
import { makeStageLine } from "./stageLine.ts";
import { makeStateLine, stateText } from "./stateLine.ts";

interface Kept {
  readonly curves: ReturnType<typeof makeCurvePanel>["state"];
  readonly stage: string | null;
  readonly isProvenanceOpen: boolean;
}

const isKept = (value: unknown): value is Kept =>
  isRecord(value) &&
  isCurveState(value.curves) &&
  (value.stage === null || typeof value.stage === "string") &&
  typeof value.isProvenanceOpen === "boolean";

const host = connectToHost<RunAsks, RunEvents>({
  show,
  press: ({ what }) => frame.press(what),
  progress: (progress) => frame.working(progress),
});
const kept = viewState(1, isKept);
const first = kept.get();
let newest: RunShow | undefined;

const frame = makeFrame({
  name: "Run",
  host: host.common,
  menu: () => [...runMenu(newest, act), ...twin.menu()],
  toggleTable: () => twin.toggle(),
});
const ask = (question: SeriesQuestion, signal: AbortSignal) =>
  host.call("series", question, { signal });
const fail = (error: unknown): void => frame.say(sentenceOf(error));

const state = makeStateLine(act);
const verdict = make("p", "verdict");
const provenance = makeProvenance(first?.isProvenanceOpen ?? false, keep);
const stages = makeStageLine({
  first: first?.stage ?? null,
  onChoose: keep,
  openFile: (path) => {
    if (newest === undefined) return;
    host.common.call("openAt", { what: "file", run: newest.folder, path }).catch(fail);
  },
  readLog: async () =>
    newest === undefined ? "" : (await host.call("logTail", { run: newest.folder })).text,
});
const panel = makeCurvePanel({
  ask,
  fail,
  say: (sentence) => frame.say(sentence),
  onState: keep,
  onAnswers: (answers) => {
    twin.take(answers);
    paintedOnce();
  },
  first: first?.curves ?? {},
  layerLabel: "shows",
});
const noCurves = make(
  "p",
  "curves-none muted",
  "Training has not begun: its curves appear with the first step.",
);
const scores = makeScoreTable();
const quality = makeAlignmentQuality();
const twin = makeCurveTwin({
  host: host.common,
  frame,
  panel,
  ask,
  runs: () => (newest === undefined ? [] : [{ run: newest.folder }]),
  areCompared: false,
  name: () => `${newest?.name ?? "run"} curves`,
});

frame.models.append(state.element);
frame.figures.append(
  make("div", "verdict-line", verdict, provenance.element),
  state.trouble,
  stages.element,
);
frame.drawing.append(noCurves, panel.element, scores.element);
frame.detail.append(quality.element);
writeLineColours(frame.root);
observeTheme(() => writeLineColours(frame.root));
host.onVisible((isVisible) => panel.setVisible(isVisible));
installKeys({
  host: host.common,
  frame,
  bindings: curveKeys(panel, {
    toggleTable: () => twin.toggle(),
    copy,
    say: (sentence) => frame.say(sentence),
  }),
  goOut() {
    if (twin.isOpen) twin.toggle();
    else if (leaveCurves(panel)) frame.say("");
    else if (stages.chosen !== null) stages.choose(null);
    else return false;
    return true;
  },
});
host.begin();

function show(next: RunShow): void {
  const before = newest;
  newest = next;
  frame.setTitle(next.name);
  frame.setKept(next.kept);
  if (next.problem !== undefined) {
    frame.show({ kind: "failed", problem: next.problem });
    return;
  }
  frame.show({ kind: "ready" });
  state.show(next);
  setText(verdict, next.verdict || "Nothing is measured on held-out text yet");
  setAttributes(frame.root, {
    "data-run-state": next.state,
    "data-scored": String(next.scores.length > 0),
  });
  stages.show(next);
  provenance.show(next);
  scores.show(next);
  quality.show(next);
  setShown(noCurves, next.lastStep === 0);
  setShown(panel.element, next.lastStep > 0);
  const { large, small } = runCharts(next.folder, hasBaseline(next));
  panel.show({
    large,
    small,
    runs: [next.folder],
    marks: next.marks,
    lastStep: next.lastStep,
    revision: `${next.revision} ${next.bytes}`,
    originOf: () => next.record.started ?? next.record.created,
  });
  // The state is said when it changes, never at every step: the line is read out.
  if (before?.state !== next.state) frame.say(stateText(next));
  if (next.lastStep === 0) paintedOnce();
}

function hasBaseline({ scores: measured, lastSteps }: RunShow): boolean {
  return lastSteps.some(({ arm }) => arm === "clm") || measured.some(({ of }) => of === "clm");
}

function act(what: RunAction): void {
  if (newest === undefined) return;
  host.call("act", { run: newest.folder, what }).catch(fail);
}

function copy(): void {
  const text = panel.sentence() || newest?.sentence || "";
  host.common.call("copy", { text }).then(() => frame.say(`Copied: ${text}`), fail);
}

function keep(): void {
  kept.set({
    curves: panel.state,
    stage: stages.chosen,
    isProvenanceOpen: provenance.element.open,
  });
}

let isPainted = false;
/** After the frame that shows the first curves, or the view without any. */
function paintedOnce(): void {
  if (isPainted) return;
  isPainted = true;
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("fuselab.painted")));
}
