/** The places that `n` and `p` go to, and in which order. */
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { gainsOf } from "./measures.ts";
import { modelsOf, type Places } from "./places.ts";

/** `fallback`: a source has no row. `loss`: by the target's loss, the highest first. `disagree`: T and fused do. */
export const walks = ["fallback", "loss", "disagree"] as const;
export type Walk = (typeof walks)[number];

/** Bits at the true next token by which T and the fused row differ where they are said to disagree. */
export const disagreement = 1;

/** Positions in walking order: that of the text, but for `loss`. */
export function stopsOf(figures: DocumentFigures, places: Places, walk: Walk): Int32Array {
  const all = Int32Array.from({ length: figures.positions }, (_, i) => i);
  const models = modelsOf(figures);
  switch (walk) {
    case "fallback":
      return all.filter((i) => places.missing[i] !== "none");
    case "disagree": {
      const gains = gainsOf(figures);
      return all.filter((i) => Math.abs(gains[i]) >= disagreement);
    }
    case "loss":
      return all
        .filter((i) => !Number.isNaN(figures.bits[i * models]))
        .sort((a, b) => figures.bits[b * models] - figures.bits[a * models] || a - b);
  }
}

/**
 * Index of the stop after (1) or before (−1) a position, round the end; −1 where there is none. From a position
 * that is no stop, the next one in the text.
 */
export function nextStop(stops: Int32Array, position: number, direction: 1 | -1): number {
  if (stops.length === 0) return -1;
  const at = stops.indexOf(position);
  if (at >= 0) return (at + direction + stops.length) % stops.length;
  if (direction === 1)
    return Math.max(
      0,
      stops.findIndex((stop) => stop > position),
    );
  const before = stops.findLastIndex((stop) => stop < position);
  return before < 0 ? stops.length - 1 : before;
}
