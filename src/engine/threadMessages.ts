/** What passes between the run worker and its compute threads. Structured clone carries it; both ends are ours. */
import { Problem, type ProblemCode } from "../core/problem.ts";
import type { JobName } from "../pipeline/compute.ts";
import type { JobEvent } from "../pipeline/jobContext.ts";

export interface JobOrder {
  readonly id: number;
  readonly name: JobName;
  readonly spec: unknown;
}

export interface ThreadData {
  /** One Int32: 1 once work should stop. Shared, because a thread in native code reads no messages. */
  readonly stop: SharedArrayBuffer;
}

export type ThreadReply =
  | { readonly t: "ready" }
  | {
      readonly t: "progress";
      readonly id: number;
      readonly done: number;
      readonly of: number;
      readonly note?: string | undefined;
    }
  | { readonly t: "event"; readonly id: number; readonly body: JobEvent }
  | { readonly t: "result"; readonly id: number; readonly value: unknown }
  | { readonly t: "error"; readonly id: number; readonly error: CarriedError };

/** An error that keeps its kind across a thread boundary, where classes are lost. */
export interface CarriedError {
  readonly problem?: {
    code: ProblemCode;
    next?: string | undefined;
    file?: string | undefined;
    line?: number | undefined;
  };
  readonly message: string;
  readonly stack?: string | undefined;
}

export function carryError(error: unknown): CarriedError {
  if (error instanceof Problem) {
    const { code, next, file, line } = error;
    return { problem: { code, next, file, line }, message: error.message, stack: error.stack };
  }
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}

export function revivedError(carried: CarriedError): Error {
  const { problem, message, stack } = carried;
  if (problem === undefined) {
    const error = new Error(message);
    if (stack !== undefined) error.stack = stack;
    return error;
  }
  const { code, next, file, line } = problem;
  return new Problem(code, message, {
    ...(next === undefined ? {} : { next }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  });
}
