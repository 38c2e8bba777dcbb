/**
 * `evaluation.json`, and how it comes about: what every model scores on the held-out chunks, in bits per UTF-8 byte, and
 * the paired differences that a claim rests on. Perplexities per token stand beside them and are comparable
 * only between models of one tokenizer.
 */

import { perplexityPerToken } from "../core/metrics/bitsPerByte.ts";
import {
  bootstrapDomains,
  type Estimate,
  pairedBootstrapDomains,
} from "../core/metrics/bootstrap.ts";
import type { Chunk } from "./chunks.ts";

export type RowKind = "source" | "target" | "clm" | "ensemble" | "oracle" | "fused";

export interface EvaluationRow {
  /** Unique in the file: `source:prose-gpt2`, `target`, `clm`, `ensemble`, `oracle`, `fused`. */
  readonly label: string;
  /** For people. */
  readonly title: string;
  /** What more there is to say of it, such as a mixture's weights. */
  readonly detail?: string;
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

/** What one model says of the chunks, before it is summed up. */
export interface ScoredModel {
  readonly label: string;
  readonly title: string;
  readonly detail?: string;
  readonly kind: RowKind;
  /** [chunks], Σ nats of the text tokens. EOS is left out. */
  readonly nats: Float64Array;
  /** [chunks], text tokens in the model's own tokenizer; absent for mixtures. */
  readonly tokens?: Float64Array;
  readonly tokenizer?: string;
}

const resamples = 1000;

/** Sums scores up by domain, with intervals, and compares the pairs (of, against) of which both are there. */
export function summedScores(input: {
  readonly chunks: readonly Chunk[];
  readonly leftOut: number;
  readonly models: readonly ScoredModel[];
  readonly pairs: readonly (readonly [of: string, against: string])[];
  readonly seed: number;
}): Evaluation {
  const { chunks, models, seed } = input;
  const domains = [...new Set(chunks.map(({ domain }) => domain))];
  const members = (name: string): number[] =>
    chunks.flatMap(({ domain }, i) => (domain === name ? [i] : []));
  const perDomain = <Value>(value: (indices: readonly number[]) => Value): Record<string, Value> =>
    Object.fromEntries(domains.map((name) => [name, value(members(name))]));
  const bytesAt = (indices: readonly number[]): number[] => indices.map((i) => chunks[i].bytes);
  const bitsAt = ({ nats }: ScoredModel, indices: readonly number[]): number[] =>
    indices.map((i) => nats[i] / Math.LN2);
  const options = { seed, resamples };

  const row = (model: ScoredModel): EvaluationRow => {
    const { label, title, detail, kind, nats, tokens, tokenizer } = model;
    const estimates = bootstrapDomains(
      perDomain((at) => ({ values: bitsAt(model, at), weights: bytesAt(at) })),
      options,
    );
    const perplexity =
      tokens && perDomain((at) => perplexityPerToken(sumAt(nats, at), sumAt(tokens, at)));
    return {
      label,
      title,
      ...(detail === undefined ? {} : { detail }),
      kind,
      ...estimates,
      ...(perplexity === undefined ? {} : { perplexity }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
    };
  };
  const difference = (of: string, against: string): Difference[] => {
    const first = models.find(({ label }) => label === of);
    const second = models.find(({ label }) => label === against);
    if (first === undefined || second === undefined) return [];
    const samples = perDomain((at) => ({
      first: bitsAt(first, at),
      second: bitsAt(second, at),
      weights: bytesAt(at),
    }));
    return [{ of, against, ...pairedBootstrapDomains(samples, options) }];
  };
  return {
    version: 1,
    unit: "bits per UTF-8 byte",
    heldOut: perDomain((at) => ({
      chunks: at.length,
      bytes: bytesAt(at).reduce((a, b) => a + b, 0),
    })),
    leftOut: input.leftOut,
    bootstrap: options,
    rows: models.map(row),
    differences: input.pairs.flatMap(([of, against]) => difference(of, against)),
  };
}

function sumAt(values: Float64Array, indices: readonly number[]): number {
  return indices.reduce((sum, i) => sum + values[i], 0);
}
