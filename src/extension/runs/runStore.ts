/**
 * The runs of this window's folder, as their files say. Nothing tells of changes on every disk, so it looks: often
 * while someone watches, rarely while a run is live, and not at all otherwise.
 */
import * as vscode from "vscode";
import { type ListedRun, listRuns } from "../../pipeline/runFolder.ts";
import { setContextKey } from "../contextKeys.ts";
import type { Failures } from "../failures.ts";
import type { Settings } from "../settings.ts";
import { runsFolder } from "./runsFolder.ts";

/** Milliseconds between two looks. */
const watchedInterval = 2_000;
const liveInterval = 5_000;

export class RunStore implements vscode.Disposable {
  readonly #settings: Settings;
  readonly #failures: Failures;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watching: vscode.Disposable;
  #runs: readonly ListedRun[] = [];
  #signature = "";
  #watchers = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #disposed = false;

  constructor(settings: Settings, failures: Failures) {
    this.#settings = settings;
    this.#failures = failures;
    this.#watching = vscode.Disposable.from(
      settings.onChange(["runs.folder"], () => void this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
    );
  }

  get folder(): string {
    return runsFolder(this.#settings);
  }

  /** As of the last look, the newest first. */
  get runs(): readonly ListedRun[] {
    return this.#runs;
  }

  get onChange(): vscode.Event<void> {
    return this.#changed.event;
  }

  /** Looks now. Never throws: what cannot be read goes to the log. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Someone watches, until the answer is disposed of. */
  watch(): vscode.Disposable {
    this.#watchers++;
    void this.refresh();
    return new vscode.Disposable(() => {
      this.#watchers--;
    });
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#watching.dispose();
    this.#changed.dispose();
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const runs = await listRuns(this.folder);
      if (this.#disposed) return;
      this.#runs = runs;
      setContextKey("hasRuns", runs.length > 0);
      setContextKey("runLive", runs.some(isLive));
      const signature = JSON.stringify(runs.map(signatureOf));
      if (signature !== this.#signature) {
        this.#signature = signature;
        this.#changed.fire();
      }
    } catch (error) {
      this.#failures.note(error);
    }
    if (this.#disposed) return;
    const interval =
      this.#watchers > 0 ? watchedInterval : this.#runs.some(isLive) ? liveInterval : 0;
    if (interval > 0) this.#timer = setTimeout(() => void this.refresh(), interval);
  }
}

/** Whether a process executes it, here or elsewhere. */
export function isLive(run: ListedRun): boolean {
  return (
    "record" in run &&
    (run.state === "running" || run.state === "stopping" || run.state === "elsewhere")
  );
}

/** What of a run is shown in lists. */
function signatureOf(run: ListedRun): readonly unknown[] {
  if (!("record" in run)) return [run.folder, run.problem.message];
  const { name, ended, pid } = run.record;
  return [run.folder, name, run.state, ended, pid];
}
