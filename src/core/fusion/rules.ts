/**
 * Fuses the candidates' rows of one chunk into one distribution a position: MinCE takes the rows of the best
 * candidate, AvgCE mixes (FuseLLM, `trainer.py`; per token is ours, upstream averages it away). The target's own
 * frozen rows are a candidate like the sources'.
 *
 * Where a candidate has no row its weight goes to those that have one, in proportion; where none of weight has
 * one the position has no fused row, and what it is taught instead is decided in trainingWeights.ts. (The
 * released AvgCE mixes a one-hot fall-back in for a missing row; this is not repeated.)
 */
import type { TokenisedText } from "../alignment/alignTokens.ts";
import type { Mode } from "../mode.ts";
import { sequenceOf } from "../text/sequence.ts";
import {
  type AlignedRepresentation,
  blendedRow,
  type FusedRows,
  noFusedRow,
  type Representation,
  type SparseRows,
} from "./representation.ts";
import { readRowMass } from "./rowMass.ts";
import { createRowWriter, type RowWriter } from "./rowWriter.ts";
import { candidateWeights } from "./scores.ts";
import type { FusionPer, FusionRule, ScoreUnit, Tail } from "./settings.ts";
import { type FusionTally, tallyAlignment } from "./tally.ts";

export interface FuseInput {
  /** The target as it was before training, and what it reads in the chunk. */
  readonly target: TokenisedText & { readonly representation: Representation };
  /** By source, in recipe order. */
  readonly aligned: readonly AlignedRepresentation[];
  /** Of the chunk or of its block, by `candidateScores`. Not used where weights are by token. */
  readonly scores: ArrayLike<number>;
  readonly rule: FusionRule;
  /**
   * `token` weighs the candidates at each position by the loss on the true next token, which looks at the
   * label: warn of it.
   */
  readonly per: FusionPer;
  readonly unit: ScoreUnit;
  readonly tail: Tail;
  readonly mode: Mode;
  /** Of the target's distributions, default 1; the sources' have theirs from `alignRows`. */
  readonly temperature?: number;
  /** τ of AvgCE. */
  readonly softness?: number;
}

export interface FusedChunk {
  readonly rows: FusedRows;
  /** [rows * candidates], what each candidate's row weighs in the fused row: 1 together, or all 0 without one. */
  readonly rowWeights: Float64Array;
  readonly tally: FusionTally;
  /** The candidates' weights over the chunk; absent where weights are by token. */
  readonly weights?: Float64Array;
}

export function fuseChunk(input: FuseInput): FusedChunk {
  const { target, aligned, per, tail } = input;
  const { rows } = target.representation;
  requireSameRows(input);
  const own = ownRows(input);
  const candidates: readonly SparseRows[] = [own, ...aligned];
  const chunkWeights = per === "token" ? undefined : candidateWeights(input.scores, input);
  const weightsOf = per === "token" ? tokenWeights(input) : () => chunkWeights as Float64Array;

  const capacity = candidates.reduce((sum, { ids }) => sum + ids.length, own.ids.length);
  const writer = createRowWriter(rows, capacity, target.tokenizer.table.size);
  const from = new Int8Array(rows).fill(noFusedRow);
  const rowWeights = new Float64Array(rows * candidates.length);
  for (let i = 0; i < rows; i++) {
    const weights = weightsOf(i);
    const parts = candidates
      .map((_, m) => m)
      .filter((m) => weights[m] > 0 && (m === 0 || hasRow(input, aligned[m - 1], i)));
    const sum = parts.reduce((total, m) => total + weights[m], 0);
    // A published row that lost its candidates: the target's own stands in, at the source's weight.
    const givers = parts.map((m) => (isEmpty(candidates[m], i) ? 0 : m));
    givers.forEach((m, part) => {
      const weight = weights[parts[part]] / sum;
      rowWeights[i * candidates.length + m] += weight;
      addRow(writer, candidates[m], i, weight, tail);
    });
    writer.close(tail);
    if (givers.length > 0) from[i] = new Set(givers).size === 1 ? givers[0] : blendedRow;
  }
  const fused: FusedRows = { ...writer.finish(), from };
  const tally = tallyFusion(fused, aligned, chunkWeights);
  const answer = { rows: fused, rowWeights, tally };
  return chunkWeights ? { ...answer, weights: chunkWeights } : answer;
}

/** The target's distributions as rows. Its ids are its own, and the true next token is not added to the top k. */
function ownRows({ target, temperature = 1, tail }: FuseInput): SparseRows {
  const { representation, tokenizer, encoding } = target;
  const { rows, topK } = representation;
  const { labels } = sequenceOf(tokenizer, encoding);
  const writer = createRowWriter(rows, rows * topK, tokenizer.table.size);
  for (let i = 0; i < rows; i++) {
    const { ids, probs } = readRowMass(representation, i, labels[i], temperature);
    for (let k = 0; k < topK; k++) writer.add(ids[k], probs[k]);
    writer.close(tail);
  }
  return writer.finish();
}

/**
 * A row that lost all its candidates says nothing. The published collator puts the target's own row in its
 * place; otherwise the source has no row there.
 */
function hasRow({ mode }: FuseInput, aligned: AlignedRepresentation, row: number): boolean {
  return aligned.outcome[row] === 0 && (mode === "published" || !isEmpty(aligned, row));
}

function isEmpty({ offsets }: SparseRows, row: number): boolean {
  return offsets[row] === offsets[row + 1];
}

/** Each distribution is renormalised by itself before it is mixed, as in the published collator. */
function addRow(
  writer: RowWriter,
  { offsets, ids, probs }: SparseRows,
  row: number,
  weight: number,
  tail: Tail,
): void {
  let kept = 1;
  if (tail === "renormalise") {
    kept = 0;
    for (let i = offsets[row]; i < offsets[row + 1]; i++) kept += probs[i];
  }
  for (let i = offsets[row]; i < offsets[row + 1]; i++)
    writer.add(ids[i], (weight * probs[i]) / kept);
}

/**
 * Weights at one position, from each candidate's loss on the bytes of the true next token. The bytes are the
 * same for all; per byte they only set the scale of AvgCE. EOS has no bytes and counts as one.
 */
function tokenWeights(input: FuseInput): (row: number) => Float64Array {
  const { target, aligned, unit } = input;
  const { ends } = target.encoding;
  const unitsOf = (row: number): number => {
    if (unit === "token") return 1;
    const bytes = row < ends.length ? ends[row] - (row > 0 ? ends[row - 1] : 0) : 0;
    return Math.LN2 * Math.max(1, bytes);
  };
  return (row) => {
    const units = unitsOf(row);
    const scores = [target.representation.nats[row] / units];
    for (const source of aligned) {
      scores.push(hasRow(input, source, row) ? source.goldNats[row] / units : Number.NaN);
    }
    return candidateWeights(scores, input);
  };
}

function requireSameRows({ target, aligned, scores, per }: FuseInput): void {
  const rows = target.encoding.ids.length + 1;
  const found = [target.representation, ...aligned].map((part) => part.rows);
  if (found.some((count) => count !== rows)) {
    throw new Error(`a chunk of ${rows} positions was given rows ${found.join(", ")}`);
  }
  if (per !== "token" && scores.length !== found.length) {
    throw new Error(`${found.length} candidates were given ${scores.length} scores`);
  }
}

function tallyFusion(
  { rows, from }: FusedRows,
  aligned: readonly AlignedRepresentation[],
  weights: Float64Array | undefined,
): FusionTally {
  const best = weights?.indexOf(weights.reduce((a, b) => Math.max(a, b), 0));
  const candidates = [undefined, ...aligned].map((_, m) => ({
    chunks: m === best ? 1 : 0,
    positions: count(from, m),
  }));
  const fellBack = count(from, noFusedRow);
  return {
    chunks: 1,
    positions: rows,
    fused: rows - fellBack,
    fellBack,
    blended: count(from, blendedRow),
    candidates,
    sources: aligned.map(tallyAlignment),
  };
}

function count(codes: Int8Array, wanted: number): number {
  let found = 0;
  for (const code of codes) if (code === wanted) found++;
  return found;
}
