/**
 * The figures that the strip and its overview can show, one number a position, and the scale each is drawn on.
 * Scales begin in the background at zero; `gain` goes both ways from it.
 */
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { modelsOf } from "./places.ts";

export const measures = ["crossEntropy", "entropy", "gain", "weight", "lost"] as const;
export type Measure = (typeof measures)[number];

/** Whose figure: the fused row's, or a model's by its number, the target being 0. */
export type Subject = "fused" | number;

/** Whose figures a measure can show. `gain` is fused less T, and nobody else's. */
export function subjectsOf(measure: Measure, models: number): readonly Subject[] {
  const all = Array.from({ length: models }, (_, m) => m);
  switch (measure) {
    case "crossEntropy":
    case "entropy":
      return ["fused", ...all];
    case "gain":
      return ["fused"];
    case "weight":
      return all;
    case "lost":
      return all.slice(1);
  }
}

/** [positions], NaN where there is no figure. Bits for cross-entropy, entropy and gain; shares of 1 for the others. */
export function valuesOf(
  figures: DocumentFigures,
  measure: Measure,
  subject: Subject,
): Float32Array {
  switch (measure) {
    case "crossEntropy":
      return subject === "fused" ? figures.fusedBits : column(figures, figures.bits, subject);
    case "entropy":
      return subject === "fused" ? figures.fusedEntropy : column(figures, figures.entropy, subject);
    case "gain":
      return gainsOf(figures);
    case "weight":
      return subject === "fused"
        ? withoutFigures(figures)
        : column(figures, figures.weights, subject);
    case "lost":
      return subject === "fused"
        ? withoutFigures(figures)
        : column(figures, figures.lost, subject).map((mass, i) =>
            figures.reasons[i * modelsOf(figures) + subject] === 0 ? mass : Number.NaN,
          );
  }
}

/** Fused less T, in bits at the true next token: below zero the fused row is the better one. */
export function gainsOf(figures: DocumentFigures): Float32Array {
  const models = modelsOf(figures);
  return figures.fusedBits.map((bits, i) => bits - figures.bits[i * models]);
}

/** The figure at a position is only a lower bound: the true next token lies beyond the fused row's candidates. */
export function isBound(
  figures: DocumentFigures,
  measure: Measure,
  subject: Subject,
  position: number,
): boolean {
  const ofFusedLoss = measure === "gain" || (measure === "crossEntropy" && subject === "fused");
  return ofFusedLoss && figures.fusedBound[position] === 1;
}

function column(
  figures: DocumentFigures,
  table: Float32Array,
  model: number,
): Float32Array<ArrayBuffer> {
  const models = modelsOf(figures);
  return Float32Array.from({ length: figures.positions }, (_, i) => table[i * models + model]);
}

const withoutFigures = ({ positions }: DocumentFigures): Float32Array =>
  new Float32Array(positions).fill(Number.NaN);

export interface Scale {
  readonly kind: "sequential" | "diverging";
  /** The figure at which colour and bar reach their end; a diverging scale ends at −end too. */
  readonly end: number;
  /** There are figures beyond the end. */
  readonly open: boolean;
  readonly unit: "bits" | "share";
}

/** Ends that a scale of bits or of shares may have. */
const bitEnds = [1, 2, 4, 6, 8, 10, 12, 16, 20];
const shareEnds = [0.05, 0.1, 0.25, 0.5, 1];

/**
 * One scale for all subjects of a measure, so that changing from T to fused changes colours and not their
 * meaning. It ends where all but the highest 5 % of figures do.
 */
export function scaleOf(figures: DocumentFigures, measure: Measure): Scale {
  if (measure === "weight") return { kind: "sequential", end: 1, open: false, unit: "share" };
  const all = allValuesOf(figures, measure);
  const ends = measure === "lost" ? shareEnds : bitEnds;
  const wanted = quantile(all, 0.95);
  const end = ends.find((candidate) => candidate >= wanted) ?? (ends.at(-1) as number);
  return {
    kind: measure === "gain" ? "diverging" : "sequential",
    end,
    open: all.some((value) => Math.abs(value) > end),
    unit: measure === "lost" ? "share" : "bits",
  };
}

function allValuesOf(figures: DocumentFigures, measure: Exclude<Measure, "weight">): Float32Array {
  switch (measure) {
    case "crossEntropy":
      return joined(figures.bits, figures.fusedBits);
    case "entropy":
      return joined(figures.entropy, figures.fusedEntropy);
    case "gain":
      return gainsOf(figures).map(Math.abs);
    case "lost":
      return figures.lost;
  }
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** The figure that a share of the figures does not exceed; NaN takes no part, and of none it is 0. */
export function quantile(values: Float32Array, share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** How far along the scale: 0 … 1, −1 … 1 on a diverging one, NaN without a figure. */
export function fractionOf({ kind, end }: Scale, value: number): number {
  const fraction = Math.min(1, Math.max(-1, value / end));
  return kind === "sequential" ? Math.max(0, fraction) : fraction;
}

/** The four steps that high contrast draws in place of a gradient: 0 is the background, ±1 … ±4. */
export function stepOf(fraction: number): number {
  if (Number.isNaN(fraction) || fraction === 0) return 0;
  return Math.sign(fraction) * Math.ceil(Math.abs(fraction) * 4 - 1e-9);
}
