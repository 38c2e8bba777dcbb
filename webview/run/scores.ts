/**
 * What the scores of a run come to: for the whole and each domain the target before training, the target continued
 * on text alone and the fused target; means over seeds with their spread.
 */
import type { RunScore } from "../../src/protocol/runView.ts";

/** The three that are drawn, in the order of a run. */
export const scoredKinds = ["start", "clm", "fused"] as const;
export type ScoredKind = (typeof scoredKinds)[number];

export interface MeanScore {
  readonly mean: number;
  /** Standard deviation over the seeds (n − 1); null for a single one. */
  readonly spread: number | null;
  readonly seeds: number;
}

export interface ScoreRow {
  /** Null: the mean of the domains, each weighing the same. */
  readonly domain: string | null;
  readonly scores: Readonly<Partial<Record<ScoredKind, MeanScore>>>;
}

/** The mean of the domains first, where there are several; then each domain. */
export function scoreRows(scores: readonly RunScore[]): ScoreRow[] {
  const domains = [...new Set(scores.flatMap((score) => score.domains.map((one) => one.domain)))];
  const rowOf = (domain: string | null): ScoreRow => {
    const entries = scoredKinds.flatMap((kind) => {
      const mean = meanScore(valuesOf(scores, kind, domain));
      return mean === undefined ? [] : [[kind, mean] as const];
    });
    return { domain, scores: Object.fromEntries(entries) };
  };
  const rows = domains.length === 1 ? [] : [rowOf(null)];
  return [...rows, ...domains.map(rowOf)].filter((row) => Object.keys(row.scores).length > 0);
}

/** The last score of each seed counts: a run is measured again as it goes on. */
function valuesOf(scores: readonly RunScore[], kind: ScoredKind, domain: string | null): number[] {
  const bySeed = new Map<number | undefined, RunScore>();
  for (const score of scores) {
    if (score.of !== kind) continue;
    const known = bySeed.get(score.seed);
    if (known === undefined || (score.step ?? 0) >= (known.step ?? 0))
      bySeed.set(score.seed, score);
  }
  return [...bySeed.values()].flatMap((score) => {
    const value = scoreIn(score, domain);
    return value === null ? [] : [value];
  });
}

/** Bits per byte of a model in a domain; null where it was not measured. */
export function scoreIn(score: RunScore, domain: string | null): number | null {
  if (domain === null) return score.bitsPerByte;
  return score.domains.find((one) => one.domain === domain)?.bitsPerByte ?? null;
}

export function meanScore(values: readonly number[]): MeanScore | undefined {
  const seeds = values.length;
  if (seeds === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / seeds;
  if (seeds === 1) return { mean, spread: null, seeds };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / (seeds - 1)), seeds };
}
