/**
 * Two tokenizations of one text side by side: what DTW answers, what byte offsets answer, and where they
 * differ. An answer is the one source token whose row of predictions a target token would take: DTW has one
 * where exactly one source token is paired, bytes where a source token ends at the same byte. That the pieces
 * must match before a row is taken is the fusion's test, not made here.
 */
import type { Mode } from "../mode.ts";
import { Problem } from "../problem.ts";
import type { Encoding, TextTokenizer } from "../text/tokenizer.ts";
import type { OnRows } from "./accumulation.ts";
import { byteGroups, rowEnds, sharedBoundaries } from "./byteSpans.ts";
import { dtw, type TieOrder, targetToSource } from "./dtw.ts";
import { type PieceCosts, pairCost, pieceCosts } from "./pieceCosts.ts";
import { pieceWording, textWording, type Wording } from "./tokenWording.ts";

/** How the answers for a target token compare. The index is the code in `outcome`. */
export const alignmentOutcomes = ["same", "dtwOnly", "bytesOnly", "other", "neither"] as const;
export type AlignmentOutcome = (typeof alignmentOutcomes)[number];

export const noAnswer = -1;

export interface TokenisedText {
  readonly tokenizer: TextTokenizer;
  readonly encoding: Encoding;
  /** The byte at which the first token starts, where these are tokens out of a longer text; 0 by default. */
  readonly start?: number;
}

export interface AlignedSide {
  /** Pieces as they stand in the vocabulary. */
  readonly tokens: readonly string[];
  /** Not known where pieces alone were given. */
  readonly ids: Int32Array | undefined;
  readonly byteEnds: Int32Array | undefined;
  readonly start?: number;
}

/** What a method was not asked for is `undefined`. */
export interface TokenAlignment {
  readonly target: AlignedSide;
  readonly source: AlignedSide;
  /** DTW: pairs source token, target token, and the sum of their costs in edits. */
  readonly path: Int32Array | undefined;
  readonly cost: number | undefined;
  /** The local costs that DTW added up. */
  readonly costs: PieceCosts | undefined;
  /** Byte groups, quadruples s0, s1, t0, t1; see byteSpans.ts. */
  readonly groups: Int32Array | undefined;
  /** For every target token the source tokens DTW pairs it with; without DTW the bytes' answer or nothing. */
  readonly targetToSource: readonly Int32Array[];
  /** For every target token the source token that answers, or −1. */
  readonly answers: {
    readonly dtw: Int32Array | undefined;
    readonly bytes: Int32Array | undefined;
  };
  /** For every target token an index into `alignmentOutcomes`, where both methods were asked. */
  readonly outcome: Uint8Array | undefined;
  /** 1 where DTW's answer shares no byte with the target token. */
  readonly offText: Uint8Array | undefined;
  readonly stats: AlignmentStats;
}

export interface AlignmentStats {
  readonly targetTokens: number;
  readonly sourceTokens: number;
  readonly dtw: DtwStats | undefined;
  readonly bytes: BytesStats | undefined;
  readonly outcomes: Readonly<Record<AlignmentOutcome, number>> | undefined;
}

export interface DtwStats extends Answered {
  readonly cost: number;
  /** Answers that say the same as the target token. */
  readonly equalPieces: number;
  readonly offText: number | undefined;
}

export interface BytesStats extends Answered {
  readonly groups: number;
}

/** How many target tokens have an answer, and which share of all that is (0 where there are none). */
export interface Answered {
  readonly answers: number;
  readonly share: number;
}

export interface AlignOptions {
  /** `published` compares pieces as they stand; `corrected` compares what they say. */
  readonly mode: Mode;
  /** Which answers are wanted; both by default. */
  readonly positions?: "bytes" | "dtw" | "both";
  /** The published order by default, in both modes: no other is better founded. */
  readonly tieOrder?: TieOrder;
  /** DTW is refused beyond this many pairs of tokens. */
  readonly maxCells?: number;
  /** Told how far DTW is. */
  readonly onRows?: OnRows;
}

export interface PieceSequences {
  readonly targetPieces: readonly string[];
  readonly sourcePieces: readonly string[];
  /** What stands for a space in pieces, taken away before they are compared. */
  readonly targetMarker: string | undefined;
  readonly sourceMarker: string | undefined;
  readonly tieOrder?: TieOrder;
  readonly maxCells?: number;
}

const defaultMaxCells = 100_000_000;

/** @throws Problem `tooLarge` where DTW is asked for and has more than `maxCells` cells. */
export function alignTokens(
  target: TokenisedText,
  source: TokenisedText,
  options: AlignOptions,
): TokenAlignment {
  const positions = options.positions ?? "both";
  const [targetSide, sourceSide] = [sideOf(target), sideOf(source)];
  const byDtw =
    positions === "bytes" ? undefined : warp(wordingOf(target, source, options.mode), options);
  const byBytes =
    positions === "dtw" ? undefined : merge(target.encoding.ends, source.encoding.ends);
  return assemble(targetSide, sourceSide, byDtw, byBytes);
}

/** The same for pieces alone, to replay a published case: there are no bytes to compare with. */
export function alignPieces(pieces: PieceSequences): TokenAlignment {
  const { targetPieces, sourcePieces, targetMarker, sourceMarker } = pieces;
  const wording = pieceWording(
    { pieces: targetPieces, marker: targetMarker },
    { pieces: sourcePieces, marker: sourceMarker },
  );
  const byDtw = warp(wording, pieces);
  const [target, source] = [targetPieces, sourcePieces].map((tokens) => ({
    tokens,
    ids: undefined,
    byteEnds: undefined,
  }));
  return assemble(target, source, byDtw, undefined);
}

/** The local costs alone. @throws Problem `tooLarge` as above */
export function localCosts(
  target: TokenisedText,
  source: TokenisedText,
  { mode, maxCells }: Pick<AlignOptions, "mode" | "maxCells">,
): PieceCosts {
  const { targetLabels, sourceLabels } = wordingOf(target, source, mode);
  refuseTooLarge(sourceLabels.length, targetLabels.length, maxCells ?? defaultMaxCells);
  return pieceCosts(sourceLabels, targetLabels);
}

function wordingOf(target: TokenisedText, source: TokenisedText, mode: Mode): Wording {
  return (mode === "published" ? publishedWording : correctedWording)(target, source);
}

function publishedWording(target: TokenisedText, source: TokenisedText): Wording {
  const [targetTokens, sourceTokens] = [target, source].map((text) => ({
    pieces: piecesOf(text),
    marker: text.tokenizer.table.marker,
  }));
  return pieceWording(targetTokens, sourceTokens);
}

function correctedWording(target: TokenisedText, source: TokenisedText): Wording {
  const [targetTokens, sourceTokens] = [target, source].map(({ tokenizer, encoding }) => ({
    ids: encoding.ids,
    table: tokenizer.table,
  }));
  return textWording(targetTokens, sourceTokens);
}

interface Warped {
  readonly costs: PieceCosts;
  readonly path: Int32Array;
  readonly cost: number;
  readonly lists: readonly Int32Array[];
  readonly answers: Int32Array;
  readonly equalPieces: number;
}

function warp(
  wording: Wording,
  options: Pick<AlignOptions, "tieOrder" | "maxCells" | "onRows">,
): Warped {
  const { targetLabels, sourceLabels, targetSaid, sourceSaid } = wording;
  refuseTooLarge(sourceLabels.length, targetLabels.length, options.maxCells ?? defaultMaxCells);
  const costs = pieceCosts(sourceLabels, targetLabels);
  const [rows, columns] = [sourceLabels.length, targetLabels.length];
  const { path, cost } = dtw(rows, columns, pairCost(costs), options);
  const lists = targetToSource(path, targetLabels.length);
  const answers = Int32Array.from(lists, (list) => (list.length === 1 ? list[0] : noAnswer));
  const equalPieces = answers.reduce(
    (count, s, t) => (s >= 0 && sourceSaid[s] === targetSaid[t] ? count + 1 : count),
    0,
  );
  return { costs, path, cost, lists, answers, equalPieces };
}

function refuseTooLarge(rows: number, columns: number, most: number): void {
  if (rows * columns <= most) return;
  const [cells, limit] = [rows * columns, most].map((count) => count.toLocaleString("en"));
  const what = `Warping ${rows} source tokens to ${columns} target tokens takes ${cells} cells, over the limit of ${limit}.`;
  throw new Problem("tooLarge", what, { next: "Align a shorter text, or by bytes alone." });
}

interface Merged {
  readonly groups: Int32Array;
  readonly answers: Int32Array;
}

/** Rows are one ahead of tokens; a target token at the text's start may share BOS's row, which is no token. */
function merge(targetEnds: Int32Array, sourceEnds: Int32Array): Merged {
  const rows = sharedBoundaries(rowEnds(targetEnds), rowEnds(sourceEnds));
  const answers = rows.subarray(1).map((row) => (row > 0 ? row - 1 : noAnswer));
  return { groups: byteGroups(targetEnds, sourceEnds), answers };
}

function assemble(
  target: AlignedSide,
  source: AlignedSide,
  byDtw: Warped | undefined,
  byBytes: Merged | undefined,
): TokenAlignment {
  const outcome = byDtw && byBytes && compared(byDtw.answers, byBytes.answers);
  const offText = byDtw && sharingNoByte(byDtw.answers, target, source);
  const stats: AlignmentStats = {
    targetTokens: target.tokens.length,
    sourceTokens: source.tokens.length,
    dtw: byDtw && {
      ...answered(byDtw.answers),
      cost: byDtw.cost,
      equalPieces: byDtw.equalPieces,
      offText: offText?.reduce((sum, off) => sum + off, 0),
    },
    bytes: byBytes && { ...answered(byBytes.answers), groups: byBytes.groups.length / 4 },
    outcomes: outcome && countOutcomes(outcome),
  };
  return {
    target,
    source,
    path: byDtw?.path,
    cost: byDtw?.cost,
    costs: byDtw?.costs,
    groups: byBytes?.groups,
    targetToSource: byDtw?.lists ?? Array.from(byBytes?.answers ?? [], listOf),
    answers: { dtw: byDtw?.answers, bytes: byBytes?.answers },
    outcome,
    offText,
    stats,
  };
}

function listOf(answer: number): Int32Array {
  return answer === noAnswer ? new Int32Array(0) : Int32Array.of(answer);
}

function answered(answers: Int32Array): Answered {
  const given = answers.reduce((sum, answer) => (answer === noAnswer ? sum : sum + 1), 0);
  return { answers: given, share: answers.length === 0 ? 0 : given / answers.length };
}

function compared(byDtw: Int32Array, byBytes: Int32Array): Uint8Array {
  const codes = Object.fromEntries(alignmentOutcomes.map((name, code) => [name, code]));
  return Uint8Array.from(byDtw, (answer, t) => {
    const other = byBytes[t];
    if (answer >= 0 && other >= 0) return answer === other ? codes.same : codes.other;
    if (answer >= 0) return codes.dtwOnly;
    return other >= 0 ? codes.bytesOnly : codes.neither;
  });
}

function countOutcomes(outcome: Uint8Array): Record<AlignmentOutcome, number> {
  const counts = { same: 0, dtwOnly: 0, bytesOnly: 0, other: 0, neither: 0 };
  for (const code of outcome) counts[alignmentOutcomes[code]]++;
  return counts;
}

function sharingNoByte(
  answers: Int32Array,
  target: AlignedSide,
  source: AlignedSide,
): Uint8Array | undefined {
  const [targetEnds, sourceEnds] = [target.byteEnds, source.byteEnds];
  if (targetEnds === undefined || sourceEnds === undefined) return undefined;
  return Uint8Array.from(answers, (s, t) => {
    if (s < 0) return 0;
    const [from, also] = [sourceEnds[s - 1] ?? source.start, targetEnds[t - 1] ?? target.start];
    const start = Math.max(from ?? 0, also ?? 0);
    return start < Math.min(sourceEnds[s], targetEnds[t]) ? 0 : 1;
  });
}

function sideOf(text: TokenisedText): AlignedSide {
  const { ids, ends } = text.encoding;
  return { tokens: piecesOf(text), ids, byteEnds: ends, start: text.start ?? 0 };
}

function piecesOf({ tokenizer, encoding }: TokenisedText): string[] {
  return Array.from(encoding.ids, (id) => tokenizer.table.pieces[id] ?? "");
}
