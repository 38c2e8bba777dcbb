/**
 * One tokenizer's tokens laid along the text: where each starts and ends in bytes, and which one covers a byte.
 * A part of a text has the same offsets as the whole; `first` then says which of all tokens its first one is.
 */

export interface TokenTrack {
  readonly letter: string;
  readonly name: string;
  /** Pieces as they stand in the vocabulary. */
  readonly pieces: readonly string[];
  readonly ids: Int32Array;
  /** UTF-8 offsets in the text at which tokens end, ascending. */
  readonly ends: Int32Array;
  /** Where the first token starts. */
  readonly from: number;
  /** How many tokens of the whole text come before the first one here. */
  readonly first: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export const tokenCount = (track: TokenTrack): number => track.ends.length;

export function tokenSpan({ ends, from }: TokenTrack, token: number): Span {
  return { from: token > 0 ? ends[token - 1] : from, to: ends[token] };
}

/** The token that holds a byte; beyond the last one the last. −1 where there are no tokens. */
export function tokenAt({ ends }: TokenTrack, byte: number): number {
  return Math.min(firstAbove(ends, byte), ends.length - 1);
}

/** Tokens that share at least a byte with a span, `from` … `to` − 1. */
export function tokensIn(track: TokenTrack, { from, to }: Span): Span {
  const first = firstAbove(track.ends, from);
  let last = first;
  while (last < track.ends.length && tokenSpan(track, last).from < to) last++;
  return { from: first, to: last };
}

/** How many tokens of `whole` come before the first token of `part`, whose offsets are those of the same text. */
export function tokensBefore(whole: Int32Array, part: Int32Array): number {
  if (part.length === 0) return 0;
  // Tokens without bytes share their end with others: the whole run of ends has to fit.
  let at = firstAbove(whole, part[0] - 1);
  for (; at + part.length <= whole.length; at++) {
    if (whole[at] !== part[0]) break;
    if (part.every((end, i) => whole[at + i] === end)) return at;
  }
  return firstAbove(whole, part[0] - 1);
}

/** A span grown to whole characters of the text: an editor cannot mark half of one. */
export function wholeCharacters({ from, to }: Span, bytes: Uint8Array): Span {
  const isInside = (at: number): boolean => (bytes[at] & 0xc0) === 0x80;
  let [start, end] = [from, to];
  while (start > 0 && isInside(start)) start--;
  while (end < bytes.length && isInside(end)) end++;
  return { from: start, to: end };
}

/** Whether a source and a target token have a byte of the text in common. */
export function shareBytes(source: Span, target: Span): boolean {
  return Math.max(source.from, target.from) < Math.min(source.to, target.to);
}

/** Index of the first of ascending numbers that is greater than `value`, or their count. */
export function firstAbove(ascending: ArrayLike<number>, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
