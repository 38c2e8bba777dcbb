/**
 * Two tokenizations under each other, so that their boundaries can be compared by eye. A text is laid out
 * character by character: a token ends at `│`, and where only one side has a boundary the other has a gap (real
 * spaces are visible, so a gap is never text). Pieces without a text are laid out by what is paired.
 *
 *     T  ·on│·the│·Val│k y│ria│
 *     A  ·on│·the│·Val k│y│ria│
 */
import { utf8Encode, utf8Length } from "../core/text/bytes.ts";
import { visibleBytes, visibleText } from "../core/text/visibleText.ts";
import { columnsOf, padTo } from "./columns.ts";

/** A side's tokens `from` … `to` − 1 of all of them. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

/** The same with the bytes of the text at which all tokens end. */
export interface TextRange extends TokenRange {
  readonly ends: ArrayLike<number>;
}

/** What is written on one side; `token` where one begins. */
interface Segment {
  readonly text: string;
  readonly token?: number;
}

/** A place of both sides, of equal width. */
export interface Cell {
  readonly target: readonly Segment[];
  readonly source: readonly Segment[];
}

export interface RibbonLine {
  /** Of the block it begins with. */
  readonly place: number;
  readonly target: string;
  readonly source: string;
  /** Under the beginnings of target tokens; empty where there are none. */
  readonly marks: string;
}

/** Cells that stay together where a line has room for them. */
export interface Block {
  /** Where it stands, for those who read: a byte of the text, or the number of a token. */
  readonly place: number;
  readonly cells: readonly Cell[];
}

const boundary: Segment = { text: "│" };

/** A stretch of text, whole characters that begin at byte `start`, with the tokens that spell it on both sides. */
export function textCells(
  text: string,
  start: number,
  target: TextRange,
  source: TextRange,
): Cell[] {
  const [upper, lower] = [createSide(target, start), createSide(source, start)];
  const cells: Cell[] = [];
  const add = (segments: (side: Side) => Segment[]): void => {
    const cell = { target: segments(upper), source: segments(lower) };
    if (cell.target.length + cell.source.length > 0) cells.push(cell);
  };
  const isBoundary = (byte: number): boolean => upper.endsAt(byte) || lower.endsAt(byte);
  add((side) => side.emptyTokens(start));
  for (const unit of unitsOf(text, start, isBoundary)) {
    const bytes = utf8Encode(unit.characters);
    add((side) => side.spell(unit.characters, bytes, unit.start));
    add((side) => side.close(unit.start + bytes.length));
  }
  return cells;
}

interface Side {
  endsAt(byte: number): boolean;
  /** The bytes of a character, which tokens may share. */
  spell(characters: string, bytes: Uint8Array, start: number): Segment[];
  /** The end of a token at a byte, and the tokens without bytes behind it. */
  close(byte: number): Segment[];
  /** Tokens that begin and end at a byte, by their names. */
  emptyTokens(byte: number): Segment[];
}

function createSide({ from, to, names, ends }: TextRange, start: number): Side {
  const empty = new Map<number, number[]>();
  const tokenAt = new Map<number, number>();
  const closing = new Set<number>();
  let begin = start;
  for (let token = from; token < to; token++) {
    const end = ends[token] ?? begin;
    if (end > begin) {
      tokenAt.set(begin, token);
      closing.add(end);
    } else empty.set(end, [...(empty.get(end) ?? []), token]);
    begin = end;
  }
  const emptyTokens = (byte: number): Segment[] =>
    (empty.get(byte) ?? []).flatMap((token) => [{ text: names[token] ?? "", token }, boundary]);
  const close = (byte: number): Segment[] =>
    closing.has(byte) ? [boundary, ...emptyTokens(byte)] : [];

  return {
    endsAt: (byte) => closing.has(byte),
    close,
    emptyTokens,
    spell(characters, bytes, first) {
      const cuts = Array.from(bytes.keys(), (i) => first + i).filter(
        (byte) => byte > first && closing.has(byte),
      );
      if (cuts.length === 0) return [segmentOf(visibleText(characters), tokenAt.get(first))];
      return [first, ...cuts].flatMap((at, i) => {
        const end = cuts[i] ?? first + bytes.length;
        const part = visibleBytes(bytes.subarray(at - first, end - first));
        return [segmentOf(part, tokenAt.get(at)), ...(i < cuts.length ? close(end) : [])];
      });
    },
  };
}

const segmentOf = (text: string, token: number | undefined): Segment =>
  token === undefined ? { text } : { text, token };

/** Characters with the marks that combine with them, unless a token ends between. */
function* unitsOf(
  text: string,
  start: number,
  isBoundary: (byte: number) => boolean,
): Generator<{ characters: string; start: number }> {
  let unit = { characters: "", start };
  let end = start;
  for (const character of text) {
    const joins = /^[\p{Mn}\p{Me}]$/u.test(character) && !isBoundary(end);
    if (unit.characters !== "" && !joins) {
      yield unit;
      unit = { characters: "", start: end };
    }
    unit.characters += character;
    end += utf8Length(character);
  }
  if (unit.characters !== "") yield unit;
}

/** Tokens that are paired with each other, without a text. */
export function pairedCells(target: TokenRange, source: TokenRange): Cell[] {
  const named = ({ from, to, names }: TokenRange): Segment[] =>
    names.slice(from, to).flatMap((text, i) => [{ text, token: from + i }, boundary]);
  return [{ target: named(target), source: named(source) }];
}

/** Blocks one after the other in lines of `columns`, laid out as they are asked for. Only a block that is wider than a line is cut. */
export function* ribbonLines(
  blocks: Iterable<Block>,
  columns: number,
  markOf: (targetToken: number) => string,
): Generator<RibbonLine> {
  let line: RibbonLine | undefined;
  let room = 0;
  for (const { place, cells } of blocks) {
    const drawn = cells.map((cell) => drawnCell(cell, markOf));
    const whole = drawn.reduce((sum, cell) => sum + cell.columns, 0);
    if (whole > room) room = 0;
    for (const cell of drawn) {
      if (line === undefined || cell.columns > room) {
        if (line !== undefined) yield trimmed(line);
        line = { place, target: "", source: "", marks: "" };
        room = columns;
      }
      line = {
        place: line.place,
        target: line.target + cell.target,
        source: line.source + cell.source,
        marks: line.marks + cell.marks,
      };
      room -= cell.columns;
    }
  }
  if (line !== undefined) yield trimmed(line);
}

const trimmed = ({ place, target, source, marks }: RibbonLine): RibbonLine => ({
  place,
  target: target.trimEnd(),
  source: source.trimEnd(),
  marks: marks.trimEnd(),
});

function drawnCell({ target, source }: Cell, markOf: (targetToken: number) => string) {
  const upper = textOf(target);
  const lower = textOf(source);
  const columns = Math.max(columnsOf(upper), columnsOf(lower));
  let marks = "";
  let at = 0;
  for (const { text, token } of target) {
    if (token !== undefined) marks = padTo(marks, at) + markOf(token);
    at += columnsOf(text);
  }
  return {
    columns,
    target: padTo(upper, columns),
    source: padTo(lower, columns),
    marks: padTo(marks, columns),
  };
}

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join("");
