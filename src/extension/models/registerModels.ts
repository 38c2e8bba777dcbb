/** Models in the editor: their tree, adding and removing, vocabulary maps and their comparison. */
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { ModelPlace } from "../commandContract.ts";
import { Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import { requireTrust } from "../trust.ts";
import { addModelFolder } from "./addModelFolder.ts";
import { downloadModel, isHubId } from "./hubDownload.ts";
import type { KnownModel } from "./modelStore.ts";
import { ModelsTree } from "./modelsTree.ts";
import { vocabularyReport } from "./vocabularyReport.ts";

const tokenKey = "fuselab.hubToken";
const reportScheme = "fuselab-vocabulary";
const examplesPerKind = 12;
const methods = ["firstToken", "exact", "minEditDistance"] as const;

export function registerModels(parts: Parts): vscode.Disposable {
  const scope = new Scope();
  const { commands, models } = parts;
  scope.own(new ModelsTree(parts));
  const reports = scope.own(new Reports());
  scope.own(commands.bind("model.addFolder", () => addFolder(parts)));
  scope.own(commands.bind("model.addFromHub", (id) => addFromHub(parts, id)));
  scope.own(commands.bind("model.remove", (place) => removeModel(parts, place)));
  scope.own(commands.bind("models.refresh", async () => models.refresh()));
  scope.own(
    commands.bind("model.buildVocabularyMap", (source, target) => buildMap(parts, source, target)),
  );
  scope.own(
    commands.bind("compareVocabularies", (source, target) =>
      compareVocabularies(parts, reports, source, target),
    ),
  );
  return scope;
}

async function addFolder({ models }: Parts): Promise<void> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: true,
    openLabel: vscode.l10n.t("Add as model"),
    title: vscode.l10n.t("A Hugging Face folder, or one that holds some"),
  });
  for (const { fsPath } of picked ?? []) await addModelFolder(models, fsPath);
  if (picked !== undefined) await showTree();
}

/** Where what was added is seen. */
async function showTree(): Promise<void> {
  await vscode.commands.executeCommand("fuselab.models.focus");
}

async function addFromHub(parts: Parts, given: string | undefined): Promise<void> {
  const { settings, context, models } = parts;
  requireTrust("Nothing is downloaded or written");
  const id = given ?? (await askId());
  const written = settings.get("hub.cacheFolder");
  const cacheFolder =
    written === ""
      ? path.join(homedir(), "FuseLab", "models")
      : path.resolve(homedir(), written.replace(/^~[\\/]?/, ""));
  const download = (token: string | undefined): Thenable<string> =>
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Downloading {0}", id),
        cancellable: true,
      },
      (progress, cancelled) => {
        const stop = new AbortController();
        cancelled.onCancellationRequested(() => stop.abort());
        const onProgress = (file: string, done: number, of: number | undefined): void => {
          const share = of === undefined ? "" : ` / ${megabytes(of)}`;
          progress.report({ message: `${file} ${megabytes(done)}${share}` });
        };
        const endpoint = settings.get("hub.endpoint");
        return downloadModel({ id, endpoint, cacheFolder, token, signal: stop.signal, onProgress });
      },
    );
  const folder = await withToken(context.secrets, download);
  await models.add(folder);
  await showTree();
}

/** The token is asked for when the Hub wants one, and kept where secrets are. */
async function withToken(
  secrets: vscode.SecretStorage,
  download: (token: string | undefined) => Thenable<string>,
): Promise<string> {
  try {
    return await download(await secrets.get(tokenKey));
  } catch (error) {
    if (
      !(error instanceof Problem) ||
      error.code !== "unsupported" ||
      !error.next?.includes("token")
    )
      throw error;
    const token = await vscode.window.showInputBox({
      title: vscode.l10n.t("Access token of the Hugging Face Hub"),
      prompt: error.message,
      password: true,
    });
    if (token === undefined || token.trim() === "") throw error;
    const folder = await download(token.trim());
    await secrets.store(tokenKey, token.trim());
    return folder;
  }
}

async function askId(): Promise<string> {
  const id = await vscode.window.showInputBox({
    title: vscode.l10n.t("Which model of the Hugging Face Hub?"),
    placeHolder: "owner/name",
    validateInput: (text) =>
      isHubId(text.trim()) ? undefined : vscode.l10n.t("A model is named owner/name."),
  });
  if (id === undefined) throw new Problem("cancelled", "No model was named.");
  return id.trim();
}

async function removeModel({ models }: Parts, place: ModelPlace | undefined): Promise<void> {
  const folder =
    folderOf(place) ??
    (await pickModel(
      models,
      vscode.l10n.t("Take which folder off the list?"),
      ({ builtIn }) => !builtIn,
      vscode.l10n.t("No folder was added: what the package carries stays in the list."),
    ));
  await requireWanted(models, folder);
  if (await models.remove(folder)) return;
  throw new Problem("unsupported", "What the package carries stays in the list.", { file: folder });
}

/** An entry of the setting may hold other models, which go off the list with this one. */
async function requireWanted(models: Parts["models"], folder: string): Promise<void> {
  const [entry] = models.entriesOf(folder);
  if (entry === undefined || entry === folder) return;
  const others = (await models.modelsIn(entry)).filter((one) => one !== folder).length;
  if (others === 0) return;
  const takeOff = vscode.l10n.t("Take it off the list");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("{0} was added as part of {1}.", path.basename(folder), entry),
    {
      modal: true,
      detail: vscode.l10n.t("{0} others in it leave the list too. No file is deleted.", others),
    },
    takeOff,
  );
  if (answer !== takeOff) throw new Problem("cancelled", "The folder stays in the list.");
}

async function buildMap(
  parts: Parts,
  source: ModelPlace | undefined,
  target: ModelPlace | undefined,
): Promise<void> {
  requireTrust("Nothing is downloaded or written");
  const pair = await askPair(parts, source, target);
  const answer = await vscode.window.showQuickPick(methods, {
    title: vscode.l10n.t("Build the vocabulary map by which method?"),
  });
  const method = methods.find((one) => one === answer);
  if (method === undefined) throw new Problem("cancelled", "No method was chosen.");
  const name = `${path.basename(pair.source)}--${path.basename(pair.target)}.arrow`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const out = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { Arrow: ["arrow"] },
    title: vscode.l10n.t("Where is the map kept?"),
  });
  if (out === undefined) throw new Problem("cancelled", "No place was chosen.");
  const { counts } = await withInspector(vscode.l10n.t("Mapping the vocabulary"), (signal) =>
    parts.inspector.call(
      "vocabularyMap",
      { ...pair, method, out: out.fsPath },
      { signal, timeLimit: 300_000 },
    ),
  );
  const all = Object.entries(counts).reduce(
    (sum, [kind, n]) => (kind === "unused" ? sum : sum + n),
    0,
  );
  const mapped = all - (counts.none ?? 0);
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      "{0} of {1} source tokens have a target token. The map is in {2}.",
      mapped.toLocaleString("en-US"),
      all.toLocaleString("en-US"),
      out.fsPath,
    ),
  );
}

/** By exact match and by first token: what needs no search through the whole vocabulary. */
async function compareVocabularies(
  parts: Parts,
  reports: Reports,
  source: ModelPlace | undefined,
  target: ModelPlace | undefined,
): Promise<void> {
  const pair = await askPair(parts, source, target);
  const { inspector } = parts;
  const text = await withInspector(vscode.l10n.t("Comparing the vocabularies"), async (signal) => {
    const [a, t] = [
      await inspector.call("loadTokenizer", { folder: pair.source }, { signal }),
      await inspector.call("loadTokenizer", { folder: pair.target }, { signal }),
    ];
    const map = (method: "exact" | "firstToken") =>
      inspector.call("vocabularyMap", { ...pair, method, examples: examplesPerKind }, { signal });
    return vocabularyReport(a, t, [await map("exact"), await map("firstToken")]);
  });
  await reports.show(`${path.basename(pair.source)} → ${path.basename(pair.target)}.md`, text);
}

function withInspector<Result>(
  title: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Thenable<Result> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => stop.abort());
      return work(stop.signal);
    },
  );
}

async function askPair(
  { models }: Parts,
  source: ModelPlace | undefined,
  target: ModelPlace | undefined,
): Promise<{ source: string; target: string }> {
  const none = vscode.l10n.t("No other tokenizer is known.");
  const first =
    folderOf(source) ??
    (await pickModel(
      models,
      vscode.l10n.t("Which source? (A)"),
      ({ hasTokenizer }) => hasTokenizer,
      none,
    ));
  const second =
    folderOf(target) ??
    (await pickModel(
      models,
      vscode.l10n.t("Which target? (T)"),
      ({ hasTokenizer, folder }) => hasTokenizer && folder !== first,
      none,
    ));
  return { source: first, target: second };
}

async function pickModel(
  models: Parts["models"],
  title: string,
  fits: (model: KnownModel) => boolean,
  none: string,
): Promise<string> {
  const known = (await models.list()).filter(fits);
  if (known.length === 0) throw new Problem("missing", none, { next: addFirst() });
  const items = known.map(({ name, folder, builtIn }) => ({
    label: name,
    description: builtIn ? vscode.l10n.t("built in") : "",
    detail: folder,
    folder,
  }));
  const picked = await vscode.window.showQuickPick(items, { title, matchOnDetail: true });
  if (picked === undefined) throw new Problem("cancelled", "No model was chosen.");
  return picked.folder;
}

/** Pages that are shown and not kept. */
class Reports implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered = vscode.workspace.registerTextDocumentContentProvider(reportScheme, {
    onDidChange: this.#changed.event,
    provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? "",
  });

  async show(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: reportScheme, path: `/${name}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri).then(
      undefined,
      () => vscode.window.showTextDocument(uri, { preview: true }), // the editor's Markdown is switched off
    );
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }
}

function folderOf(place: unknown): string | undefined {
  if (typeof place === "string") return place;
  if (typeof place !== "object" || place === null || !("model" in place)) return undefined;
  return typeof place.model === "string" ? place.model : undefined;
}

const addFirst = (): string => vscode.l10n.t("Add one with FuseLab: Add model folder.");

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
