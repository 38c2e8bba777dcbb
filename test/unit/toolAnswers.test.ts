/** Answers for agents stay within 8 kB and say what is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerText, longestAnswer } from "../../src/extension/tools/toolAnswers.ts";
import { countOf, inputOf, nameOf, textOf } from "../../src/extension/tools/toolInputs.ts";

const bytes = (text: string): number => Buffer.byteLength(text, "utf8");

test("a short answer is given whole, without a word of cutting", () => {
  assert.equal(answerText({ a: 1, list: [1, 2] }, ["list"]), '{"a":1,"list":[1,2]}');
});

test("the end of a long list goes, and the answer says how much of it", () => {
  const list = Array.from({ length: 5000 }, (_, i) => ({ piece: `·wörd${i}`, id: i }));
  const text = answerText({ tokens: list.length, list }, ["list"]);
  assert.ok(bytes(text) <= longestAnswer, `${bytes(text)} bytes`);
  const answer = JSON.parse(text);
  assert.equal(answer.cut.list, `${answer.list.length} of 5000 are given`);
  assert.ok(answer.list.length > 100);
  assert.deepEqual(answer.list[0], { piece: "·wörd0", id: 0 });
});

test("the least important list is cut first", () => {
  const text = answerText({ first: "x".repeat(3000).split(""), second: ["kept"] }, [
    "first",
    "second",
  ]);
  assert.deepEqual(JSON.parse(text).second, ["kept"]);
});

test("what cannot be cut in lists is cut in words, within the bound, never inside a character", () => {
  const text = answerText({ words: "😀".repeat(5000) });
  assert.ok(bytes(text) <= longestAnswer);
  assert.match(text, /cut: \d+ bytes are more than/);
  assert.doesNotMatch(text, /\p{Surrogate}/u);
});

test("inputs of the wrong kind are refused by name", () => {
  assert.throws(() => inputOf("x"), /object/);
  assert.throws(() => textOf({}), /`text` is missing/);
  assert.throws(() => textOf({ text: "x".repeat(20_001) }), /20001 characters/);
  assert.throws(() => nameOf({ run: 3 }, "run"), /`run` must be a string/);
  assert.throws(() => countOf({ limit: -1 }, "limit", 20, 100), /whole number/);
  assert.equal(countOf({ limit: 1e6 }, "limit", 20, 100), 100);
  assert.equal(countOf({}, "limit", 20, 100), 20);
});
