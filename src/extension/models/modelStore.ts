/**
 * The models and tokenizers this window knows: those the package carries, and the folders of the setting
 * `fuselab.models.folders`, each a model's folder itself or one that holds some. Nothing is opened here but
 * names of files; what a model is, the inspector says when it is asked.
 */
import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { Settings } from "../settings.ts";

export interface KnownModel {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  /** Carried by the package. */
  readonly builtIn: boolean;
  readonly hasTokenizer: boolean;
  readonly hasWeights: boolean;
}

/** Folders looked into below a named one, and how many names of each. */
const depth = 2;
const mostNames = 500;

export class ModelStore implements vscode.Disposable {
  readonly #builtIn: string;
  readonly #settings: Settings;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watching: vscode.Disposable;
  #known: Promise<readonly KnownModel[]> | undefined;

  /** `builtIn`: the folder whose folders are the models that the package carries. */
  constructor(builtIn: string, settings: Settings) {
    this.#builtIn = builtIn;
    this.#settings = settings;
    const refresh = (): void => this.refresh();
    this.#watching = vscode.Disposable.from(
      settings.onChange(["models.folders"], refresh),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    );
  }

  get onChange(): vscode.Event<void> {
    return this.#changed.event;
  }

  /** Named folders first, in the order of the setting, then what the package carries. */
  list(): Promise<readonly KnownModel[]> {
    this.#known ??= this.#scan();
    return this.#known;
  }

  refresh(): void {
    this.#known = undefined;
    this.#changed.fire();
  }

  /**
   * Where the setting says, made absolute: `~` is the home folder, what is relative starts at the first
   * workspace folder. In a workspace that is not trusted only the user's own settings count.
   */
  folders(): readonly string[] {
    return this.#settings.get("models.folders").flatMap((written) => placeOf(written) ?? []);
  }

  /** What the inspector may read where the workspace is not trusted: not the workspace's own folders. */
  allowedFolders(): readonly string[] {
    return [this.#builtIn, ...this.folders().filter((folder) => !this.isInWorkspace(folder))];
  }

  isInWorkspace(folder: string): boolean {
    return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => holds(uri.fsPath, folder));
  }

  /** Folders of the models that a folder is or holds, as adding it would find them. */
  async modelsIn(folder: string): Promise<readonly string[]> {
    const found = await modelsIn(folder, depth, false);
    return found
      .filter(({ hasTokenizer, hasWeights }) => hasTokenizer || hasWeights)
      .map((model) => model.folder);
  }

  /** Adds a folder to the setting. */
  async add(folder: string): Promise<void> {
    const written = this.#settings.get("models.folders");
    if (this.folders().includes(folder)) return;
    await this.#settings.set("models.folders", [...written, folder]);
    this.refresh();
  }

  /** What of the setting, made absolute, brings the folder into the list: itself, or a folder that holds it. */
  entriesOf(folder: string): readonly string[] {
    return this.folders().filter((place) => holds(place, folder));
  }

  /** Takes the entries that name the folder, or hold it, out of the setting; the files stay. */
  async remove(folder: string): Promise<boolean> {
    const written = this.#settings.get("models.folders");
    const kept = written.filter((one) => !holds(placeOf(one) ?? "", folder));
    if (kept.length === written.length) return false;
    await this.#settings.set("models.folders", kept);
    this.refresh();
    return true;
  }

  dispose(): void {
    this.#watching.dispose();
    this.#changed.dispose();
  }

  async #scan(): Promise<readonly KnownModel[]> {
    const named = vscode.workspace.isTrusted ? this.folders() : this.allowedFolders().slice(1);
    const found = await Promise.all([
      ...named.map((folder) => modelsIn(folder, depth, false)),
      modelsIn(this.#builtIn, 1, true),
    ]);
    const known = new Map(found.flat().map((model) => [model.folder, model]));
    return [...known.values()];
  }
}

/** `undefined`: relative, and no folder is open that it could start at. */
function placeOf(written: string): string | undefined {
  const place = written.replace(/^~(?=$|[\\/])/, homedir());
  if (path.isAbsolute(place)) return path.normalize(place);
  const base = vscode.workspace.workspaceFolders?.[0]?.uri;
  return base?.scheme === "file" ? path.resolve(base.fsPath, place) : undefined;
}

/** Whether `inner` is the folder or lies in it. */
const holds = (folder: string, inner: string): boolean =>
  folder !== "" && (inner + path.sep).startsWith(folder.replace(/[\\/]+$/, "") + path.sep);

/** The folder itself where it is a model's, otherwise those in it. A named folder that holds none is listed as broken. */
async function modelsIn(folder: string, deep: number, builtIn: boolean): Promise<KnownModel[]> {
  const names = await namesIn(folder);
  const model = modelOf(folder, names, builtIn);
  if (model.hasTokenizer || model.hasWeights) return [model];
  if (deep === 0) return [];
  const inner = await Promise.all(
    names
      .filter(({ isFolder }) => isFolder)
      .map(({ name }) => modelsIn(path.join(folder, name), deep - 1, builtIn)),
  );
  const found = inner.flat();
  return found.length > 0 || deep < depth || builtIn ? found : [model];
}

function modelOf(folder: string, names: readonly Named[], builtIn: boolean): KnownModel {
  const has = (test: (name: string) => boolean): boolean => names.some(({ name }) => test(name));
  return {
    folder,
    name: path.basename(folder),
    builtIn,
    hasTokenizer: has((name) => name === "tokenizer.json"),
    hasWeights:
      has((name) => name === "config.json") && has((name) => name.endsWith(".safetensors")),
  };
}

interface Named {
  readonly name: string;
  readonly isFolder: boolean;
}

async function namesIn(folder: string): Promise<readonly Named[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const named = entries.slice(0, mostNames).map(async (entry): Promise<Named> => {
      const { name } = entry;
      if (!entry.isSymbolicLink()) return { name, isFolder: entry.isDirectory() };
      const target = await stat(path.join(folder, name)).catch(() => undefined);
      return { name, isFolder: target?.isDirectory() === true };
    });
    return await Promise.all(named);
  } catch {
    return []; // listed as broken, by name
  }
}
