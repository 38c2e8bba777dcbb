/** The one log channel of the extension. What a person should see is said elsewhere; the stack of an error goes here. */
import * as vscode from "vscode";

export type Log = vscode.LogOutputChannel;

export function openLog(): Log {
  return vscode.window.createOutputChannel("FuseLab", { log: true });
}

/** An error with its causes, for the log. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${errorText(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
