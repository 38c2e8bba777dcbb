/** Whole models: gradients against finite differences, packing, causality, reading, weights to start from. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights, parametersOf } from "../../src/model/architecture/parameters.ts";
import {
  type BatchShape,
  readingProgram,
  trainingProgram,
} from "../../src/model/graph/programs.ts";
import { smallModels } from "../support/models.ts";
import { namedWeights } from "../support/namedWeights.ts";
import { largestDifference, type Numbers, openProgram, runProgram } from "../support/program.ts";
import { slopeAlong } from "../support/slope.ts";

const slots = 3;

/** Weights large enough that every part of the model matters, unlike those one trains from. */
const loudWeights = (config: ModelConfig): Record<string, Float32Array> =>
  Object.fromEntries(
    parametersOf(config).map(({ name, shape }) => [name, namedWeights(name, shape)]),
  );

type Sequence = readonly number[];

/** Rows of sequences side by side, padded at the end; labels are the next tokens, the last one's is token 5. */
function packed(rows: readonly (readonly Sequence[])[], length: number) {
  const shape: BatchShape = { rows: rows.length, length };
  const count = rows.length * length;
  const tokens = new BigInt64Array(count);
  const positions = new BigInt64Array(count);
  const segments = new BigInt64Array(count);
  const labels = new BigInt64Array(count);
  /** Places of the batch that hold tokens, row by row. */
  const places: number[] = [];
  rows.forEach((sequences, row) => {
    let place = row * length;
    sequences.forEach((sequence, index) => {
      sequence.forEach((token, position) => {
        tokens[place] = BigInt(token);
        positions[place] = BigInt(position);
        segments[place] = BigInt(index + 1);
        labels[place] = BigInt(sequence[position + 1] ?? 5);
        places.push(place++);
      });
    });
  });
  return { shape, places, feeds: { tokens, positions, segments, labels } };
}

/** Weights and teachers that depend on a token's place among all tokens, not on its place in the batch. */
function teachers(places: readonly number[], count: number, vocabulary: number) {
  const random = createRandom(11);
  const labelWeight = new Float32Array(count);
  const fusedWeight = new Float32Array(count);
  const fusedIds = new BigInt64Array(count * slots);
  const fusedProbs = new Float32Array(count * slots);
  const fusedUsed = new Float32Array(count * slots);
  const fusedRest = new Float32Array(count).fill(0.25);
  for (const place of places) {
    labelWeight[place] = random.next();
    fusedWeight[place] = random.next();
    const first = random.integer(vocabulary - slots);
    for (let slot = 0; slot < slots; slot++) {
      fusedIds[place * slots + slot] = BigInt(first + slot);
      fusedProbs[place * slots + slot] = random.next() / slots;
      fusedUsed[place * slots + slot] = slot < 2 ? 1 : random.integer(2);
    }
  }
  const zero = new Float32Array(1);
  return { labelWeight, fusedWeight, fusedIds, fusedProbs, fusedUsed, fusedRest, zero };
}

const first: Sequence = [1, 14, 7, 7, 23, 30];
const second: Sequence = [1, 3, 28, 9];
const third: Sequence = [1, 19, 2, 11, 6];

for (const [name, config] of Object.entries(smallModels)) {
  describe(name, () => {
    test("every gradient is the slope of the loss, with several segments in a row", async () => {
      const batch = packed([[first, second], [third]], 11);
      const weights = loudWeights(config);
      const feeds = {
        ...weights,
        ...batch.feeds,
        ...teachers(batch.places, 22, config.vocabulary),
      };
      const program = await openProgram(
        trainingProgram(config, batch.shape, { topK: slots, lossRows: 8 }),
      );
      const answer = await program.run(feeds);
      const lossNow = async (): Promise<number> => {
        const { clmLoss, fusionLoss } = await program.run(feeds);
        return Number(clmLoss[0]) + Number(fusionLoss[0]);
      };
      for (const [parameter, values] of Object.entries(weights)) {
        const gradient = answer[`d:${parameter}`] as Float32Array;
        const norm = Math.hypot(...gradient);
        assert.ok(norm > 1e-2, `${parameter} matters`);
        const slope = await slopeAlong(values, gradient, 5e-3, lossNow);
        assert.ok(
          Math.abs(slope - norm) < 5e-3 * Math.max(norm, 0.2),
          `${parameter}: ${slope}, ${norm}`,
        );
      }
      await program.close();
    });

    test("sequences packed into one row are read and trained as if each stood alone", async () => {
      const weights = loudWeights(config);
      const answers = [];
      for (const batch of [packed([[first, second]], 12), packed([[first], [second]], 7)]) {
        const count = batch.shape.rows * batch.shape.length;
        const read = await runProgram(readingProgram(config, batch.shape, { topK: 0 }), {
          ...weights,
          ...batch.feeds,
          vocabularyMask: new Float32Array(config.vocabulary),
        });
        const nats = batch.places.map((place) => Number(read.labelNats[place]));
        const trained = await runProgram(trainingProgram(config, batch.shape, { topK: slots }), {
          ...weights,
          ...batch.feeds,
          ...teachers(batch.places, count, config.vocabulary),
        });
        const { labelNats, ...losses } = trained;
        const taught = batch.places.map((place) => Number(labelNats[place]));
        assert.ok(largestDifference(taught, nats) < 2e-6, "training and reading see the same nats");
        answers.push({ nats, trained: losses });
      }
      const [together, apart] = answers;
      assert.ok(largestDifference(together.nats, apart.nats) < 2e-6);
      for (const [output, values] of Object.entries(together.trained)) {
        const other = apart.trained[output] as Float32Array;
        assert.ok(largestDifference(values as Float32Array, other) < 1e-5, output);
      }
    });

    test("a token is predicted from those before it in its segment and from nothing else", async () => {
      const weights = loudWeights(config);
      const { shape, feeds } = packed([[first, second]], 12);
      const program = await openProgram(readingProgram(config, shape, { topK: 1 }));
      const read = async (changed: Record<string, Numbers>): Promise<Float32Array> =>
        program.floats(
          {
            ...weights,
            ...feeds,
            ...changed,
            vocabularyMask: new Float32Array(config.vocabulary),
          },
          "topLogProbs",
        );
      const before = await read({});
      // Each in turn: the fourth token of the first sequence, the first of the second, one of padding.
      for (const [place, affected] of [
        [3, [3, 4, 5]],
        [6, [6, 7, 8, 9]],
        [10, [10, 11]],
      ] as const) {
        const tokens = feeds.tokens.slice();
        tokens[place] = 20n;
        const after = await read({ tokens });
        const moved = [...before.keys()].filter((i) => Math.abs(after[i] - before[i]) > 1e-6);
        assert.deepEqual(moved, affected);
      }
      await program.close();
    });
  });
}

describe("reading", () => {
  const config = smallModels["Llama, tied"];
  const { shape, feeds } = packed([[first, second], [third]], 11);
  const read = (topK: number, vocabularyMask: Float32Array, lossRows?: number) =>
    runProgram(
      readingProgram(config, shape, { topK, ...(lossRows === undefined ? {} : { lossRows }) }),
      { ...loudWeights(config), ...feeds, vocabularyMask },
    );

  test("the top k are the largest of all log-probabilities, which make up 1", async () => {
    const all = await read(config.vocabulary, new Float32Array(config.vocabulary));
    const row = Array.from((all.topLogProbs as Float32Array).slice(0, config.vocabulary));
    assert.ok(Math.abs(row.reduce((sum, logProb) => sum + Math.exp(logProb), 0) - 1) < 1e-6);
    assert.deepEqual(
      row,
      row.toSorted((a, b) => b - a),
    );
    const ids = Array.from((all.topIds as BigInt64Array).slice(0, config.vocabulary), Number);
    assert.ok(Math.abs(row[ids.indexOf(14)] + Number(all.labelNats[0])) < 1e-6);

    const few = await read(4, new Float32Array(config.vocabulary));
    assert.deepEqual(Array.from(few.topIds.slice(0, 4), Number), ids.slice(0, 4));
  });

  test("masked rows of the vocabulary never come up, and no other probability changes", async () => {
    const open = await read(6, new Float32Array(config.vocabulary));
    const best = Number(open.topIds[0]);
    const mask = new Float32Array(config.vocabulary);
    mask[best] = -1e30;
    const masked = await read(6, mask);
    assert.ok(!Array.from(masked.topIds, Number).includes(best));
    assert.deepEqual(masked.topIds.slice(0, 5), open.topIds.slice(1, 6));
    assert.deepEqual(masked.topLogProbs.slice(0, 5), open.topLogProbs.slice(1, 6));
    assert.deepEqual(masked.labelNats, open.labelNats);
  });

  test("the number of rows at a time changes nothing", async () => {
    const whole = await read(3, new Float32Array(config.vocabulary));
    const cut = await read(3, new Float32Array(config.vocabulary), 5);
    assert.ok(
      largestDifference(cut.labelNats as Float32Array, whole.labelNats as Float32Array) < 1e-6,
    );
    assert.deepEqual(cut.topIds, whole.topIds);
  });

  test("without a top k only the labels' nats are answered", async () => {
    assert.deepEqual(Object.keys(await read(0, new Float32Array(config.vocabulary))), [
      "labelNats",
    ]);
  });
});

describe("weights to start from", () => {
  const config: ModelConfig = { ...smallModels["GPT-2"], hidden: 64, headSize: 32, layers: 8 };
  const deviation = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

  test("are normal with deviation 0.02, smaller where they write into the residual stream", () => {
    const weights = initialWeights(config, 1);
    const near = (name: string, expected: number): void => {
      assert.ok(Math.abs(deviation(weights.get(name)!) / expected - 1) < 0.05, name);
    };
    near("transformer.h.3.attn.c_attn.weight", 0.02);
    near("transformer.wte.weight", 0.02);
    near("transformer.h.3.attn.c_proj.weight", 0.005);
    near("transformer.h.7.mlp.c_proj.weight", 0.005);
  });

  test("have norms of 1 and biases of 0, and every parameter its own numbers", () => {
    const weights = initialWeights(config, 1);
    for (const { name, kind } of parametersOf(config)) {
      if (kind === "norm") assert.deepEqual(new Set(weights.get(name)), new Set([1]));
      if (kind === "bias") assert.deepEqual(new Set(weights.get(name)), new Set([0]));
    }
    const firsts = parametersOf(config)
      .filter(({ kind }) => kind === "matrix" || kind === "embedding")
      .map(({ name }) => weights.get(name)![0]);
    assert.equal(new Set(firsts).size, firsts.length);
  });

  test("are the same for the same seed and others for another", () => {
    assert.deepEqual(initialWeights(config, 5), initialWeights(config, 5));
    assert.notDeepEqual(initialWeights(config, 5), initialWeights(config, 6));
  });
});
