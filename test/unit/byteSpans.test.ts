import assert from "node:assert/strict";
import { test } from "node:test";
import { byteGroups, rowEnds, sharedBoundaries } from "../../src/core/alignment/byteSpans.ts";
import { createRandom } from "../../src/core/random.ts";

const shared = (target: number[], source: number[]) =>
  Array.from(sharedBoundaries(Int32Array.from(target), Int32Array.from(source)));
const groups = (target: number[], source: number[]) =>
  Array.from(byteGroups(Int32Array.from(target), Int32Array.from(source)));

test("rows at the same byte answer for each other, BOS for BOS", () => {
  // "the cat": the|␣cat  against  th|e␣|cat
  assert.deepEqual(shared([0, 3, 7], [0, 2, 4, 7]), [0, -1, 3]);
  assert.deepEqual(shared([0], [0]), [0]);
  assert.deepEqual(shared([0, 1], [0, 2]), [0, -1]);
});

test("of several rows at a byte the last stands for it, on either side", () => {
  // "\nfoo" as ▁ <0x0A> foo, ends 0 1 4, against \n foo, ends 1 4.
  assert.deepEqual(shared([0, 0, 1, 4], [0, 1, 4]), [-1, 0, 1, 2]);
  assert.deepEqual(shared([0, 1, 4], [0, 0, 1, 4]), [1, 2, 3]);
  assert.deepEqual(shared([0, 0, 3, 3], [0, 3, 3, 3]), [-1, 0, -1, 3]);
});

test("against itself every row that is the last at its byte is its own answer", () => {
  const random = createRandom(9);
  for (let round = 0; round < 200; round++) {
    const ends = ascending(random, 30);
    const answers = shared(ends, ends);
    for (const [row, answer] of answers.entries())
      assert.equal(answer, ends[row] === ends[row + 1] ? -1 : row);
  }
});

test("answers are those of looking at every pair of rows", () => {
  const random = createRandom(10);
  for (let round = 0; round < 300; round++) {
    const [target, source] = [ascending(random, 20), ascending(random, 20)];
    const expected = target.map((end, row) =>
      row !== target.lastIndexOf(end) ? -1 : source.lastIndexOf(end),
    );
    assert.deepEqual(shared(target, source), expected);
  }
});

test("groups are the smallest runs between common boundaries", () => {
  assert.deepEqual(groups([3, 7], [2, 3, 5, 7]), [0, 2, 0, 1, 2, 4, 1, 2]);
  assert.deepEqual(groups([7], [2, 3, 5, 7]), [0, 4, 0, 1]);
  assert.deepEqual(groups([1, 2, 3], [1, 2, 3]), [0, 1, 0, 1, 1, 2, 1, 2, 2, 3, 2, 3]);
  assert.deepEqual(groups([], []), []);
});

test("a token without width belongs to a group with what follows it, or with its like", () => {
  assert.deepEqual(groups([0, 1, 4], [1, 4]), [0, 1, 0, 2, 1, 2, 2, 3]);
  assert.deepEqual(groups([0, 1], [0, 1]), [0, 1, 0, 1, 1, 2, 1, 2]);
  assert.deepEqual(groups([3, 3], [3]), [0, 1, 0, 2]);
});

test("groups cover both sides without gaps, end together, and hold no common boundary inside", () => {
  const random = createRandom(11);
  for (let round = 0; round < 300; round++) {
    const length = 10 + random.integer(30);
    const [target, source] = [ascending(random, 15), ascending(random, 15)].map((ends) => [
      ...ends.slice(1).filter((end) => end < length),
      length,
    ]);
    const quadruples = groups(target, source);
    let [s, t] = [0, 0];
    for (let k = 0; k < quadruples.length; k += 4) {
      const [s0, s1, t0, t1] = quadruples.slice(k, k + 4);
      assert.deepEqual([s0, t0], [s, t]);
      assert.ok(s1 > s0 && t1 > t0);
      const end = target[t1 - 1];
      assert.equal(source[s1 - 1], end);
      const inside = target.slice(t0, t1).filter((each) => each !== end);
      assert.ok(!source.slice(s0, s1).some((each) => inside.includes(each)));
      [s, t] = [s1, t1];
    }
    assert.deepEqual([s, t], [source.length, target.length]);
  }
});

test("row ends put BOS in front", () => {
  assert.deepEqual(Array.from(rowEnds(Int32Array.of(2, 5))), [0, 2, 5]);
});

/** Ends per row: 0 first, then ascending with repetitions. */
function ascending(random: ReturnType<typeof createRandom>, count: number): number[] {
  const ends = [0];
  for (let i = 0; i < count; i++) ends.push(ends[i] + random.integer(4));
  return ends;
}
