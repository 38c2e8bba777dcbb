/** Figures as they are written in this view. */

/** `.61`, `.0043`, `4e-5`; three figures at most. */
export function probability(p: number): string {
  if (!(p > 0)) return "0";
  if (p >= 0.9995) return "1.00";
  if (p >= 0.095) return p.toFixed(2).replace(/^0/, "");
  if (p < 1e-4) return p.toExponential(0);
  return p.toFixed(Math.min(6, 1 - Math.floor(Math.log10(p)))).replace(/^0/, "");
}

/** In a sentence: `0.61`. */
export const chance = (p: number): string => probability(p).replace(/^\./, "0.");

/** `4.3`, `0.67`, `12`: bits, nats, or bits per byte. */
export function bits(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  const digits = Math.abs(value) < 9.995 ? 2 : 1;
  return value.toFixed(digits).replace("-", "−");
}

/** A lower bound is rounded down, so that it stays one: `≥ 4.3`. */
export function atLeastBits(value: number): string {
  return `≥ ${bits(Math.floor(value * 100) / 100)}`;
}

export function signedBits(value: number): string {
  return value > 0 ? `+${bits(value)}` : bits(value);
}

/** `468 of 480 (97.5 %)`. */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? "" : ` (${((100 * part) / whole).toFixed(1)} %)`;
  return `${count(part)} of ${count(whole)}${percent}`;
}

/** Thousands apart by a thin space: `12 480`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A weight or λ: `1`, `0.63`. */
export const weight = (value: number): string =>
  value === 0 || value === 1 ? String(value) : value.toFixed(2);
