/**
 * How sequences of many lengths are laid into few batches of fixed shape. A row is opened for the longest
 * sequence that is left and its room is filled with the longest that still fit (first-fit decreasing, row by
 * row). Attention costs a row's length squared whoever sits in it, so rows are as short as the longest
 * sequence in them; but every length is a shape, whose program has to be compiled, so short sequences may be
 * better off side by side in longer rows. A few least lengths are tried on paper and the cheapest is taken.
 */
import type { BatchShape } from "./graph/programs.ts";

export interface ReadingBatch {
  readonly shape: BatchShape;
  /** Sequence indices of each row, at most `shape.rows` of them; the rest of the batch is padding. */
  readonly rows: readonly (readonly number[])[];
}

export interface ReadingCosts {
  /** Row length at which attention costs as much as all else. */
  readonly attentionLength: number;
  /** What a shape costs once, in tokens read. */
  readonly shapeTokens: number;
  /** The most rows of this length that a batch may have. */
  readonly mostRows: (length: number) => number;
}

interface Row {
  readonly length: number;
  readonly sequences: readonly number[];
}

/** Least row lengths that are tried: rows of about one sequence each, up to several short ones in a row. */
const leastLengths = [1, 64, 128, 256];

/** `lengths` in tokens, each at least 1. Every sequence is in exactly one row; the plan follows from the arguments alone. */
export function planReading(lengths: ArrayLike<number>, costs: ReadingCosts): ReadingBatch[] {
  const descending = Array.from(lengths, (_, i) => i).sort(
    (a, b) => lengths[b] - lengths[a] || a - b,
  );
  let best: ReadingBatch[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  for (const least of leastLengths) {
    const plan = batchesOf(fillRows(descending, lengths, least), costs.mostRows);
    const cost = costOf(plan, costs);
    if (cost < lowest) {
      lowest = cost;
      best = plan;
    }
  }
  return best;
}

/** The lengths rows may have: multiples of 16, from 128 on of a quarter of the power of two below. */
export function rowLength(tokens: number): number {
  const unit = Math.max(16, 2 ** (Math.ceil(Math.log2(tokens)) - 3));
  return Math.ceil(tokens / unit) * unit;
}

function fillRows(descending: readonly number[], lengths: ArrayLike<number>, least: number): Row[] {
  const waiting = queuesByLength(descending, lengths);
  let remaining = descending.reduce((sum, i) => sum + lengths[i], 0);
  const rows: Row[] = [];
  let longest = waiting.length - 1;
  while (remaining > 0) {
    while (waiting[longest].length === 0) longest--;
    const length = rowLength(Math.max(longest, Math.min(least, remaining)));
    const sequences: number[] = [];
    let free = length;
    for (let size = longest; size > 0; size = Math.min(size, free)) {
      const next = waiting[size].pop();
      if (next === undefined) {
        size--;
        continue;
      }
      sequences.push(next);
      free -= size;
      remaining -= size;
    }
    rows.push({ length, sequences });
  }
  return rows;
}

/** Sequence indices by length; the first index of each length is the last of its list. */
function queuesByLength(descending: readonly number[], lengths: ArrayLike<number>): number[][] {
  const longest = descending.length === 0 ? 0 : lengths[descending[0]];
  const queues: number[][] = Array.from({ length: longest + 1 }, () => []);
  for (let i = descending.length - 1; i >= 0; i--)
    queues[lengths[descending[i]]].push(descending[i]);
  return queues;
}

function batchesOf(rows: readonly Row[], mostRows: ReadingCosts["mostRows"]): ReadingBatch[] {
  const byLength = new Map<number, Row[]>();
  for (const row of rows) {
    const ofLength = byLength.get(row.length);
    if (ofLength === undefined) byLength.set(row.length, [row]);
    else ofLength.push(row);
  }
  const batches: ReadingBatch[] = [];
  for (const [length, ofLength] of byLength) {
    const most = mostRows(length);
    for (let from = 0; from < ofLength.length; from += most) {
      const part = ofLength.slice(from, from + most);
      batches.push({
        shape: { rows: heightFor(part.length, most), length },
        rows: part.map(({ sequences }) => sequences),
      });
    }
  }
  return batches;
}

/** A batch that is not full has a power of two of rows, so that few shapes occur over many calls. */
const heightFor = (rows: number, most: number): number =>
  Math.min(most, 2 ** Math.ceil(Math.log2(rows)));

function costOf(plan: readonly ReadingBatch[], costs: ReadingCosts): number {
  const shapes = new Set(plan.map(({ shape }) => `${shape.rows} ${shape.length}`));
  const tokens = plan.reduce(
    (sum, { shape: { rows, length } }) =>
      sum + rows * length * (1 + length / costs.attentionLength),
    0,
  );
  return tokens + shapes.size * costs.shapeTokens;
}
