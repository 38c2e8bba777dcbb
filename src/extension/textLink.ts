/**
 * The link between a view and the text it shows: one or more ranges of one document, each read by itself. Edits
 * elsewhere shift the ranges; an edit inside marks the text as changed until it is as it was, or is taken anew.
 * Places are UTF-8 bytes of the range's own text on the view's side, positions of the editor on the other.
 */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { byteOffsets, utf8Length } from "../core/text/bytes.ts";

export interface LinkedRange {
  /** UTF-16 offsets in the document. */
  readonly from: number;
  readonly to: number;
}

/** What is kept to find the same text again after a reload. */
export interface StoredLink {
  readonly uri: string;
  readonly ranges: readonly LinkedRange[];
  readonly hash: string;
}

interface LinkedText {
  range: LinkedRange;
  readonly text: string;
  /** UTF-8 offset of each UTF-16 offset, worked out when first asked for. */
  bytes?: Int32Array;
}

export class TextLink implements vscode.Disposable {
  readonly uri: vscode.Uri;
  readonly hash: string;
  readonly #document: vscode.TextDocument;
  readonly #texts: LinkedText[];
  readonly #changed = new vscode.EventEmitter<boolean>();
  readonly #watching: vscode.Disposable;
  #isChanged = false;

  constructor(document: vscode.TextDocument, ranges: readonly LinkedRange[]) {
    this.uri = document.uri;
    this.#document = document;
    const whole = document.getText();
    this.#texts = ranges.map((range) => ({ range, text: whole.slice(range.from, range.to) }));
    this.hash = hashOf(this.texts);
    this.#watching = vscode.workspace.onDidChangeTextDocument((change) => {
      if (change.document === document && change.contentChanges.length > 0) this.#follow(change);
    });
  }

  /** Tells whether the text differs from what the view shows, each time it is edited inside. */
  get onChange(): vscode.Event<boolean> {
    return this.#changed.event;
  }

  get changed(): boolean {
    return this.#isChanged;
  }

  get texts(): readonly string[] {
    return this.#texts.map(({ text }) => text);
  }

  get ranges(): readonly LinkedRange[] {
    return this.#texts.map(({ range }) => range);
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
    return { uri: this.uri.toString(), ranges: this.ranges, hash: this.hash };
  }

  /** Where bytes of a text stand in the editor; a boundary inside a character takes in the whole one. */
  rangeOf(document: number, from: number, to: number): vscode.Range | undefined {
    const linked = this.#texts[document];
    if (linked === undefined || this.#isChanged) return undefined;
    const bytes = bytesOf(linked);
    const start = linked.range.from + firstAtLeast(bytes, bytes[lastAtMost(bytes, from)] ?? 0);
    const end = linked.range.from + firstAtLeast(bytes, to);
    return new vscode.Range(this.#document.positionAt(start), this.#document.positionAt(end));
  }

  /** Which text a position of the editor stands in, and at which byte. */
  placeOf(position: vscode.Position): { document: number; byte: number } | undefined {
    if (this.#isChanged) return undefined;
    const offset = this.#document.offsetAt(position);
    const document = this.ranges.findIndex(({ from, to }) => offset >= from && offset <= to);
    const linked = this.#texts[document];
    if (linked === undefined) return undefined;
    return { document, byte: bytesOf(linked)[offset - linked.range.from] ?? 0 };
  }

  dispose(): void {
    this.#watching.dispose();
    this.#changed.dispose();
  }

  #follow({ contentChanges }: vscode.TextDocumentChangeEvent): void {
    // Changes of one event are given from the end of the document to its beginning: none shifts a later one.
    for (const { rangeOffset, rangeLength, text } of contentChanges) {
      for (const linked of this.#texts) {
        linked.range = shifted(linked.range, {
          from: rangeOffset,
          to: rangeOffset + rangeLength,
          grown: text.length - rangeLength,
        });
      }
    }
    const whole = this.#document.getText();
    const changed = this.#texts.some(
      ({ range, text }) => whole.slice(range.from, range.to) !== text,
    );
    if (changed || this.#isChanged) {
      this.#isChanged = changed;
      this.#changed.fire(changed);
    }
  }
}

/** Reads the text again where it stands now. */
export function relinked(link: TextLink, document: vscode.TextDocument): TextLink {
  return new TextLink(document, link.ranges);
}

export function hashOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${utf8Length(text)}:`).update(text, "utf8");
  return hash.digest("hex").slice(0, 32);
}

/** An edit at either end lies outside: what is typed there was not selected. */
function shifted(
  { from, to }: LinkedRange,
  edit: { readonly from: number; readonly to: number; readonly grown: number },
): LinkedRange {
  if (edit.from >= to) return { from, to };
  if (edit.to <= from) return { from: from + edit.grown, to: to + edit.grown };
  const start = Math.min(from, edit.from);
  return { from: start, to: Math.max(start, Math.max(to, edit.to) + edit.grown) };
}

function bytesOf(linked: LinkedText): Int32Array {
  linked.bytes ??= byteOffsets(linked.text);
  return linked.bytes;
}

/** Last index whose byte is at most `byte`. */
function lastAtMost(bytes: Int32Array, byte: number): number {
  const after = firstAbove(bytes, byte);
  return Math.max(0, after - 1);
}

/** First index whose byte is at least `byte`. */
function firstAtLeast(bytes: Int32Array, byte: number): number {
  return Math.min(bytes.length - 1, firstAbove(bytes, byte - 1));
}

function firstAbove(bytes: Int32Array, byte: number): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bytes[middle]! > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}
