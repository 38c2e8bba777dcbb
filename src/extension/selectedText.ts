/**
 * The text a command is about: what it was given, the selections of the editor, or the whole file. Each selection
 * is a document of its own, read by itself.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import { utf8Length } from "../core/text/bytes.ts";
import type { TextArgument } from "./commandContract.ts";
import type { LinkedRange } from "./linkedTexts.ts";

export interface SelectedText {
  readonly document: vscode.TextDocument;
  /** Absent: the whole document. */
  readonly ranges?: readonly LinkedRange[];
}

/** What `uri` says for a text that the package carries. */
const demoText = "demo";
const demoLines = 40;

const mostDocuments = 100;
/** Bytes of one document. More is work for a run. */
const mostBytes = 2 * 2 ** 20;

/** A command's argument, from outside: menus hand over addresses, other extensions what they like. */
export function textArgument(value: unknown): TextArgument {
  if (typeof value !== "object" || value === null || value instanceof vscode.Uri) return {};
  const { uri, ranges, models, byte, document } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof uri === "string" ? { uri } : {}),
    ...(isRanges(ranges) && ranges.length > 0 ? { ranges } : {}),
    ...(isTexts(models) && models.length > 0 ? { models } : {}),
    ...(isCount(byte) ? { byte } : {}),
    ...(isCount(document) ? { document } : {}),
  };
}

/**
 * Opens what is named and shows it where it is in no editor yet. `extension`: the package's folder.
 * @throws Problem where there is no text, or more than can be looked at
 */
export async function selectedText(
  argument: TextArgument,
  extension: string,
): Promise<SelectedText> {
  const text = await findText(argument, extension);
  const whole = text.document.getText();
  const pieces = text.ranges?.map(({ from, to }) => whole.slice(from, to)) ?? [whole];
  if (pieces.length > mostDocuments) {
    throw new Problem(
      "tooLarge",
      vscode.l10n.t("{0} selections are more than {1}.", pieces.length, mostDocuments),
      { next: vscode.l10n.t("Select less at a time.") },
    );
  }
  if (pieces.some((piece) => piece === "")) {
    throw new Problem("badInput", vscode.l10n.t("There is no text to look at."), {
      next: vscode.l10n.t("Select some text, or open a file that has some."),
    });
  }
  const largest = Math.max(...pieces.map(utf8Length));
  if (largest > mostBytes) {
    throw new Problem(
      "tooLarge",
      vscode.l10n.t(
        "The text has {0} MB; up to {1} MB can be looked at.",
        (largest / 2 ** 20).toFixed(1),
        mostBytes / 2 ** 20,
      ),
      { next: vscode.l10n.t("Select a part of it.") },
    );
  }
  return text;
}

async function findText(argument: TextArgument, extension: string): Promise<SelectedText> {
  if (argument.uri === demoText) return openDemoText(extension);
  if (argument.uri !== undefined) {
    const document = await openDocument(argument.uri);
    const ranges = argument.ranges?.map(([from, to]) => ({ from, to }));
    return ranges === undefined ? { document } : { document, ranges };
  }
  const editor = vscode.window.activeTextEditor ?? onlyEditor();
  if (editor === undefined) {
    throw new Problem("missing", vscode.l10n.t("No text is open."), {
      next: vscode.l10n.t("Open a file and select what is to be looked at."),
    });
  }
  const { document, selections } = editor;
  const ranges = selections
    .filter(({ isEmpty }) => !isEmpty)
    .map(({ start, end }) => ({ from: document.offsetAt(start), to: document.offsetAt(end) }))
    .sort((a, b) => a.from - b.from);
  return ranges.length > 0 ? { document, ranges } : { document };
}

/** The one that is meant while a view has the focus. */
function onlyEditor(): vscode.TextEditor | undefined {
  const [first, ...others] = vscode.window.visibleTextEditors;
  return others.length === 0 ? first : undefined;
}

async function openDocument(uri: string): Promise<vscode.TextDocument> {
  try {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
    const shown = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
    if (!shown) await vscode.window.showTextDocument(document, { preview: true });
    return document;
  } catch (cause) {
    throw new Problem("missing", vscode.l10n.t("{0} cannot be opened as text.", uri), {
      next: vscode.l10n.t("See whether the file is still there."),
      cause,
    });
  }
}

/** Text that no model of the package was trained on, where there is some. */
async function openDemoText(extension: string): Promise<SelectedText> {
  const folder = path.join(extension, "demo", "texts", "prose");
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => /\.(md|txt)$/.test(name)).sort();
  const file = files.find((name) => name.startsWith("heldOut")) ?? files[0];
  if (file === undefined) {
    throw new Problem("missing", vscode.l10n.t("The demo's texts are not there."), {
      next: vscode.l10n.t("Install FuseLab again."),
      file: folder,
    });
  }
  const uri = vscode.Uri.file(path.join(folder, file));
  const document = await vscode.workspace.openTextDocument(uri);
  const end = document.lineAt(Math.min(demoLines, document.lineCount) - 1).range.end;
  const selection = new vscode.Selection(new vscode.Position(0, 0), end);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    preview: false,
  });
  editor.selection = selection;
  // It is the package's own file, not the reader's.
  await vscode.commands.executeCommand("workbench.action.files.setActiveEditorReadonlyInSession");
  return { document, ranges: [{ from: 0, to: document.offsetAt(end) }] };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= 27 && value.every((one) => typeof one === "string");

const isRanges = (value: unknown): value is readonly (readonly [number, number])[] =>
  Array.isArray(value) &&
  value.length <= 1000 &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount));
