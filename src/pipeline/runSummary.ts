/** What the events of a run come to: the state of each stage, the last figures, and what went wrong. */
import {
  type EvaluationEvent,
  type ProgressEvent,
  type RunEvent,
  type StageName,
  type StepEvent,
  stageNames,
  type WarningEvent,
} from "../protocol/runEvents.ts";
import type { ProblemBody } from "../protocol/wire.ts";

export interface StageSummary {
  readonly stage: StageName;
  readonly phase: "waiting" | "started" | "finished" | "reused";
  readonly seconds?: number;
  readonly figures?: Readonly<Record<string, number>>;
}

export interface RunSummary {
  readonly stages: readonly StageSummary[];
  /** The newest progress of each thing a started stage works on. */
  readonly progress: readonly ProgressEvent[];
  /** The last step of each arm. */
  readonly steps: readonly StepEvent[];
  /** The newest of each model. */
  readonly evaluations: readonly EvaluationEvent[];
  readonly warnings: readonly WarningEvent[];
  readonly problem: ProblemBody | undefined;
}

/** Of a run that was resumed, later events replace earlier ones of the same thing. */
export function summariseRun(events: readonly RunEvent[]): RunSummary {
  const stages = new Map<StageName, StageSummary>();
  let progress = new Map<string, ProgressEvent>();
  const steps = new Map<string, StepEvent>();
  const evaluations = new Map<string, EvaluationEvent>();
  const warnings: WarningEvent[] = [];
  let problem: ProblemBody | undefined;
  for (const event of events) {
    if (event.t === "hello") {
      problem = undefined;
      warnings.length = 0;
    } else if (event.t === "stage") {
      progress = new Map();
      stages.set(event.stage, event);
    } else if (event.t === "progress") progress.set(event.what ?? "", event);
    else if (event.t === "step") steps.set(event.arm, event);
    else if (event.t === "evaluation") evaluations.set(evaluatedName(event), event);
    else if (event.t === "warning") warnings.push(event);
    else if (event.t === "failed") problem = event.problem;
  }
  return {
    stages: stageNames.map((stage) => stages.get(stage) ?? { stage, phase: "waiting" }),
    progress: [...progress.values()],
    steps: [...steps.values()],
    evaluations: [...evaluations.values()],
    warnings,
    problem,
  };
}

/** What a score is of, for people. */
export function evaluatedName({ of }: EvaluationEvent): string {
  switch (of.kind) {
    case "target":
      return "target before training";
    case "arm":
      return of.arm === "fused" ? "fused target" : "target trained on text alone";
    case "source":
      return `source ${of.name}`;
    case "ensemble":
      return "ensemble";
  }
}
