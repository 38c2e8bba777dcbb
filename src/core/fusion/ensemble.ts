/**
 * The ensemble as a baseline: at each target position p = Σ w·p over the models that have a probability of the
 * true next token's bytes there, the target always, a source through its gold path; weights are scaled to 1
 * over those that have one. Top-k rows would not do, since the true token is often outside them.
 *
 * Also the oracle that takes each chunk from the model that predicts that very chunk best: it looks at the
 * text it is scored on and is no method, only a mark to compare with.
 */

/** One chunk: nats of the true next target token by every model. The last row is EOS's. */
export interface EnsembleChunk {
  /** [rows], the target's. */
  readonly target: Float32Array;
  /** By source [rows], NaN where the source has none: `goldNats` of an aligned representation. */
  readonly sources: readonly Float32Array[];
}

/** [rows], −ln of the mixture's probability of each true next token. `weights`: [target, sources …]. */
export function mixtureNats(chunk: EnsembleChunk, weights: ArrayLike<number>): Float32Array {
  const mixture = new Float32Array(chunk.target.length);
  for (let row = 0; row < mixture.length; row++) {
    let mass = 0;
    let present = 0;
    for (let m = 0; m <= chunk.sources.length; m++) {
      const nats = natsOf(chunk, m, row);
      if (Number.isNaN(nats)) continue;
      mass += weights[m] * Math.exp(-nats);
      present += weights[m];
    }
    // Weights can leave all that is there without any: then only the target speaks for itself.
    mixture[row] = present > 0 ? -Math.log(mass / present) : chunk.target[row];
  }
  return mixture;
}

export interface FitOptions {
  /** Default 200. */
  readonly iterations?: number;
  /** Ends when no weight moves by more than this. Default 1e-6. */
  readonly tolerance?: number;
}

/**
 * The weights under which the mixture finds the chunks' text likeliest, from uniform ones upwards; EOS takes
 * no part. Expectation maximisation; because weights are scaled to the models present, the maximisation
 * step divides each model's responsibility by how much of it could have been used, as in the minorisation
 * algorithm for Bradley–Terry models (Hunter 2004). Where every model is always present this is plain EM.
 * Fit on training text, never on the text that is scored.
 */
export function fitWeights(
  chunks: readonly EnsembleChunk[],
  { iterations = 200, tolerance = 1e-6 }: FitOptions = {},
): Float64Array {
  const models = 1 + (chunks[0]?.sources.length ?? 0);
  let weights = new Float64Array(models).fill(1 / models);
  for (let i = 0; i < iterations; i++) {
    const next = improved(chunks, weights);
    const moved = next.reduce((most, w, m) => Math.max(most, Math.abs(w - weights[m])), 0);
    weights = next;
    if (moved <= tolerance) break;
  }
  return weights;
}

function improved(
  chunks: readonly EnsembleChunk[],
  weights: Float64Array,
): Float64Array<ArrayBuffer> {
  const models = weights.length;
  const responsibility = new Float64Array(models);
  const usable = new Float64Array(models);
  const parts = new Float64Array(models);
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.target.length - 1; row++) {
      let mass = 0;
      let present = 0;
      let count = 0;
      for (let m = 0; m < models; m++) {
        const nats = natsOf(chunk, m, row);
        const missing = Number.isNaN(nats);
        parts[m] = missing ? -1 : weights[m] * Math.exp(-nats);
        if (missing) continue;
        mass += parts[m];
        present += weights[m];
        count++;
      }
      // One model alone says nothing of the weights.
      if (count < 2 || !(mass > 0)) continue;
      for (let m = 0; m < models; m++) {
        if (parts[m] < 0) continue;
        responsibility[m] += parts[m] / mass;
        usable[m] += 1 / present;
      }
    }
  }
  const raw = responsibility.map((r, m) => (usable[m] > 0 ? r / usable[m] : 0));
  const sum = raw.reduce((a, b) => a + b, 0);
  return sum > 0 ? raw.map((w) => w / sum) : Float64Array.from(weights);
}

function natsOf({ target, sources }: EnsembleChunk, model: number, row: number): number {
  return model === 0 ? target[row] : sources[model - 1][row];
}

export interface OracleChoice {
  /** [chunks], nats of the chosen model. */
  readonly nats: Float64Array;
  /** [chunks], index of the chosen model; the first of equals. */
  readonly chosen: Int32Array;
}

/**
 * Each chunk from the model with the lowest loss on it. `nats`: by model [chunks], Σ nats of a chunk's text in
 * the model's own tokens, NaN where it could not read it.
 */
export function oracleNats(nats: readonly ArrayLike<number>[]): OracleChoice {
  const count = nats[0]?.length ?? 0;
  const best = { nats: new Float64Array(count).fill(Number.NaN), chosen: new Int32Array(count) };
  for (let chunk = 0; chunk < count; chunk++) {
    for (let m = 0; m < nats.length; m++) {
      const candidate = nats[m][chunk];
      if (!(candidate >= best.nats[chunk]) && !Number.isNaN(candidate)) {
        best.nats[chunk] = candidate;
        best.chosen[chunk] = m;
      }
    }
  }
  return best;
}
