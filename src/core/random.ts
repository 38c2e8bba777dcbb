/**
 * Seeded pseudo-random numbers: sfc32 (Chris Doty-Humphrey's "small fast counting" generator, PractRand), whose
 * four state words are spread from the seed by a 32-bit mixer, so that neighbouring seeds give unrelated
 * streams. The same seed gives the same numbers on every machine. Not for cryptography.
 */

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below), `below` from 1 to 2³². */
  integer(below: number): number;
  /** Puts `items` into a uniformly random order, in place (Fisher–Yates). */
  shuffle(items: { readonly length: number; [index: number]: unknown }): void;
}

/** `stream` gives independent sequences for one seed: (seed, step), (seed, parameter), … */
export function createRandom(seed: number, stream = 0): Random {
  const spread = mixer(seed, stream);
  let a = spread();
  let b = spread();
  let c = spread();
  let counter = 1;
  let spareNormal: number | undefined;

  function word(): number {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + result) >>> 0;
    return result;
  }

  const next = (): number => word() / 2 ** 32;

  // Box–Muller gives two independent numbers at a time; the second waits for the next call.
  function normal(): number {
    if (spareNormal !== undefined) {
      const spare = spareNormal;
      spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  // Words of the last, incomplete block of `below` are drawn again: plain remainders would favour small numbers.
  function integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`integer(below): ${below} is not a whole number from 1 to 2^32`);
    }
    const limit = 2 ** 32 - (2 ** 32 % below);
    let drawn = word();
    while (drawn >= limit) drawn = word();
    return drawn % below;
  }

  function shuffle(items: { readonly length: number; [index: number]: unknown }): void {
    for (let last = items.length - 1; last > 0; last--) {
      const other = integer(last + 1);
      const held = items[last];
      items[last] = items[other];
      items[other] = held;
    }
  }

  // The first outputs still show the seed; twelve rounds are what the generator's author uses.
  for (let round = 0; round < 12; round++) word();
  return { next, normal, integer, shuffle };
}

/** splitmix32 over the two numbers given: well-mixed words for the generator's state. */
function mixer(seed: number, stream: number): () => number {
  let state = (fold(seed) ^ Math.imul(fold(stream), 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** All 53 bits of a whole number take part, not only the low 32. */
const fold = (value: number): number =>
  (value | 0) ^ Math.imul(Math.floor(value / 2 ** 32) | 0, 0xc2b2ae35);
