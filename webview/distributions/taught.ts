/**
 * TAUGHT at any λ: λ · one-hot(true next token) + (1 − λ) · fused, the distribution whose cross-entropy the loss
 * is. λ acts nowhere else, so moving it asks nobody. Where nothing is fused the fall-back decides, and it is read
 * off the answer of the host (core/fusion/trainingWeights.ts).
 */
import type { FusedPosition, RowEntry } from "../../src/protocol/distributionsView.ts";

export type Fallback = "nextToken" | "skip" | "currentToken";

export interface Taught {
  /** Weights of the true next token and of the row in the loss. */
  readonly label: number;
  readonly fused: number;
  /** The likeliest first. With the left-over it adds up to `label + fused`. */
  readonly row: readonly RowEntry[];
  readonly leftOver: number;
  /** What stands in for a fused row; absent where there is one. */
  readonly fallback?: Fallback;
}

export function taughtAt(position: FusedPosition, lambda: number): Taught {
  const { next, fused } = position;
  if (fused.from !== "none") {
    return mixed(next, lambda, 1 - lambda, fused.row, fused.leftOver);
  }
  const fallback = fallbackOf(position);
  switch (fallback) {
    case "nextToken":
      return { ...mixed(next, 1, 0, [], 0), fallback };
    case "skip":
      return { ...mixed(next, lambda, 0, [], 0), fallback };
    case "currentToken":
      return { ...mixed(next, lambda, 1 - lambda, repeated(position), 0), fallback };
  }
}

/** At λ = 1 all fall-backs look alike: an answer made there says nothing about another λ without a fused row. */
export const servesEveryLambda = ({ fused }: FusedPosition, madeAt: number): boolean =>
  fused.from !== "none" || madeAt < 1;

function fallbackOf({ taught }: FusedPosition): Fallback {
  if (taught.fused > 0) return "currentToken";
  return taught.label === 1 ? "nextToken" : "skip";
}

/** The row that the fall-back teaches in place of a fused one. */
function repeated({ taught, next }: FusedPosition): readonly RowEntry[] {
  return taught.row
    .map((entry) => ({
      ...entry,
      p: (entry.p - (entry.id === next.id ? taught.label : 0)) / taught.fused,
    }))
    .filter(({ p }) => p > 1e-6);
}

function mixed(
  next: { readonly id: number; readonly piece: string },
  label: number,
  weight: number,
  row: readonly RowEntry[],
  leftOver: number,
): Taught {
  const entries = weight > 0 ? row.map((entry) => ({ ...entry, p: weight * entry.p })) : [];
  const known = entries.findIndex(({ id }) => id === next.id);
  if (label > 0) {
    if (known < 0) entries.push({ ...next, p: label });
    else entries[known] = { ...entries[known], p: entries[known].p + label };
  }
  return {
    label,
    fused: weight,
    row: entries.sort((a, b) => b.p - a.p),
    leftOver: weight * leftOver,
  };
}
