/**
 * A row of probabilities as one bar: what was mapped, what is left over beyond the top k, what was lost in mapping.
 * The parts share the whole width; a row that does not add up to 1 is our mistake and is not drawn as if it did.
 */

export interface Mass {
  readonly mapped: number;
  readonly leftOver: number;
  readonly lost: number;
}

export interface MassPart {
  readonly part: keyof Mass;
  /** In the unit of the width. */
  readonly x: number;
  readonly width: number;
}

/** Rows are stored in single precision, some in half. */
const tolerance = 0.002;

/** From left to right; parts of no width are left out. @throws where the parts do not add up to 1 (± 0.002). */
export function massGeometry(mass: Mass, width: number): readonly MassPart[] {
  const parts: readonly (keyof Mass)[] = ["mapped", "leftOver", "lost"];
  const sum = mass.mapped + mass.leftOver + mass.lost;
  if (!(Math.abs(sum - 1) <= tolerance)) {
    throw new RangeError(`A row of probabilities adds up to ${sum}, not to 1.`);
  }
  let x = 0;
  return parts.flatMap((part) => {
    const own = (Math.max(0, mass[part]) / sum) * width;
    const placed = { part, x, width: own };
    x += own;
    return own > 0 ? [placed] : [];
  });
}
