/**
 * What became of every position and of the mass, as plain counts that add up over chunks. The share of
 * positions with a row is the quality of an alignment, so these numbers are shown, not logged.
 */
import {
  type AlignedRepresentation,
  type BoundaryCase,
  boundaryCases,
  type NoRowReason,
  noBoundaryCase,
  noRowReasons,
} from "./representation.ts";

/** One source over some chunks. Types, not interfaces, so that they count as plain objects in `addTally`. */
export type AlignmentTally = {
  readonly chunks: number;
  /** Target positions: tokens and BOS. */
  readonly positions: number;
  /** Positions with a row. */
  readonly rows: number;
  /** Rows of which no candidate has a target token. */
  readonly emptyRows: number;
  readonly noRow: Readonly<Record<NoRowReason, number>>;
  /** Positions at a shared boundary, with a row or not. */
  readonly cases: Readonly<Record<BoundaryCase, number>>;
  /**
   * Sums over the rows, as the row fields of the same names: `noTargetToken` and `duplicateDropped` are part
   * of `leftOver` unless the rows are renormalised; `merged` is kept.
   */
  readonly mass: {
    readonly leftOver: number;
    readonly noTargetToken: number;
    readonly duplicateDropped: number;
    readonly merged: number;
  };
};

/** Fusion over some chunks. Candidates in the order [target, sources …]. */
export type FusionTally = {
  readonly chunks: number;
  readonly positions: number;
  /** Positions with a fused row; the others fall back. */
  readonly fused: number;
  readonly fellBack: number;
  /** Fused rows that mix several candidates. */
  readonly blended: number;
  readonly candidates: readonly {
    /** Chunks in which this candidate weighs most. None where weights are by token. */
    readonly chunks: number;
    /** Rows that come from this candidate alone. */
    readonly positions: number;
  }[];
  readonly sources: readonly AlignmentTally[];
};

export function tallyAlignment(aligned: AlignedRepresentation): AlignmentTally {
  const noRow = zeroes(noRowReasons);
  const cases = zeroes(boundaryCases);
  const mass = { leftOver: 0, noTargetToken: 0, duplicateDropped: 0, merged: 0 };
  let rows = 0;
  let emptyRows = 0;
  for (let i = 0; i < aligned.rows; i++) {
    const code = aligned.boundaryCase[i];
    if (code !== noBoundaryCase) cases[boundaryCases[code]]++;
    if (aligned.outcome[i] !== 0) {
      noRow[noRowReasons[aligned.outcome[i] - 1]]++;
      continue;
    }
    rows++;
    if (aligned.offsets[i] === aligned.offsets[i + 1]) emptyRows++;
    mass.leftOver += aligned.leftOver[i];
    mass.noTargetToken += aligned.noTargetToken[i];
    mass.duplicateDropped += aligned.duplicateDropped[i];
    mass.merged += aligned.merged[i];
  }
  return { chunks: 1, positions: aligned.rows, rows, emptyRows, noRow, cases, mass };
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

/** Counts all the way down. */
type Counts = number | readonly Counts[] | { readonly [key: string]: Counts };

/** The sum of two tallies of one shape: of the same fusion over other chunks. */
export function addTally<Tally extends Counts>(first: Tally, second: Tally): Tally {
  return sum(first, second) as Tally;
}

function sum(first: Counts, second: Counts): Counts {
  if (typeof first === "number") return first + (second as number);
  if (Array.isArray(first))
    return first.map((part: Counts, i) => sum(part, (second as Counts[])[i]));
  const other = second as Record<string, Counts>;
  return Object.fromEntries(
    Object.entries(first as Record<string, Counts>).map(([key, part]) => [
      key,
      sum(part, other[key]),
    ]),
  );
}
