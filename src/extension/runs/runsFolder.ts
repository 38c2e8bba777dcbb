/** Where this window keeps its runs, and whether that was agreed on. */
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { Settings } from "../settings.ts";

const agreedKey = "runs.folder.agreed";

/** The folder of runs: the setting's, in the first workspace folder, or with none open in the home folder. */
export function runsFolder(settings: Settings): string {
  const written = settings.get("runs.folder") || "runs";
  const place = written.replace(/^~(?=$|[\\/])/, homedir());
  if (path.isAbsolute(place)) return path.normalize(place);
  const first = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file");
  return path.resolve(first?.uri.fsPath ?? path.join(homedir(), "FuseLab"), place);
}

/**
 * The folder, for a new run. With no folder open the place was nobody's choice: it is asked once.
 * @throws Problem `cancelled` where the answer was no.
 */
export async function agreedRunsFolder(
  settings: Settings,
  memory: vscode.Memento,
): Promise<string> {
  const folder = runsFolder(settings);
  const chosen = path.isAbsolute(settings.get("runs.folder"));
  const hasWorkspace = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === "file");
  if (chosen || hasWorkspace || memory.get(agreedKey) === folder) return folder;
  const keepHere = vscode.l10n.t("Keep runs there");
  const choose = vscode.l10n.t("Choose a folder…");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("No folder is open. Runs would be kept in {0}.", folder),
    { modal: true },
    keepHere,
    choose,
  );
  if (answer === keepHere) {
    await memory.update(agreedKey, folder);
    return folder;
  }
  if (answer === choose) return chooseFolder(settings);
  throw new Problem("cancelled", "No folder for runs was chosen.");
}

async function chooseFolder(settings: Settings): Promise<string> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: vscode.l10n.t("Keep runs here"),
    })) ?? [];
  if (picked === undefined) throw new Problem("cancelled", "No folder for runs was chosen.");
  await settings.set("runs.folder", picked.fsPath);
  return picked.fsPath;
}
