/**
 * The shape of `evaluation.json`: what every model scores on the held-out chunks, in bits per UTF-8 byte, and
 * the paired differences that a claim rests on. Perplexities per token stand beside them and are comparable
 * only between models of one tokenizer.
 */
import type { Estimate } from "../core/metrics/bootstrap.ts";

export type RowKind = "source" | "target" | "clm" | "ensemble" | "oracle" | "fused";

export interface EvaluationRow {
  /** Unique in the file: `source:prose-gpt2`, `target`, `clm`, `ensemble`, `oracle`, `fused`. */
  readonly label: string;
  /** For people. */
  readonly title: string;
  readonly kind: RowKind;
  /** Bits per byte by domain. */
  readonly domains: Readonly<Record<string, Estimate>>;
  /** Mean of the domains, each weighing the same. */
  readonly average: Estimate;
  /** exp(nats per token) by domain, of this model's own tokenizer; absent for mixtures. */
  readonly perplexity?: Readonly<Record<string, number>>;
  readonly tokenizer?: string;
}

/** `of` minus `against` on the same chunks; below zero `of` is better. */
export interface Difference {
  readonly of: string;
  readonly against: string;
  readonly domains: Readonly<Record<string, Estimate>>;
  readonly average: Estimate;
}

export interface Evaluation {
  readonly version: 1;
  readonly unit: "bits per UTF-8 byte";
  readonly heldOut: Readonly<Record<string, { readonly chunks: number; readonly bytes: number }>>;
  /** Held-out chunks that the target's tokenizer cannot reproduce byte by byte; they are not scored. */
  readonly leftOut: number;
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  readonly rows: readonly EvaluationRow[];
  readonly differences: readonly Difference[];
}
