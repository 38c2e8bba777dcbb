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
const expectedInterval = 500;
/** Milliseconds that a process may take from its start to its first word. */
const startPatience = 20_000;

export class RunStore implements vscode.Disposable {
  readonly #settings: Settings;
  readonly #failures: Failures;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #deleted = new vscode.EventEmitter<string>();
  readonly #watching: vscode.Disposable;
  #runs: readonly ListedRun[] = [];
  #signature = "";
  #watchers = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #expected: { readonly folder: string; readonly until: number } | undefined;
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

  /** The folder of a run that was deleted from this window. */
  get onDelete(): vscode.Event<string> {
    return this.#deleted.event;
  }

  /** Looks now: a look that has begun already may have missed what is asked for. Never throws. */
  refresh(): Promise<void> {
    if (this.#looking === undefined) return this.#lookOnce();
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      return this.#lookOnce();
    });
    return this.#next;
  }

  /** A process was started for the run; until it has taken the run, its state tells nothing of it. */
  expect(folder: string): Promise<void> {
    this.#expected = { folder, until: Date.now() + startPatience };
    return this.refresh();
  }

  /** The run's folder is gone. */
  deleted(folder: string): void {
    this.#deleted.fire(folder);
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
    this.#deleted.dispose();
  }

  #lookOnce(): Promise<void> {
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
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
    const interval = this.#interval();
    if (interval > 0) this.#timer = setTimeout(() => void this.refresh(), interval);
  }

  #interval(): number {
    if (this.#isExpecting()) return expectedInterval;
    if (this.#watchers > 0) return watchedInterval;
    return this.#runs.some(isLive) ? liveInterval : 0;
  }

  #isExpecting(): boolean {
    const { folder, until } = this.#expected ?? { folder: "", until: 0 };
    const taken = this.#runs.some((run) => run.folder === folder && isLive(run));
    if (taken || Date.now() > until) this.#expected = undefined;
    return this.#expected !== undefined;
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
