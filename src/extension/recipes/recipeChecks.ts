/**
 * Checks of recipes: what a run would take of this machine and what would make it fail. A verdict holds for the
 * very text it was found for; it stands in the lens, and the whole check in the log.
 */
import * as vscode from "vscode";
import type { RecipeCheck } from "../../pipeline/check/recipeCheck.ts";
import type { Parts } from "../parts.ts";
import { durationText } from "../runs/runShow.ts";

export class RecipeChecks implements vscode.Disposable {
  readonly #parts: Parts;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #verdicts = new Map<string, { readonly version: number; readonly verdict: string }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get onChange(): vscode.Event<void> {
    return this.#changed.event;
  }

  /** What the last check came to, for the text as it stands. */
  verdictOf({ uri, version }: vscode.TextDocument): string | undefined {
    const known = this.#verdicts.get(uri.toString());
    return known?.version === version ? known.verdict : undefined;
  }

  /** Measures the models' speed on a sample of the text; can be cancelled. */
  async check(document: vscode.TextDocument, runsFolder: string): Promise<RecipeCheck | undefined> {
    if (document.isDirty) await document.save();
    const { version } = document;
    const check = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Checking the recipe"),
        cancellable: true,
      },
      (_, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        return this.#parts.inspector.call(
          "estimate",
          { file: document.uri.fsPath, runsFolder },
          { signal: stop.signal, timeLimit: 600_000 },
        );
      },
    );
    this.#verdicts.set(document.uri.toString(), { version, verdict: verdictText(check) });
    this.#log(check);
    this.#changed.fire();
    return check;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #log({ file, findings }: RecipeCheck): void {
    const { log } = this.#parts;
    log.info(`check of ${file}: ${findings.length} findings`);
    for (const { severity, about, message, next } of findings) {
      const line = `${severity} (${about}): ${message}${next === undefined ? "" : ` ${next}`}`;
      if (severity === "error") log.error(line);
      else if (severity === "warning") log.warn(line);
      else log.info(line);
    }
  }
}

/** `memory 1.2 GB of 8.0 · disk 340 MB · 4 min to 6 min · 2 warnings`. */
export function verdictText({ fails, findings, memory, disk, time, machine }: RecipeCheck): string {
  const count = (severity: string): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    ...(fails ? [vscode.l10n.t("would fail: {0} errors", count("error"))] : []),
    ...(memory === undefined
      ? []
      : [
          vscode.l10n.t("memory {0} of {1}", bytesText(memory.peak), bytesText(machine.freeMemory)),
        ]),
    ...(disk === undefined
      ? []
      : [vscode.l10n.t("disk {0} of {1}", bytesText(disk.total), bytesText(machine.freeDisk))]),
    ...(time === undefined
      ? []
      : [vscode.l10n.t("{0} to {1}", durationText(time.fewest), durationText(time.most))]),
    ...(count("warning") === 0 ? [] : [vscode.l10n.t("{0} warnings", count("warning"))]),
  ];
  return parts.join(" · ");
}

function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
