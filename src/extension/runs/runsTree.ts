/**
 * The tree of runs: a run, below it its stages, checkpoints, evaluation and files. Read only while it is visible; of
 * live runs those that are opened are followed.
 */
import * as vscode from "vscode";
import { Scope } from "../lifetimes.ts";
import { RunReader, type RunReading } from "./runReading.ts";
import { groupsOf, type RunRow, type RunsRow, rowItem } from "./runRows.ts";
import { noRunFiles, runShow, stateSentence } from "./runShow.ts";
import { isLive, type RunStore } from "./runStore.ts";

/** Milliseconds between two pictures of an opened run. */
const interval = 2_000;

export class RunsTree implements vscode.TreeDataProvider<RunsRow>, vscode.Disposable {
  readonly #store: RunStore;
  readonly #scope = new Scope();
  readonly #changed: vscode.EventEmitter<RunsRow | undefined>;
  readonly onDidChangeTreeData: vscode.Event<RunsRow | undefined>;
  readonly #rows = new Map<string, RunRow>();
  readonly #opened = new Set<string>();
  readonly #followed = new Map<string, Followed>();
  #watching: vscode.Disposable | undefined;

  constructor(store: RunStore) {
    this.#store = store;
    this.#changed = this.#scope.own(new vscode.EventEmitter<RunsRow | undefined>());
    this.onDidChangeTreeData = this.#changed.event;
    this.#scope.own(store.onChange(() => this.#changed.fire(undefined)));
    const view = this.#scope.own(
      vscode.window.createTreeView("fuselab.runs", {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#scope.own(
      view.onDidExpandElement(({ element }) => {
        if (element.kind === "run") this.#open(element.run, true);
      }),
    );
    this.#scope.own(
      view.onDidCollapseElement(({ element }) => {
        if (element.kind === "run") this.#open(element.run, false);
      }),
    );
    this.#watch(view.visible);
    this.#scope.own(view.onDidChangeVisibility(({ visible }) => this.#watch(visible)));
  }

  getTreeItem(row: RunsRow): vscode.TreeItem {
    return rowItem(row);
  }

  async getChildren(row?: RunsRow): Promise<RunsRow[]> {
    if (row === undefined) {
      await this.#store.refresh();
      const rows = this.#store.runs.map(
        (listed): RunRow => ({ kind: "run", run: listed.folder, listed }),
      );
      this.#rows.clear();
      for (const one of rows) this.#rows.set(one.run, one);
      this.#follow();
      return rows;
    }
    if (row.kind === "group") return [...row.rows];
    if (row.kind !== "run" || !("record" in row.listed)) return [];
    const followed = this.#followed.get(row.run)?.reading;
    return groupsOf(followed ?? (await new RunReader(row.run).now()));
  }

  /** Rows of runs are cheap; what a hover tells is read when it is asked for. */
  async resolveTreeItem(item: vscode.TreeItem, row: RunsRow): Promise<vscode.TreeItem> {
    if (row.kind === "run" && "record" in row.listed) {
      const reading = await new RunReader(row.run).now();
      const { verdict } = runShow(reading, noRunFiles);
      item.tooltip = [stateSentence(reading, Date.now()), verdict, row.run]
        .filter((line) => line !== "")
        .join("\n");
    }
    return item;
  }

  dispose(): void {
    this.#watch(false);
    this.#scope.dispose();
  }

  #watch(visible: boolean): void {
    this.#watching?.dispose();
    this.#watching = visible ? this.#store.watch() : undefined;
    this.#follow();
  }

  #open(run: string, opened: boolean): void {
    if (opened) this.#opened.add(run);
    else this.#opened.delete(run);
    this.#follow();
  }

  /** Begins to follow the live runs that are opened, and leaves those that no longer are. */
  #follow(): void {
    const wanted = new Set(
      this.#watching === undefined
        ? []
        : this.#store.runs
            .filter((run) => isLive(run) && this.#opened.has(run.folder))
            .map(({ folder }) => folder),
    );
    for (const [run, { stop }] of this.#followed) {
      if (wanted.has(run)) continue;
      stop.abort();
      this.#followed.delete(run);
    }
    for (const run of wanted) {
      if (!this.#followed.has(run)) this.#followed.set(run, this.#followRun(run));
    }
  }

  #followRun(run: string): Followed {
    const followed: Followed = { stop: new AbortController(), reading: undefined };
    let shown = 0;
    new RunReader(run)
      .follow(followed.stop.signal, (reading) => {
        if (reading.offset > 0) followed.reading = reading; // before, nothing of the events is read
        if (Date.now() - shown < interval) return;
        shown = Date.now();
        const row = this.#rows.get(run);
        if (row !== undefined) this.#changed.fire(row);
      })
      .catch(() => undefined); // the next look at the runs says what became of it
    return followed;
  }
}

interface Followed {
  readonly stop: AbortController;
  reading: RunReading | undefined;
}
