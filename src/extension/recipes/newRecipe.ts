/** The questions of *New fusion run…*, and the recipe that the answers make. */
import { access, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { slugOf } from "../../pipeline/runFolder.ts";
import type { KnownModel } from "../models/modelStore.ts";
import type { Parts } from "../parts.ts";
import { domainOf, pathFrom, type RecipeAnswers, writeRecipe } from "./writtenRecipe.ts";

const steps = 5;

/** Asks, writes the recipe, and opens it. @throws Problem `cancelled` where a question was left. */
export async function newRecipe(parts: Parts): Promise<vscode.Uri> {
  const target = await askTarget(parts);
  const sources = await askSources(parts, target);
  const corpus = await askCorpus();
  const mode = await askMode();
  const name = await askName();
  const file = await askPlace(name);
  const folder = path.dirname(file.fsPath);
  const text = writeRecipe({
    name,
    target: pathFrom(folder, target.folder),
    sources: sources.map((source) => pathFrom(folder, source.folder)),
    corpus: corpus.map(({ domain, files }) => ({ domain, files: pathFrom(folder, files) })),
    mode,
  });
  await vscode.workspace.fs.writeFile(file, Buffer.from(text, "utf8"));
  await vscode.window.showTextDocument(file);
  return file;
}

async function askTarget({ models, commands }: Parts): Promise<KnownModel> {
  const known = await trainable(models.list());
  if (known.length === 0) {
    await commands.run("model.addFolder");
    if ((await trainable(models.list())).length === 0) throw left();
  }
  const picked = await vscode.window.showQuickPick(modelItems(await trainable(models.list())), {
    title: title(1, vscode.l10n.t("Which model is trained? (T)")),
    placeHolder: vscode.l10n.t("The target: its vocabulary is the one all others are brought into"),
  });
  if (picked === undefined) throw left();
  return picked.model;
}

async function askSources({ models }: Parts, target: KnownModel): Promise<readonly KnownModel[]> {
  const known = (await trainable(models.list())).filter(({ folder }) => folder !== target.folder);
  const picked = await vscode.window.showQuickPick(modelItems(known), {
    title: title(2, vscode.l10n.t("Which models are read? (A, B, C …)")),
    placeHolder: vscode.l10n.t("The sources: any architecture and tokenizer, one or more"),
    canPickMany: true,
  });
  if (picked === undefined || picked.length === 0) throw left();
  return picked.map(({ model }) => model);
}

async function askCorpus(): Promise<RecipeAnswers["corpus"]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const picked = await vscode.window.showOpenDialog({
    title: title(3, vscode.l10n.t("Which texts are read and trained on?")),
    openLabel: vscode.l10n.t("Use as text"),
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
    ...(folder === undefined ? {} : { defaultUri: folder }),
  });
  if (picked === undefined || picked.length === 0) throw left();
  return Promise.all(
    picked.map(async (uri) => {
      const { type } = await vscode.workspace.fs.stat(uri);
      const isFolder = (type & vscode.FileType.Directory) !== 0;
      const domain = domainOf(path.basename(uri.fsPath, path.extname(uri.fsPath)));
      const files = isFolder
        ? path.join(uri.fsPath, "**", await textPattern(uri.fsPath))
        : uri.fsPath;
      return { domain, files };
    }),
  );
}

/** Endings of files that hold text, as far as runs are usually made of them. */
const textEndings = new Set(
  "txt md jsonl rst tex html xml csv json yaml py ts tsx js jsx java c h cpp hpp cs go rs rb php swift kt scala sh sql lua r jl".split(
    " ",
  ),
);
const mostLooked = 5000;
const mostEndings = 6;

/** The endings of text that a folder's files have, the most frequent first: `*.{md,txt}`. */
async function textPattern(folder: string): Promise<string> {
  const counts = new Map<string, number>();
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.slice(0, mostLooked)) {
    const ending = path.extname(name).slice(1).toLowerCase();
    if (textEndings.has(ending)) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const endings = [...counts].sort((a, b) => b[1] - a[1]).map(([ending]) => ending);
  if (endings.length <= 1) return `*.${endings[0] ?? "txt"}`;
  return `*.{${endings.slice(0, mostEndings).join(",")}}`;
}

async function askMode(): Promise<RecipeAnswers["mode"]> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: "corrected",
        description: vscode.l10n.t("recommended"),
        detail: vscode.l10n.t(
          "Positions by byte offsets, vocabulary by first token and gold path, λ 0.4.",
        ),
        mode: "corrected" as const,
      },
      {
        label: "published",
        detail: vscode.l10n.t(
          "As FuseLLM's released code does it: dynamic time warping, minimum edit distance, λ 0.9.",
        ),
        mode: "published" as const,
      },
    ],
    { title: title(4, vscode.l10n.t("Which method?")) },
  );
  if (picked === undefined) throw left();
  return picked.mode;
}

async function askName(): Promise<string> {
  const name = await vscode.window.showInputBox({
    title: title(5, vscode.l10n.t("What is the run called?")),
    value: vscode.l10n.t("my first fusion"),
    validateInput: (text) =>
      text.trim() === "" || text.length > 80
        ? vscode.l10n.t("A name has 1 to 80 characters.")
        : undefined,
  });
  if (name === undefined) throw left();
  return name.trim();
}

/** In the first workspace folder under a name that is free, or where the person says. */
async function askPlace(name: string): Promise<vscode.Uri> {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file");
  if (folder !== undefined) return freePlace(folder.uri.fsPath, slugOf(name));
  const chosen = await vscode.window.showSaveDialog({
    title: vscode.l10n.t("Where is the recipe kept?"),
    defaultUri: vscode.Uri.file(path.join(homedir(), `${slugOf(name)}${ending}`)),
    // An ending of two parts would be added a second time by some of the editor's dialogs.
    filters: { [vscode.l10n.t("Fusion recipe")]: ["yaml"] },
  });
  if (chosen === undefined) throw left();
  if (chosen.path.endsWith(ending)) return chosen;
  return freePlace(path.dirname(chosen.fsPath), path.basename(chosen.fsPath, ".yaml"));
}

const ending = ".fusion.yaml";

async function freePlace(folder: string, name: string): Promise<vscode.Uri> {
  for (let i = 1; ; i++) {
    const file = path.join(folder, `${name}${i === 1 ? "" : `-${i}`}${ending}`);
    if (!(await isThere(file))) return vscode.Uri.file(file);
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function trainable(models: Promise<readonly KnownModel[]>): Promise<readonly KnownModel[]> {
  return (await models).filter(({ hasWeights, hasTokenizer }) => hasWeights && hasTokenizer);
}

const modelItems = (models: readonly KnownModel[]) =>
  models.map((model) => ({
    label: model.name,
    description: model.builtIn ? vscode.l10n.t("built in") : "",
    detail: model.folder,
    model,
  }));

const title = (step: number, question: string): string =>
  vscode.l10n.t("New fusion run ({0}/{1}): {2}", step, steps, question);

const left = (): Problem => new Problem("cancelled", "The questions were left.");
