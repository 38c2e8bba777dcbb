/** Figures as people read them. Times and sizes stand in terminal.ts. */

/** `412`, `12,345`; four figures where there are decimals. */
export const figureText = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(4)));

/** How long ago, in one unit: `12 s ago`, `3 d ago`. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

/** Four decimals, or a dash where there is no figure. */
export const scoreText = (value: number | null): string =>
  value === null ? "–" : value.toFixed(4);
