/**
 * The link between a view and the text it shows: one or more ranges of one document, each read by itself. Edits
 * elsewhere shift the ranges; an edit inside marks the text as changed until it is as it was, or is taken anew.
 * The document may be closed and opened again, and a reload of the window finds it by its address; where it then
 * holds another text the link is lost: what was aligned is not known any more, only that it was another.
 */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { utf8Length } from "../core/text/bytes.ts";
import { type LinkedRange, LinkedTexts } from "./linkedTexts.ts";

/** What is kept to find the same text again after a reload. */
export interface StoredLink {
  readonly uri: string;
  /** Absent: the whole document. */
  readonly ranges?: readonly LinkedRange[];
  readonly hash: string;
}

const mostRanges = 1000;

export class TextLink implements vscode.Disposable {
  readonly uri: vscode.Uri;
  /** Of the texts that are shown. */
  readonly hash: string;
  /** The texts that were shown before a reload are gone. */
  readonly lost: boolean;
  readonly #linked: LinkedTexts;
  readonly #changed = new vscode.EventEmitter<boolean>();
  readonly #watching: vscode.Disposable;
  #document: vscode.TextDocument;

  /** @param expected the hash of the texts that are looked for. Without `ranges` it is the whole document. */
  constructor(document: vscode.TextDocument, ranges?: readonly LinkedRange[], expected?: string) {
    this.uri = document.uri;
    this.#document = document;
    this.#linked = new LinkedTexts(document.getText(), ranges);
    const hash = hashOf(this.texts);
    this.lost = expected !== undefined && expected !== hash;
    this.hash = expected ?? hash;
    this.#watching = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument((change) => this.#follow(change)),
      vscode.workspace.onDidOpenTextDocument((opened) => this.#adopt(opened)),
    );
  }

  /** Tells whether the text differs from what the view shows, each time it is edited inside. */
  get onChange(): vscode.Event<boolean> {
    return this.#changed.event;
  }

  get changed(): boolean {
    return this.lost || this.#linked.changed;
  }

  get texts(): readonly string[] {
    return this.#linked.texts;
  }

  get ranges(): readonly LinkedRange[] {
    return this.#linked.ranges;
  }

  get document(): vscode.TextDocument {
    return this.#document;
  }

  /** `12–31`: lines from 1. */
  get titles(): readonly string[] {
    return this.ranges.map(({ from, to }) => {
      const first = this.#document.positionAt(from).line + 1;
      const end = this.#document.positionAt(to);
      const last = end.character === 0 && to > from ? end.line : end.line + 1;
      return first === last ? `${first}` : `${first}–${last}`;
    });
  }

  stored(): StoredLink {
    const { ranges, hash } = this;
    const uri = this.uri.toString();
    return this.#linked.whole ? { uri, hash } : { uri, ranges, hash };
  }

  /** The same places with the text that stands there now; the document itself where nothing is left there. */
  again(): TextLink {
    const left = this.ranges.filter(({ from, to }) => to > from);
    const ranges = this.#linked.whole || left.length === 0 ? undefined : left;
    return new TextLink(this.#document, ranges);
  }

  /** Where bytes of a text stand in the editor; a boundary inside a character takes in the whole one. */
  rangeOf(document: number, from: number, to: number): vscode.Range | undefined {
    const found = this.lost ? undefined : this.#linked.offsetsOf(document, from, to);
    if (found === undefined) return undefined;
    const [start, end] = [found.from, found.to].map((at) => this.#document.positionAt(at));
    return start && end && new vscode.Range(start, end);
  }

  /** Which text a position of the editor stands in, and at which byte. */
  placeOf(position: vscode.Position): { document: number; byte: number } | undefined {
    return this.lost ? undefined : this.#linked.placeOf(this.#document.offsetAt(position));
  }

  isOf(document: vscode.TextDocument): boolean {
    return document.uri.toString() === this.uri.toString();
  }

  dispose(): void {
    this.#watching.dispose();
    this.#changed.dispose();
  }

  #follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0 || !this.isOf(document)) return;
    this.#tellOf(() => this.#linked.follow(contentChanges, document.getText()));
  }

  /** Another object stands for the document after it was closed, or its language was changed. */
  #adopt(document: vscode.TextDocument): void {
    if (document === this.#document || !this.isOf(document)) return;
    this.#document = document;
    this.#tellOf(() => this.#linked.compare(document.getText()));
  }

  #tellOf(change: () => void): void {
    const before = this.changed;
    change();
    if (before || this.changed) this.#changed.fire(this.changed);
  }
}

/**
 * A stored link, from outside like any other input. @returns undefined where it is none; a link that is `lost`
 * where the document holds another text. @throws where the document cannot be opened
 */
export async function restoredLink(stored: unknown): Promise<TextLink | undefined> {
  const link = storedLink(stored);
  if (link === undefined) return undefined;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(link.uri, true));
  return new TextLink(document, link.ranges, link.hash);
}

export function storedLink(stored: unknown): StoredLink | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { uri, hash, ranges } = stored as Readonly<Record<string, unknown>>;
  if (typeof uri !== "string" || typeof hash !== "string") return undefined;
  if (ranges === undefined) return { uri, hash };
  if (!Array.isArray(ranges) || ranges.length === 0 || ranges.length > mostRanges) return undefined;
  return ranges.every(isRange) ? { uri, hash, ranges } : undefined;
}

function isRange(value: unknown): value is LinkedRange {
  if (typeof value !== "object" || value === null) return false;
  const { from, to } = value as Readonly<Record<string, unknown>>;
  return [from, to].every((at) => Number.isSafeInteger(at)) && Number(from) >= 0 && Number(to) >= 0;
}

export function hashOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${utf8Length(text)}:`).update(text, "utf8");
  return hash.digest("hex").slice(0, 32);
}
