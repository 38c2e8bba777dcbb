/** Rows of the tree of runs: a run, its groups, what is in them, and how each looks. */
import path from "node:path";
import * as vscode from "vscode";
import type { ListedRun } from "../../pipeline/runFolder.ts";
import type { ShownRunState } from "../../protocol/runState.ts";
import type { RunStage } from "../../protocol/runView.ts";
import { runCopy } from "./runCopies.ts";
import { type RunReading, readEvaluation, readFiles } from "./runReading.ts";
import { durationText, isEnded, noRunFiles, runShow } from "./runShow.ts";

export interface RunRow {
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

/** A row as the editor draws it. */
export function rowItem(row: RunsRow): vscode.TreeItem {
  switch (row.kind) {
    case "run":
      return runItem(row);
    case "group":
      return groupItem(row);
    default:
      return leafItem(row);
  }
}

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

const stageIcons: Readonly<Record<RunStage["state"], string>> = {
  waiting: "circle",
  running: "sync~spin",
  finished: "pass",
  reused: "pass",
};

/** Small files that an editor shows. */
const readable =
  /^(?:recipe\.yaml|run\.json|events\.jsonl|worker\.log|evaluation\.json|fusion\.json|plan\.json)$/;

/** What stands below a run: groups that hold something. */
export async function groupsOf(reading: RunReading): Promise<GroupRow[]> {
  const { folder: run } = reading;
  const [evaluation, files] = await Promise.all([readEvaluation(run), readFiles(run)]);
  const show = runShow(reading, { ...noRunFiles, evaluation, files });
  // A run that has ended works on no stage, whatever its last event was.
  const interrupted = isEnded(reading.state);
  const wordOf = (state: RunStage["state"]): string =>
    interrupted && state === "running" ? "interrupted" : state;
  const iconOf = (state: RunStage["state"]): string =>
    interrupted && state === "running" ? "debug-pause" : stageIcons[state];
  const stages = show.stages.map(
    ({ name, state, seconds, headline }): LeafRow => ({
      kind: "stage",
      run,
      label: name,
      description: [
        wordOf(state),
        ...(seconds === null ? [] : [durationText(seconds)]),
        headline ?? "",
      ]
        .filter((word) => word !== "")
        .join(" · "),
      icon: iconOf(state),
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
        description: bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`,
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
