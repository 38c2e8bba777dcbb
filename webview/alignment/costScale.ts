/**
 * The matrix's scale: costs in edits fall into a few stops, each with one colour, so that legend, pixels and
 * exports agree exactly. The strong end is where the eye should go (few edits), the other end is the background.
 */
import type { MatrixLayer } from "../../src/protocol/alignmentView.ts";

/** Edits at which the scale of detours and local costs stops. */
export const costCap = 12;

/** Values `from` … `to` − 1; the last stop has no end and is the background. */
export interface CostStop {
  readonly from: number;
  readonly to: number | undefined;
  /** 1 = the strong hue, 0 = the background. */
  readonly strength: number;
}

export interface CostScale {
  readonly layer: MatrixLayer;
  readonly stops: readonly CostStop[];
}

/**
 * @param total edits of the cheapest path: where the scale of cumulative costs stops
 * @param steps `few`: four steps, for high contrast
 */
export function costScale(layer: MatrixLayer, total: number, steps: "all" | "few"): CostScale {
  const most = layer === "cumulative" ? Math.max(total, costCap) : costCap;
  const shares =
    steps === "few" ? [0, 1 / 12, 4 / 12, 1] : Array.from({ length: 13 }, (_, i) => i / 12);
  const starts = shares.map((share) => Math.round(share * most));
  const last = starts.length - 1;
  const stops = starts.map((from, i) => ({
    from,
    to: starts[i + 1],
    strength: 1 - i / last,
  }));
  return { layer, stops };
}

/** Index of the stop a value falls into; the last for what is not known to be below it. */
export function stopOf({ stops }: CostScale, value: number): number {
  for (let i = stops.length - 1; i > 0; i--) if (value >= stops[i].from) return i;
  return 0;
}

/** Stop by whole value, for values 0 … the last stop's start; what is above falls into the last. */
export function stopTable(scale: CostScale): Uint8Array {
  const last = scale.stops[scale.stops.length - 1].from;
  return Uint8Array.from({ length: last + 1 }, (_, value) => stopOf(scale, value));
}

/** `0`, `4–11`, `12+`. */
export function stopText({ from, to }: CostStop): string {
  if (to === undefined) return `${from}+`;
  return to === from + 1 ? `${from}` : `${from}–${to - 1}`;
}
