/**
 * Percentile bootstrap over chunks (Efron and Tibshirani 1993, chapter 13). The statistic is a ratio of sums,
 * Σ values / Σ weights: with bits and bytes of chunks it is bits per byte. Chunks are drawn with replacement
 * within their domain, as many as there are, and the average of the domains weighs each the same. A difference
 * of two models is taken on the same drawn chunks, which removes what the chunks' difficulty adds to its spread.
 *
 * It says how the figure depends on the text that happened to be held out; not on the seed of a training.
 */
import { createRandom } from "../random.ts";

/** One domain's chunks. */
export interface Sample {
  /** [chunks], for example bits. */
  readonly values: ArrayLike<number>;
  /** [chunks], for example bytes. */
  readonly weights: ArrayLike<number>;
}

/** One domain's chunks under two models. */
export interface PairedSample {
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1,000. */
  readonly resamples?: number;
  /** Share of the resamples between `low` and `high`, default 0.95. */
  readonly level?: number;
}

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface DomainEstimates {
  readonly domains: Readonly<Record<string, Estimate>>;
  /** Mean of the domains, each weighing the same. */
  readonly average: Estimate;
}

/** Σ values / Σ weights of one sample. */
export function bootstrapMean(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  options: BootstrapOptions,
): Estimate {
  return bootstrapDomains({ all: { values, weights } }, options).average;
}

/** Σ first / Σ weights − Σ second / Σ weights of one sample; below zero the first is better. */
export function pairedBootstrap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  weights: ArrayLike<number>,
  options: BootstrapOptions,
): Estimate {
  return pairedBootstrapDomains({ all: { first, second, weights } }, options).average;
}

/** Each domain by itself, and their average. Domains are resampled in the order of the record's keys. */
export function bootstrapDomains(
  samples: Readonly<Record<string, Sample>>,
  options: BootstrapOptions,
): DomainEstimates {
  const { seed, resamples = 1000, level = 0.95 } = options;
  const names = Object.keys(samples);
  const count = names.length;
  for (const { values, weights } of Object.values(samples)) {
    if (values.length === weights.length) continue;
    throw new Error(`${values.length} values were given ${weights.length} weights`);
  }
  const random = createRandom(seed);
  const drawn = names.map(() => new Float64Array(resamples));
  const averages = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let d = 0; d < count; d++) {
      const { length } = samples[names[d]].values;
      const ratio = ratioOf(samples[names[d]], () => random.integer(length));
      drawn[d][r] = ratio;
      averages[r] += ratio / count;
    }
  }
  const values = names.map((name) => ratioOf(samples[name], (i) => i));
  const domains = names.map((name, d) => [name, estimate(values[d], drawn[d], level)] as const);
  const average = values.reduce((sum, value) => sum + value / count, 0);
  return { domains: Object.fromEntries(domains), average: estimate(average, averages, level) };
}

/** The paired difference in each domain, and the average of the differences. */
export function pairedBootstrapDomains(
  samples: Readonly<Record<string, PairedSample>>,
  options: BootstrapOptions,
): DomainEstimates {
  // Both ratios have the same weights, so their difference is the ratio of the differences.
  const differences = Object.entries(samples).map(([name, { first, second, weights }]) => {
    if (first.length !== second.length) {
      throw new Error(`${first.length} chunks were paired with ${second.length}`);
    }
    return [name, { values: Float64Array.from(first, (value, i) => value - second[i]), weights }];
  });
  return bootstrapDomains(Object.fromEntries(differences), options);
}

function ratioOf({ values, weights }: Sample, chosen: (i: number) => number): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const chunk = chosen(i);
    sum += values[chunk];
    weight += weights[chunk];
  }
  return sum / weight;
}

function estimate(value: number, drawn: Float64Array, level: number): Estimate {
  const sorted = drawn.toSorted();
  return {
    value,
    low: quantile(sorted, (1 - level) / 2),
    high: quantile(sorted, (1 + level) / 2),
  };
}

/** Linear between the order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
