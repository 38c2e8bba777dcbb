/**
 * The heavy steps of a run as jobs: functions with a JSON-able specification and result, so that the same
 * code runs in a worker thread of the engine or in place. `Compute` is what the pipeline asks for; the engine
 * provides it.
 */
import type {
  CheckpointEvent,
  ShardEvent,
  StepEvent,
  WarningEvent,
} from "../protocol/runEvents.ts";
import type { jobs } from "./jobs.ts";

/** What a job may say while it works, and how it learns that it should stop. */
export interface JobContext {
  /** `done` of `of` units; `note` is a short word for a person. */
  progress(done: number, of: number, note?: string): void;
  /** An event of the job's own, for example one optimiser step. */
  event(body: JobEvent): void;
  /** True once the run was asked to stop: finish the unit in hand and return. */
  stopped(): boolean;
}

export type JobEvent = StepEvent | CheckpointEvent | ShardEvent | WarningEvent;

export type Jobs = typeof jobs;
export type JobName = keyof Jobs;
export type JobSpec<Name extends JobName> = Parameters<Jobs[Name]>[0];
export type JobResult<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>;

export interface Compute {
  /** Jobs that run side by side; more are queued in order. */
  readonly slots: number;
  /** Threads each job may use. */
  readonly threads: number;
  run<Name extends JobName>(
    name: Name,
    spec: JobSpec<Name>,
    context: JobContext,
  ): Promise<JobResult<Name>>;
}
