/** Everything that is known of one cell: its two tokens, its costs, and what each method answers for the target token. */

import type { CostTable, DetourBand } from "../../src/protocol/alignmentView.ts";
import { type ShownText, shownPiece, shownSlice } from "../shared/visibleText.ts";
import { noAnswer, type Outcome, outcomeOf, type Pair } from "./alignedText.ts";
import type { Cell } from "./geometry/matrix.ts";
import { groupOfTarget, isOnPath, nearestOnPath, type PathStep, stepTo } from "./geometry/path.ts";
import { detourAt, localCost } from "./matrixLayers.ts";
import { type Span, shareBytes, type TokenTrack, tokenSpan } from "./tokenTrack.ts";

export interface TokenFacts {
  readonly letter: string;
  /** In the whole text, from 0. */
  readonly index: number;
  readonly said: ShownText;
  /** As it stands in the vocabulary. */
  readonly piece: string;
  readonly id: number;
  readonly span: Span;
}

/** `undefined` is what is not known (yet). */
export interface CellFacts {
  readonly source: TokenFacts;
  readonly target: TokenFacts;
  readonly shareBytes: boolean;
  /** Edits. */
  readonly local: number | undefined;
  /** Edits beyond the cheapest path; `above`: more than the cap. */
  readonly detour: number | "above" | undefined;
  /** Edits of the cheapest path up to here: known for cells of the path. */
  readonly cumulative: number | undefined;
  readonly step: PathStep | undefined;
  readonly dtw: AnswerFacts | undefined;
  readonly bytes: AnswerFacts;
  readonly outcome: Outcome | undefined;
  /** Tokens of the byte group of the target token, where it is not one by one. */
  readonly group: { readonly sources: number; readonly targets: number } | undefined;
}

export interface AnswerFacts {
  readonly source: TokenFacts | undefined;
  readonly offText: boolean;
  /** Why there is none, from the closed list of reasons. */
  readonly reason: "notOneToOne" | "noSharedBoundary" | undefined;
}

export interface CellCosts {
  readonly table: CostTable | undefined;
  readonly band: DetourBand | undefined;
}

export function tokenFacts(track: TokenTrack, token: number, bytes: Uint8Array): TokenFacts {
  const span = tokenSpan(track, token);
  return {
    letter: track.letter,
    index: track.first + token,
    said: said(track, token, bytes),
    piece: track.pieces[token],
    id: track.ids[token],
    span,
  };
}

/** What a token says in the text; a token without bytes goes by its name in the vocabulary. */
export function said(track: TokenTrack, token: number, bytes: Uint8Array): ShownText {
  const { from, to } = tokenSpan(track, token);
  return from === to ? shownPiece(track.pieces[token]) : shownSlice(bytes, from, to);
}

export function cellFacts(
  pair: Pair,
  bytes: Uint8Array,
  { row, column }: Cell,
  { table, band }: CellCosts,
): CellFacts {
  const { source, target, dtw } = pair;
  const answer = (token: number, reason: NonNullable<AnswerFacts["reason"]>): AnswerFacts => ({
    source: token === noAnswer ? undefined : tokenFacts(source, token, bytes),
    offText: token !== noAnswer && !overlap(pair, token, column),
    reason: token === noAnswer ? reason : undefined,
  });
  const onPath = dtw !== undefined && isOnPath(dtw.path, { row, column });
  const at = onPath ? nearestOnPath(dtw.path, { row, column }) : -1;
  const group = groupOfTarget(pair.groups, column);
  const size = group && {
    sources: group.row1 - group.row0,
    targets: group.column1 - group.column0,
  };
  return {
    source: tokenFacts(source, row, bytes),
    target: tokenFacts(target, column, bytes),
    shareBytes: overlap(pair, row, column),
    local: table && localCost(table, row, column),
    detour: band && (detourAt(band, row, column) ?? "above"),
    cumulative: onPath && table ? costUpTo(dtw.path, at, table) : undefined,
    step: onPath ? stepTo(dtw.path, at) : undefined,
    dtw: dtw && answer(dtw.answers[column], "notOneToOne"),
    bytes: answer(pair.bytes[column], "noSharedBoundary"),
    outcome: outcomeOf(pair, column),
    group: size && (size.sources > 1 || size.targets > 1) ? size : undefined,
  };
}

const overlap = ({ source, target }: Pair, row: number, column: number): boolean =>
  shareBytes(tokenSpan(source, row), tokenSpan(target, column));

function costUpTo(path: Int32Array, index: number, table: CostTable): number {
  let sum = 0;
  for (let i = 0; i <= index; i++) sum += localCost(table, path[2 * i], path[2 * i + 1]);
  return sum;
}
