/**
 * Two tokenizations under each other, so that their boundaries can be compared by eye. A text is laid out
 * character by character: a token ends at `│`, and where only one side has a boundary the other has a gap (real
 * spaces are visible, so a gap is never text). Pieces without a text are laid out by what is paired.
 *
 *     T  The│·cat│·sat│·on│·the│·Val│k y│ria│
 *     A  The│·cat│·sat│·on│·the│·Val k│y│ria│
 */
import { utf8Encode, utf8Length } from "../core/text/bytes.ts";
import { columnsOf, padTo } from "./columns.ts";
import { visibleBytes, visibleText } from "./visibleText.ts";

/** One side: its tokens' ends in bytes, and their names for those that have no bytes of their own. */
export interface Lane {
  readonly ends: ArrayLike<number>;
  readonly names: readonly string[];
}

/** What is written on one side at one place; `token` where a token begins. */
interface Segment {
  readonly text: string;
  readonly token?: number;
}

/** A place of both sides, of equal width. */
export interface Cell {
  readonly target: readonly Segment[];
  readonly source: readonly Segment[];
}

/** Cells that stay together where a line has room for them. */
export interface Block {
  /** What the gutter says: a byte of the text, or a token's number. */
  readonly place: number;
  readonly cells: readonly Cell[];
}

export interface RibbonLine {
  readonly place: number;
  readonly target: string;
  readonly source: string;
  /** Under the beginnings of target tokens; empty where there are none. */
  readonly marks: string;
}

const boundary = "│";

/** The text from byte `blockEnds[i − 1]` to `blockEnds[i]` as block i. The last end is the text's length. */
export function textBlocks(
  text: string,
  target: Lane,
  source: Lane,
  blockEnds: readonly number[],
): Block[] {
  const sides = [target, source].map(createSide);
  const both = (segments: (side: Side) => readonly Segment[]): Cell => {
    const [upper = [], lower = []] = sides.map(segments);
    return { target: upper, source: lower };
  };
  const isEmpty = ({ target, source }: Cell) => target.length + source.length === 0;

  const blocks: Block[] = [];
  let cells: Cell[] = [both((side) => side.emptyTokensAt(0))].filter((cell) => !isEmpty(cell));
  let place = 0;
  for (const { characters, start, end } of unitsOf(text, sides)) {
    const bytes = utf8Encode(characters);
    cells.push(both((side) => side.unit(characters, bytes, start)));
    const closing = both((side) => side.boundaryAt(end));
    if (!isEmpty(closing)) cells.push(closing);
    if (end !== blockEnds[blocks.length]) continue;
    blocks.push({ place, cells });
    cells = [];
    place = end;
  }
  return blocks;
}

interface Side {
  hasEndAt(byte: number): boolean;
  /** What is written for the bytes of a character, which its tokens may share. */
  unit(characters: string, bytes: Uint8Array, start: number): Segment[];
  boundaryAt(byte: number): Segment[];
  /** Tokens that begin and end at a byte. */
  emptyTokensAt(byte: number): Segment[];
}

function createSide({ ends, names }: Lane): Side {
  const startOf = (token: number): number => (token === 0 ? 0 : (ends[token - 1] ?? 0));
  const empty = new Map<number, number[]>();
  const full: number[] = [];
  for (let token = 0; token < ends.length; token++) {
    const end = ends[token] ?? 0;
    if (end > startOf(token)) full.push(token);
    else empty.set(end, [...(empty.get(end) ?? []), token]);
  }
  const endSet = new Set(full.map((token) => ends[token]));
  let at = 0;

  const emptyTokensAt = (byte: number): Segment[] =>
    (empty.get(byte) ?? []).flatMap((token) => [
      { text: names[token] ?? "", token },
      { text: boundary },
    ]);
  const boundaryAt = (byte: number): Segment[] =>
    endSet.has(byte) ? [{ text: boundary }, ...emptyTokensAt(byte)] : [];

  return {
    hasEndAt: (byte) => endSet.has(byte),
    boundaryAt,
    emptyTokensAt,
    unit(characters, bytes, start) {
      const segments: Segment[] = [];
      const end = start + bytes.length;
      for (let from = start; from < end; ) {
        const token = full[at];
        const tokenEnd = token === undefined ? end : (ends[token] ?? end);
        const to = Math.min(tokenEnd, end);
        const whole = from === start && to === end;
        const part = bytes.subarray(from - start, to - start);
        const begins = token !== undefined && startOf(token) === from;
        segments.push({
          text: whole ? visibleText(characters) : visibleBytes(part),
          ...(begins ? { token } : {}),
        });
        if (to < end) segments.push(...boundaryAt(to));
        if (to === tokenEnd) at++;
        from = to;
      }
      return segments;
    },
  };
}

/** Characters with the marks that combine with them, unless a token ends between. */
function* unitsOf(
  text: string,
  sides: readonly Side[],
): Generator<{ characters: string; start: number; end: number }> {
  let characters = "";
  let start = 0;
  let end = 0;
  for (const character of text) {
    const joins = /^[\p{Mn}\p{Me}]$/u.test(character);
    if (characters !== "" && !(joins && !sides.some((side) => side.hasEndAt(end)))) {
      yield { characters, start, end };
      characters = "";
      start = end;
    }
    characters += character;
    end += utf8Length(character);
  }
  if (characters !== "") yield { characters, start, end };
}

/** Tokens that are paired with each other, one block each run; `ends` are the first tokens after each, by side. */
export function pairedBlocks(
  target: readonly string[],
  source: readonly string[],
  ends: readonly { readonly target: number; readonly source: number }[],
): Block[] {
  let before = { target: 0, source: 0 };
  return ends.map((after) => {
    const named = (names: readonly string[], from: number, to: number): Segment[] =>
      names.slice(from, to).flatMap((text, i) => [{ text, token: from + i }, { text: boundary }]);
    const cell = {
      target: named(target, before.target, after.target),
      source: named(source, before.source, after.source),
    };
    const block = { place: before.target, cells: [cell] };
    before = after;
    return block;
  });
}

/** Blocks one after the other, in lines of `columns`. Only a block that is wider than a line is cut. */
export function ribbonLines(
  blocks: readonly Block[],
  columns: number,
  markOf: (targetToken: number) => string,
): RibbonLine[] {
  const lines: RibbonLine[] = [];
  let line = { place: 0, target: "", source: "", marks: "", columns: 0 };
  const close = (): void => {
    if (line.columns === 0) return;
    const { place, target, source, marks } = line;
    lines.push({
      place,
      target: target.trimEnd(),
      source: source.trimEnd(),
      marks: marks.trimEnd(),
    });
  };
  const open = (place: number): void => {
    close();
    line = { place, target: "", source: "", marks: "", columns: 0 };
  };
  for (const { place, cells } of blocks) {
    const drawn = cells.map((cell) => draw(cell, markOf));
    const whole = drawn.reduce((sum, cell) => sum + cell.columns, 0);
    if (line.columns === 0 || line.columns + whole > columns) open(place);
    for (const cell of drawn) {
      if (line.columns > 0 && line.columns + cell.columns > columns) open(place);
      line.target += cell.target;
      line.source += cell.source;
      line.marks += cell.marks;
      line.columns += cell.columns;
    }
  }
  close();
  return lines;
}

function draw({ target, source }: Cell, markOf: (targetToken: number) => string) {
  const [upper, lower] = [target, source].map((segments) =>
    segments.map(({ text }) => text).join(""),
  ) as [string, string];
  const columns = Math.max(columnsOf(upper), columnsOf(lower));
  let marks = "";
  let at = 0;
  for (const { text, token } of target) {
    if (token !== undefined) marks = padTo(marks, at) + markOf(token);
    at += columnsOf(text);
  }
  return {
    target: padTo(upper, columns),
    source: padTo(lower, columns),
    marks: padTo(marks, columns),
    columns,
  };
}
