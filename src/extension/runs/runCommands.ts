/** The commands on runs. Each acts on the run it is given, or asks for one; what cannot be done now says why. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { ListedRun } from "../../pipeline/runFolder.ts";
import { shownState } from "../../pipeline/runLiveness.ts";
import { longestRunName, renameRun } from "../../pipeline/runName.ts";
import { runPaths } from "../../pipeline/runPaths.ts";
import { readRunRecord } from "../../pipeline/runRecord.ts";
import { stopRun } from "../../pipeline/runStop.ts";
import type { ShownRunState } from "../../protocol/runState.ts";
import type { Parts } from "../parts.ts";
import { requireTrust } from "../trust.ts";
import { type RunPlace, runFolderOf } from "./runPlace.ts";
import { openReport } from "./runReport.ts";
import { isEnded } from "./runShow.ts";
import { askRunStarter } from "./runStarter.ts";
import type { RunStore } from "./runStore.ts";

export interface RunActions {
  open(folder: string): void;
  compare(folders: readonly string[]): void;
}

export function bindRunCommands(
  { commands, context, log }: Parts,
  store: RunStore,
  { open, compare }: RunActions,
): vscode.Disposable {
  const starter = path.join(context.extensionPath, "dist", "runStarter.js");
  const pick = (place: unknown, title: string, fits?: (state: ShownRunState) => boolean) =>
    runFolderOf(place) ?? pickRun(store, title, fits);

  return vscode.Disposable.from(
    commands.bind("run.open", async (place) => {
      open(await pick(place, vscode.l10n.t("Open which run?")));
    }),
    commands.bind("run.stop", async (place) => {
      requireTrust("Runs are not started, stopped or deleted");
      const folder = await pick(
        place,
        vscode.l10n.t("Stop which run?"),
        (state) => !isEnded(state),
      );
      const outcome = await vscode.window.withProgress(
        { location: { viewId: "fuselab.runs" }, title: vscode.l10n.t("Stopping the run") },
        () => stopRun(folder),
      );
      log.info(`stop ${folder}: ${outcome}`);
      await store.refresh();
      if (outcome === "asked") {
        void vscode.window.showInformationMessage(
          vscode.l10n.t("The run was asked to stop. Its host ends it after the step in hand."),
        );
      }
    }),
    commands.bind("run.resume", async (place) => {
      requireTrust("Runs are not started, stopped or deleted");
      const folder = await pick(
        place,
        vscode.l10n.t("Resume which run?"),
        (state) => isEnded(state) && state !== "done",
      );
      await vscode.window.withProgress(
        { location: { viewId: "fuselab.runs" }, title: vscode.l10n.t("Resuming the run") },
        () => askRunStarter(starter, "resume", { run: folder }),
      );
      await store.expect(folder);
    }),
    commands.bind("run.compare", async (place, all) => {
      const folders = await runsToCompare(store, place, all);
      compare(folders);
    }),
    commands.bind("run.rename", async (place) => {
      requireTrust("Runs are not renamed");
      const folder = await pick(place, vscode.l10n.t("Rename which run?"));
      await askNewName(folder);
      await store.refresh();
    }),
    commands.bind("run.delete", async (place, all) => {
      requireTrust("Runs are not started, stopped or deleted");
      const given = (all ?? []).map(runFolderOf).filter((one) => one !== undefined);
      const folders =
        given.length > 0 ? given : [await pick(place, vscode.l10n.t("Delete which run?"), isEnded)];
      for (const folder of await deleteRuns(folders)) store.deleted(folder);
      await store.refresh();
    }),
    commands.bind("run.reveal", async (place) => {
      const folder = await pick(place, vscode.l10n.t("Show the folder of which run?"));
      const inside = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder));
      const command = inside === undefined ? "revealFileInOS" : "revealInExplorer";
      await vscode.commands.executeCommand(command, vscode.Uri.file(folder));
    }),
    commands.bind("run.copyRecipe", async (place) => {
      const folder = await pick(place, vscode.l10n.t("Copy the recipe of which run?"));
      const file = vscode.Uri.file(runPaths(folder).recipe);
      const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString("utf8");
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage(vscode.l10n.t("Recipe copied"), 3000);
    }),
    commands.bind("run.openReport", async (place) => {
      const folder = await pick(place, vscode.l10n.t("Open the report of which run?"));
      await openReport(folder, (await readRunRecord(folder)).name);
    }),
    commands.bind("run.showLog", async (place) => {
      const folder = await pick(place, vscode.l10n.t("Show the log of which run?"));
      const file = vscode.Uri.file(path.join(folder, "worker.log"));
      await vscode.window.showTextDocument(file, { preview: true });
    }),
    commands.bind("runs.refresh", () => store.refresh()),
  );
}

/** @throws Problem `missing` where no run fits, `cancelled` where none was chosen. */
async function pickRun(
  store: RunStore,
  title: string,
  fits: (state: ShownRunState) => boolean = () => true,
): Promise<string> {
  const items = await runItems(store, fits);
  const picked = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  if (picked === undefined) throw new Problem("cancelled", "No run was chosen.");
  return picked.folder;
}

async function runItems(store: RunStore, fits: (state: ShownRunState) => boolean) {
  await store.refresh();
  const items = store.runs.filter(isRead).filter(({ state }) => fits(state));
  if (items.length === 0) {
    throw new Problem("missing", `No run in ${store.folder} is so that this could be done.`, {
      next: "Start one with FuseLab: New fusion run, or FuseLab: Run the demo.",
    });
  }
  return items.map(({ folder, record, state }) => ({
    label: record.name,
    description: `${state} · ${path.basename(folder)}`,
    folder,
  }));
}

const isRead = (run: ListedRun): run is Extract<ListedRun, { record: unknown }> => "record" in run;

async function runsToCompare(
  store: RunStore,
  place: RunPlace | undefined,
  all: readonly RunPlace[] | undefined,
): Promise<readonly string[]> {
  const given = (all ?? []).map(runFolderOf).filter((one) => one !== undefined);
  if (given.length > 1) return given;
  const first = runFolderOf(place);
  const items = (await runItems(store, () => true)).map((item) => ({
    ...item,
    picked: item.folder === first,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Compare which runs? The first is what the others are set against."),
    canPickMany: true,
  });
  const folders = (picked ?? []).map(({ folder }) => folder);
  if (folders.length < 2) throw new Problem("cancelled", "Two runs make a comparison.");
  return first !== undefined && folders.includes(first)
    ? [first, ...folders.filter((folder) => folder !== first)]
    : folders;
}

/** The name in run.json; the folder keeps its own. */
async function askNewName(folder: string): Promise<void> {
  const { name } = await readRunRecord(folder);
  const entered = await vscode.window.showInputBox({
    title: vscode.l10n.t("Rename the run"),
    value: name,
    validateInput: (text) =>
      text.trim() === "" || text.length > longestRunName
        ? vscode.l10n.t("A name has 1 to {0} characters.", longestRunName)
        : undefined,
  });
  if (entered === undefined || entered.trim() === name) return;
  if ((await renameRun(folder, entered)) === "asked") {
    vscode.window.setStatusBarMessage(
      vscode.l10n.t("The run takes its new name within seconds"),
      5000,
    );
  }
}

/** @returns the folders that are gone. */
async function deleteRuns(folders: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const folder of folders) {
    const record = await readRunRecord(folder);
    if (!isEnded(await shownState(record))) {
      throw new Problem("busy", `"${record.name}" is being executed and is not deleted.`, {
        next: "Stop it first.",
      });
    }
    names.push(record.name);
  }
  const remove = vscode.l10n.t("Move to the bin");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      "Delete {0}? Its folder goes to the bin.",
      names.map((name) => `"${name}"`).join(", "),
    ),
    { modal: true },
    remove,
  );
  if (answer !== remove) return [];
  const gone: string[] = [];
  for (const folder of folders) {
    if (await moveToBin(vscode.Uri.file(folder))) gone.push(folder);
  }
  return gone;
}

/** Not every host has a bin: there the person says whether it may be deleted for good. */
async function moveToBin(folder: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: true });
  } catch (error) {
    const forGood = vscode.l10n.t("Delete for good");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("This host has no bin for {0}.", folder.fsPath),
      { modal: true, detail: error instanceof Error ? error.message : "" },
      forGood,
    );
    if (answer !== forGood) return false;
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: false });
  }
  return true;
}
