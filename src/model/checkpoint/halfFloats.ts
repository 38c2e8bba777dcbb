/**
 * The 16-bit floats of checkpoints against fp32. Widening is exact. Narrowing rounds to nearest, ties to
 * even, as IEEE 754 asks and PyTorch does. NaNs keep the top of their payload, so that a 16-bit tensor
 * that was only read comes back bit for bit. Works on bit patterns throughout: a NaN that passes through
 * a JavaScript number may lose its payload.
 */

export type HalfType = "F16" | "BF16";

/** Writes the fp32 values of `bits` to `out` from element `at` on. */
export function widen(type: HalfType, bits: Uint16Array, out: Float32Array, at: number): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  if (type === "BF16") {
    for (let i = 0; i < bits.length; i++) words[at + i] = bits[i] << 16;
    return;
  }
  float16Words ??= buildFloat16Words();
  for (let i = 0; i < bits.length; i++) words[at + i] = float16Words[bits[i]];
}

/**
 * Writes `values` rounded to `type` into `out`. Answers the index of the first finite value that has
 * become infinite, −1 where there is none.
 */
export function narrow(type: HalfType, values: Float32Array, out: Uint16Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bitsOf = type === "BF16" ? bfloat16Bits : float16Bits;
  const infinity = type === "BF16" ? 0x7f80 : 0x7c00;
  let overflow = -1;
  for (let i = 0; i < words.length; i++) {
    const bits = bitsOf(words[i]);
    out[i] = bits;
    if (overflow < 0 && (bits & 0x7fff) === infinity && (words[i] & 0x7fffffff) !== 0x7f800000) {
      overflow = i;
    }
  }
  return overflow;
}

let float16Words: Uint32Array | undefined;

function buildFloat16Words(): Uint32Array {
  const words = new Uint32Array(0x10000);
  const values = new Float32Array(words.buffer);
  for (let bits = 0; bits < 0x8000; bits++) {
    const exponent = bits >>> 10;
    const fraction = bits & 0x3ff;
    if (exponent === 31) words[bits] = 0x7f800000 | (fraction << 13);
    else if (exponent === 0) values[bits] = fraction * 2 ** -24;
    else values[bits] = (1 + fraction / 1024) * 2 ** (exponent - 15);
    words[bits | 0x8000] = words[bits] | 0x80000000;
  }
  return words;
}

function float16Bits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
  // 65520 lies half-way between the largest float16 and what would follow it.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  const exponent = magnitude >>> 23;
  if (exponent >= 113) return sign | shiftToEven(magnitude - (112 << 23), 13);
  // Below 2^-14 a float16 counts units of 2^-24; below 2^-25 nothing is left of it.
  if (exponent < 102) return sign;
  return sign | shiftToEven((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

function bfloat16Bits(word: number): number {
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    const top = word >>> 16;
    return (top & 0x7f) === 0 ? top | 0x40 : top;
  }
  return ((word >>> 16) & 0x8000) | shiftToEven(magnitude, 16);
}

/** `value / 2^shift`, rounded to nearest, ties to even. */
function shiftToEven(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
