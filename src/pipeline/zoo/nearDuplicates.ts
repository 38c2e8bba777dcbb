/**
 * Near-duplicates by word shingles (Broder, 1997): a text is the set of its runs of eight words, two texts
 * are near-duplicates where the Jaccard similarity of their sets is above one half. Pairs are found exactly,
 * with a prefix filter (Bayardo, Ma and Srikant, 2007) instead of sampled hashes. Shingles are 32-bit
 * hashes: among two million of them a chance match befalls one in two thousand.
 */

export const shingleWords = 8;

/** Runs of letters, digits and underscores, in lower case. Punctuation and layout do not count. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** The shingles of a text: ascending, each once. A text of fewer words has one shingle of all of them, without words none. */
export function shinglesOf(text: string): Int32Array {
  const words = wordsOf(text).map(hashWord);
  const count = words.length === 0 ? 0 : Math.max(1, words.length - shingleWords + 1);
  const hashes = new Int32Array(count);
  for (let i = 0; i < count; i++)
    hashes[i] = hashRun(words, i, Math.min(i + shingleWords, words.length));
  hashes.sort();
  let kept = 0;
  for (const hash of hashes) {
    if (kept === 0 || hashes[kept - 1] !== hash) hashes[kept++] = hash;
  }
  return hashes.slice(0, kept);
}

/** FNV-1a over UTF-16 units. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash;
}

/** A polynomial in the words' hashes, its bits mixed at the end. */
function hashRun(words: readonly number[], start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 0x5bd1e995) + (words[i] as number)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The share of `shingles` that are in `seen`, 0 where there are none. */
export function shareSeen(shingles: Int32Array, seen: ReadonlySet<number>): number {
  if (shingles.length === 0) return 0;
  let count = 0;
  for (const shingle of shingles) if (seen.has(shingle)) count++;
  return count / shingles.length;
}

/** |a ∩ b| / |a ∪ b| of two ascending sets; 0 where both are empty. */
export function jaccard(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  const union = a.length + b.length - shared;
  return union === 0 ? 0 : shared / union;
}

/**
 * The cluster of each set, named by the lowest index in it: sets are in one cluster where a chain of pairs,
 * each with a Jaccard similarity above `threshold`, joins them.
 *
 * Two sets above the threshold t share at least t·|x| shingles of the larger one, x, so with shingles sorted
 * from rare to common each shows one of them among its first |x| − ⌈t·|x|⌉ + 1; only sets that meet there
 * are compared.
 */
export function nearDuplicateClusters(sets: readonly Int32Array[], threshold: number): Int32Array {
  const clusters = new Clusters(sets.length);
  const frequency = new Map<number, number>();
  for (const set of sets) {
    for (const shingle of set) frequency.set(shingle, (frequency.get(shingle) ?? 0) + 1);
  }
  const holders = new Map<number, number[]>();
  for (const [i, set] of sets.entries()) {
    const candidates = new Set<number>();
    for (const shingle of rarePrefix(set, threshold, frequency)) {
      const earlier = holders.get(shingle);
      if (earlier === undefined) holders.set(shingle, [i]);
      else {
        for (const j of earlier) candidates.add(j);
        earlier.push(i);
      }
    }
    for (const j of candidates) {
      if (clusters.of(i) !== clusters.of(j) && jaccard(set, sets[j] as Int32Array) > threshold) {
        clusters.join(i, j);
      }
    }
  }
  return clusters.all();
}

/** The shingles of the prefix that stand in more than one set, for the others meet nobody. */
function rarePrefix(
  set: Int32Array,
  threshold: number,
  frequency: ReadonlyMap<number, number>,
): number[] {
  const times = (shingle: number): number => frequency.get(shingle) ?? 0;
  const length = set.length - Math.ceil(threshold * set.length) + 1;
  const repeated = Array.from(set).filter((shingle) => times(shingle) > 1);
  const single = set.length - repeated.length;
  repeated.sort((a, b) => times(a) - times(b) || a - b);
  return repeated.slice(0, Math.max(0, length - single));
}

/** Disjoint sets of indices, each known by its lowest. */
class Clusters {
  private readonly parent: Int32Array;

  constructor(size: number) {
    this.parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  of(index: number): number {
    let root = index;
    while (this.parent[root] !== root) root = this.parent[root] as number;
    this.parent[index] = root;
    return root;
  }

  join(a: number, b: number): void {
    const [low, high] = [this.of(a), this.of(b)].sort((x, y) => x - y) as [number, number];
    this.parent[high] = low;
  }

  all(): Int32Array {
    return this.parent.map((_, i) => this.of(i));
  }
}
