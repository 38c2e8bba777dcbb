/**
 * Ranges of a document that is edited, each with the text it had: what a text link knows without the editor.
 * Edits elsewhere shift the ranges, an edit inside makes the text another until it is again as it was. Offsets
 * are UTF-16 units of the document on one side, UTF-8 bytes of the range's own text on the other.
 */
import { byteOffsets } from "../core/text/bytes.ts";

export interface LinkedRange {
  readonly from: number;
  readonly to: number;
}

/** A place in which text was put for another, as the editor tells it. */
export interface TextEdit {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

interface LinkedText {
  range: LinkedRange;
  /** As it stands in the document. */
  readonly raw: string;
  /** The same for whoever reads it: half of a surrogate pair is U+FFFD, which counts as much. */
  readonly text: string;
  /** UTF-8 offset of each UTF-16 offset, worked out when first asked for. */
  bytes?: Int32Array;
}

export class LinkedTexts {
  readonly #whole: boolean;
  readonly #texts: readonly LinkedText[];
  #changed = false;

  /** Ranges are cut to the document; without any it is the document itself, and no edit is elsewhere. */
  constructor(document: string, ranges?: readonly LinkedRange[]) {
    this.#whole = ranges === undefined;
    const everything = { from: 0, to: document.length };
    this.#texts = (ranges ?? [everything]).map((written) => {
      const from = Math.min(written.from, document.length);
      const range = { from, to: Math.max(from, Math.min(written.to, document.length)) };
      const raw = document.slice(range.from, range.to);
      return { range, raw, text: raw.replace(/\p{Surrogate}/gu, "\ufffd") };
    });
  }

  get whole(): boolean {
    return this.#whole;
  }

  get changed(): boolean {
    return this.#changed;
  }

  get texts(): readonly string[] {
    return this.#texts.map(({ text }) => text);
  }

  get ranges(): readonly LinkedRange[] {
    return this.#texts.map(({ range }) => range);
  }

  /** `edits` of one change, from the end of the document to its beginning: none shifts a later one. */
  follow(edits: readonly TextEdit[], document: string): void {
    for (const { rangeOffset, rangeLength, text } of edits) {
      for (const linked of this.#texts) {
        linked.range = shifted(linked.range, {
          from: rangeOffset,
          to: rangeOffset + rangeLength,
          grown: text.length - rangeLength,
        });
      }
    }
    this.compare(document);
  }

  /** Whether the ranges hold what they held: after an edit, or where the document was opened again. */
  compare(document: string): void {
    for (const linked of this.#texts) {
      if (this.#whole) linked.range = { from: 0, to: document.length };
    }
    this.#changed = this.#texts.some(
      ({ range, raw }) =>
        raw.length !== range.to - range.from || document.slice(range.from, range.to) !== raw,
    );
  }

  /** Where bytes of a text stand in the document; a boundary inside a character takes in the whole one. */
  offsetsOf(document: number, from: number, to: number): LinkedRange | undefined {
    const linked = this.#texts[document];
    if (linked === undefined || this.#changed) return undefined;
    const bytes = bytesOf(linked);
    const start = firstAtLeast(bytes, bytes[lastAtMost(bytes, from)] ?? 0);
    const end = Math.max(start, firstAtLeast(bytes, to));
    return { from: linked.range.from + start, to: linked.range.from + end };
  }

  /** Which text an offset of the document stands in, and at which byte. */
  placeOf(offset: number): { readonly document: number; readonly byte: number } | undefined {
    if (this.#changed) return undefined;
    const document = this.ranges.findIndex(({ from, to }) => offset >= from && offset <= to);
    const linked = this.#texts[document];
    if (linked === undefined) return undefined;
    return { document, byte: bytesOf(linked)[offset - linked.range.from] ?? 0 };
  }
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
  return Math.max(0, firstAbove(bytes, byte) - 1);
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
    if ((bytes[middle] ?? 0) > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}
