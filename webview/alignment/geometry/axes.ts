/** What stands along an axis of the matrix: every token's label where there is room, otherwise a few numbers. */
import { ticks } from "d3";
import type { Span } from "../tokenTrack.ts";

export interface AxisEntry {
  readonly index: number;
  /** Middle of the token's row or column, pixels of the pane. */
  readonly at: number;
}

export interface Axis {
  readonly kind: "labels" | "numbers";
  readonly entries: readonly AxisEntry[];
}

/** Pixels a token needs for its label, and a number along the axis. */
const [labelRoom, numberRoom] = [12, 64];

/** @param first how many tokens of the whole text come before the axis' first one: numbers are round in the whole */
export function axisOf(visible: Span, k: number, offset: number, first: number): Axis {
  const entry = (index: number): AxisEntry => ({ index, at: offset + (index + 0.5) * k });
  const count = visible.to - visible.from;
  if (k >= labelRoom) {
    const entries = Array.from({ length: Math.max(0, count) }, (_, i) => entry(visible.from + i));
    return { kind: "labels", entries };
  }
  const wanted = Math.max(1, Math.floor((count * k) / numberRoom));
  const numbers = ticks(visible.from + first, visible.to - 1 + first, wanted);
  return {
    kind: "numbers",
    entries: numbers.filter(Number.isInteger).map((number) => entry(number - first)),
  };
}
