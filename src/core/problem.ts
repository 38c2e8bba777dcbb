/**
 * Errors for people. A Problem names what is wrong, where, and what to do next; everything else that is
 * thrown is an error for us and goes to the log with its stack.
 */

/** Why a request cannot be met. `badInput` and its kin are the user's to mend, `failed` is ours or the machine's. */
export type ProblemCode =
  | "badInput"
  | "missing"
  | "unsupported"
  | "tooLarge"
  | "stale"
  | "busy"
  | "cancelled"
  | "failed";

export interface ProblemDetails {
  /** What to do next, one sentence. */
  readonly next?: string;
  /** Where it is: a file or folder, and a line (from 1) where one is known. */
  readonly file?: string;
  readonly line?: number;
  readonly cause?: unknown;
}

export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly next: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.next = details.next;
    this.file = details.file;
    this.line = details.line;
  }

  /** True where the user's input is at fault: the command line exits with 2 instead of 1. */
  get isBadInput(): boolean {
    return this.code !== "failed" && this.code !== "cancelled";
  }
}
