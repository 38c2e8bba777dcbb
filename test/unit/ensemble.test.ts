import assert from "node:assert/strict";
import test from "node:test";
import {
  type EnsembleChunk,
  fitWeights,
  mixtureNats,
  oracleNats,
} from "../../src/core/fusion/ensemble.ts";
import { createRandom } from "../../src/core/random.ts";

const nats = (...probabilities: (number | undefined)[]) =>
  Float32Array.from(probabilities, (p) => (p === undefined ? Number.NaN : -Math.log(p)));
const near = (found: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(found - expected) < tolerance, `${found} is not ${expected}`);

test("the mixture adds weighted probabilities where every model has one", () => {
  const chunk = { target: nats(0.5, 0.1), sources: [nats(0.2, 0.4), nats(0.8, 0.3)] };
  const mixture = mixtureNats(chunk, [0.5, 0.3, 0.2]);
  near(Math.exp(-mixture[0]), 0.5 * 0.5 + 0.3 * 0.2 + 0.2 * 0.8);
  near(Math.exp(-mixture[1]), 0.5 * 0.1 + 0.3 * 0.4 + 0.2 * 0.3);
});

test("where a source has none the weights are scaled to 1 over the others", () => {
  const chunk = {
    target: nats(0.5, 0.5),
    sources: [nats(undefined, undefined), nats(0.8, undefined)],
  };
  const mixture = mixtureNats(chunk, [0.5, 0.3, 0.2]);
  near(Math.exp(-mixture[0]), (0.5 * 0.5 + 0.2 * 0.8) / 0.7);
  near(Math.exp(-mixture[1]), 0.5);
});

test("a target of no weight still speaks where nobody else does", () => {
  const mixture = mixtureNats({ target: nats(0.5, 0.25), sources: [nats(0.1, undefined)] }, [0, 1]);
  near(Math.exp(-mixture[0]), 0.1);
  near(Math.exp(-mixture[1]), 0.25);
});

function randomChunks(seed: number, missing: number): EnsembleChunk[] {
  const random = createRandom(seed);
  return Array.from({ length: 20 }, () => {
    const rows = 12;
    const draw = () => 0.02 + 0.9 * random.next() ** 2;
    const source = () =>
      nats(...Array.from({ length: rows }, () => (random.next() < missing ? undefined : draw())));
    return { target: nats(...Array.from({ length: rows }, draw)), sources: [source(), source()] };
  });
}

const loss = (chunks: readonly EnsembleChunk[], weights: ArrayLike<number>) =>
  chunks.reduce(
    (sum, chunk) =>
      sum +
      mixtureNats(chunk, weights)
        .subarray(0, -1)
        .reduce((a, b) => a + b, 0),
    0,
  );

for (const missing of [0, 0.3]) {
  test(`fitted weights are the best of a grid, ${missing * 100} % of the rows missing`, () => {
    const chunks = randomChunks(5, missing);
    const weights = fitWeights(chunks, { iterations: 2000, tolerance: 1e-10 });
    near(
      weights.reduce((a, b) => a + b),
      1,
    );
    let best = Number.POSITIVE_INFINITY;
    for (let a = 0; a <= 40; a++) {
      for (let b = 0; a + b <= 40; b++)
        best = Math.min(best, loss(chunks, [a / 40, b / 40, (40 - a - b) / 40]));
    }
    assert.ok(loss(chunks, weights) <= best + 1e-4, `${loss(chunks, weights)} against ${best}`);
  });
}

test("each iteration of the fit lowers the loss, rows missing or not", () => {
  for (const missing of [0, 0.5]) {
    const chunks = randomChunks(9, missing);
    let before = Number.POSITIVE_INFINITY;
    for (const iterations of [0, 1, 2, 3, 5, 10, 30]) {
      const after = loss(chunks, fitWeights(chunks, { iterations, tolerance: 0 }));
      assert.ok(after <= before + 1e-4);
      before = after;
    }
  }
});

test("the weight goes to the model that always says more, and the end of the text has no say", () => {
  const better = { target: nats(0.2, 0.2, 0.9), sources: [nats(0.6, 0.4, 0.0001)] };
  const weights = fitWeights([better], { iterations: 5000, tolerance: 0 });
  assert.ok(weights[1] > 0.99);
});

test("without sources the target has all the weight", () => {
  assert.deepEqual([...fitWeights([{ target: nats(0.5, 0.5), sources: [] }])], [1]);
});

test("the oracle takes each chunk from the model that predicts it best", () => {
  const { nats: chosen, chosen: models } = oracleNats([
    [3, 5, 2, Number.NaN],
    [4, 1, 2, 7],
    [Number.NaN, 6, 9, 8],
  ]);
  assert.deepEqual([...chosen], [3, 1, 2, 7]);
  assert.deepEqual([...models], [0, 1, 0, 1], "the first of equals");
});
