import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import {
  jaccard,
  nearDuplicateClusters,
  shareSeen,
  shinglesOf,
  wordsOf,
} from "../../src/pipeline/zoo/nearDuplicates.ts";

const set = (...values: number[]): Int32Array => Int32Array.from(values).sort();

test("words are runs of letters, digits and underscores in any script, without case", () => {
  assert.deepEqual(wordsOf("Don't call `readFile_2(…)`, Ärger!"), [
    "don",
    "t",
    "call",
    "readfile_2",
    "ärger",
  ]);
});

test("a text has one shingle for each run of eight words, and punctuation does not matter", () => {
  const text = "one two three four five six seven eight nine";
  assert.equal(shinglesOf(text).length, 2);
  assert.deepEqual(
    shinglesOf("One, two; three\nfour-five six (seven) EIGHT nine."),
    shinglesOf(text),
  );
  assert.equal(shinglesOf("one two three").length, 1);
  assert.equal(shinglesOf("…!").length, 0);
});

test("a repeated run counts once, and the order of words counts", () => {
  const words = "a b c d e f g h";
  assert.equal(shinglesOf(`${words} ${words}`).length, 8);
  assert.notDeepEqual(shinglesOf("a b c d e f g h"), shinglesOf("b a c d e f g h"));
});

test("the Jaccard similarity is the shared over all", () => {
  assert.equal(jaccard(set(1, 2, 3), set(2, 3, 4, 5)), 2 / 5);
  assert.equal(jaccard(set(-7, 4), set(-7, 4)), 1);
  assert.equal(jaccard(set(), set()), 0);
});

test("the share of a text that was seen before is by shingle", () => {
  assert.equal(shareSeen(set(1, 2, 3, 4), new Set([2, 3, 9])), 0.5);
  assert.equal(shareSeen(set(), new Set([2])), 0);
});

test("exactly one half is no near-duplicate, a little more is, and chains join", () => {
  const half = [set(1, 2, 3), set(2, 3, 4)]; // 2 of 4
  assert.deepEqual([...nearDuplicateClusters(half, 0.5)], [0, 1]);
  const chain = [set(1, 2, 3, 4), set(50, 51), set(3, 4, 5, 2), set(4, 5, 6, 3)];
  assert.equal(jaccard(chain[0], chain[3]), 2 / 6);
  assert.deepEqual([...nearDuplicateClusters(chain, 0.5)], [0, 1, 0, 0]);
});

test("clusters found by prefixes are those of comparing every pair", () => {
  const random = createRandom(7);
  for (let round = 0; round < 30; round++) {
    const sets: Int32Array[] = [];
    for (let i = 0; i < 40; i++) {
      // Variations on what is there already, so that similarities lie on both sides of the threshold.
      const base = i > 4 ? [...sets[random.integer(i)]] : [];
      const values = new Set(base.filter(() => random.next() < 0.85));
      const size = random.integer(12);
      while (values.size < size) values.add(random.integer(60));
      sets.push(set(...values));
    }
    const expected = sets.map((_, i) => i);
    for (let pass = 0; pass < sets.length; pass++) {
      for (let i = 0; i < sets.length; i++) {
        for (let j = 0; j < sets.length; j++) {
          if (jaccard(sets[i], sets[j]) > 0.5) expected[i] = Math.min(expected[i], expected[j]);
        }
      }
    }
    assert.deepEqual([...nearDuplicateClusters(sets, 0.5)], expected);
  }
});
