/**
 * The ribbon's layout: one lane per tokenizer, all laid out by the same text and wrapped like a paragraph. The text
 * is cut at every boundary of any lane into atoms; an atom has one place for all lanes, so that boundaries can be
 * compared by eye. Tokens without bytes get an atom of their own, which other lanes leave empty.
 */
import { firstAbove, type Span, type TokenTrack, tokenCount, tokenSpan } from "../tokenTrack.ts";

export interface RibbonText {
  readonly bytes: Uint8Array;
  readonly lanes: readonly TokenTrack[];
  /** Index of the target's lane. */
  readonly target: number;
  /** Pixels of a line. */
  readonly width: number;
  /** Pixels of the text of bytes `from` … `to` − 1, of a token's name where it has none. */
  readonly measure: (from: number, to: number) => number;
  readonly measureEmpty: (lane: TokenTrack, token: number) => number;
}

export interface RibbonLayout {
  readonly lanes: readonly TokenTrack[];
  readonly target: number;
  /** Per atom: bytes, left edge and width in its line. `from[i] === to[i]`: room for tokens without bytes. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly x: Float32Array;
  readonly width: Float32Array;
  /** Lanes with a boundary at the atom's end, and whether the target is one of them. */
  readonly shared: Uint16Array;
  readonly onTarget: Uint8Array;
  /** First atom of each line, and one more for the end. */
  readonly lines: Int32Array;
}

/** Room at a boundary, so that letters do not touch its line. */
export const boundaryRoom = 6;

/** Longer atoms are cut, or a long token would not fit a line. */
const atomBytes = 32;

/** A line is broken behind the best boundary in its last part. */
const breakFrom = 0.6;

export function ribbonLayout(text: RibbonText): RibbonLayout {
  const { from, to } = atomsOf(text);
  const count = from.length;
  const width = new Float32Array(count);
  const shared = new Uint16Array(count);
  const onTarget = new Uint8Array(count);
  const marks = boundaryCounts(text);
  for (let i = 0; i < count; i++) {
    if (from[i] === to[i]) {
      width[i] = emptyWidth(text, to[i]);
      continue;
    }
    const mark = marks.get(to[i]);
    shared[i] = mark?.lanes ?? 0;
    onTarget[i] = mark?.target ? 1 : 0;
    width[i] = text.measure(from[i], to[i]) + (shared[i] > 0 ? boundaryRoom : 0);
  }
  const { x, lines } = wrapped(width, text.width, (i) =>
    shared[i] === text.lanes.length ? 3 : onTarget[i] ? 2 : shared[i] > 0 ? 1 : 0,
  );
  return { lanes: text.lanes, target: text.target, from, to, x, width, shared, onTarget, lines };
}

/** The text cut at every lane's boundaries, long stretches at characters. */
function atomsOf({ bytes, lanes }: RibbonText): { from: Int32Array; to: Int32Array } {
  const start = Math.min(...lanes.map((lane) => lane.from));
  const ends = Int32Array.from(new Set(lanes.flatMap((lane) => Array.from(lane.ends)))).sort();
  const empty = new Set(lanes.flatMap(emptyEnds));
  const [from, to]: [number[], number[]] = [[], []];
  const add = (a: number, b: number): void => {
    from.push(a);
    to.push(b);
  };
  if (empty.has(start)) add(start, start);
  let at = start;
  for (const end of ends) {
    while (end - at > atomBytes) {
      let cut = at + atomBytes;
      while (cut > at + 1 && isInsideCharacter(bytes, cut)) cut--;
      add(at, cut);
      at = cut;
    }
    if (end > at) add(at, end);
    at = Math.max(at, end);
    if (empty.has(end) && end > start) add(end, end);
  }
  return { from: Int32Array.from(from), to: Int32Array.from(to) };
}

function emptyEnds(lane: TokenTrack): number[] {
  const ends: number[] = [];
  for (let token = 0; token < tokenCount(lane); token++) {
    const span = tokenSpan(lane, token);
    if (span.from === span.to) ends.push(span.to);
  }
  return ends;
}

export const isInsideCharacter = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at] & 0xc0) === 0x80;

function boundaryCounts({ lanes, target }: RibbonText) {
  const counts = new Map<number, { lanes: number; target: boolean }>();
  for (const [i, lane] of lanes.entries()) {
    for (let token = 0; token < lane.ends.length; token++) {
      const end = lane.ends[token];
      if (lane.ends[token + 1] === end) continue; // one boundary, however many tokens end there
      const known = counts.get(end) ?? { lanes: 0, target: false };
      counts.set(end, { lanes: known.lanes + 1, target: known.target || i === target });
    }
  }
  return counts;
}

/** Tokens without bytes stand side by side in their lane; the widest lane decides. */
function emptyWidth({ lanes, measureEmpty }: RibbonText, at: number): number {
  let widest = 0;
  for (const lane of lanes) {
    let sum = 0;
    for (const token of emptyTokens(lane, at)) sum += measureEmpty(lane, token) + boundaryRoom;
    widest = Math.max(widest, sum);
  }
  return widest;
}

/** Tokens of a lane that begin and end at a byte. */
export function emptyTokens(lane: TokenTrack, at: number): number[] {
  const tokens: number[] = [];
  for (let token = firstAbove(lane.ends, at - 1); lane.ends[token] === at; token++)
    if (tokenSpan(lane, token).from === at) tokens.push(token);
  return tokens;
}

function wrapped(width: Float32Array, room: number, rankOf: (atom: number) => number) {
  const x = new Float32Array(width.length);
  const lines: number[] = [0];
  let start = 0;
  let at = 0;
  for (let i = 0; i < width.length; i++) {
    if (at + width[i] > room && i > start) {
      const next = breakBefore(x, width, start, i, room, rankOf);
      lines.push(next);
      start = next;
      at = 0;
      for (let moved = next; moved < i; moved++) {
        x[moved] = at;
        at += width[moved];
      }
    }
    x[i] = at;
    at += width[i];
  }
  lines.push(width.length);
  return { x, lines: Int32Array.from(lines) };
}

/** The atom that the next line begins with: behind the best boundary in the line's last part. */
function breakBefore(
  x: Float32Array,
  width: Float32Array,
  start: number,
  full: number,
  room: number,
  rankOf: (atom: number) => number,
): number {
  let best = full;
  let rank = -1;
  for (let i = full - 1; i >= start; i--) {
    if (x[i] + width[i] < breakFrom * room) break;
    if (rankOf(i) > rank) {
      rank = rankOf(i);
      best = i + 1;
    }
  }
  return best;
}

export const lineCount = ({ lines }: RibbonLayout): number => lines.length - 1;

export function lineOfAtom({ lines }: RibbonLayout, atom: number): number {
  return Math.min(firstAbove(lines, atom), lines.length - 1) - 1;
}

/** Bytes of the text that a line shows. */
export function lineBytes({ lines, from, to }: RibbonLayout, line: number): Span {
  return { from: from[lines[line]] ?? 0, to: to[lines[line + 1] - 1] ?? 0 };
}

/** Atoms that a token covers, `from` … `to` − 1; for a token without bytes the room that is left for such. */
export function atomsOfToken(layout: RibbonLayout, lane: TokenTrack, token: number): Span {
  const span = tokenSpan(lane, token);
  const behind = firstAbove(layout.to, span.to);
  if (span.from === span.to) return { from: behind - 1, to: behind };
  return {
    from: firstAbove(layout.to, span.from),
    to: isRoom(layout, behind - 1) ? behind - 1 : behind,
  };
}

/** Whether an atom is room for tokens without bytes. */
export const isRoom = ({ from, to }: RibbonLayout, atom: number): boolean =>
  from[atom] === to[atom];
