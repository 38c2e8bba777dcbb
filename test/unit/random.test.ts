import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const correlation = (a: readonly number[], b: readonly number[]): number =>
  12 * (mean(a.map((value, i) => value * b[i])) - mean(a) * mean(b));

describe("random numbers", () => {
  test("repeat for the same seed and stream", () => {
    assert.deepEqual(draw(9, createRandom(3, 4).next), draw(9, createRandom(3, 4).next));
  });

  test("are unrelated for neighbouring seeds, streams and their exchange", () => {
    const reference = draw(20_000, createRandom(1, 2).next);
    for (const [seed, stream] of [
      [2, 2],
      [1, 3],
      [2, 1],
      [-1, 2],
      [1 + 2 ** 32, 2],
    ]) {
      const other = draw(20_000, createRandom(seed, stream).next);
      assert.ok(Math.abs(correlation(reference, other)) < 0.03, `${seed}, ${stream}`);
      assert.notEqual(other[0], reference[0]);
    }
  });

  test("differ at once for every one of many seeds", () => {
    const firsts = draw(
      10_000,
      (() => {
        let seed = 0;
        return () => createRandom(seed++).next();
      })(),
    );
    assert.equal(new Set(firsts).size, firsts.length);
    assert.ok(Math.abs(mean(firsts) - 0.5) < 0.01);
    assert.ok(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1))) < 0.05);
  });

  test("are uniform in [0, 1)", () => {
    const bins = new Array<number>(64).fill(0);
    for (const value of draw(64_000, createRandom(5).next)) bins[Math.floor(value * 64)]++;
    // χ² with 63 degrees of freedom is below 110 with probability 0.9998.
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 110, String(chiSquare));
  });

  test("are normal with mean 0, variance 1 and the normal's tails", () => {
    const values = draw(100_000, createRandom(6).normal);
    const moment = (power: number): number => mean(values.map((value) => value ** power));
    assert.ok(Math.abs(moment(1)) < 0.015);
    assert.ok(Math.abs(moment(2) - 1) < 0.02);
    assert.ok(Math.abs(moment(3)) < 0.04);
    assert.ok(Math.abs(moment(4) - 3) < 0.15);
    assert.ok(
      Math.abs(mean(values.map((value) => (Math.abs(value) > 2 ? 1 : 0))) - 0.0455) < 0.003,
    );
  });

  test("are whole numbers below the limit, each as often", () => {
    const counts = new Array<number>(6).fill(0);
    const random = createRandom(7);
    for (let i = 0; i < 60_000; i++) counts[random.integer(6)]++;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, String(counts));
    assert.ok(draw(100, () => random.integer(2 ** 32)).some((value) => value > 2 ** 31));
    assert.equal(random.integer(1), 0);
    assert.throws(() => random.integer(0), RangeError);
    assert.throws(() => random.integer(2.5), RangeError);
  });

  test("shuffle arrays of every kind into every order as often", () => {
    const random = createRandom(8);
    const orders = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const items = Int32Array.of(1, 2, 3);
      random.shuffle(items);
      orders.set(items.join(), (orders.get(items.join()) ?? 0) + 1);
    }
    assert.equal(orders.size, 6);
    for (const count of orders.values()) assert.ok(Math.abs(count - 2000) < 200);
    const words = ["a", "b", "c", "d"];
    random.shuffle(words);
    assert.deepEqual(words.toSorted(), ["a", "b", "c", "d"]);
  });
});
