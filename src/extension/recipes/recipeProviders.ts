/** Recipes in the editor: problems as they are typed and what mends them, completion, hover, and the lenses that run and check. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { SchemaNode } from "../../pipeline/schemaNode.ts";
import { Latest, Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import type { RecipeChecks } from "./recipeChecks.ts";
import { fixesAt } from "./recipeFixes.ts";
import { helpOf, type Suggestion, suggestionsAt } from "./recipeHelp.ts";
import { recipeKeyAt, recipePositionAt } from "./recipeText.ts";
import { pathFrom } from "./writtenRecipe.ts";

export const recipePattern = "**/*.fusion.yaml";
const selector: vscode.DocumentSelector = { pattern: recipePattern };

const diagnosticSource = "FuseLab";
/** Milliseconds after the last edit. */
const pause = 300;

export function registerRecipeProviders(parts: Parts, checks: RecipeChecks): vscode.Disposable {
  const scope = new Scope();
  const schema = schemaOf(parts);
  scope.own(new RecipeProblems(parts));
  scope.own(
    vscode.languages.registerHoverProvider(selector, {
      provideHover: async (document, position) => hoverAt(await schema(), document, position),
    }),
  );
  scope.own(
    vscode.languages.registerCompletionItemProvider(
      selector,
      {
        provideCompletionItems: async (document, position) =>
          completionsAt(parts, await schema(), document, position),
      },
      " ",
      "/",
    ),
  );
  scope.own(
    vscode.languages.registerCodeActionsProvider(
      selector,
      {
        provideCodeActions: async (document, _, { diagnostics }) =>
          actionsFor(await schema(), document, diagnostics),
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  scope.own(
    vscode.languages.registerCodeLensProvider(selector, {
      onDidChangeCodeLenses: checks.onChange,
      provideCodeLenses: (document) => lensesOf(document, checks),
    }),
  );
  return scope;
}

/** Read once, when it is first needed. */
function schemaOf({ context }: Parts): () => Promise<SchemaNode> {
  let schema: Promise<SchemaNode> | undefined;
  const file = path.join(context.extensionPath, "dist", "recipe.schema.json");
  return () => {
    schema ??= readFile(file, "utf8").then((text) => JSON.parse(text) as SchemaNode);
    return schema;
  };
}

/** The problems of every open recipe, found by the inspector in the text as it stands. */
class RecipeProblems implements vscode.Disposable {
  readonly #parts: Parts;
  readonly #scope = new Scope();
  readonly #found: vscode.DiagnosticCollection;
  readonly #jobs = new Map<
    string,
    { readonly latest: Latest; timer: NodeJS.Timeout | undefined }
  >();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#found = this.#scope.own(vscode.languages.createDiagnosticCollection("FuseLab"));
    this.#scope.own(vscode.workspace.onDidOpenTextDocument((document) => this.#soon(document, 0)));
    this.#scope.own(
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#soon(document, pause)),
    );
    this.#scope.own(vscode.workspace.onDidCloseTextDocument((document) => this.#drop(document)));
    for (const document of vscode.workspace.textDocuments) this.#soon(document, 0);
  }

  dispose(): void {
    for (const { latest, timer } of this.#jobs.values()) {
      clearTimeout(timer);
      latest.dispose();
    }
    this.#scope.dispose();
  }

  #soon(document: vscode.TextDocument, after: number): void {
    if (vscode.languages.match(selector, document) === 0) return;
    const key = document.uri.toString();
    const job = this.#jobs.get(key) ?? { latest: new Latest(), timer: undefined };
    this.#jobs.set(key, job);
    clearTimeout(job.timer);
    job.timer = setTimeout(() => void this.#find(document, job.latest), after);
  }

  async #find(document: vscode.TextDocument, latest: Latest): Promise<void> {
    const { version } = document;
    try {
      const answer = await latest.run((signal) =>
        this.#parts.inspector.call(
          "validateRecipe",
          { text: document.getText(), file: fileOf(document) },
          { signal },
        ),
      );
      if (answer === undefined || document.isClosed || document.version !== version) return;
      const diagnostics = answer.problems.map(({ severity, message, next, from, to }) => {
        const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
        const kind =
          severity === "error"
            ? vscode.DiagnosticSeverity.Error
            : vscode.DiagnosticSeverity.Warning;
        const diagnostic = new vscode.Diagnostic(range, `${message} ${next}`.trim(), kind);
        diagnostic.source = diagnosticSource;
        return diagnostic;
      });
      this.#found.set(document.uri, diagnostics);
    } catch (error) {
      this.#parts.failures.note(error);
    }
  }

  #drop(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const job = this.#jobs.get(key);
    clearTimeout(job?.timer);
    job?.latest.dispose();
    this.#jobs.delete(key);
    this.#found.delete(document.uri);
  }
}

/** A recipe that is not on disk yet has the folder it would be saved in. */
export function fileOf({ uri }: vscode.TextDocument): string {
  return uri.scheme === "file" ? uri.fsPath : path.resolve("/", path.basename(uri.path));
}

function hoverAt(
  schema: SchemaNode,
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Hover | undefined {
  const key = recipeKeyAt(document.getText(), document.offsetAt(position));
  const help = key === undefined ? undefined : helpOf(schema, key.path);
  if (key === undefined || help === undefined) return undefined;
  const range = new vscode.Range(document.positionAt(key.from), document.positionAt(key.to));
  return new vscode.Hover(new vscode.MarkdownString(help), range);
}

function actionsFor(
  schema: SchemaNode,
  document: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction[] {
  return diagnostics
    .filter(({ source }) => source === diagnosticSource)
    .flatMap((diagnostic) =>
      fixesAt(schema, document.getText(), document.offsetAt(diagnostic.range.start)).map(
        ({ text, from, to }, i) => {
          const action = new vscode.CodeAction(
            vscode.l10n.t("Write {0}", text),
            vscode.CodeActionKind.QuickFix,
          );
          const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
          action.edit = new vscode.WorkspaceEdit();
          action.edit.replace(document.uri, range, text);
          action.diagnostics = [diagnostic];
          action.isPreferred = i === 0;
          return action;
        },
      ),
    );
}

const itemKinds: Readonly<Record<Suggestion["kind"], vscode.CompletionItemKind>> = {
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.EnumMember,
  model: vscode.CompletionItemKind.Folder,
};

async function completionsAt(
  { models }: Parts,
  schema: SchemaNode,
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.CompletionItem[]> {
  const place = recipePositionAt(document.getText(), document.offsetAt(position));
  if (place === undefined) return [];
  const folder = path.dirname(fileOf(document));
  const known = (await models.list()).filter(({ hasWeights }) => hasWeights);
  const offered = known.map(({ name, folder: model }) => ({ name, path: pathFrom(folder, model) }));
  // Paths hold what ends a word elsewhere: the whole word is replaced, not the part the editor would take.
  const before = document.lineAt(position).text.slice(0, position.character);
  const begun = /[^\s,[\]{}]*$/.exec(before)?.[0].length ?? 0;
  const range = new vscode.Range(position.translate(0, -begun), position);
  const indent = /^\s*/.exec(before)?.[0] ?? "";
  return suggestionsAt(schema, place, offered).map((suggestion) => {
    const item = new vscode.CompletionItem(suggestion.label, itemKinds[suggestion.kind]);
    item.insertText = suggestion.insert.replace("\n", `\n${indent}`);
    item.keepWhitespace = true;
    item.detail = suggestion.detail;
    item.documentation = new vscode.MarkdownString(suggestion.documentation);
    item.range = range;
    if (suggestion.kind === "model") item.filterText = `${suggestion.label} ${suggestion.detail}`;
    return item;
  });
}

function lensesOf(document: vscode.TextDocument, checks: RecipeChecks): vscode.CodeLens[] {
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(top, { title, command, arguments: [document.uri] });
  const verdict = checks.verdictOf(document);
  return [
    lens(`$(play) ${vscode.l10n.t("Run")}`, "fuselab.runRecipe"),
    lens(`$(checklist) ${vscode.l10n.t("Check")}`, "fuselab.checkRecipe"),
    ...(verdict === undefined ? [] : [lens(verdict, "fuselab.checkRecipe")]),
  ];
}
