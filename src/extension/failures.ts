/**
 * Where everything that goes wrong ends. A Problem is an error for people: its sentence and what to do next are
 * shown. Anything else is ours: its stack goes to the log, and one quiet sentence says so. What was cancelled
 * is no failure.
 */
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import { errorText, type Log } from "./log.ts";

/** A button of a message, and what it does. */
export interface NextStep {
  readonly title: string;
  readonly act: () => unknown;
}

export class Failures {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells the person, and returns at once: nothing waits for a message to be closed. */
  show(error: unknown, steps: readonly NextStep[] = []): void {
    if (error instanceof Problem && error.code === "cancelled") return;
    this.note(error);
    const text =
      error instanceof Problem
        ? problemText(error)
        : vscode.l10n.t("FuseLab met an error of its own. The log has the details.");
    const showLog: NextStep = { title: vscode.l10n.t("Show log"), act: () => this.#log.show() };
    void this.#offer(text, [...steps, showLog]);
  }

  /** For the log alone. */
  note(error: unknown): void {
    if (error instanceof Problem && error.cause === undefined) this.#log.warn(problemText(error));
    else this.#log.error(errorText(error));
  }

  async #offer(text: string, steps: readonly NextStep[]): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(text, ...steps.map(({ title }) => title));
    await steps.find(({ title }) => title === chosen)?.act();
  }
}

export function problemText({ message, next, file }: Problem): string {
  const where = file === undefined || message.includes(file) ? message : `${message} (${file})`;
  return next === undefined ? where : `${where} ${next}`;
}
