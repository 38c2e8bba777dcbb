/**
 * The ribbon's lines as boxes: where each lane and each token stands, what a point hits, and how the target's
 * tokens are linked to a source's. Pixels of the ribbon; its lines are equally high, so that a long text needs
 * only those in sight.
 */
import { noAnswer, type Outcome, outcomeOf, type Pair } from "../alignedText.ts";
import { firstAbove, type Span, type TokenTrack, tokenCount, tokenSpan } from "../tokenTrack.ts";
import {
  atomsOfToken,
  boundaryRoom,
  emptyTokens,
  isRoom,
  lineBytes,
  lineCount,
  lineOfAtom,
  type RibbonLayout,
} from "./ribbon.ts";

export interface RibbonSizes {
  readonly lane: number;
  /** Between two lanes. */
  readonly gap: number;
  /** Between two lines, and above the first. */
  readonly line: number;
  /** Of the density lane; 0 where there is none. */
  readonly density: number;
}

export const lineHeight = (lanes: number, { lane, gap, line, density }: RibbonSizes): number =>
  lanes * lane + (lanes - 1) * gap + (density > 0 ? gap + density : 0) + line;

export const laneTop = (line: number, lane: number, lanes: number, sizes: RibbonSizes): number =>
  line * lineHeight(lanes, sizes) + sizes.line + lane * (sizes.lane + sizes.gap);

/** The part of a token that a line shows. A token that is broken over lines has several. */
export interface TokenBox {
  readonly token: number;
  readonly x: number;
  readonly width: number;
  /** Atoms `from` … `to` − 1 of the line. */
  readonly atoms: Span;
  /** The token begins, ends in this line. */
  readonly starts: boolean;
  readonly ends: boolean;
}

/** Where a token stands in a line; `undefined` where it does not. */
export function tokenBox(
  layout: RibbonLayout,
  lane: TokenTrack,
  token: number,
  line: number,
): TokenBox | undefined {
  const all = atomsOfToken(layout, lane, token);
  const [first, last] = [layout.lines[line], layout.lines[line + 1]];
  const atoms = { from: Math.max(all.from, first), to: Math.min(all.to, last) };
  if (atoms.from >= atoms.to) return undefined;
  const span = tokenSpan(lane, token);
  const [x, width] =
    span.from === span.to
      ? emptyPlace(layout, lane, token, atoms.from)
      : [layout.x[atoms.from], rightOf(layout, atoms.to - 1) - layout.x[atoms.from]];
  return { token, x, width, atoms, starts: all.from >= first, ends: all.to <= last };
}

const rightOf = ({ x, width }: RibbonLayout, atom: number): number => x[atom] + width[atom];

/** Tokens without bytes share their room evenly. */
function emptyPlace(layout: RibbonLayout, lane: TokenTrack, token: number, atom: number) {
  const beside = emptyTokens(lane, layout.to[atom]);
  const each = layout.width[atom] / Math.max(1, beside.length);
  return [layout.x[atom] + beside.indexOf(token) * each, each];
}

/** Tokens of a lane that a line shows, `from` … `to` − 1. */
export function lineTokens(layout: RibbonLayout, lane: TokenTrack, line: number): Span {
  const { from, to } = lineBytes(layout, line);
  let first = firstAbove(lane.ends, from);
  // Tokens without bytes stand before what begins at the same byte, unless their room is in the line before.
  while (first > 0 && tokenBox(layout, lane, first - 1, line) !== undefined) first--;
  let last = first;
  while (last < tokenCount(lane) && tokenSpan(lane, last).from <= to) {
    if (tokenBox(layout, lane, last, line) === undefined && tokenSpan(lane, last).from >= to) break;
    last++;
  }
  return { from: first, to: last };
}

/** The line in which a token begins. */
export function lineOfToken(layout: RibbonLayout, lane: TokenTrack, token: number): number {
  return lineOfAtom(layout, atomsOfToken(layout, lane, token).from);
}

export interface RibbonHit {
  readonly lane: number;
  readonly token: number;
}

/** The token at a point; between two lanes the nearer one's. */
export function ribbonAt(
  layout: RibbonLayout,
  sizes: RibbonSizes,
  x: number,
  y: number,
): RibbonHit | undefined {
  const lanes = layout.lanes.length;
  const line = Math.floor(y / lineHeight(lanes, sizes));
  if (line < 0 || line >= lineCount(layout)) return undefined;
  const within = y - laneTop(line, 0, lanes, sizes) + sizes.gap / 2;
  const lane = Math.min(lanes - 1, Math.max(0, Math.floor(within / (sizes.lane + sizes.gap))));
  const tokens = lineTokens(layout, layout.lanes[lane], line);
  for (let token = tokens.from; token < tokens.to; token++) {
    const box = tokenBox(layout, layout.lanes[lane], token, line);
    if (box !== undefined && x >= box.x && x < box.x + box.width) return { lane, token };
  }
  return undefined;
}

/** How a boundary of a lane is drawn: through all lanes, half of the way to the target, or as a notch. */
export type BoundaryKind = "all" | "target" | "alone";

export function boundaryKind(layout: RibbonLayout, atom: number): BoundaryKind {
  if (layout.shared[atom] === layout.lanes.length) return "all";
  return layout.onTarget[atom] === 1 && layout.shared[atom] > 1 ? "target" : "alone";
}

/** Where a boundary's line stands: in the middle of the room left for it behind an atom. */
export const boundaryX = (layout: RibbonLayout, atom: number): number =>
  rightOf(layout, atom) - (isRoom(layout, atom) ? 0 : boundaryRoom / 2);

/** How a target token is linked to a source in a line. */
export interface RibbonLink {
  readonly token: number;
  /**
   * `answer`: DTW says another source token than the bytes; `offText`: the same, and the two share no byte;
   * `boundary`: only the bytes answer, which the common boundary shows; `none`: nobody answers.
   */
  readonly kind: "answer" | "offText" | "boundary" | "none";
  readonly outcome: Outcome | undefined;
  readonly targetX: number;
  /** Middle of the source token that answers, kept inside the line. */
  readonly sourceX: number;
}

/** Links for target tokens whose answers are not one and the same common boundary. */
export function ribbonLinks(layout: RibbonLayout, pair: Pair, line: number): RibbonLink[] {
  const { target, source, dtw, bytes } = pair;
  const tokens = lineTokens(layout, target, line);
  const links: RibbonLink[] = [];
  for (let token = tokens.from; token < tokens.to; token++) {
    const [byDtw, byBytes] = [dtw?.answers[token] ?? noAnswer, bytes[token]];
    const agree = dtw === undefined ? byBytes !== noAnswer : byDtw === byBytes;
    if (agree && byBytes !== noAnswer) continue;
    const box = tokenBox(layout, target, token, line);
    if (box === undefined || !box.ends) continue;
    const targetX = box.x + box.width / 2;
    const outcome = outcomeOf(pair, token);
    if (byDtw === noAnswer) {
      const kind = byBytes === noAnswer ? "none" : "boundary";
      links.push({ token, kind, outcome, targetX, sourceX: targetX });
    } else {
      const kind = dtw?.offText[token] === 1 ? "offText" : "answer";
      const sourceX = middleInLine(layout, source, byDtw, line);
      links.push({ token, kind, outcome, targetX, sourceX });
    }
  }
  return links;
}

function middleInLine(layout: RibbonLayout, lane: TokenTrack, token: number, line: number): number {
  const box = tokenBox(layout, lane, token, line);
  if (box !== undefined) return box.x + box.width / 2;
  const [first, last] = [layout.lines[line], layout.lines[line + 1] - 1];
  return atomsOfToken(layout, lane, token).to <= first ? layout.x[first] : rightOf(layout, last);
}

/** Boundaries of other tokenizers in a line: how many of them end a token at a place. */
export function boundaryDensity(
  layout: RibbonLayout,
  others: readonly TokenTrack[],
  line: number,
): { readonly x: number; readonly count: number }[] {
  const { from, to } = lineBytes(layout, line);
  const counts = new Map<number, number>();
  for (const { ends } of others) {
    let last = -1;
    for (let token = firstAbove(ends, from); ends[token] <= to; token++) {
      if (ends[token] !== last) counts.set(ends[token], (counts.get(ends[token]) ?? 0) + 1);
      last = ends[token];
    }
  }
  return Array.from(counts, ([byte, count]) => ({ x: xOfByte(layout, byte), count }));
}

/** Where a byte's end stands in its line; inside an atom by its share of the bytes. */
export function xOfByte(layout: RibbonLayout, byte: number): number {
  let atom = firstAbove(layout.to, byte - 1);
  while (isRoom(layout, atom) && atom + 1 < layout.to.length && layout.to[atom + 1] === byte)
    atom++;
  const [from, to] = [layout.from[atom], layout.to[atom]];
  if (byte >= to) return boundaryX(layout, atom);
  const text = layout.width[atom] - (layout.shared[atom] > 0 ? boundaryRoom : 0);
  return layout.x[atom] + ((byte - from) / (to - from)) * text;
}
