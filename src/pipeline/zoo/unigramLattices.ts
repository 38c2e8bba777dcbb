/**
 * All ways to spell words with pieces. A word's lattice has its character boundaries as nodes and an edge
 * for every piece that stands in it; edges are kept for all words in flat arrays, in the order of where they
 * begin, so that one pass forward or backward sees a node complete before it is used.
 */

export interface Lattices {
  /** UTF-16 units of each word, at most 255. */
  readonly lengths: Uint8Array;
  /** The first edge of each word, and the end of the last one's. */
  readonly firstEdge: Int32Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly piece: Int32Array;
}

export function buildLattices(words: readonly string[], pieces: readonly string[]): Lattices {
  const trie = new Trie(pieces);
  const firstEdge = new Int32Array(words.length + 1);
  const from: number[] = [];
  const to: number[] = [];
  const piece: number[] = [];
  for (const [i, word] of words.entries()) {
    for (let start = 0; start < word.length; start++) {
      trie.eachPrefix(word, start, (end, id) => {
        from.push(start);
        to.push(end);
        piece.push(id);
      });
    }
    firstEdge[i + 1] = piece.length;
  }
  return {
    lengths: Uint8Array.from(words, (word) => word.length),
    firstEdge,
    from: Uint8Array.from(from),
    to: Uint8Array.from(to),
    piece: Int32Array.from(piece),
  };
}

/** The same words, spelt only with pieces whose probability is above 0. */
export function withoutUnlikely(lattices: Lattices, probabilities: Float64Array): Lattices {
  const { lengths, piece } = lattices;
  const firstEdge = new Int32Array(lattices.firstEdge.length);
  const kept = new Int32Array(piece.length);
  let count = 0;
  for (let word = 0; word < lengths.length; word++) {
    const end = lattices.firstEdge[word + 1] as number;
    for (let edge = lattices.firstEdge[word] as number; edge < end; edge++) {
      if ((probabilities[piece[edge] as number] as number) > 0) kept[count++] = edge;
    }
    firstEdge[word + 1] = count;
  }
  const from = new Uint8Array(count);
  const to = new Uint8Array(count);
  const pieces = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const edge = kept[i] as number;
    from[i] = lattices.from[edge] as number;
    to[i] = lattices.to[edge] as number;
    pieces[i] = piece[edge] as number;
  }
  return { lengths, firstEdge, from, to, piece: pieces };
}

/** How often each piece is expected to be used, by forward–backward over every word, `times` times each. */
export function expectedUse(
  { lengths, firstEdge, from, to, piece }: Lattices,
  times: Float64Array,
  probabilities: Float64Array,
): Float64Array {
  const use = new Float64Array(probabilities.length);
  const forward = new Float64Array(256);
  const backward = new Float64Array(256);
  for (let word = 0; word < lengths.length; word++) {
    const length = lengths[word] as number;
    const begin = firstEdge[word] as number;
    const end = firstEdge[word + 1] as number;
    forward.fill(0, 0, length + 1);
    backward.fill(0, 0, length + 1);
    forward[0] = 1;
    for (let e = begin; e < end; e++) {
      const here = forward[from[e] as number] as number;
      forward[to[e] as number]! += here * (probabilities[piece[e] as number] as number);
    }
    const share = (times[word] as number) / (forward[length] as number);
    backward[length] = 1;
    for (let e = end - 1; e >= begin; e--) {
      const likely = (backward[to[e] as number] as number) * probabilities[piece[e] as number]!;
      backward[from[e] as number]! += likely;
      use[piece[e] as number]! += share * (forward[from[e] as number] as number) * likely;
    }
  }
  return use;
}

/**
 * The log-probability of each word's likeliest spelling with two pieces or more; −∞ where it has none.
 */
export function bestSplit(
  { lengths, firstEdge, from, to, piece }: Lattices,
  logProbabilities: Float64Array,
): Float64Array {
  const best = new Float64Array(256);
  return Float64Array.from(lengths, (length, word) => {
    best.fill(Number.NEGATIVE_INFINITY, 0, length + 1);
    best[0] = 0;
    for (let e = firstEdge[word] as number; e < (firstEdge[word + 1] as number); e++) {
      const start = from[e] as number;
      const end = to[e] as number;
      if (end - start === length) continue;
      const score = (best[start] as number) + (logProbabilities[piece[e] as number] as number);
      if (score > (best[end] as number)) best[end] = score;
    }
    return best[length] as number;
  });
}

/** Pieces by their characters. Nodes are numbered; an edge's key is its node and the next UTF-16 unit. */
class Trie {
  private readonly children = new Map<number, number>();
  /** The piece that ends at each node, or −1. */
  private readonly ending: number[] = [-1];

  constructor(pieces: readonly string[]) {
    for (const [id, piece] of pieces.entries()) {
      let node = 0;
      for (let i = 0; i < piece.length; i++) {
        const key = node * 65536 + piece.charCodeAt(i);
        let child = this.children.get(key);
        if (child === undefined) {
          child = this.ending.push(-1) - 1;
          this.children.set(key, child);
        }
        node = child;
      }
      this.ending[node] = id;
    }
  }

  /** The pieces that begin at `start`, shortest first. */
  eachPrefix(word: string, start: number, visit: (end: number, piece: number) => void): void {
    let node: number | undefined = 0;
    for (let i = start; i < word.length; i++) {
      node = this.children.get(node * 65536 + word.charCodeAt(i));
      if (node === undefined) return;
      const piece = this.ending[node] as number;
      if (piece >= 0) visit(i + 1, piece);
    }
  }
}
