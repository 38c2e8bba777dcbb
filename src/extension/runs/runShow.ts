/** A run as its view shows it, made of what its folder holds. Knows no editor, so it is tested without one. */
import path from "node:path";
import type { Evaluation, EvaluationRow } from "../../pipeline/evaluation.ts";
import type { FuseResult } from "../../pipeline/stages/fuse.ts";
import type { ShownRunState } from "../../protocol/runState.ts";
import type { RunDifference, RunScore, RunShow, RunStage } from "../../protocol/runView.ts";
import type { RunReading } from "./runReading.ts";

export interface RunFiles {
  readonly evaluation: Evaluation | undefined;
  readonly fusion: FuseResult | undefined;
  readonly recipe: string;
  readonly logTail: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** Where only events matter. */
export const noRunFiles: RunFiles = {
  evaluation: undefined,
  fusion: undefined,
  recipe: "",
  logTail: "",
  files: [],
};

type RunContent = Omit<RunShow, "kept" | "restricted" | "restore">;

export function runShow(reading: RunReading, files: RunFiles, now = Date.now()): RunContent {
  const { folder, record, state, digest, offset } = reading;
  const scores = files.evaluation === undefined ? digest.scores : finalScores(files.evaluation);
  const differences = files.evaluation === undefined ? [] : differencesOf(files.evaluation);
  return {
    revision: folder,
    title: record.name,
    folder,
    name: record.name,
    state,
    sentence: stateSentence(reading, now),
    verdict: verdictOf(scores, differences),
    record: { ...record, problem: record.problem ?? digest.problem ?? null },
    stages: digest.stages.map((stage) => ({
      ...stage,
      files: stage.files.flatMap((file) => pathIn(folder, file)),
    })),
    scores,
    differences,
    ...(files.evaluation === undefined ? {} : { heldOut: heldOutOf(files.evaluation) }),
    marks: digest.marks,
    lastStep: digest.lastStep,
    lastSteps: digest.steps,
    bytes: offset,
    alignment: files.fusion === undefined ? [] : alignmentOf(files.fusion),
    recipe: files.recipe,
    warnings: digest.warnings,
    logTail: state === "failed" || state === "lost" ? files.logTail : "",
    files: files.files,
  };
}

/** `training 240 of 400 · 11 min left · 5,150 tokens/s`. */
export function stateSentence({ record, state, digest }: RunReading, now: number): string {
  switch (state) {
    case "running":
      return workSentence(digest.stages, digest.steps, now, "");
    case "elsewhere":
      return workSentence(digest.stages, digest.steps, now, `on ${record.host}: `);
    case "stopping":
      return "stopping after the step in hand";
    case "done":
      return record.started === null || record.ended === null
        ? "done"
        : `done in ${durationText((record.ended - record.started) / 1000)}`;
    case "failed":
      return `failed: ${(record.problem ?? digest.problem)?.message ?? "the log has the details"}`;
    case "lost":
      return `lost${placeOf(digest)}: its process is gone and said nothing`;
    case "stopped":
      return `stopped${placeOf(digest)}`;
    case "queued":
      return "queued: its process is about to start";
  }
}

const placeOf = ({ lastStep }: RunReading["digest"]): string =>
  lastStep > 0 ? ` at step ${thousands(lastStep)}` : "";

function workSentence(
  stages: readonly RunStage[],
  steps: RunReading["digest"]["steps"],
  now: number,
  prefix: string,
): string {
  const stage = stages.find((one) => one.state === "running");
  if (stage === undefined) return `${prefix}starting`;
  if (stage.name !== "train" || steps.length === 0) {
    const share =
      stage.done === undefined || stage.of === undefined
        ? ""
        : ` ${thousands(stage.done)} of ${thousands(stage.of)} ${stage.unit ?? ""}`.trimEnd();
    return `${prefix}${stage.name}${share}`;
  }
  // Arms train side by side: the slowest says how long it takes.
  const left = steps.map((step) => {
    const tokensLeft = step.step === 0 ? 0 : ((step.of - step.step) * step.tokens) / step.step;
    return step.tokensPerSecond > 0 ? tokensLeft / step.tokensPerSecond : 0;
  });
  const slowest = left.indexOf(Math.max(...left));
  const step = steps[slowest]!;
  const speed = steps.reduce((sum, { tokensPerSecond }) => sum + tokensPerSecond, 0);
  const since = Math.max(0, (now - step.time) / 1000);
  const remaining = Math.max(0, (left[slowest] ?? 0) - since);
  return `${prefix}training ${thousands(step.step)} of ${thousands(step.of)} · ${durationText(remaining)} left · ${thousands(Math.round(speed))} tokens/s`;
}

/** The fused target against continued CLM, or why there is nothing to say. */
export function verdictOf(
  scores: readonly RunScore[],
  differences: readonly RunDifference[],
): string {
  const fused = scores.find(({ of }) => of === "fused");
  if (fused === undefined || fused.bitsPerByte === null) return "";
  const start = scores.find(({ of }) => of === "start");
  const clm = scores.find(({ of }) => of === "clm");
  const against = [
    ...(clm === undefined ? [] : [differenceText("continued CLM", fused, clm, differences)]),
    ...(start === undefined ? [] : [differenceText("the start", fused, start, differences)]),
  ];
  const baseline = clm === undefined ? " · no baseline in this recipe" : "";
  const beside = against.length === 0 ? "" : `: ${against.join(", ")}`;
  return `fused target ${fused.bitsPerByte.toFixed(3)} bits/byte${beside}${baseline}`;
}

function differenceText(
  name: string,
  fused: RunScore,
  other: RunScore,
  differences: readonly RunDifference[],
): string {
  const paired = differences.find((one) => one.name === differenceName(other.of));
  if (paired !== undefined) {
    const [difference, low, high] = [paired.bitsPerByte, paired.low, paired.high].map(signed);
    return `${difference} [${low}, ${high}] against ${name}`;
  }
  const difference = (fused.bitsPerByte ?? Number.NaN) - (other.bitsPerByte ?? Number.NaN);
  return `${signed(difference)} against ${name}`;
}

const scoreKinds: Readonly<Record<EvaluationRow["kind"], RunScore["of"]>> = {
  source: "source",
  target: "start",
  clm: "clm",
  ensemble: "ensemble",
  oracle: "oracle",
  fused: "fused",
};

/** As runDigest.ts names them while the run is under way. */
const scoreNames: Readonly<Partial<Record<EvaluationRow["kind"], string>>> = {
  target: "target before training",
  clm: "continued CLM",
  fused: "fused target",
};

function finalScores({ rows }: Evaluation): RunScore[] {
  return rows.map((row) => ({
    of: scoreKinds[row.kind],
    name: scoreNames[row.kind] ?? row.title,
    bitsPerByte: row.average.value,
    domains: Object.entries(row.domains).map(([domain, { value }]) => ({
      domain,
      bitsPerByte: value,
    })),
  }));
}

function differencesOf({ differences }: Evaluation): RunDifference[] {
  return differences.map(({ of, against, average, domains }) => ({
    name: `${wordOf(of)} − ${wordOf(against)}`,
    bitsPerByte: average.value,
    low: average.low,
    high: average.high,
    domains: Object.entries(domains).map(([domain, { value, low, high }]) => ({
      domain,
      bitsPerByte: value,
      low,
      high,
    })),
  }));
}

const differenceName = (of: RunScore["of"]): string =>
  `${wordOf("fused")} − ${wordOf(of === "start" ? "target" : of)}`;

/** Labels of evaluation.json in the words of the view. */
function wordOf(label: string): string {
  const words: Readonly<Record<string, string>> = {
    fused: "fused target",
    clm: "continued CLM",
    target: "start",
  };
  return words[label] ?? label;
}

const heldOutOf = ({ heldOut }: Evaluation): NonNullable<RunShow["heldOut"]> =>
  Object.entries(heldOut).map(([domain, { chunks, bytes }]) => ({ domain, chunks, bytes }));

function alignmentOf({ candidates, tally }: FuseResult): RunShow["alignment"] {
  return tally.sources.map((source, i) => ({
    source: candidates[i + 1] ?? `source ${i + 1}`,
    answered: source.rows,
    positions: source.positions,
    reasons: source.noRow,
    lostMass:
      source.rows === 0
        ? null
        : (source.mass.noTargetToken + source.mass.duplicateDropped) / source.rows,
  }));
}

/** Events name files by their absolute paths, of the machine that wrote them. */
function pathIn(folder: string, file: string): string[] {
  const inside = path.relative(folder, file);
  if (inside.startsWith("..") || path.isAbsolute(inside)) return [];
  return [inside.split(path.sep).join("/")];
}

export function isEnded(state: ShownRunState): boolean {
  return state === "stopped" || state === "done" || state === "failed" || state === "lost";
}

export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const thousands = (value: number): string => value.toLocaleString("en-US");
const signed = (value: number): string =>
  Number.isFinite(value) ? `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}` : "–";
