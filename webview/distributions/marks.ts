/**
 * What is drawn at each position of the strip, as numbers and signs: painting, the table twin, the SVG export and
 * tests read the same.
 */
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import {
  fractionOf,
  isBound,
  type Measure,
  type Scale,
  type Subject,
  scaleOf,
  valuesOf,
} from "./measures.ts";
import type { Places } from "./places.ts";

export interface Mark {
  /** The figure; NaN where there is none. */
  readonly value: number;
  /** Along the scale: 0 … 1, or −1 … 1. */
  readonly fraction: number;
  /** A lower bound: the bar has no end. */
  readonly isOpen: boolean;
  /** The model that predicts the true next token best, `–` for none. */
  readonly letter: string;
  /** `°`: a source has no row, `∅`: none has. */
  readonly sign: "" | "°" | "∅";
}

export interface Picture {
  readonly figures: DocumentFigures;
  readonly places: Places;
  readonly letters: readonly string[];
  readonly measure: Measure;
  readonly subject: Subject;
  readonly scale: Scale;
  /** [positions] */
  readonly values: Float32Array;
}

export function pictureOf(
  figures: DocumentFigures,
  places: Places,
  letters: readonly string[],
  measure: Measure,
  subject: Subject,
): Picture {
  return {
    figures,
    places,
    letters,
    measure,
    subject,
    scale: scaleOf(figures, measure),
    values: valuesOf(figures, measure, subject),
  };
}

const signs = { none: "", some: "°", all: "∅" } as const;

export function markAt(picture: Picture, position: number): Mark {
  const { figures, places, letters, measure, subject, scale, values } = picture;
  const value = values[position];
  const best = places.best[position];
  return {
    value,
    fraction: fractionOf(scale, value),
    isOpen: !Number.isNaN(value) && isBound(figures, measure, subject, position),
    letter: best < 0 ? "–" : letters[best],
    sign: signs[places.missing[position]],
  };
}

/** `fused`, `T`, `A`: whose figure is drawn. */
export const subjectName = (subject: Subject, letters: readonly string[]): string =>
  subject === "fused" ? "fused" : letters[subject];
