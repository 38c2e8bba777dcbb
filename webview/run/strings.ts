/** Sentences of the run view, in one place. */
import type { SeriesResume } from "../../src/protocol/runSeries.ts";
import type { RunRecord, ShownRunState } from "../../src/protocol/runState.ts";
import type { RunMark } from "../../src/protocol/runView.ts";
import type { SeriesPoints, XAxis } from "./curves/curve.ts";
import type { StepRange } from "./curves/curveWalk.ts";
import { count, duration, timeOfDay } from "./figures.ts";
import type { ScoredKind } from "./scores.ts";
import type { ShownStage } from "./shownStage.ts";

export const axisTitle: Readonly<Record<XAxis, string>> = {
  step: "step",
  tokens: "tokens read",
  time: "time since the start",
};

/** `checkpoint of fused target at step 200`, `evaluation at step 200: …` */
export function markSentence({ kind, step, text }: RunMark): string {
  const where = step > 0 ? `at step ${count(step)}` : "before the first step";
  if (text.startsWith(kind)) return `${text} ${where}`;
  return text === "" ? `${kind} ${where}` : `${kind} ${where}: ${text}`;
}

export function resumeSentence({ step, again }: SeriesResume): string {
  const from = `resumed at step ${count(step)}`;
  if (again < step) return from;
  return `${from}; ${count(step)}–${count(again)} were taken a second time, the second counts`;
}

/** `steps 50–80 of 240` */
export function stretchSentence(range: StepRange | null, lastStep: number): string {
  if (range === null) return `all ${count(lastStep)} steps`;
  return `steps ${count(range.from)}–${count(range.to)} of ${count(lastStep)}`;
}

/** What stands under a chart: how its line was smoothed, and how many steps a point stands for. */
/** Under a chart without a line. */
export const noStepYet = "Nothing to draw yet: no step has been taken with this figure.";

export function smoothingNote(points: SeriesPoints | undefined): string | undefined {
  if (points === undefined) return undefined;
  const { window, of, steps } = points;
  const smoothed =
    window > 1 ? [`line: mean of ${count(window)} steps, every step faint behind it`] : [];
  const reduced =
    of > steps.length
      ? [`${count(steps.length)} points of ${count(of)} steps: least and most of each stretch`]
      : [];
  return [...smoothed, ...reduced].join(" · ");
}

/** Shape and word of a state: never colour alone. */
export const stateSigns: Readonly<
  Record<ShownRunState, { readonly sign: string; readonly word: string }>
> = {
  queued: { sign: "○", word: "queued" },
  running: { sign: "●", word: "running" },
  stopping: { sign: "◐", word: "stopping" },
  stopped: { sign: "■", word: "stopped" },
  done: { sign: "✓", word: "done" },
  failed: { sign: "✕", word: "failed" },
  lost: { sign: "?", word: "lost" },
  elsewhere: { sign: "⇄", word: "elsewhere" },
};

/** What a state means for the person who reads it; nothing where the state speaks for itself. */
export function stateMeaning(state: ShownRunState, record: RunRecord): string | undefined {
  const sign = record.heartbeat === null ? "never" : timeOfDay(record.heartbeat);
  switch (state) {
    case "queued":
      return "The run's folder is made and no process has taken it yet. Resume starts it.";
    case "stopping":
      return "It ends after the step or shard in hand. What is finished is kept, and Resume goes on from there.";
    case "stopped":
      return "What is finished is kept. Resume goes on from the last checkpoint.";
    case "lost":
      return `Its process is gone without a word; last sign of life: ${sign}. What is finished is kept, and Resume goes on from the last checkpoint.`;
    case "elsewhere":
      return `A process on ${record.host ?? "another host"} works on it; last sign of life: ${sign}. Stop works from here too: it leaves a note in the run's folder.`;
    case "failed":
      return "What is finished is kept. Resume goes on from the last checkpoint.";
    case "running":
    case "done":
      return undefined;
  }
}

export const stageMarks: Readonly<
  Record<ShownStage["state"], { readonly sign: string; readonly word: string }>
> = {
  waiting: { sign: "·", word: "waiting" },
  running: { sign: "", word: "running" },
  halted: { sign: "", word: "left off" },
  finished: { sign: "✓", word: "finished" },
  reused: { sign: "↺", word: "was there already" },
};

/** `4:10 min, 1,024 of 4,000 shards` */
export function stageFacts({ state, seconds, done, of, unit }: ShownStage): string {
  const facts = [
    stageMarks[state].word,
    ...(done !== undefined && of !== undefined && (state === "running" || state === "halted")
      ? [`${count(done)} of ${count(of)} ${unit ?? ""}`.trim()]
      : []),
    ...(seconds !== null ? [duration(seconds)] : []),
  ];
  return facts.join(", ");
}

/** What each stage is for: the stage line's buttons say it. */
export const stagePurposes: Readonly<Record<string, string>> = {
  split: "cuts the documents into chunks that every model can read whole, and holds some out",
  pack: "lays the chunks out in blocks, in the order of training",
  extract: "reads the chunks with every model and keeps what each predicts",
  map: "finds the target's tokens for the tokens of each source",
  align: "finds which source row answers for which position of the target",
  fuse: "weighs the candidates and adds their rows up to fused rows",
  train: "trains the target on text and fused rows, and the baseline on text alone",
  evaluate: "measures every model on the held-out text, in bits per byte",
};

export const scoredNames: Readonly<
  Record<ScoredKind, { sign: string; name: string; short: string }>
> = {
  start: { sign: "○", name: "target at the start", short: "start" },
  clm: { sign: "●", name: "continued CLM", short: "CLM" },
  fused: { sign: "◆", name: "fused target", short: "fused target" },
};

/** The difference that a run is judged by, as its host names it. */
export const claimName = "fused target − continued CLM";

/** Why a position has no row of a source. */
export const reasonWords: Readonly<Record<string, string>> = {
  nothingBefore: "nothing before it",
  notOneToOne: "not one to one",
  piecesDiffer: "pieces differ",
  noSharedBoundary: "no shared boundary",
  textDiffers: "text differs",
  truncated: "truncated",
  unknown: "without a reason on record",
};

export const armNames = { fused: "fused target", clm: "continued CLM" } as const;
