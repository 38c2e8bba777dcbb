/**
 * The lines of `events.jsonl`. One event is one line of JSON; together with `run.json` they are all that a
 * window or the command line ever learns of a run, live or past. The unions are closed: a reader of this
 * version meets no other event, and skips a line that is not one of these.
 */

import type { ProblemBody } from "./wire.ts";

export const eventVersion = 1;

/** The stages of a run, in order. `pack` comes early: it decides which chunks are worth reading. */
export const stageNames = [
  "split",
  "pack",
  "extract",
  "map",
  "align",
  "fuse",
  "train",
  "evaluate",
] as const;
export type StageName = (typeof stageNames)[number];

/** Which training an event is about: the fused target, or its baseline trained on the text alone. */
export const trainingArms = ["fused", "clm"] as const;
export type TrainingArm = (typeof trainingArms)[number];

/** A process has taken the run. Everything after it, up to the next hello, is that process's work. */
export interface HelloEvent {
  readonly t: "hello";
  readonly fuselab: string;
  readonly host: string;
  readonly pid: number;
  readonly engine: "onnx";
  readonly device: string;
  readonly threads: number;
  /** True where an earlier process worked on the same run. */
  readonly resumed: boolean;
}

export interface StageEvent {
  readonly t: "stage";
  readonly stage: StageName;
  /** `reused`: everything it would make was already there. */
  readonly phase: "started" | "finished" | "reused";
  /** Seconds it took; with `finished` and `reused`. */
  readonly seconds?: number;
  /** What it found, by name: counts, shares, bytes. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface ProgressEvent {
  readonly t: "progress";
  readonly stage: StageName;
  readonly done: number;
  readonly of: number;
  /** What is counted, in the plural: `chunks`, `tokens`, `files`. */
  readonly unit: string;
  /** What is being worked on: a model, a file. */
  readonly what?: string;
  /** Units per second. */
  readonly rate?: number;
}

/** One optimiser step. A figure that is not finite is null: JSON has no other word for it. */
export interface StepEvent {
  readonly t: "step";
  readonly arm: TrainingArm;
  readonly seed: number;
  /** From 1. */
  readonly step: number;
  readonly of: number;
  /**
   * Nats per predicted position. `total` = clm + fusion, both with their weights; `text` is the plain mean over
   * the true next tokens, which compares trainings of different λ.
   */
  readonly loss: {
    readonly total: number | null;
    readonly clm: number | null;
    readonly fusion: number | null;
    readonly text: number | null;
  };
  readonly gradientNorm: number | null;
  readonly lr: number;
  /** Tokens read so far, and per second over this step. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
}

/** What is measured on held-out text: the target before training, an arm, a source, or all models together. */
export type EvaluatedModel =
  | { readonly kind: "target" }
  | {
      readonly kind: "arm";
      readonly arm: TrainingArm;
      readonly seed: number;
      readonly step: number;
    }
  | { readonly kind: "source"; readonly name: string }
  | { readonly kind: "ensemble" };

export interface DomainScore {
  readonly domain: string;
  readonly bitsPerByte: number | null;
  readonly bytes: number;
}

export interface EvaluationEvent {
  readonly t: "evaluation";
  readonly of: EvaluatedModel;
  /** Mean of the domains, each weighing the same. */
  readonly bitsPerByte: number | null;
  readonly bytes: number;
  readonly domains: readonly DomainScore[];
}

export interface CheckpointEvent {
  readonly t: "checkpoint";
  readonly arm: TrainingArm;
  readonly seed: number;
  readonly step: number;
  readonly path: string;
}

export interface ShardEvent {
  readonly t: "shard";
  readonly stage: StageName;
  readonly path: string;
  readonly bytes: number;
  readonly chunks: number;
  /** True where it was there and matched its hash. */
  readonly reused: boolean;
}

/** Something the user should know; the run goes on. */
export interface WarningEvent {
  readonly t: "warning";
  readonly message: string;
  readonly next?: string;
  readonly stage?: StageName;
}

/** Something that could not be done; the run goes on without it. What ends a run is `failed`. */
export interface ProblemEvent {
  readonly t: "problem";
  readonly problem: ProblemBody;
  readonly stage?: StageName;
}

/** Someone asked it to stop: by the file `stop`, or by a signal. It stops within one step. */
export interface StoppingEvent {
  readonly t: "stopping";
  readonly by: "file" | "signal";
}

/** The last event of a process that ended in order. */
export interface DoneEvent {
  readonly t: "done";
  readonly outcome: "finished" | "stopped";
  readonly seconds: number;
}

export interface FailedEvent {
  readonly t: "failed";
  readonly problem: ProblemBody;
  readonly stage?: StageName;
}

/** An event as the run reports it. */
export type RunEventBody =
  | HelloEvent
  | StageEvent
  | ProgressEvent
  | StepEvent
  | EvaluationEvent
  | CheckpointEvent
  | ShardEvent
  | WarningEvent
  | ProblemEvent
  | StoppingEvent
  | DoneEvent
  | FailedEvent;

/** What the log adds to each. */
export interface EventStamp {
  readonly v: 1;
  /** Ascending by one from 0 over the whole life of the run, across processes. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** An event as it stands in the file. */
export type RunEvent = EventStamp & RunEventBody;
