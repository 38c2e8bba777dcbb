/**
 * An alignment worked out a second time: another edit distance, and DTW in a few lines, so that what pictures and
 * files show can be compared with what does not come from the product.
 */
import { levenshteinEditDistance } from "levenshtein-edit-distance";

export interface AlignedByHand {
  /** Edits of pairing source token i with target token j. */
  readonly local: readonly (readonly number[])[];
  /** Of the cheapest path up to there. */
  readonly cumulative: readonly (readonly number[])[];
  /** Of the cheapest path through there beyond the cheapest of all. */
  readonly detour: readonly (readonly number[])[];
  /** Pairs source token, target token; where ways cost the same, diagonal before source before target. */
  readonly path: readonly (readonly [number, number])[];
  readonly cost: number;
}

/** What a token says, without spaces; bytes that are no character count one edit each. */
export function spelled(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes)
      .replaceAll(" ", "");
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(0xe000 + byte)).join("");
  }
}

/** What the tokens of a text say that end at these bytes of it. */
export function spelledIn(text: string, ends: readonly number[]): string[] {
  const bytes = Buffer.from(text);
  return ends.map((end, i) => spelled(bytes.subarray(ends[i - 1] ?? 0, end)));
}

export function alignedByHand(source: readonly string[], target: readonly string[]): AlignedByHand {
  const known = new Map<string, number>();
  const distance = (a: string, b: string): number => {
    const key = JSON.stringify([a, b]);
    const found = known.get(key) ?? levenshteinEditDistance(a, b);
    known.set(key, found);
    return found;
  };
  const local = source.map((a) => target.map((b) => distance(a, b)));
  const there = sums(local);
  const turned = (rows: readonly (readonly number[])[]) =>
    rows.map((row) => row.toReversed()).toReversed();
  const back = turned(sums(turned(local)));
  const cost = there.at(-1)!.at(-1)!;
  const detour = local.map((row, i) => row.map((one, j) => there[i][j] + back[i][j] - one - cost));
  return { local, detour, cumulative: there, path: cheapest(there), cost };
}

function sums(costs: readonly (readonly number[])[]): number[][] {
  const total = costs.map((row) => [...row]);
  for (const [i, row] of total.entries())
    for (const j of row.keys()) {
      const ways = [total[i - 1]?.[j - 1], total[i - 1]?.[j], row[j - 1]];
      const before = ways.filter((way) => way !== undefined);
      if (before.length > 0) row[j] += Math.min(...before);
    }
  return total;
}

function cheapest(sum: readonly (readonly number[])[]): [number, number][] {
  const at = (i: number, j: number): number => sum[i]?.[j] ?? Number.POSITIVE_INFINITY;
  const path: [number, number][] = [[sum.length - 1, sum[0].length - 1]];
  for (let [i, j] = path[0]; i > 0 || j > 0; path.unshift([i, j])) {
    const [diagonal, above, left] = [at(i - 1, j - 1), at(i - 1, j), at(i, j - 1)];
    if (diagonal <= above && diagonal <= left) [i, j] = [i - 1, j - 1];
    else if (above <= left) i--;
    else j--;
  }
  return path;
}
