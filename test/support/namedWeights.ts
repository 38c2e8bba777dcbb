/**
 * Weights made from a parameter's name alone, so that fixtures need not hold any. The same numbers, bit for bit,
 * as `weights_of` in test/fixtures/make_logits.py.
 */
import { elementCount } from "../../src/model/architecture/config.ts";

/** In [−0.5, 0.5): a linear congruential generator seeded with the FNV-1a hash of `name`. */
export function namedUniform(name: string, count: number): Float64Array {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  }
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24 - 0.5;
  });
}

/** Around 1 for the weights of norms, around 0 for everything else. */
export function namedWeights(name: string, shape: readonly number[]): Float32Array {
  const offset = shape.length === 1 && name.endsWith(".weight") ? 1 : 0;
  return Float32Array.from(namedUniform(name, elementCount(shape)), (value) => value + offset);
}
