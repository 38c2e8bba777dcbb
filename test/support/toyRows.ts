/** Representations and rows written as tables of pieces and probabilities. */
import type { Representation, SparseRows } from "../../src/core/fusion/representation.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";

/** One row: probability by piece, descending. `gold` where the true next token stands outside the top k. */
export interface ToyRow {
  readonly top: Readonly<Record<string, number>>;
  readonly gold?: number;
}

/** A representation with the rows given, one for each token of the text and one for BOS. All rows have the same top k. */
export function toyRepresentation(
  { tokenizer, encoding }: { tokenizer: TextTokenizer; encoding: Encoding },
  rows: readonly ToyRow[],
): Representation {
  const { labels } = sequenceOf(tokenizer, encoding);
  const topK = Object.keys(rows[0].top).length;
  const ids = rows.flatMap(({ top }) => Object.keys(top).map((piece) => idOf(tokenizer, piece)));
  const probs = rows.flatMap(({ top }) => Object.values(top));
  if (ids.length !== rows.length * topK) throw new Error("rows of unequal length");
  return {
    rows: rows.length,
    topK,
    ids: Int32Array.from(ids),
    logProbs: Float32Array.from(probs, Math.log),
    leftOver: Float32Array.from(rows, ({ top }) => 1 - sumOf(Object.values(top))),
    nats: Float32Array.from(rows, ({ top, gold }, i) => {
      const p = gold ?? top[tokenizer.table.pieces[labels[i]] as string];
      if (p === undefined) throw new Error(`row ${i} does not say what its true next token has`);
      return -Math.log(p);
    }),
  };
}

function idOf(tokenizer: TextTokenizer, piece: string): number {
  const id = tokenizer.table.idByPiece.get(piece);
  if (id === undefined) throw new Error(`no piece ${piece}`);
  return id;
}

/** A row as probability by piece, rounded to six places. */
export function rowOf(
  rows: SparseRows,
  tokenizer: TextTokenizer,
  row: number,
): Record<string, number> {
  const entries: [string, number][] = [];
  for (let i = rows.offsets[row]; i < rows.offsets[row + 1]; i++) {
    entries.push([tokenizer.table.pieces[rows.ids[i]] as string, rounded(rows.probs[i])]);
  }
  return Object.fromEntries(entries);
}

export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
