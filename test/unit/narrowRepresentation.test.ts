import assert from "node:assert/strict";
import { test } from "node:test";
import { narrowRepresentation } from "../../src/core/fusion/narrowRepresentation.ts";
import type { Representation } from "../../src/core/fusion/representation.ts";

const wide: Representation = {
  rows: 2,
  topK: 3,
  ids: Int32Array.of(5, 1, 9, 2, 7, 4),
  logProbs: Float32Array.from([0.5, 0.25, 0.125, 0.75, 0.125, 0.0625].map(Math.log)),
  leftOver: Float32Array.of(0.125, 0.0625),
  nats: Float32Array.of(1, 2),
};

test("the likeliest candidates stay and the others join what is left over", () => {
  const { rows, topK, ids, logProbs, leftOver, nats } = narrowRepresentation(wide, 1);
  assert.deepEqual(
    { rows, topK, ids: [...ids], nats: [...nats] },
    { rows: 2, topK: 1, ids: [5, 2], nats: [1, 2] },
  );
  assert.deepEqual(
    [...logProbs].map((p) => Math.exp(p).toFixed(6)),
    ["0.500000", "0.750000"],
  );
  assert.ok(Math.abs(leftOver[0]! - 0.5) < 1e-6);
  assert.ok(Math.abs(leftOver[1]! - 0.25) < 1e-6);
});

test("as many candidates as there are change nothing, and more cannot be had", () => {
  assert.deepEqual(narrowRepresentation(wide, 3), wide);
  assert.throws(() => narrowRepresentation(wide, 4), RangeError);
});
