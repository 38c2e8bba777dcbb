/**
 * How a command ends: its answer on standard output, what went wrong on standard error, and the exit code that
 * scripts go by (0 done, 1 failed, 2 the input is at fault).
 */
import { CommanderError } from "commander";
import { Problem } from "../core/problem.ts";
import { printable } from "./terminal.ts";

export const exitCodes = { done: 0, failed: 1, badInput: 2 } as const;

/** An answer for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Says what went wrong and answers the exit code. `verbose` adds where in the code. */
export function reportFailure(
  error: unknown,
  write: (text: string) => unknown,
  verbose: boolean,
): number {
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version are no failures.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  }
  if (!(error instanceof Problem)) {
    write(`fuselab: ${printable(messageOf(error), { lines: true })}\n`);
    write(verbose ? `${stackOf(error)}\n` : "  This should not happen. Add --verbose to see where.\n");
    return exitCodes.failed;
  }
  write(`fuselab: ${printable(error.message, { lines: true })}\n`);
  if (error.file !== undefined) {
    write(`  ${printable(error.file)}${error.line === undefined ? "" : `:${error.line}`}\n`);
  }
  if (error.next !== undefined) write(`  ${printable(error.next, { lines: true })}\n`);
  if (verbose) write(`${stackOf(error)}\n`);
  return error.isBadInput ? exitCodes.badInput : exitCodes.failed;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/**
 * Calls `first` on the first Ctrl-C and `again` on every later one; answers how to stop listening. While it
 * listens, Ctrl-C does not end the process by itself.
 */
export function onInterrupt(first: () => void, again: () => void): () => void {
  let count = 0;
  const listener = (): void => (count++ === 0 ? first() : again());
  process.on("SIGINT", listener);
  return () => process.off("SIGINT", listener);
}
