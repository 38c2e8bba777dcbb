const buffer = new ArrayBuffer(4);
const asFloat = new Float32Array(buffer);
const asBits = new Uint32Array(buffer);

/**
 * The nearest bfloat16 (8 bits of significand), ties to even, as PyTorch rounds. For finite numbers; the
 * published code computes its rewards in this format.
 */
export function toBfloat16(value: number): number {
  asFloat[0] = value;
  asBits[0] += 0x7fff + ((asBits[0] >>> 16) & 1);
  asBits[0] &= 0xffff0000;
  return asFloat[0];
}
