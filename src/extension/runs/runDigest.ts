/**
 * What the events of a run come to for its view, taken in one by one: as much for a run of 100,000 steps as for
 * one of ten. Later events of a resumed run replace earlier ones of the same thing. Knows no editor.
 */
import {
  type EvaluationEvent,
  type ProgressEvent,
  type RunEvent,
  type StageEvent,
  type StageName,
  type StepEvent,
  stageNames,
} from "../../protocol/runEvents.ts";
import type { RunMark, RunScore, RunStage } from "../../protocol/runView.ts";
import type { ProblemBody } from "../../protocol/wire.ts";

/** Marks kept; the oldest go first. */
const mostMarks = 500;
const mostWarnings = 100;
const mostFiles = 200;

export class RunDigest {
  readonly #stages = new Map<StageName, StageEvent>();
  readonly #progress = new Map<string, ProgressEvent>();
  readonly #files = new Map<StageName, Set<string>>();
  readonly #steps = new Map<string, StepEvent & RunEvent>();
  readonly #evaluations = new Map<string, EvaluationEvent>();
  #marks: RunMark[] = [];
  #warnings: string[] = [];
  #problem: ProblemBody | undefined;
  #lastStep = 0;

  take(event: RunEvent): void {
    switch (event.t) {
      case "hello":
        this.#problem = undefined;
        this.#warnings = [];
        if (event.resumed) this.#mark(event, "resumed", `resumed on ${event.host}`);
        return;
      case "stage":
        this.#progress.clear();
        this.#stages.set(event.stage, event);
        return;
      case "progress":
        this.#progress.set(event.what ?? "", event);
        return;
      case "step":
        this.#steps.set(`${event.arm} ${event.seed}`, event);
        this.#lastStep = event.step;
        return;
      case "evaluation":
        this.#evaluations.set(nameOf(event), event);
        this.#mark(event, "evaluation", `${nameOf(event)} ${bitsText(event.bitsPerByte)}`);
        return;
      case "checkpoint":
        this.#file("train", event.path);
        this.#mark(event, "checkpoint", `checkpoint of ${armText(event.arm)}`, event.step);
        return;
      case "shard":
        this.#file(event.stage, event.path);
        return;
      case "warning":
        if (this.#warnings.length < mostWarnings) {
          this.#warnings.push([event.message, event.next].filter(Boolean).join(" "));
        }
        this.#mark(event, "warning", event.message);
        return;
      case "problem":
        this.#mark(event, "problem", event.problem.message);
        return;
      case "stopping":
        this.#mark(event, "stopping", "stopping, as asked");
        return;
      case "failed":
        this.#problem = event.problem;
        this.#mark(event, "problem", event.problem.message);
        return;
      case "done":
        return;
    }
  }

  get problem(): ProblemBody | undefined {
    return this.#problem;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get marks(): readonly RunMark[] {
    return [...this.#marks];
  }

  get lastStep(): number {
    return this.#lastStep;
  }

  /** The last step of each arm and seed. */
  get steps(): readonly (StepEvent & RunEvent)[] {
    return [...this.#steps.values()];
  }

  get stages(): readonly RunStage[] {
    return stageNames.map((name) => this.#stageOf(name));
  }

  get scores(): readonly RunScore[] {
    return [...this.#evaluations.values()].map(scoreOf);
  }

  #stageOf(name: StageName): RunStage {
    const event = this.#stages.get(name);
    const files = [...(this.#files.get(name) ?? [])];
    if (event === undefined) return { name, state: "waiting", seconds: null, figures: {}, files };
    const { phase, seconds = null, figures = {} } = event;
    const state = phase === "started" ? "running" : phase;
    const progress = state === "running" ? this.#progressOf(name) : undefined;
    return { name, state, seconds, ...progress, ...headlineOf(figures), figures, files };
  }

  /** Summed over what the stage works on at the same time. */
  #progressOf(name: StageName): Pick<RunStage, "done" | "of" | "unit"> | undefined {
    const own = [...this.#progress.values()].filter(({ stage }) => stage === name);
    const [first] = own;
    if (first === undefined) return undefined;
    const sum = (value: (event: ProgressEvent) => number): number =>
      own.reduce((total, event) => total + value(event), 0);
    return { done: sum(({ done }) => done), of: sum(({ of }) => of), unit: first.unit };
  }

  #mark(event: RunEvent, kind: RunMark["kind"], text: string, step = this.#lastStep): void {
    this.#marks.push({ kind, step, time: event.time, text });
    if (this.#marks.length > mostMarks) this.#marks = this.#marks.slice(-mostMarks);
  }

  #file(stage: StageName, file: string): void {
    const files = this.#files.get(stage) ?? new Set();
    this.#files.set(stage, files);
    if (files.size < mostFiles) files.add(file);
  }
}

function nameOf({ of }: EvaluationEvent): string {
  switch (of.kind) {
    case "target":
      return "target before training";
    case "arm":
      return armText(of.arm);
    case "source":
      return of.name;
    case "ensemble":
      return "ensemble";
  }
}

const armText = (arm: "fused" | "clm"): string =>
  arm === "fused" ? "fused target" : "continued CLM";

function scoreOf(event: EvaluationEvent): RunScore {
  const { of, bitsPerByte, domains } = event;
  const kind = of.kind === "target" ? "start" : of.kind === "arm" ? of.arm : of.kind;
  return {
    of: kind,
    name: nameOf(event),
    ...(of.kind === "arm" ? { seed: of.seed, step: of.step } : {}),
    bitsPerByte,
    domains: domains.map(({ domain, bitsPerByte }) => ({ domain, bitsPerByte })),
  };
}

/** The figure that stands on the stage line: what share of positions found a row. */
function headlineOf({ share }: Readonly<Record<string, number>>): { headline?: string } {
  return share === undefined ? {} : { headline: `${(100 * share).toFixed(1)} % answered` };
}

const bitsText = (bits: number | null): string =>
  bits === null ? "not finite" : `${bits.toFixed(3)} bits/byte`;
