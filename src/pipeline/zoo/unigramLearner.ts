/**
 * Learns a unigram language model of pieces (Kudo, 2018): many frequent substrings are fitted to the words by
 * expectation–maximisation and cut down, a quarter at a time, by the pieces whose loss costs the least
 * likelihood. As in SentencePiece, maximisation takes exp(ψ(use)) for a use, which drives rare pieces out.
 * Simpler here: what a loss costs is reckoned with the likeliest other spelling at unchanged probabilities,
 * and the last cut goes straight to the size wanted, with two more fits after it.
 */
import type { WordCounts } from "./trainingWords.ts";
import {
  bestSplit,
  buildLattices,
  expectedUse,
  type Lattices,
  withoutUnlikely,
} from "./unigramLattices.ts";

export interface UnigramOptions {
  /** Characters that stay whatever their use. Every character of the words is among them. */
  readonly alphabet: readonly string[];
  /** Pieces at the end, the alphabet included; fewer where not so many are worth having. */
  readonly size: number;
  /** Pieces that must not be learned, because they mean something else than their characters. */
  readonly reserved: ReadonlySet<string>;
}

/** UTF-16 units. */
const longestPiece = 16;
/** Longer words are cut, so that the product of a spelling's probabilities stays in a double's range. */
const longestWord = 32;
/** What a character gets that is hardly used. */
const leastProbability = 1e-9;
const leastSeedCount = 5;
const seedsPerPiece = 8;
const keptShare = 0.75;
const fitsPerRound = 2;
/** A piece used less often, by expectation, goes before any cut. */
const leastUse = 0.5;

/** Pieces with their natural log-probabilities, the likeliest first. */
export function learnUnigram(counts: WordCounts, options: UnigramOptions): [string, number][] {
  const cut = cutLongWords(counts);
  const words = [...cut.keys()];
  const times = Float64Array.from(cut.values());
  const required = options.alphabet.length;
  const seeds = seedPieces(cut, seedsPerPiece * options.size, options.reserved);
  const pieces = [...options.alphabet, ...seeds.keys()];
  // A piece that is gone keeps its index, with probability 0.
  let probabilities: Float64Array = new Float64Array(pieces.length).fill(1 / pieces.length);
  let lattices = buildLattices(words, pieces);
  const spellings = buildLattices(pieces, pieces);

  for (;;) {
    const left = probabilities.filter((probability) => probability > 0).length;
    const last = left <= options.size;
    let use = probabilities;
    for (let i = 0; i < fitsPerRound; i++) {
      use = expectedUse(lattices, times, probabilities);
      probabilities = maximise(use, probabilities, required, last ? 0 : leastUse);
    }
    if (last) break;
    const kept = Math.max(options.size, Math.floor(keptShare * left));
    dropCheapest(probabilities, use, spellings, required, kept);
    lattices = withoutUnlikely(lattices, probabilities);
  }
  return pieces
    .map((piece, i): [string, number] => [piece, roundedLog(probabilities[i] as number)])
    .filter(([, log]) => log > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** To a millionth: a machine whose logarithm differs in the last bit gives the same file in the same order. */
function roundedLog(probability: number): number {
  return Math.round(Math.log(probability) * 1e6) / 1e6;
}

function cutLongWords(counts: WordCounts): Map<string, number> {
  const cut = new Map<string, number>();
  for (const [word, count] of counts) {
    for (let start = 0; start < word.length; start += longestWord) {
      const part = word.slice(start, start + longestWord);
      cut.set(part, (cut.get(part) ?? 0) + count);
    }
  }
  return cut;
}

/**
 * The `most` substrings of two characters or more with the largest count times length. Level by level: a
 * substring can only be frequent where the two that are shorter by one are.
 */
function seedPieces(
  counts: WordCounts,
  most: number,
  reserved: ReadonlySet<string>,
): Map<string, number> {
  const found: [string, number][] = [];
  let places = [...counts].map(([word, count]) => ({
    word,
    count,
    starts: Array.from({ length: word.length }, (_, i) => i),
  }));
  for (let length = 2; length <= longestPiece && places.length > 0; length++) {
    const level = new Map<string, number>();
    for (const place of places) {
      const { word, count, starts } = place;
      place.starts = starts.filter((start, i) => starts[i + 1] === start + 1);
      for (const start of place.starts) {
        const piece = word.slice(start, start + length);
        level.set(piece, (level.get(piece) ?? 0) + count);
      }
    }
    const frequent = (piece: string): boolean => (level.get(piece) ?? 0) >= leastSeedCount;
    for (const place of places) {
      const { word, starts } = place;
      place.starts = starts.filter((start) => frequent(word.slice(start, start + length)));
    }
    places = places.filter(({ starts }) => starts.length > 0);
    for (const entry of level) {
      if (entry[1] >= leastSeedCount && !reserved.has(entry[0])) found.push(entry);
    }
  }
  const worth = ([piece, count]: [string, number]): number => piece.length * count;
  found.sort((a, b) => worth(b) - worth(a) || (a[0] < b[0] ? -1 : 1));
  return new Map(found.slice(0, most));
}

/** New probabilities from expected uses. Of the pieces that are left, those used less than `least` go. */
function maximise(
  use: Float64Array,
  probabilities: Float64Array,
  required: number,
  least: number,
): Float64Array {
  const stays = (i: number): boolean =>
    i < required || ((probabilities[i] as number) > 0 && (use[i] as number) >= least);
  const total = use.reduce((sum, count, i) => (stays(i) ? sum + count : sum), 0);
  const base = digamma(total);
  return use.map((count, i) =>
    stays(i) ? Math.max(leastProbability, count > 0 ? Math.exp(digamma(count) - base) : 0) : 0,
  );
}

/** Sets all but `kept` pieces to 0: those go whose uses cost least when spelt otherwise. */
function dropCheapest(
  probabilities: Float64Array,
  use: Float64Array,
  spellings: Lattices,
  required: number,
  kept: number,
): void {
  const logs = probabilities.map(Math.log);
  const otherwise = bestSplit(spellings, logs);
  const costs: { readonly piece: number; readonly cost: number }[] = [];
  for (let piece = required; piece < probabilities.length; piece++) {
    if (probabilities[piece] === 0) continue;
    const cost = (use[piece] as number) * ((logs[piece] as number) - (otherwise[piece] as number));
    costs.push({ piece, cost });
  }
  costs.sort((a, b) => b.cost - a.cost || a.piece - b.piece);
  for (const { piece } of costs.slice(Math.max(0, kept - required))) probabilities[piece] = 0;
}

/** ψ(x), x > 0: upwards by recurrence, then the asymptotic series. */
function digamma(x: number): number {
  let shifted = x;
  let below = 0;
  for (; shifted < 7; shifted++) below -= 1 / shifted;
  const square = 1 / (shifted * shifted);
  const series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
  return below + Math.log(shifted) - 0.5 / shifted - series;
}
