/** Figures as people read them. */

/** `412`, `12,345`. */
export const countText = (value: number): string =>
  Math.round(value).toLocaleString("en-US", { useGrouping: true });

/** Three figures where they matter: `0.832`, `5.15`, `83.2`, `5,150`. */
export function rateText(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  const text = value >= 100 ? countText(value) : value.toFixed(digits);
  return `${text} ${unit}/s`;
}

/** `0:07`, `4:10`, `2:05:00`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

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

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` columns, filled to eighths of one. */
export function barText(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const bar = "█".repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? "");
  return bar.padEnd(width, "·");
}
