/** The oracle is the package levenshtein-edit-distance, a plain dynamic programme over UTF-16 units. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { levenshteinEditDistance } from "levenshtein-edit-distance";
import { editDistance } from "../../src/core/alignment/editDistance.ts";
import { createRandom } from "../../src/core/random.ts";

for (const [a, b, distance] of [
  ["", "", 0],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["▁the", "the", 1],
  ["<|endoftext|>", "Context", 8],
  ["flaw", "lawn", 2],
  ["x".repeat(100), "y".repeat(100), 100],
  ["a".repeat(33), "a".repeat(32), 1],
] as const)
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${distance} apart`, () => {
    assert.equal(editDistance(a, b), distance);
    assert.equal(editDistance(b, a), distance);
  });

test("a character outside the basic plane is one character", () => {
  assert.equal(editDistance("😀", "😁"), 1);
  assert.equal(editDistance("a😀b", "ab"), 1);
  assert.equal(editDistance("😀", "\ud83d"), 1);
  assert.equal(editDistance("👩‍👩‍👧", "👩‍👧"), 2);
});

test("random strings of the basic plane are as far apart as the plain programme says", () => {
  const random = createRandom(5);
  const alphabets = ["ab", "abcdé€日▁", "Ġabcdefghijklmnopqrstuvwxyz0123456789"];
  for (let round = 0; round < 6000; round++) {
    const letters = Array.from(alphabets[round % alphabets.length]);
    // Long strings now and then, to cross the borders between blocks of 32.
    const longest = round % 20 === 0 ? 130 : round % 7 === 0 ? 34 : 10;
    const word = () =>
      Array.from(
        { length: random.integer(longest + 1) },
        () => letters[random.integer(letters.length)],
      ).join("");
    const [a, b] = [word(), word()];
    assert.equal(editDistance(a, b), levenshteinEditDistance(a, b), JSON.stringify([a, b]));
  }
});

test("strings of all planes are as far apart as their images in the basic plane", () => {
  const random = createRandom(6);
  const planes = ["a", "é", "ߪ", "日", "￿", "𐀀", "😀", "𠀀", "\u{10ffff}", "\u0301"];
  // The oracle counts UTF-16 units: it gets one unit for each of the characters.
  const image = (indices: readonly number[]) =>
    String.fromCharCode(...indices.map((index) => 0x41 + index));
  for (let round = 0; round < 2000; round++) {
    const word = () =>
      Array.from({ length: random.integer(round % 10 === 0 ? 80 : 12) }, () =>
        random.integer(planes.length),
      );
    const [a, b] = [word(), word()];
    const [spelledA, spelledB] = [a, b].map((indices) => indices.map((i) => planes[i]).join(""));
    assert.equal(editDistance(spelledA, spelledB), levenshteinEditDistance(image(a), image(b)));
  }
});
