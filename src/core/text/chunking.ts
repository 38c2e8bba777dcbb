/**
 * Cuts a document into chunks that every model can read whole: at line ends where possible, else at spaces,
 * else between characters. A chunk is the unit of representation, fusion, packing and evaluation, so nothing
 * cuts it again later. The chunks of a document, joined, are the document.
 */
import type { TextTokenizer } from "./tokenizer.ts";

export interface ChunkLimit {
  readonly tokenizer: TextTokenizer;
  /** The most tokens of a chunk, BOS not counted. At least 1. */
  readonly tokens: number;
}

/**
 * The chunks of `text`. A tokenizer that refuses a piece of the text sets no limit for it: what it cannot
 * read it will not be asked to.
 */
export function cutIntoChunks(text: string, limits: readonly ChunkLimit[]): string[] {
  const chunks: string[] = [];
  let open: string[] = [];
  let sums = limits.map(() => 0);

  const close = (): void => {
    // Tokens at a seam can differ from those of the parts, so what was added up is checked on the whole.
    const carried: string[] = [];
    while (open.length > 1 && !fits(open.join(""), limits)) carried.unshift(open.pop() as string);
    if (open.length > 0) chunks.push(open.join(""));
    open = carried;
    sums = limits.map(({ tokenizer }) => countOf(tokenizer, carried.join("")));
  };

  for (const unit of unitsOf(text, limits)) {
    const counts = limits.map(({ tokenizer }) => countOf(tokenizer, unit));
    while (open.length > 0 && limits.some(({ tokens }, i) => sums[i] + counts[i] > tokens)) close();
    open.push(unit);
    sums = sums.map((sum, i) => sum + counts[i]);
  }
  while (open.length > 0) close();
  return chunks;
}

function fits(text: string, limits: readonly ChunkLimit[]): boolean {
  return limits.every(({ tokenizer, tokens }) => countOf(tokenizer, text) <= tokens);
}

function countOf(tokenizer: TextTokenizer, text: string): number {
  if (text === "") return 0;
  const encoding = tokenizer.encode(text);
  return "ids" in encoding ? encoding.ids.length : 0;
}

/** Lines with their ends; a line that does not fit is halved, near a space, until it does. */
function* unitsOf(text: string, limits: readonly ChunkLimit[]): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline + 1;
    yield* halved(text.slice(start, end), limits);
    start = end;
  }
}

function* halved(unit: string, limits: readonly ChunkLimit[]): Generator<string> {
  const cut = fits(unit, limits) ? 0 : cutNearMiddle(unit);
  if (cut <= 0 || cut >= unit.length) {
    yield unit; // fits, or is a single character, which is as small as a chunk can be
    return;
  }
  yield* halved(unit.slice(0, cut), limits);
  yield* halved(unit.slice(cut), limits);
}

/** An index in the middle half, before a space where there is one, never inside a surrogate pair. */
function cutNearMiddle(unit: string): number {
  const middle = unit.length >> 1;
  const space = unit.lastIndexOf(" ", middle);
  if (space > unit.length >> 2) return space;
  const low = unit.charCodeAt(middle);
  return low >= 0xdc00 && low <= 0xdfff ? middle + 1 : middle;
}
