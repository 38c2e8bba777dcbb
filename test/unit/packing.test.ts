/** How sequences are laid into batches for reading. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { planReading, type ReadingCosts, rowLength } from "../../src/model/readingPlan.ts";

const costs: ReadingCosts = {
  attentionLength: 384,
  shapeTokens: 1500,
  mostRows: (length) => Math.max(1, Math.floor(1024 / length)),
};

function lengthsBetween(least: number, most: number, count: number): number[] {
  const random = createRandom(11, most);
  return Array.from({ length: count }, () => least + random.integer(most - least + 1));
}

for (const [what, lengths] of [
  ["none", []],
  ["one short sequence", [3]],
  ["many of one length", Array(70).fill(100) as number[]],
  ["lengths from 1 to 128", lengthsBetween(1, 128, 500)],
  ["a few long among many short", [2000, 700, 513, ...lengthsBetween(10, 60, 90)]],
] as const) {
  test(`${what}: every sequence is in exactly one row, and fits it`, () => {
    const plan = planReading(lengths, costs);
    const placed: number[] = [];
    for (const { shape, rows } of plan) {
      assert.ok(rows.length > 0 && rows.length <= shape.rows);
      assert.ok(shape.rows <= costs.mostRows(shape.length));
      for (const row of rows) {
        const used = row.reduce((sum, i) => sum + lengths[i], 0);
        assert.ok(used > 0 && used <= shape.length, `${used} tokens in a row of ${shape.length}`);
        placed.push(...row);
      }
    }
    assert.deepEqual(
      placed.sort((a, b) => a - b),
      lengths.map((_, i) => i),
    );
  });
}

test("rows are at least nine tenths full where lengths are mixed", () => {
  const lengths = lengthsBetween(20, 128, 256);
  const plan = planReading(lengths, costs);
  const places = plan.reduce((sum, { shape }) => sum + shape.rows * shape.length, 0);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  assert.ok(tokens / places > 0.9, `${((100 * tokens) / places).toFixed(1)} % full`);
});

test("a single short sequence does not pay for a long row", () => {
  assert.deepEqual(planReading([12], costs), [{ shape: { rows: 1, length: 16 }, rows: [[0]] }]);
});

test("short sequences share rows, but are not put into rows as long as the longest text", () => {
  const lengths = [1024, ...(Array(200).fill(20) as number[])];
  const plan = planReading(lengths, costs);
  assert.ok(plan.some(({ rows }) => rows.some((row) => row.length >= 3)));
  const long = plan.filter(({ shape }) => shape.length >= 1024);
  assert.equal(
    long.reduce((sum, { rows }) => sum + rows.length, 0),
    1,
  );
});

test("where compiling is dear fewer shapes are used", () => {
  const lengths = lengthsBetween(1, 512, 60);
  const shapesAt = (shapeTokens: number): number => {
    const plan = planReading(lengths, { ...costs, shapeTokens });
    return new Set(plan.map(({ shape }) => `${shape.rows} ${shape.length}`)).size;
  };
  assert.ok(shapesAt(1e6) < shapesAt(0), `${shapesAt(1e6)} shapes, not fewer than ${shapesAt(0)}`);
});

test("planning fifty thousand sequences takes no more than seconds", () => {
  const lengths = lengthsBetween(20, 128, 50_000);
  const started = performance.now();
  planReading(lengths, costs);
  assert.ok(performance.now() - started < 3000);
});

test("row lengths hold the tokens and waste at most a quarter above 64", () => {
  for (let tokens = 1; tokens <= 5000; tokens++) {
    const length = rowLength(tokens);
    assert.ok(length >= tokens && length % 16 === 0);
    if (tokens > 64) assert.ok(length <= tokens * 1.25, `${tokens} tokens in ${length} places`);
  }
});
