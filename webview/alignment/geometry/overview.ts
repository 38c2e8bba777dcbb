/** The overview ruler: the whole of the target in one strip, where each pixel shows the most remarkable outcome it covers. */
import { type Outcome, outcomes } from "../alignedText.ts";

export interface OverviewMark {
  /** Pixel of the strip. */
  readonly x: number;
  readonly outcome: Outcome;
}

/** From the most to the least remarkable; what is not named is not drawn. */
const remarkable: readonly Outcome[] = ["other", "bytesOnly", "dtwOnly", "neither"];

export function overviewMarks(outcome: Uint8Array, width: number): OverviewMark[] {
  const rank = outcomes.map((name) => remarkable.indexOf(name)).map((at) => (at < 0 ? 9 : at));
  const marks: OverviewMark[] = [];
  const pixels = Math.max(1, Math.floor(width));
  const best = new Uint8Array(pixels).fill(9);
  for (let token = 0; token < outcome.length; token++) {
    const x = overviewX(token, outcome.length, pixels);
    best[x] = Math.min(best[x], rank[outcome[token]]);
  }
  for (let x = 0; x < pixels; x++) if (best[x] < 9) marks.push({ x, outcome: remarkable[best[x]] });
  return marks;
}

/** The pixel in which a token's middle falls. */
export function overviewX(token: number, tokens: number, width: number): number {
  return Math.min(width - 1, Math.floor(((token + 0.5) / Math.max(1, tokens)) * width));
}

export function overviewToken(x: number, tokens: number, width: number): number {
  const token = Math.floor((x / Math.max(1, width)) * tokens);
  return Math.min(tokens - 1, Math.max(0, token));
}
