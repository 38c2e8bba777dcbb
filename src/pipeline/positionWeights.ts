/**
 * What each candidate's row weighs in the fused row of a position. Fusion itself hands out only the weights of
 * a chunk, and at a position they move: a candidate without a row gives its weight to those that have one, and
 * weights by token are another set at each. Here for those who look at positions; a test holds both to the
 * same rows.
 */
import type { AlignedRepresentation } from "../core/fusion/representation.ts";
import type { FuseInput } from "../core/fusion/rules.ts";
import { candidateWeights } from "../core/fusion/scores.ts";

/**
 * For a row the weights [target, sources …], which add up to 1, or are all 0 where no candidate of weight has a
 * row.
 *
 * @param chunkWeights of `fuseChunk`; `undefined` where weights are by token
 */
export function positionWeights(
  input: FuseInput,
  chunkWeights: Float64Array | undefined,
): (row: number) => number[] {
  const { aligned, mode } = input;
  return (row) => {
    const weights = chunkWeights ?? weightsByToken(input, row);
    const shares = Array.from(weights, (weight, m) =>
      m === 0 || answers(input, aligned[m - 1], row) ? weight : 0,
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    const scaled = shares.map((share) => (sum > 0 ? share / sum : 0));
    if (mode !== "published") return scaled;
    // The target's own row stands in for one that lost all its candidates.
    return scaled.map((share, m) => {
      if (m > 0) return isEmpty(aligned[m - 1], row) ? 0 : share;
      return scaled.reduce(
        (total, other, k) => (k > 0 && isEmpty(aligned[k - 1], row) ? total + other : total),
        share,
      );
    });
  };
}

function weightsByToken(input: FuseInput, row: number): Float64Array {
  const { target, aligned, unit } = input;
  const { ends } = target.encoding;
  const bytes = row < ends.length ? ends[row] - (row > 0 ? ends[row - 1] : 0) : 0;
  const units = unit === "token" ? 1 : Math.LN2 * Math.max(1, bytes);
  const nats = [
    target.representation.nats[row],
    ...aligned.map((source) => (answers(input, source, row) ? source.goldNats[row] : Number.NaN)),
  ];
  return candidateWeights(
    nats.map((nat) => nat / units),
    input,
  );
}

function answers({ mode }: FuseInput, aligned: AlignedRepresentation, row: number): boolean {
  return aligned.outcome[row] === 0 && (mode === "published" || !isEmpty(aligned, row));
}

const isEmpty = ({ offsets }: AlignedRepresentation, row: number): boolean =>
  offsets[row] === offsets[row + 1];
