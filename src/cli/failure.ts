/** How the command line says that something went wrong: a sentence, where, what to do; and the exit code. */
import { Problem } from "../core/problem.ts";

export const exitCodes = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** Prints an error to stderr and answers the exit code. Stacks are for those who set FUSELAB_DEBUG. */
export function reportFailure(error: unknown): number {
  const lines = error instanceof Problem ? linesOf(error) : unexpected(error);
  process.stderr.write(`${lines.map(withoutControls).join("\n")}\n`);
  if (process.env.FUSELAB_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (!(error instanceof Problem)) return exitCodes.failed;
  if (error.code === "cancelled") return exitCodes.interrupted;
  return error.isBadInput ? exitCodes.badInput : exitCodes.failed;
}

function linesOf({ message, file, line, next }: Problem): string[] {
  return [
    `fuselab: ${message}`,
    ...(file === undefined ? [] : [`  in ${file}${line === undefined ? "" : `:${line}`}`]),
    ...(next === undefined ? [] : [`  ${next}`]),
  ];
}

function unexpected(error: unknown): string[] {
  const message = error instanceof Error ? error.message : String(error);
  return [
    `fuselab: something went wrong that should not: ${message}`,
    "  Set FUSELAB_DEBUG=1 to see where.",
  ];
}

/** Names come from files: what could move the cursor or colour the screen is taken out. Line ends and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "�");
}
