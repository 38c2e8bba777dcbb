/**
 * What stands at each position of a document besides its figures: which model predicts the true next token best
 * there, and whether sources have a row. Models are numbered as in `DocumentFigures`: 0 is the target.
 */
import { noRowReasons } from "../../src/core/fusion/representation.ts";
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";

/** `some`: at least one source has no row, but not all (°). `all`: no source has one (∅). */
export type Missing = "none" | "some" | "all";

export interface Places {
  readonly models: number;
  /** [positions], the model with the lowest loss on this token, the first of equals; −1 where no model has a row. */
  readonly best: Int8Array;
  readonly missing: readonly Missing[];
  /** Positions where at least one source has no row. */
  readonly skip: number;
  /** Of them, those where no source has one. */
  readonly noSource: number;
}

export function placesOf(figures: DocumentFigures): Places {
  const models = modelsOf(figures);
  const best = new Int8Array(figures.positions).fill(-1);
  const missing = Array.from({ length: figures.positions }, (_, i): Missing => {
    best[i] = bestAt(figures, models, i);
    let without = 0;
    for (let m = 1; m < models; m++) if (figures.reasons[i * models + m] !== 0) without++;
    if (without === 0) return "none";
    return without === models - 1 ? "all" : "some";
  });
  return {
    models,
    best,
    missing,
    skip: missing.filter((kind) => kind !== "none").length,
    noSource: missing.filter((kind) => kind === "all").length,
  };
}

/** The target and the sources. */
export const modelsOf = (figures: DocumentFigures): number => figures.summary.models.length;

function bestAt({ bits }: DocumentFigures, models: number, position: number): number {
  let best = -1;
  for (let m = 0; m < models; m++) {
    const own = bits[position * models + m];
    if (!Number.isNaN(own) && (best < 0 || own < bits[position * models + best])) best = m;
  }
  return best;
}

/** Why a model has no row at a position; `undefined` where it has one. */
export function reasonAt(
  figures: DocumentFigures,
  position: number,
  model: number,
): string | undefined {
  const code = figures.reasons[position * modelsOf(figures) + model];
  return code === 0 ? undefined : noRowReasons[code - 1];
}

/** The true next token is the end of the chunk: no byte of the text. */
export const isEnd = ({ byteStarts, byteEnds }: DocumentFigures, position: number): boolean =>
  byteStarts[position] === byteEnds[position];

/** The position whose true next token holds a byte, or the last one before it; 0 where there is none. */
export function positionOfByte(figures: DocumentFigures, byte: number): number {
  let low = 0;
  let high = figures.positions - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (figures.byteEnds[middle] > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where the target itself is surprised most: what is chosen at first. −1 in a document without positions. */
export function worstPosition(figures: DocumentFigures): number {
  const models = modelsOf(figures);
  let worst = figures.positions > 0 ? 0 : -1;
  for (let i = 1; i < figures.positions; i++) {
    const [own, most] = [figures.bits[i * models], figures.bits[worst * models]];
    if (own > most || Number.isNaN(most)) worst = i;
  }
  return worst;
}
