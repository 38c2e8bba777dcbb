/** Runs for the tests of the run view: snapshots in every state, and a host that answers for their curves. */
import { reduceSeries, smoothAt, smoothingWindow } from "../../src/engine/reduceCurve.ts";
import { stageNames } from "../../src/protocol/runEvents.ts";
import type {
  SeriesAnswer,
  SeriesBody,
  SeriesFigure,
  SeriesResume,
} from "../../src/protocol/runSeries.ts";
import type { RunRecord, ShownRunState } from "../../src/protocol/runState.ts";
import type { RunScore, RunShow, RunStage } from "../../src/protocol/runView.ts";

export const began = Date.UTC(2026, 10, 21, 9, 0, 0);
export const folder = "/runs/2026-11-21-ours";

export const record: RunRecord = {
  v: 1,
  name: "ours",
  state: "running",
  mode: "corrected",
  created: began - 4000,
  started: began,
  ended: null,
  host: "workbench",
  bootId: "b",
  pid: 10_569,
  pidStartTime: "1",
  heartbeat: began + 240_000,
  recipeFolder: "/recipes",
  versions: { fuselab: "0.1.0", node: "20.20.2", "onnxruntime-node": "1.30.0" },
  seeds: { training: 2 },
  hashes: {
    recipe: "5c0486f42513bb8ec7a3bec0c3a7e2baba93b704e31dedf07bd23a13f5bac28a",
    "model:generalist-llama": "fc5d93cf3228609f2a5b855ec9d7b4f1e15caa1676e8ce9b44255e798b77afdd",
    "model:prose-gpt2": "02a15e84a5ba1de33fb6f53b36c564f3974d7006583b0d264f7b5a56c982b08c",
  },
  threads: 2,
  device: "cpu",
  problem: null,
};

function stages(until: number, done: number): RunStage[] {
  const headlines: Readonly<Record<string, string>> = {
    extract: "4:10",
    align: "83.4 % answered",
    split: "3,458 chunks",
  };
  return stageNames.map((name, i) => {
    const state =
      i < until ? (name === "map" ? "reused" : "finished") : i === until ? "running" : "waiting";
    return {
      name,
      state,
      seconds: state === "waiting" ? null : 12.5 * (i + 1),
      ...(state === "running" ? { done, of: 400, unit: "steps" } : {}),
      ...(state === "finished" && headlines[name] !== undefined
        ? { headline: headlines[name] }
        : {}),
      figures:
        state === "finished"
          ? { trainingChunks: 3458, trainingBytes: 1_054_446, filled: 0.872104 }
          : {},
      files: state === "finished" ? [`${name}/shard-00000.arrow`, `${name}/shard-00001.arrow`] : [],
    };
  });
}

const score = (
  of: RunScore["of"],
  name: string,
  values: readonly [number, number, number],
  seed = 2,
): RunScore => ({
  of,
  name,
  seed,
  step: 400,
  bitsPerByte: values.reduce((sum, value) => sum + value, 0) / 3,
  domains: ["prose", "code", "declarations"].map((domain, i) => ({
    domain,
    bitsPerByte: values[i],
  })),
});

export const measured: readonly RunScore[] = [
  score("start", "target before training", [2.605, 1.902, 1.511]),
  score("clm", "target trained on text alone", [2.413, 1.704, 1.3]),
  score("fused", "fused target", [2.3905, 1.677, 1.2572]),
  score("source", "source prose-gpt2", [2.35, 2.9, 2.8]),
  score("source", "source code-neox", [3.05, 1.62, 2.1]),
  score("ensemble", "ensemble", [2.31, 1.6, 1.21]),
];

export const threeSeeds: readonly RunScore[] = [
  score("start", "target before training", [2.605, 1.902, 1.511]),
  ...[0, 1, 2].map((i) =>
    score(
      "clm",
      "target trained on text alone",
      [2.413 + 0.02 * i, 1.704 - 0.01 * i, 1.3 + 0.01 * i],
      i,
    ),
  ),
  ...[0, 1, 2].map((i) =>
    score("fused", "fused target", [2.36 + 0.015 * i, 1.65 - 0.01 * i, 1.2572 + 0.01 * i], i),
  ),
];

export const warnings = [
  "The learning rate is above what this size of model usually takes; watch the gradient norm.",
];

export function runShow(more: Partial<RunShow> = {}): RunShow {
  return {
    revision: "r",
    title: "ours",
    kept: false,
    restricted: false,
    restore: { run: folder },
    folder,
    name: "llama + openllama + mpt",
    state: "running",
    sentence: "training 240 of 400 · 11 min left · 5,150 tok/s · 1.9 GB",
    verdict:
      "fused target 2.31 bits/byte at step 200: −0.03 against continued CLM, −0.10 against the start",
    record,
    stages: stages(6, 240),
    scores: [],
    differences: [],
    marks: [
      { kind: "warning", step: 0, time: began - 2000, text: warnings[0] },
      { kind: "checkpoint", step: 100, time: began + 100_000, text: "" },
      { kind: "evaluation", step: 200, time: began + 200_000, text: "fused target 2.31 bits/byte" },
      { kind: "checkpoint", step: 200, time: began + 200_000, text: "" },
    ],
    lastStep: 240,
    lastSteps: [stepEvent("fused", 240), stepEvent("clm", 240)],
    bytes: 24_000,
    alignment: [
      {
        source: "openllama",
        answered: 180_201,
        positions: 216_040,
        reasons: { nothingBefore: 0, noSharedBoundary: 31_000, textDiffers: 4000, truncated: 839 },
        lostMass: 0.021,
      },
      {
        source: "mpt",
        answered: 213_040,
        positions: 216_040,
        reasons: { noSharedBoundary: 3000 },
        lostMass: 0.0004,
      },
    ],
    recipe:
      "version: 1\nname: ours\ntarget: ./zoo/generalist-llama\ntraining:\n  steps: 400\n  lambda: 0.4\n",
    warnings,
    logTail: "",
    files: [
      { path: "recipe.yaml", bytes: 632 },
      { path: "split/shard-00000.arrow", bytes: 10_433_146 },
      { path: "extract/shard-00000.arrow", bytes: 15_193_978 },
    ],
    ...more,
  };
}

const stepEvent = (arm: "fused" | "clm", step: number) =>
  ({
    ...{
      v: 1 as const,
      seq: step,
      time: began + step * 1000,
      t: "step" as const,
      arm,
      seed: 2,
      step,
      of: 400,
    },
    loss: { total: 3.02, clm: 2.98, fusion: 3.41, text: 2.98 },
    ...{ gradientNorm: 1, lr: 0.001, tokens: 1024 * step, tokensPerSecond: 5150 },
  }) as const;

const ended = { state: "done" as const, ended: began + 420_000 };

/** A run in each state, as its host would tell of it. */
export const runStatesShown: Readonly<Record<ShownRunState, RunShow>> = {
  queued: runShow({
    state: "queued",
    sentence: "not started yet",
    verdict: "nothing measured yet",
    record: { ...record, state: "queued", started: null, host: null, pid: null, heartbeat: null },
    stages: stages(-1, 0),
    marks: [],
    lastStep: 0,
    lastSteps: [],
    alignment: [],
    bytes: 0,
  }),
  running: runShow(),
  stopping: runShow({ state: "stopping", sentence: "after the step in hand" }),
  stopped: runShow({
    state: "stopped",
    sentence: "at step 240 of 400",
    record: { ...record, state: "stopped" },
  }),
  done: runShow({
    state: "done",
    sentence: "400 steps in 7:00 min",
    verdict:
      "fused target 1.775 bits/byte at step 400: −0.0308 against continued CLM, −0.231 against the start",
    record: { ...record, ...ended },
    stages: stages(8, 0),
    scores: measured,
    heldOut: [
      { domain: "prose", chunks: 400, bytes: 130_000 },
      { domain: "code", chunks: 390, bytes: 127_000 },
      { domain: "declarations", chunks: 360, bytes: 120_944 },
    ],
    differences: [
      {
        name: "fused target − continued CLM",
        ...{ bitsPerByte: -0.0308, low: -0.0323, high: -0.0293 },
        domains: [
          { domain: "prose", bitsPerByte: -0.0225, low: -0.024, high: -0.021 },
          { domain: "code", bitsPerByte: -0.027, low: -0.03, high: -0.024 },
          { domain: "declarations", bitsPerByte: -0.0428, low: -0.045, high: -0.04 },
        ],
      },
    ],
    lastStep: 400,
    files: [{ path: "report.html", bytes: 30_000 }],
  }),
  failed: runShow({
    state: "failed",
    sentence: "at step 240 of 400",
    record: {
      ...record,
      state: "failed",
      problem: {
        code: "failed",
        message: "The loss of step 241 is not finite.",
        next: "Resume with a lower learning rate, or from an earlier checkpoint.",
      },
    },
    logTail:
      "2026-11-21 09:04:01 step 239 loss 3.024\n2026-11-21 09:04:02 step 240 loss 3.019\n2026-11-21 09:04:03 step 241: loss is not finite\n",
  }),
  lost: runShow({
    state: "lost",
    sentence: "no sign of life for 42 s",
    logTail: "2026-11-21 09:04:02 step 240 loss 3.019\n",
  }),
  elsewhere: runShow({ state: "elsewhere", sentence: "training 240 of 400 on workbench" }),
};

export interface FakeCurves {
  readonly steps: number;
  readonly arms?: readonly ("fused" | "clm")[];
  readonly notFinite?: readonly number[];
  readonly resumes?: readonly SeriesResume[];
  readonly missing?: readonly number[];
}

/** What a figure is at a step: a curve with noise that is the same at every look. */
export function figureAt(figure: SeriesFigure, arm: "fused" | "clm", step: number): number {
  const wobble = 0.5 * noiseAt(step + (arm === "clm" ? 0.077 : 0));
  // The parts have noise of their own, so that a reduction keeps other steps of them than of their sum.
  const apart = 0.2 * noiseAt(step + 0.031);
  const loss = 2.7 + 4.2 * Math.exp(-step / 60) + wobble + (arm === "clm" ? 0.06 : 0);
  switch (figure) {
    case "total":
    case "text":
      return loss;
    case "clm":
      return arm === "clm" ? loss : 0.41 * loss + apart;
    case "fusion":
      return arm === "clm" ? 0 : 0.59 * loss - apart;
    case "gradientNorm":
      return 0.8 + 3 * Math.exp(-step / 40) + 2 * Math.abs(wobble);
    case "lr":
      return 1e-3 * Math.min(1, step / 20) * (0.5 + 0.5 * Math.cos((Math.PI * step) / 400));
    case "tokensPerSecond":
      return 5150 + 900 * wobble;
  }
}

/** From −0.5 to 0.5. */
function noiseAt(place: number): number {
  const noise = Math.sin(place * 12.9898) * 43_758.5453;
  return noise - Math.floor(noise) - 0.5;
}

/** The same answers as the inspector's, from the same reduction. */
export function seriesAnswer(body: SeriesBody, curves: FakeCurves): SeriesAnswer {
  const { arms = ["fused", "clm"], notFinite = [], resumes = [], missing = [] } = curves;
  const series = arms.map((arm) => {
    const steps = Array.from({ length: curves.steps }, (_, i) => i + 1).filter(
      (step) => !missing.includes(step),
    );
    const values = steps.map((step) =>
      notFinite.includes(step) ? Number.NaN : figureAt(body.figure, arm, step),
    );
    const inRange = steps.flatMap((step, i) =>
      step >= (body.from ?? 0) && step <= (body.to ?? Number.MAX_SAFE_INTEGER) ? [i] : [],
    );
    const kept = reduceSeries(
      inRange.map((i) => values[i]),
      body.points,
    ).map((i) => inRange[i]);
    const window = smoothingWindow(inRange.length);
    const column = (of: (step: number) => number) => Float64Array.from(kept, (i) => of(steps[i]));
    const pause = (step: number): number =>
      resumes.filter((one) => one.step <= step).length * 120_000;
    return {
      arm,
      seed: 2,
      of: inRange.length,
      steps: Int32Array.from(kept, (i) => steps[i]),
      values: Float64Array.from(kept, (i) => values[i]),
      times: column((step) => began + step * 1000 + pause(step)),
      tokens: column((step) => step * 1024),
      smoothed: smoothAt(values, kept, {
        window,
        breaks: resumes.map(({ step }) => steps.indexOf(step)),
      }),
      window,
      notFinite: Int32Array.from(notFinite),
      resumes,
    };
  });
  return { offset: 0, series };
}
