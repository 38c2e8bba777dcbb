/**
 * How well each candidate predicts a text, and the weight that follows from it. Candidates are always in the
 * order [target, sources in recipe order]; a lower score is better.
 *
 * Bits per UTF-8 byte compare models of different tokenizers. The published code compares nats per token of each
 * model's own tokenizer, in which a finer tokenizer looks better (FuseLLM, `forward_for_logits.py`).
 */
import { bitsPerByte } from "../metrics/bitsPerByte.ts";
import type { Mode } from "../mode.ts";
import { toBfloat16 } from "./bfloat16.ts";
import type { Representation } from "./representation.ts";
import type { FusionRule, ScoreUnit } from "./settings.ts";

/** A chunk as every candidate read it. */
export interface ScoredChunk {
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
  /**
   * What the candidates read, the target first. `undefined` where a candidate could not read the text, or not
   * to its end: it has no score then and cannot win.
   */
  readonly candidates: readonly (Pick<Representation, "rows" | "nats"> | undefined)[];
}

/** AvgCE's default softness, in bits per byte. */
export const defaultSoftness = 0.25;

/**
 * One score a candidate: of one chunk, or of the chunks of a block together. `byte`: bits of the text tokens
 * per byte, EOS left out. `token`: nats per token, EOS counted, averaged over the chunks of a block by their
 * length in target tokens, as the published packing does. NaN: no score.
 */
export function candidateScores(chunks: readonly ScoredChunk[], unit: ScoreUnit): Float64Array {
  const count = chunks[0]?.candidates.length ?? 0;
  return Float64Array.from({ length: count }, (_, m) =>
    unit === "byte" ? bitsPerByteOf(chunks, m) : natsPerTokenOf(chunks, m),
  );
}

function bitsPerByteOf(chunks: readonly ScoredChunk[], candidate: number): number {
  let nats = 0;
  let bytes = 0;
  for (const chunk of chunks) {
    const read = chunk.candidates[candidate];
    nats += read === undefined ? Number.NaN : textNats(read);
    bytes += chunk.bytes;
  }
  return bitsPerByte(nats, bytes);
}

function natsPerTokenOf(chunks: readonly ScoredChunk[], candidate: number): number {
  let sum = 0;
  let weights = 0;
  for (const chunk of chunks) {
    const read = chunk.candidates[candidate];
    const weight = chunk.candidates[0]?.rows ?? 0;
    sum += read === undefined ? Number.NaN : (weight * total(read.nats, read.rows)) / read.rows;
    weights += weight;
  }
  return sum / weights;
}

/** Σ nats of a chunk's text tokens. The last row is EOS's. */
export function textNats({ rows, nats }: Pick<Representation, "rows" | "nats">): number {
  return total(nats, rows - 1);
}

function total(nats: Float32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += nats[i];
  return sum;
}

export interface WeightOptions {
  readonly rule: FusionRule;
  readonly mode: Mode;
  /** τ of AvgCE in `corrected` mode, in the unit of the scores. */
  readonly softness?: number;
}

/**
 * The weights of the candidates. They add up to 1, published AvgCE only nearly, since it rounds them.
 *
 * `corrected`: MinCE takes the lowest score, the first of equals; AvgCE is softmax(−score / τ). `published`
 * (FuseLLM, `trainer.py`): rewards exp(−score) in bfloat16, of which MinCE takes the highest, the first of
 * equals, and AvgCE the softmax, which is nearly uniform.
 */
export function candidateWeights(scores: ArrayLike<number>, options: WeightOptions): Float64Array {
  const { rule, mode, softness = defaultSoftness } = options;
  const merits = Float64Array.from(scores, (score) => {
    if (Number.isNaN(score)) return Number.NEGATIVE_INFINITY;
    return mode === "published" ? publishedReward(score) : -score;
  });
  const best = merits.indexOf(merits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  if (best < 0 || merits[best] === Number.NEGATIVE_INFINITY) {
    throw new Error("no candidate has a score");
  }
  if (rule === "minCE") return merits.map((_, m) => (m === best ? 1 : 0));
  if (mode === "corrected") return softmax(merits.map((merit) => merit / softness));
  return softmax(merits).map(toBfloat16);
}

/** 1 / exp(CE), every step in bfloat16. */
function publishedReward(score: number): number {
  return toBfloat16(1 / toBfloat16(Math.exp(toBfloat16(score))));
}

function softmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
