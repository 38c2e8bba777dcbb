/** The tree of models: what each is, as the inspector reads it from its small files. Asked only while it is visible. */
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { ModelDescription, TokenizerSummary } from "../../protocol/inspector.ts";
import { setContextKey } from "../contextKeys.ts";
import { Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import type { KnownModel } from "./modelStore.ts";
import { familyNames } from "./vocabularyReport.ts";

export interface ModelRow {
  readonly kind: "model";
  /** The folder; what commands are given. */
  readonly model: string;
  readonly known: KnownModel;
  readonly found: Found;
}
interface FactRow {
  readonly kind: "fact";
  readonly model: string;
  readonly label: string;
  readonly value: string;
}
type Row = ModelRow | FactRow;

type Found =
  | { readonly state: "ready"; readonly description: ModelDescription }
  | { readonly state: "tokenizerOnly"; readonly tokenizer: TokenizerSummary }
  | { readonly state: "broken"; readonly reason: string };

export class ModelsTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #parts: Parts;
  readonly #scope = new Scope();
  readonly #changed: vscode.EventEmitter<undefined>;
  readonly onDidChangeTreeData: vscode.Event<undefined>;
  readonly #found = new Map<string, Promise<Found>>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#changed = this.#scope.own(new vscode.EventEmitter<undefined>());
    this.onDidChangeTreeData = this.#changed.event;
    this.#scope.own(
      vscode.window.createTreeView("fuselab.models", {
        treeDataProvider: this,
        showCollapseAll: true,
      }),
    );
    this.#scope.own(
      parts.models.onChange(() => {
        this.#found.clear();
        this.#changed.fire(undefined);
      }),
    );
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row.kind === "model") return modelItem(row);
    const item = new vscode.TreeItem(row.label);
    item.id = `${row.model}\n${row.label}`;
    item.description = row.value;
    item.tooltip = `${row.label}: ${row.value}`;
    return item;
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row === undefined) {
      const known = await this.#parts.models.list();
      setContextKey("hasModels", known.length > 0);
      return Promise.all(
        known.map(async (one): Promise<Row> => {
          return { kind: "model", model: one.folder, known: one, found: await this.#find(one) };
        }),
      );
    }
    return row.kind === "model" ? factsOf(row) : [];
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #find(known: KnownModel): Promise<Found> {
    const found = this.#found.get(known.folder) ?? patiently(() => describe(this.#parts, known));
    this.#found.set(known.folder, found);
    return found;
  }
}

/** Once more where the inspector was started anew in between: that says nothing of the model. */
async function patiently(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Problem && error.code === "cancelled") return find();
    throw error;
  }
}

/** A model in a workspace that is not trusted is known by its tokenizer alone. */
async function describe({ inspector }: Parts, known: KnownModel): Promise<Found> {
  const { folder, hasTokenizer, hasWeights } = known;
  try {
    if (hasTokenizer && hasWeights) {
      return { state: "ready", description: await inspector.call("describeModel", { folder }) };
    }
    if (hasTokenizer) {
      return {
        state: "tokenizerOnly",
        tokenizer: await inspector.call("loadTokenizer", { folder }),
      };
    }
    const reason = hasWeights
      ? vscode.l10n.t("tokenizer.json is missing")
      : vscode.l10n.t("no tokenizer.json and no safetensors here");
    return { state: "broken", reason };
  } catch (error) {
    if (!(error instanceof Problem) || error.code === "cancelled") throw error;
    return { state: "broken", reason: error.message };
  }
}

function modelItem({ known, found, model }: ModelRow): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(known.name, found.state === "broken" ? None : Collapsed);
  item.id = model;
  item.contextValue = `model.${found.state}`;
  item.description = summaryOf(known, found);
  item.tooltip = `${known.name}: ${item.description}\n${model}`;
  item.iconPath = new vscode.ThemeIcon(
    { ready: "symbol-structure", tokenizerOnly: "symbol-key", broken: "warning" }[found.state],
  );
  item.accessibilityInformation = { label: `${known.name}, ${item.description}` };
  return item;
}

function summaryOf({ builtIn }: KnownModel, found: Found): string {
  const carried = builtIn ? [vscode.l10n.t("built in")] : [];
  switch (found.state) {
    case "ready": {
      const { architecture, parameters, tokenizer } = found.description;
      return [architecture, sizeText(parameters), familyNames[tokenizer.family], ...carried].join(
        " · ",
      );
    }
    case "tokenizerOnly":
      return [
        vscode.l10n.t("tokenizer only"),
        familyNames[found.tokenizer.family],
        ...carried,
      ].join(" · ");
    case "broken":
      return found.reason;
  }
}

function factsOf({ model, found }: ModelRow): FactRow[] {
  const fact = (label: string, value: string): FactRow => ({ kind: "fact", model, label, value });
  const tokens = ({ tokens, family }: TokenizerSummary): FactRow[] => [
    fact(vscode.l10n.t("tokenizer"), familyNames[family]),
    fact(vscode.l10n.t("vocabulary"), vscode.l10n.t("{0} tokens", thousands(tokens))),
  ];
  switch (found.state) {
    case "ready": {
      const { architecture, parameters, dtype, context, licence, tokenizer } = found.description;
      return [
        fact(vscode.l10n.t("architecture"), architecture),
        fact(
          vscode.l10n.t("size"),
          vscode.l10n.t("{0} parameters, {1}", thousands(parameters), dtype),
        ),
        fact(vscode.l10n.t("context"), vscode.l10n.t("{0} tokens", thousands(context))),
        ...tokens(tokenizer),
        fact(vscode.l10n.t("licence"), licence ?? vscode.l10n.t("none is stated")),
        fact(vscode.l10n.t("folder"), model),
      ];
    }
    case "tokenizerOnly":
      return [...tokens(found.tokenizer), fact(vscode.l10n.t("folder"), model)];
    case "broken":
      return [];
  }
}

/** `1.1B`, `310k`: as people name models. */
export function sizeText(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`;
  if (parameters >= 1e6) return `${Math.round(parameters / 1e6)}M`;
  return `${Math.round(parameters / 1e3)}k`;
}

const thousands = (value: number): string => value.toLocaleString("en-US");
