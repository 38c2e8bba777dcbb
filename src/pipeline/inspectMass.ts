/**
 * Where a row's probability mass went, as parts of 1, before any of it is scaled away: a renormalised row hides
 * what was beyond its top k and what was lost.
 */
import { readRowMass } from "../core/fusion/rowMass.ts";
import type { FusedPosition } from "../protocol/fusedFigures.ts";
import type { FusedChunk } from "./inspectFusion.ts";

export type RowMassAccount = FusedPosition["columns"][number]["mass"];

/** Of the target's own row. */
export function ownMassAt({ target, labels, settings }: FusedChunk, row: number): RowMassAccount {
  const { temperature } = settings.representation;
  const mass = readRowMass(target.representation, row, labels[0][row], temperature);
  const mapped = Math.min(1, sumOf(mass));
  return { mapped, leftOver: 1 - mapped, noTargetToken: 0, duplicateDropped: 0, merged: 0 };
}

/** Of a source's row; all left over where it has none. */
export function sourceMassAt(
  { sources, labels, settings }: FusedChunk,
  source: number,
  row: number,
): RowMassAccount {
  const { aligned, representation, answering } = sources[source];
  const noTargetToken = aligned.noTargetToken[row];
  const duplicateDropped = aligned.duplicateDropped[row];
  const merged = aligned.merged[row];
  const lost = noTargetToken + duplicateDropped;
  let leftOver = Math.max(0, aligned.leftOver[row] - lost);
  if (settings.mode === "published" && aligned.outcome[row] === 0 && representation) {
    const at = answering[row];
    const { temperature } = settings.representation;
    const mass = readRowMass(representation, at, labels[source + 1][at], temperature);
    leftOver = Math.max(0, 1 - sumOf(mass));
  }
  return {
    mapped: Math.max(0, 1 - leftOver - lost),
    leftOver,
    noTargetToken,
    duplicateDropped,
    merged,
  };
}

const sumOf = ({ probs }: { readonly probs: Float64Array }): number =>
  probs.reduce((sum, p) => sum + p, 0);
