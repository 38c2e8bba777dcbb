/** What became of the whole probability mass of a column: parts of 1, drawn as one bar. */
import type { FusedPosition, RowEntry } from "../../src/protocol/distributionsView.ts";

export interface Mass {
  readonly mapped: number;
  readonly leftOver: number;
  readonly noTargetToken: number;
  readonly duplicateDropped: number;
  /** Part of `mapped`. */
  readonly merged: number;
  /** What is missing from 1, or too much: never where the figures are right. */
  readonly unaccounted: number;
}

/** Rows are single precision, and there are up to some hundred entries in one. */
const rounding = 1e-3;

export function massOf({
  mapped,
  leftOver,
  noTargetToken,
  duplicateDropped,
  merged,
}: FusedPosition["columns"][number]["mass"]): Mass {
  const missing = 1 - (mapped + leftOver + noTargetToken + duplicateDropped);
  const unaccounted = Math.abs(missing) <= rounding ? 0 : missing;
  return { mapped, leftOver, noTargetToken, duplicateDropped, merged, unaccounted };
}

/** Of a row that nothing was mapped into: what its entries hold and what lies beyond them. */
export function massOfRow(row: readonly RowEntry[], leftOver: number): Mass {
  const mapped = row.reduce((sum, { p }) => sum + p, 0);
  return massOf({ mapped, leftOver, noTargetToken: 0, duplicateDropped: 0, merged: 0 });
}
