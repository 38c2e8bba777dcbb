/**
 * The heavy steps of a run as jobs: functions with a JSON-able specification and result, so that the same
 * code runs in a worker thread of the engine or in place. `Compute` is what the pipeline asks for; the engine
 * provides it.
 */
import type { JobContext } from "./jobContext.ts";
import type { jobs } from "./jobs.ts";

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
