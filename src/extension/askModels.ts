/**
 * Which models or tokenizers a text is looked at with: asked for once, then the last choice of this workspace. A
 * quick pick of those that are known, with a way to add a folder; several are picked, then which is the target.
 * For a text that the package carries its own models do, so that the first minutes ask nothing.
 */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import {
  type ChoiceOf,
  carriedChoice,
  fittingModels,
  type ModelChoice,
  modelNames,
  stillKnown,
  storedChoice,
} from "./modelChoice.ts";
import { addModelFolder } from "./models/addModelFolder.ts";
import type { KnownModel } from "./models/modelStore.ts";
import type { Parts } from "./parts.ts";

type AskParts = Pick<Parts, "context" | "settings" | "models">;

/** The last choice, or the setting's, or what is asked for now. `undefined`: they thought better of it. */
export async function chosenModels(
  parts: AskParts,
  of: ChoiceOf,
): Promise<ModelChoice | undefined> {
  return (
    (await lastModels(parts, of)) ?? (await ownModels(parts, of)) ?? (await askModels(parts, of))
  );
}

/** The package's models, where the text in front is the package's. They are not remembered: nobody chose them. */
async function ownModels(parts: AskParts, of: ChoiceOf): Promise<ModelChoice | undefined> {
  const texts = path.join(parts.context.extensionPath, "demo", "texts") + path.sep;
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== "file" || !uri.fsPath.startsWith(texts)) return undefined;
  return carriedChoice(fittingModels(await parts.models.list(), of), of);
}

/** Without asking: `undefined` where nothing was chosen yet, or a folder of it is no longer known. */
export async function lastModels(parts: AskParts, of: ChoiceOf): Promise<ModelChoice | undefined> {
  const known = fittingModels(await parts.models.list(), of);
  const [target, ...sources] = parts.settings.get("models.default");
  const last = storedChoice(parts.context.workspaceState.get(keyOf(of)));
  return (
    stillKnown(last, known) ??
    (target === undefined ? undefined : stillKnown({ target, sources }, known))
  );
}

export async function rememberModels(
  parts: Pick<AskParts, "context">,
  of: ChoiceOf,
  choice: ModelChoice,
): Promise<void> {
  await parts.context.workspaceState.update(keyOf(of), choice);
}

/** Asks, and remembers the answer. `before`: what is ticked at first. */
export async function askModels(
  parts: AskParts,
  of: ChoiceOf,
  before?: ModelChoice,
): Promise<ModelChoice | undefined> {
  let ticked = before === undefined ? [] : [before.target, ...before.sources];
  for (;;) {
    const known = fittingModels(await parts.models.list(), of);
    const answer = await pickSeveral(known, of, ticked);
    if (answer === undefined) return undefined;
    ticked = answer.folders;
    if (answer.add) {
      ticked = [...ticked, ...(await addFolder(parts, of))];
      continue;
    }
    const picked = known.filter(({ folder }) => ticked.includes(folder));
    const target = await pickTarget(picked, known, of, before?.target);
    if (target === undefined) return undefined;
    const sources = picked.map(({ folder }) => folder).filter((folder) => folder !== target);
    const choice = { target, sources };
    await rememberModels(parts, of, choice);
    return choice;
  }
}

const keyOf = (of: ChoiceOf): string => `${of}.last`;

interface ModelItem extends vscode.QuickPickItem {
  readonly folder?: string;
  /** The row that adds a folder. */
  readonly adds?: true;
}

interface Picked {
  readonly folders: string[];
  readonly add: boolean;
}

function pickSeveral(
  known: readonly KnownModel[],
  of: ChoiceOf,
  ticked: readonly string[],
): Promise<Picked | undefined> {
  const pick = vscode.window.createQuickPick<ModelItem>();
  pick.title = titleOf(of);
  pick.placeholder = vscode.l10n.t("Tick two or more; next you say which is the target");
  pick.step = 1;
  pick.totalSteps = 2;
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.items = [...itemsOf(known), ...addItems()];
  pick.selectedItems = pick.items.filter(({ folder }) => folder && ticked.includes(folder));
  const foldersOf = (items: readonly ModelItem[]): string[] =>
    items.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  return new Promise<Picked | undefined>((resolve) => {
    let answer: Picked | undefined;
    const finish = (picked: Picked | undefined): void => {
      answer = picked;
      pick.hide();
    };
    pick.onDidChangeSelection((items) => {
      if (items.some(({ adds }) => adds)) finish({ folders: foldersOf(items), add: true });
    });
    pick.onDidAccept(() => {
      const folders = foldersOf(pick.selectedItems);
      if (folders.length >= 2) finish({ folders, add: false });
      else pick.title = vscode.l10n.t("{0}: two or more are needed", titleOf(of));
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(answer);
    });
    pick.show();
  });
}

async function pickTarget(
  picked: readonly KnownModel[],
  known: readonly KnownModel[],
  of: ChoiceOf,
  before: string | undefined,
): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<ModelItem>();
  pick.title = titleOf(of);
  pick.placeholder = vscode.l10n.t(
    "Which one is the target? The others are read for its positions.",
  );
  pick.step = 2;
  pick.totalSteps = 2;
  pick.ignoreFocusOut = true;
  const names = modelNames(known);
  pick.items = picked.map(({ folder }) => ({
    label: names.get(folder) ?? folder,
    detail: folder,
    folder,
  }));
  const first = pick.items.find(({ folder }) => folder === before);
  if (first !== undefined) pick.activeItems = [first];
  return new Promise((resolve) => {
    let target: string | undefined;
    pick.onDidAccept(() => {
      target = pick.activeItems[0]?.folder;
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(target);
    });
    pick.show();
  });
}

function itemsOf(known: readonly KnownModel[]): ModelItem[] {
  const names = modelNames(known);
  const item = ({ folder, builtIn, hasWeights }: KnownModel): ModelItem => ({
    label: names.get(folder) ?? folder,
    ...(hasWeights ? {} : { description: vscode.l10n.t("tokenizer only") }),
    ...(builtIn ? {} : { detail: folder }),
    folder,
  });
  const named = known.filter(({ builtIn }) => !builtIn);
  const own = known.filter(({ builtIn }) => builtIn);
  return [
    ...(named.length > 0 ? [separator(vscode.l10n.t("Folders")), ...named.map(item)] : []),
    ...(own.length > 0 ? [separator(vscode.l10n.t("Built in")), ...own.map(item)] : []),
  ];
}

function addItems(): ModelItem[] {
  const label = `$(new-folder) ${vscode.l10n.t("Add a folder…")}`;
  return [separator(""), { label, alwaysShow: true, adds: true }];
}

const separator = (label: string): ModelItem => ({
  label,
  kind: vscode.QuickPickItemKind.Separator,
});

/** Asks for a folder and adds it. @returns those of its models that fit */
async function addFolder({ models }: AskParts, of: ChoiceOf): Promise<readonly string[]> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t("Add"),
      title: vscode.l10n.t("A model's folder, or one that holds some"),
    })) ?? [];
  if (chosen === undefined) return [];
  const added = await addModelFolder(models, chosen.fsPath);
  const fitting = fittingModels(await models.list(), of).map(({ folder }) => folder);
  const found = added.filter((folder) => fitting.includes(folder));
  if (found.length > 0) return found;
  throw new Problem("missing", vscode.l10n.t("{0} holds nothing that fits.", chosen.fsPath), {
    next: vscode.l10n.t("A model's folder has config.json, tokenizer.json and *.safetensors."),
  });
}

const titleOf = (of: ChoiceOf): string =>
  of === "models" ? vscode.l10n.t("Models") : vscode.l10n.t("Tokenizers");
