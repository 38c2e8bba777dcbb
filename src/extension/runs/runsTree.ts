/** The tree of runs: a run, below it its stages, checkpoints, evaluation and files. Read only while it is visible. */
import path from "node:path";
import * as vscode from "vscode";
import type { ListedRun } from "../../pipeline/runFolder.ts";
import type { ShownRunState } from "../../protocol/runState.ts";
import { Scope } from "../lifetimes.ts";
import { runCopy } from "./runCopies.ts";
import { RunReader, readEvaluation, readFiles } from "./runReading.ts";
import { durationText, runShow, stateSentence } from "./runShow.ts";
import type { RunStore } from "./runStore.ts";

interface RunRow {
  readonly kind: "run";
  /** The folder; what commands are given. */
  readonly run: string;
  readonly listed: ListedRun;
}
interface GroupRow {
  readonly kind: "group";
  readonly run: string;
  readonly name: "stages" | "checkpoints" | "evaluation" | "files";
  readonly rows: readonly LeafRow[];
}
interface LeafRow {
  readonly kind: "stage" | "checkpoint" | "score" | "file";
  readonly run: string;
  readonly label: string;
  readonly description: string;
  /** A file that opens, by its path in the run. */
  readonly path?: string;
  readonly icon: string;
}
export type RunsRow = RunRow | GroupRow | LeafRow;

const icons: Readonly<Record<ShownRunState, vscode.ThemeIcon>> = {
  queued: new vscode.ThemeIcon("clock"),
  running: new vscode.ThemeIcon("sync~spin"),
  stopping: new vscode.ThemeIcon("sync"),
  stopped: new vscode.ThemeIcon("debug-pause"),
  done: new vscode.ThemeIcon("pass"),
  failed: new vscode.ThemeIcon("error"),
  lost: new vscode.ThemeIcon("warning"),
  elsewhere: new vscode.ThemeIcon("remote"),
};

export class RunsTree implements vscode.TreeDataProvider<RunsRow>, vscode.Disposable {
  readonly #store: RunStore;
  readonly #scope = new Scope();
  readonly #changed: vscode.EventEmitter<RunsRow | undefined>;
  readonly onDidChangeTreeData: vscode.Event<RunsRow | undefined>;
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
    this.#watch(view.visible);
    this.#scope.own(view.onDidChangeVisibility(({ visible }) => this.#watch(visible)));
  }

  getTreeItem(row: RunsRow): vscode.TreeItem {
    switch (row.kind) {
      case "run":
        return runItem(row);
      case "group":
        return groupItem(row);
      default:
        return leafItem(row);
    }
  }

  async getChildren(row?: RunsRow): Promise<RunsRow[]> {
    if (row === undefined) {
      await this.#store.refresh();
      return this.#store.runs.map((listed) => ({ kind: "run", run: listed.folder, listed }));
    }
    if (row.kind === "group") return [...row.rows];
    return row.kind === "run" && "record" in row.listed ? groupsOf(row.run) : [];
  }

  /** Rows of runs are cheap; what a hover tells is read when it is asked for. */
  async resolveTreeItem(item: vscode.TreeItem, row: RunsRow): Promise<vscode.TreeItem> {
    if (row.kind === "run" && "record" in row.listed) {
      const reading = await new RunReader(row.run).now();
      const { verdict } = runShow(reading, noFiles);
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
  }
}

const noFiles = { evaluation: undefined, fusion: undefined, recipe: "", logTail: "", files: [] };

function runItem({ run, listed }: RunRow): vscode.TreeItem {
  if (!("record" in listed)) {
    const item = new vscode.TreeItem(path.basename(run));
    item.id = run;
    item.description = listed.problem.message;
    item.iconPath = new vscode.ThemeIcon("question");
    return item;
  }
  const { record, state } = listed;
  const item = new vscode.TreeItem(record.name, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = run;
  item.description = `${state} · ${path.basename(run)}`;
  item.iconPath = icons[state];
  item.contextValue = `run.${state}`;
  item.command = { command: "fuselab.run.open", title: "", arguments: [run] };
  item.accessibilityInformation = { label: `${record.name}, ${state}` };
  return item;
}

function groupTitle(name: GroupRow["name"]): string {
  switch (name) {
    case "stages":
      return vscode.l10n.t("Stages");
    case "checkpoints":
      return vscode.l10n.t("Checkpoints");
    case "evaluation":
      return vscode.l10n.t("Evaluation");
    case "files":
      return vscode.l10n.t("Files");
  }
}

function groupItem({ run, name, rows }: GroupRow): vscode.TreeItem {
  const item = new vscode.TreeItem(groupTitle(name), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${run}\n${name}`;
  item.description = String(rows.length);
  return item;
}

function leafItem({ kind, run, label, description, path: file, icon }: LeafRow): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = `${run}\n${kind}\n${file ?? label}`;
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = kind === "score" ? "stage" : kind;
  if (kind === "file" && file !== undefined) {
    const uri =
      file === "recipe.yaml"
        ? runCopy(path.join(run, file))
        : vscode.Uri.file(path.join(run, file));
    item.command = { command: "vscode.open", title: "", arguments: [uri] };
  } else {
    item.command = { command: "fuselab.run.open", title: "", arguments: [run] };
  }
  return item;
}

/** Small files that an editor shows. */
const readable =
  /^(?:recipe\.yaml|run\.json|events\.jsonl|worker\.log|evaluation\.json|fusion\.json|plan\.json)$/;

async function groupsOf(run: string): Promise<GroupRow[]> {
  const reading = await new RunReader(run).now();
  const [evaluation, files] = await Promise.all([readEvaluation(run), readFiles(run)]);
  const show = runShow(reading, { ...noFiles, evaluation, files });
  const stages = show.stages.map(
    ({ name, state, seconds, headline }): LeafRow => ({
      kind: "stage",
      run,
      label: name,
      description: [state, ...(seconds === null ? [] : [durationText(seconds)]), headline ?? ""]
        .filter((word) => word !== "")
        .join(" · "),
      icon: { waiting: "circle", running: "sync~spin", finished: "pass", reused: "pass" }[state],
    }),
  );
  const checkpoints = show.marks
    .filter(({ kind }) => kind === "checkpoint")
    .map(
      ({ step, text }): LeafRow => ({
        kind: "checkpoint",
        run,
        label: `step ${step}`,
        description: text,
        path: `${text} ${step}`,
        icon: "save",
      }),
    );
  const scores = show.scores.map(
    ({ name, bitsPerByte }): LeafRow => ({
      kind: "score",
      run,
      label: name,
      description: bitsPerByte === null ? "–" : `${bitsPerByte.toFixed(3)} bits/byte`,
      icon: "graph",
    }),
  );
  const shownFiles = files
    .filter(({ path: file }) => readable.test(file))
    .map(
      ({ path: file, bytes }): LeafRow => ({
        kind: "file",
        run,
        label: file,
        description: `${(bytes / 1024).toFixed(1)} kB`,
        path: file,
        icon: "file",
      }),
    );
  const groups: GroupRow[] = [
    { kind: "group", run, name: "stages", rows: stages },
    { kind: "group", run, name: "checkpoints", rows: checkpoints },
    { kind: "group", run, name: "evaluation", rows: scores },
    { kind: "group", run, name: "files", rows: shownFiles },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}
