/** Runs in the editor: their tree, their views, their commands, the status item, and starting one from a recipe. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { CompareAsks, CompareShow, RunAsks, RunShow } from "../../protocol/runView.ts";
import { Scope } from "../lifetimes.ts";
import { requireNativeRuntime } from "../nativeRuntime.ts";
import { PanelShelf } from "../panelShelf.ts";
import type { Parts } from "../parts.ts";
import { requireTrust } from "../trust.ts";
import { compareSubject, compareVerbs } from "./comparePanel.ts";
import { mostComparedRuns } from "./compareShow.ts";
import { demoRecipeName, ownDemoFolder } from "./demo.ts";
import { bindRunCommands } from "./runCommands.ts";
import { registerRunCopies } from "./runCopies.ts";
import { runSubject, runVerbs } from "./runPanel.ts";
import { askRunStarter } from "./runStarter.ts";
import { RunStatus } from "./runStatus.ts";
import { RunStore } from "./runStore.ts";
import { agreedRunsFolder } from "./runsFolder.ts";
import { RunsTree } from "./runsTree.ts";

export interface Runs extends vscode.Disposable {
  readonly store: RunStore;
  /** Starts a run from a recipe's text, and shows it. */
  start(recipe: { readonly text: string; readonly file: string }): Promise<string>;
  open(folder: string): void;
}

export function registerRuns(parts: Parts): Runs {
  const scope = new Scope();
  const store = scope.own(new RunStore(parts.settings, parts.failures));
  scope.own(new RunsTree(store));
  scope.own(new RunStatus(store));
  scope.own(registerRunCopies());
  const panels = scope.own(
    new PanelShelf<RunAsks, RunShow>({
      kind: "run",
      parts: parts.views,
      verbs: runVerbs,
      restore: async ({ run }) =>
        typeof run === "string" ? runSubject(run, parts, store) : undefined,
    }),
  );
  const comparisons = scope.own(
    new PanelShelf<CompareAsks, CompareShow>({
      kind: "compare",
      parts: parts.views,
      verbs: compareVerbs,
      restore: async ({ runs }) => (isFolders(runs) ? compareSubject(runs, parts) : undefined),
    }),
  );
  const open = (folder: string): void => {
    panels.open(runSubject(folder, parts, store));
  };
  const start = (recipe: { readonly text: string; readonly file: string }) =>
    startRun(parts, store, recipe, open);

  scope.own(
    bindRunCommands(parts, store, {
      open,
      compare: (folders) => {
        requireComparable(folders);
        comparisons.open(compareSubject(folders, parts));
      },
    }),
  );
  scope.own(
    parts.commands.bind("runDemo", async () => {
      const { extensionPath, globalStorageUri } = parts.context;
      const demo = await ownDemoFolder(path.join(extensionPath, "demo"), globalStorageUri.fsPath);
      const file = path.join(demo, demoRecipeName);
      await start({ text: await readFile(file, "utf8"), file });
    }),
  );
  void store.refresh();
  return { store, start, open, dispose: () => scope.dispose() };
}

async function startRun(
  { context, settings }: Parts,
  store: RunStore,
  recipe: { readonly text: string; readonly file: string },
  open: (folder: string) => void,
): Promise<string> {
  requireTrust("No run is started");
  requireNativeRuntime(context.extensionPath, "No run is started");
  const runsFolder = await agreedRunsFolder(settings, context.globalState);
  const threads = settings.get("training.threads");
  const starter = path.join(context.extensionPath, "dist", "runStarter.js");
  const { folder } = await vscode.window.withProgress(
    { location: { viewId: "fuselab.runs" }, title: vscode.l10n.t("Starting the run") },
    () =>
      askRunStarter(starter, "start", {
        ...recipe,
        runsFolder,
        ...(threads === 0 ? {} : { threads }),
      }),
  );
  await store.expect(folder);
  open(folder);
  return folder;
}

function requireComparable(folders: readonly string[]): void {
  if (folders.length <= mostComparedRuns) return;
  throw new Problem("tooLarge", `${folders.length} runs are too many to compare.`, {
    next: `Choose up to ${mostComparedRuns}.`,
  });
}

const isFolders = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 1 && value.every((one) => typeof one === "string");
