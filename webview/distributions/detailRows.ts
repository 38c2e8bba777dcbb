/**
 * One position as lines of a table: a line is a token of the target's vocabulary, the same across T, the sources,
 * FUSED and TAUGHT. Ordered by FUSED; the true next token is always among them, however unlikely it is.
 */
import type { FusedPosition, OwnCandidate } from "../../src/protocol/distributionsView.ts";
import type { Taught } from "./taught.ts";

/** What a model gives a target token, and which of its own candidates that comes from. */
export interface DetailCell {
  readonly p: number;
  /** Empty for T, and where the mass is that of the gold path alone. */
  readonly own: readonly OwnCandidate[];
}

export interface DetailRow {
  readonly id: number;
  readonly piece: string;
  readonly isTrue: boolean;
  /** Among all lines, from 0. */
  readonly place: number;
  /** In FUSED, from 1; null outside it. */
  readonly rank: number | null;
  /** T, A, B, …; null where the token is not in the model's row. */
  readonly cells: readonly (DetailCell | null)[];
  readonly fused: number | null;
  readonly taught: number | null;
}

export function detailRows(position: FusedPosition, taught: Taught): DetailRow[] {
  const { columns, fused, next } = position;
  const rows = columns.map(({ row }) => new Map(row.map(({ id, p }) => [id, p])));
  const owns = columns.map(({ own }) => ownByTarget(own));
  const ranks = new Map(fused.row.map(({ id }, i) => [id, i + 1]));
  const fusedMass = new Map(fused.row.map(({ id, p }) => [id, p]));
  const taughtMass = new Map(taught.row.map(({ id, p }) => [id, p]));

  const lines = [...piecesOf(position, taught)].map(
    ([id, piece]): Omit<DetailRow, "place"> => ({
      id,
      piece,
      isTrue: id === next.id,
      rank: ranks.get(id) ?? null,
      cells: rows.map((row, m) => {
        const p = row.get(id);
        return p === undefined ? null : { p, own: owns[m].get(id) ?? [] };
      }),
      fused: fusedMass.get(id) ?? null,
      taught: taughtMass.get(id) ?? null,
    }),
  );
  const last = fused.row.length + 1;
  return lines
    .sort(
      (a, b) => (a.rank ?? last) - (b.rank ?? last) || likeliest(b) - likeliest(a) || a.id - b.id,
    )
    .map((line, place) => ({ ...line, place }));
}

/** Every target token that anybody gives mass here, and the true next one. */
function piecesOf(
  { columns, fused, next }: FusedPosition,
  taught: Taught,
): ReadonlyMap<number, string> {
  const pieces = new Map<number, string>();
  for (const row of [fused.row, ...columns.map((column) => column.row), taught.row]) {
    for (const { id, piece } of row) pieces.set(id, piece);
  }
  return pieces.set(next.id, next.piece);
}

/** Without a fused row nothing has a rank: what any model thinks likely comes first then, and what is taught. */
const likeliest = ({ cells, taught }: Pick<DetailRow, "cells" | "taught">): number =>
  cells.reduce((most, cell) => Math.max(most, cell?.p ?? 0), taught ?? 0);

/** Fates in which a candidate's mass reaches its target token. */
const arrives = new Set(["kept", "merged", "goldPath"]);

function ownByTarget(own: readonly OwnCandidate[]): ReadonlyMap<number, OwnCandidate[]> {
  const found = new Map<number, OwnCandidate[]>();
  for (const candidate of own) {
    if (candidate.to === null || !arrives.has(candidate.becomes)) continue;
    const sharers = found.get(candidate.to.id);
    if (sharers === undefined) found.set(candidate.to.id, [candidate]);
    else sharers.push(candidate);
  }
  return found;
}

/** A source's candidates of which nothing reaches the target's vocabulary here. */
export const lostOf = (own: readonly OwnCandidate[]): OwnCandidate[] =>
  own.filter(({ becomes }) => becomes !== "" && !arrives.has(becomes));

/** The first lines, and the true next token's if it stands further down. */
export function shownRows(rows: readonly DetailRow[], count: number): readonly DetailRow[] {
  return rows.filter((row, i) => i < count || row.isTrue);
}
