/**
 * Learns byte-pair merges (Sennrich, Haddow and Birch, 2016): again and again the commonest pair of
 * neighbouring symbols becomes one symbol. Of equally common pairs the one with the lower ids goes first, as
 * in Hugging Face's trainer, so that the same words give the same merges there and here. Counts are kept up
 * to date by recounting the words that a merge changes.
 */
import type { WordCounts } from "./trainingWords.ts";

export interface LearnedMerges {
  /** The pieces given, then one for each merge that made a new one; the index is the id. */
  readonly pieces: readonly string[];
  /** The two pieces of each merge, in the order in which merges apply. */
  readonly merges: readonly (readonly [string, string])[];
}

export interface MergeOptions {
  /** Ids from 0: every character of the words, and what else the vocabulary begins with. */
  readonly pieces: readonly string[];
  /** Pieces at the end; fewer where no pair is left that occurs twice. At most 65,536. */
  readonly size: number;
  /** Pieces that no merge may make, because they mean something else than their characters. */
  readonly reserved: ReadonlySet<string>;
}

/** Pairs seen less often are not merged. */
const leastCount = 2;

export function learnMerges(counts: WordCounts, options: MergeOptions): LearnedMerges {
  const pieces = [...options.pieces];
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const words = [...counts.keys()].map((word) =>
    Int32Array.from(word, (character) => ids.get(character) ?? missing(character)),
  );
  const table = new PairTable(words, [...counts.values()]);
  const merges: [string, string][] = [];
  while (pieces.length < options.size) {
    const pair = table.takeCommonest();
    if (pair === undefined) break;
    const [left, right] = pair;
    const merged = `${pieces[left]}${pieces[right]}`;
    if (options.reserved.has(merged)) continue;
    let id = ids.get(merged);
    if (id === undefined) {
      id = pieces.push(merged) - 1;
      ids.set(merged, id);
    }
    merges.push([pieces[left] as string, pieces[right] as string]);
    table.merge(left, right, id);
  }
  return { pieces, merges };
}

function missing(character: string): never {
  throw new RangeError(`learnMerges: ${JSON.stringify(character)} is no piece`);
}

/** The pairs of neighbours in all words: how often each occurs, and in which words it may. */
class PairTable {
  private readonly counts = new Map<number, number>();
  /** Words in which a pair has stood at some time, some more than once. */
  private readonly holders = new Map<number, number[]>();
  private readonly queue = new PairQueue();

  constructor(
    private readonly words: Int32Array[],
    private readonly times: readonly number[],
  ) {
    for (const [word, symbols] of words.entries()) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        this.add(symbols[i] as number, symbols[i + 1] as number, word);
      }
    }
    for (const [pair, count] of this.counts) this.queue.push({ pair, count });
  }

  /** The commonest pair, which is not given again until a merge changes its count. */
  takeCommonest(): readonly [number, number] | undefined {
    for (;;) {
      const top = this.queue.pop();
      if (top === undefined || top.count < leastCount) return undefined;
      if (this.counts.get(top.pair) === top.count) {
        return [Math.floor(top.pair / 65536), top.pair % 65536];
      }
    }
  }

  /** Replaces the pair by `merged` in every word, from left to right. */
  merge(left: number, right: number, merged: number): void {
    const pair = keyOf(left, right);
    const holders = this.holders.get(pair) ?? [];
    this.holders.delete(pair);
    const changed = new Set<number>();
    for (const word of holders) this.mergeInWord(word, left, right, merged, changed);
    for (const key of changed) {
      const count = this.counts.get(key) ?? 0;
      if (count > 0) this.queue.push({ pair: key, count });
    }
  }

  /** Each replacement takes away the pairs its two symbols were in and adds those of the new one. */
  private mergeInWord(
    word: number,
    left: number,
    right: number,
    merged: number,
    changed: Set<number>,
  ): void {
    const symbols = this.words[word] as Int32Array;
    let length = 0;
    for (let i = 0; i < symbols.length; i++) {
      if (symbols[i] !== left || symbols[i + 1] !== right) {
        symbols[length++] = symbols[i] as number;
        continue;
      }
      changed.add(this.take(left, right, word));
      if (length > 0) {
        const before = symbols[length - 1] as number;
        changed.add(this.take(before, left, word));
        changed.add(this.add(before, merged, word));
      }
      if (i + 2 < symbols.length) {
        const after = symbols[i + 2] as number;
        changed.add(this.take(right, after, word));
        changed.add(this.add(merged, after, word));
      }
      symbols[length++] = merged;
      i++;
    }
    this.words[word] = symbols.subarray(0, length);
  }

  private add(left: number, right: number, word: number): number {
    const pair = keyOf(left, right);
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + (this.times[word] as number));
    const holders = this.holders.get(pair);
    if (holders === undefined) this.holders.set(pair, [word]);
    else if (holders.at(-1) !== word) holders.push(word);
    return pair;
  }

  private take(left: number, right: number, word: number): number {
    const pair = keyOf(left, right);
    this.counts.set(pair, (this.counts.get(pair) ?? 0) - (this.times[word] as number));
    return pair;
  }
}

const keyOf = (left: number, right: number): number => left * 65536 + right;

interface CountedPair {
  readonly pair: number;
  readonly count: number;
}

/** A binary heap: the commonest pair first, of equals the lowest. Old counts stay in it and are passed over. */
class PairQueue {
  private readonly heap: CountedPair[] = [];

  push(entry: CountedPair): void {
    let at = this.heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!goesBefore(entry, this.heap[parent] as CountedPair)) break;
      this.heap[at] = this.heap[parent] as CountedPair;
      at = parent;
    }
    this.heap[at] = entry;
  }

  pop(): CountedPair | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) this.sink(last);
    return top;
  }

  private sink(entry: CountedPair): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.heap.length) break;
      const right = this.heap[child + 1];
      if (right !== undefined && goesBefore(right, this.heap[child] as CountedPair)) child++;
      if (!goesBefore(this.heap[child] as CountedPair, entry)) break;
      this.heap[at] = this.heap[child] as CountedPair;
      at = child;
    }
    this.heap[at] = entry;
  }
}

function goesBefore(a: CountedPair, b: CountedPair): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}
