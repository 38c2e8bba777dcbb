/** The run view, the comparison of runs, and their host. All that is shown comes from the run folder. */
import type { RunEvent } from "./runEvents.ts";
import type { SeriesAnswer, SeriesFigure } from "./runSeries.ts";
import type { RunRecord, ShownRunState } from "./runState.ts";
import type { CommonAsks, CommonEvents, ViewHeader } from "./views.ts";

/** One stage as its events leave it. */
export interface RunStage {
  readonly name: string;
  readonly state: "waiting" | "running" | "finished" | "reused";
  readonly seconds: number | null;
  readonly done?: number;
  readonly of?: number;
  readonly unit?: string;
  /** The one figure that stands on the stage line, ready to read; the rest by name. */
  readonly headline?: string;
  readonly figures: Readonly<Record<string, number>>;
  /** Files of the stage, by their paths in the run folder. */
  readonly files: readonly string[];
}

/** Bits per byte, mean of domains and by domain. */
export interface RunScore {
  readonly of: "start" | "clm" | "fused" | "source" | "ensemble" | "oracle";
  readonly name: string;
  readonly seed?: number;
  readonly step?: number;
  readonly bitsPerByte: number | null;
  readonly domains: readonly { readonly domain: string; readonly bitsPerByte: number | null }[];
}

export interface RunDifference {
  /** `fused target − continued CLM`: below zero the first is better. */
  readonly name: string;
  readonly bitsPerByte: number;
  /** The 95 % interval over the held-out chunks. */
  readonly low: number;
  readonly high: number;
  readonly domains?: readonly {
    readonly domain: string;
    readonly bitsPerByte: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Something that stands on the time line: what `n` and `p` walk. */
export interface RunMark {
  readonly kind: "checkpoint" | "evaluation" | "warning" | "problem" | "resumed" | "stopping";
  readonly step: number;
  readonly time: number;
  readonly text: string;
}

export interface RunShow extends ViewHeader {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly state: ShownRunState;
  /** State in one sentence: `training 240 of 400 · 11 min left · 5 150 tok/s`. */
  readonly sentence: string;
  readonly verdict: string;
  readonly record: RunRecord;
  readonly stages: readonly RunStage[];
  readonly scores: readonly RunScore[];
  readonly differences: readonly RunDifference[];
  /** What the scores rest on, by domain. */
  readonly heldOut?: readonly {
    readonly domain: string;
    readonly chunks?: number;
    readonly bytes: number;
  }[];
  readonly marks: readonly RunMark[];
  readonly lastStep: number;
  readonly lastSteps: readonly Extract<RunEvent, { t: "step" }>[];
  /** Whether `step` events come in: what is drawn may ask for the series again. */
  readonly bytes: number;
  /** Per source: positions with a row of all, fall-backs by reason, mass lost. */
  readonly alignment: readonly {
    readonly source: string;
    readonly answered: number;
    readonly positions: number;
    readonly reasons: Readonly<Record<string, number>>;
    /** Of the mass of a row, what no target token took (noTargetToken and duplicateDropped): 0 to 1, mean of the rows. */
    readonly lostMass: number | null;
  }[];
  readonly recipe: string;
  readonly warnings: readonly string[];
  /** The end of worker.log, where the run failed or is lost. */
  readonly logTail: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

export interface RunAsks extends CommonAsks {
  series(body: {
    /** Absolute; one of the runs shown. */
    readonly run: string;
    readonly figure: SeriesFigure;
    readonly points: number;
    readonly from?: number;
    readonly to?: number;
  }): SeriesAnswer;
  act(body: { readonly run: string; readonly what: RunAction }): null;
  /** The end of a stage's log or of worker.log. */
  logTail(body: { readonly run: string }): { readonly text: string };
}

export const runActions = [
  "stop",
  "resume",
  "rename",
  "reveal",
  "copyRecipe",
  "openReport",
  "showLog",
  "distributions",
] as const;
export type RunAction = (typeof runActions)[number];

export interface RunEvents extends CommonEvents {
  show: RunShow;
}

export interface ComparedRunShow {
  readonly letter: string;
  readonly folder: string;
  readonly name: string;
  readonly state: ShownRunState;
  readonly scores: readonly RunScore[];
  readonly lastStep: number;
  /** Why its figures cannot be set against the first run's. */
  readonly notComparable?: string;
  /** To the first run, on the same held-out text. */
  readonly difference?: {
    readonly bitsPerByte: number;
    /** Standard deviation over seeds of the two runs, where several were trained. */
    readonly spread: number | null;
    readonly beyondSpread: boolean;
    readonly domains?: readonly {
      readonly domain: string;
      readonly bitsPerByte: number;
      readonly spread: number | null;
      readonly beyondSpread: boolean;
    }[];
  };
}

export interface CompareShow extends ViewHeader {
  readonly runs: readonly ComparedRunShow[];
  /** Only settings that differ: key of the recipe and its value by run. */
  readonly settings: readonly { readonly key: string; readonly values: readonly string[] }[];
}

export type CompareAsks = CommonAsks & Pick<RunAsks, "series">;

export interface CompareEvents extends CommonEvents {
  show: CompareShow;
}
