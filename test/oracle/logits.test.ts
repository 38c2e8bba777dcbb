/** Small random models of each architecture against Hugging Face transformers (fixtures/make_logits.py). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { parametersOf } from "../../src/model/architecture/parameters.ts";
import { readingProgram, trainingProgram } from "../../src/model/graph/programs.ts";
import { namedUniform, namedWeights } from "../support/namedWeights.ts";
import { integers, largestDifference, type Numbers, runProgram } from "../support/program.ts";

interface SequenceAnswer {
  readonly tokens: number[];
  readonly labels: number[];
  readonly labelWeight: number[];
  readonly nats: number[];
  readonly topIds: number[];
  readonly topLogProbs: number[];
}

interface ModelAnswer {
  readonly name: string;
  readonly config: ModelConfig;
  readonly shapes: Record<string, number[]>;
  readonly sequences: SequenceAnswer[];
  readonly loss: number;
  readonly gradients: Record<string, [norm: number, probe: number]>;
}

const file = new URL("../fixtures/logits.json", import.meta.url);
const fixture: { models: ModelAnswer[] } = JSON.parse(readFileSync(file, "utf8"));

/** Both sequences stand in one row, with a place of padding before, between and behind them. */
const shape = { rows: 1, length: 21 };

for (const model of fixture.models) {
  describe(model.name, () => {
    const starts = [1, 13];
    const topK = model.sequences[0].topIds.length / model.sequences[0].tokens.length;
    let weights: Record<string, Float32Array>;
    before(() => {
      weights = Object.fromEntries(
        Object.entries(model.shapes).map(([name, size]) => [name, namedWeights(name, size)]),
      );
    });

    /** One number per place of the batch, from one per token. */
    function spread(
      part: (sequence: SequenceAnswer, index: number) => readonly number[],
    ): number[] {
      const all = new Array<number>(shape.length).fill(0);
      model.sequences.forEach((sequence, index) => {
        all.splice(starts[index], sequence.tokens.length, ...part(sequence, index));
      });
      return all;
    }
    const batch = (): Record<string, Numbers> => ({
      tokens: integers(spread(({ tokens }) => tokens)),
      positions: integers(spread(({ tokens }) => tokens.map((_, place) => place))),
      segments: integers(spread(({ tokens }, index) => tokens.map(() => index + 1))),
      labels: integers(spread(({ labels }) => labels)),
    });
    /** What an output says of a sequence, `width` numbers a place. */
    const own = (values: Numbers, index: number, width = 1): number[] =>
      Array.from(values, Number).slice(
        starts[index] * width,
        (starts[index] + model.sequences[index].tokens.length) * width,
      );

    test("the parameters are those of the checkpoint that transformers writes", () => {
      const ours = parametersOf(model.config).map(({ name, shape: size }) => [name, size]);
      assert.deepEqual(Object.fromEntries(ours), model.shapes);
    });

    test("each token's nats and the likeliest tokens are those of transformers", async () => {
      const vocabularyMask = new Float32Array(model.config.vocabulary);
      const program = readingProgram(model.config, shape, { topK });
      const read = await runProgram(program, { ...weights, ...batch(), vocabularyMask });
      model.sequences.forEach((sequence, index) => {
        assert.ok(largestDifference(own(read.labelNats, index), sequence.nats) < 1e-5);
        assert.ok(
          largestDifference(own(read.topLogProbs, index, topK), sequence.topLogProbs) < 1e-5,
        );
        assert.deepEqual(own(read.topIds, index, topK), sequence.topIds);
      });
    });

    test("the loss and every gradient are those of PyTorch", async () => {
      const count = shape.length;
      const answer = await runProgram(trainingProgram(model.config, shape, { topK: 0 }), {
        ...weights,
        ...batch(),
        labelWeight: Float32Array.from(spread(({ labelWeight }) => labelWeight)),
        fusedWeight: new Float32Array(count),
        fusedIds: new BigInt64Array(0),
        fusedProbs: new Float32Array(0),
        fusedUsed: new Float32Array(0),
        fusedRest: new Float32Array(count),
        zero: new Float32Array(1),
      });
      assert.ok(largestDifference(answer.clmLoss as Float32Array, [model.loss]) < 1e-5);
      for (const [name, [norm, probe]] of Object.entries(model.gradients)) {
        const gradient = answer[`d:${name}`] as Float32Array;
        const direction = namedUniform(`probe of ${name}`, gradient.length);
        const projected = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
        assert.ok(
          largestDifference([Math.hypot(...gradient), projected], [norm, probe]) < 2e-5,
          name,
        );
      }
    });
  });
}
