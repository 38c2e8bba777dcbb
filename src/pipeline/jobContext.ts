/** What a job may say while it works, and how it learns that it should stop. */
import type {
  CheckpointEvent,
  ShardEvent,
  StepEvent,
  WarningEvent,
} from "../protocol/runEvents.ts";

export interface JobContext {
  /** `done` of `of` units; `note` is a short word for a person. */
  progress(done: number, of: number, note?: string): void;
  /** An event of the job's own, for example one optimiser step. */
  event(body: JobEvent): void;
  /** True once the run was asked to stop: finish the unit in hand and return. */
  stopped(): boolean;
}

export type JobEvent = StepEvent | CheckpointEvent | ShardEvent | WarningEvent;
