/**
 * The local cost of pairing two tokens in DTW: the edit distance of what they say, word markers taken away. It
 * is a function of the two strings alone, and a text has far fewer distinct strings than tokens, so it is
 * computed once a pair of distinct strings. The table also goes to the alignment view, which colours any cell
 * from it.
 */
import { editDistance } from "./editDistance.ts";

export interface PieceCosts {
  /** Distinct strings compared, in order of appearance. */
  readonly sourceLabels: readonly string[];
  readonly targetLabels: readonly string[];
  /** For every token the index of its label. */
  readonly sourceKinds: Int32Array;
  readonly targetKinds: Int32Array;
  /** Edits, [source labels × target labels] row by row. */
  readonly table: Uint16Array;
}

export function pieceCosts(source: readonly string[], target: readonly string[]): PieceCosts {
  const [sourceLabels, sourceKinds] = distinct(source);
  const [targetLabels, targetKinds] = distinct(target);
  const table = new Uint16Array(sourceLabels.length * targetLabels.length);
  for (const [s, a] of sourceLabels.entries())
    for (const [t, b] of targetLabels.entries())
      table[s * targetLabels.length + t] = editDistance(a, b);
  return { sourceLabels, targetLabels, sourceKinds, targetKinds, table };
}

/** The cost of source token `s` with target token `t`. */
export function pairCost({ table, sourceKinds, targetKinds, targetLabels }: PieceCosts) {
  const width = targetLabels.length;
  return (s: number, t: number): number => table[sourceKinds[s] * width + targetKinds[t]];
}

function distinct(strings: readonly string[]): [string[], Int32Array] {
  const index = new Map<string, number>();
  const kinds = Int32Array.from(strings, (string) => {
    const known = index.get(string) ?? index.size;
    index.set(string, known);
    return known;
  });
  return [Array.from(index.keys()), kinds];
}
