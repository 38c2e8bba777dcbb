import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { createRandom } from "../../src/core/random.ts";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import { learnMerges } from "../../src/pipeline/zoo/mergeLearner.ts";
import type { TokenizerFiles } from "../../src/pipeline/zoo/tokenizerFiles.ts";
import { countWords, spelledWith } from "../../src/pipeline/zoo/trainingWords.ts";

const none: ReadonlySet<string> = new Set();

test("the commonest pair is merged first, of equals the one with the lower ids", () => {
  // ab 5, bc 3, then abc by "ab c" 2; "cd" and "dc" 2 each.
  const counts = new Map([
    ["abc", 2],
    ["ab", 3],
    ["bc", 1],
    ["cd", 2],
    ["dc", 2],
  ]);
  const { pieces, merges } = learnMerges(counts, {
    pieces: ["a", "b", "c", "d"],
    size: 8,
    reserved: none,
  });
  assert.deepEqual(merges, [
    ["a", "b"],
    ["c", "d"],
    ["d", "c"],
    ["ab", "c"],
  ]);
  assert.deepEqual(pieces, ["a", "b", "c", "d", "ab", "cd", "dc", "abc"]);
});

test("merging stops where no pair is left that occurs twice", () => {
  const learned = learnMerges(new Map([["abcd", 1]]), {
    pieces: ["a", "b", "c", "d"],
    size: 100,
    reserved: none,
  });
  assert.deepEqual(learned.merges, []);
});

test("in a run of one character pairs are taken from the left", () => {
  const { merges } = learnMerges(new Map([["aaaaa", 4]]), {
    pieces: ["a"],
    size: 4,
    reserved: none,
  });
  // aaaaa → aa·aa·a, where "aa a" and "aa aa" are equally common and a has the lower id.
  assert.deepEqual(merges, [
    ["a", "a"],
    ["aa", "a"],
    ["aa", "aaa"],
  ]);
});

test("a reserved piece is not made, and merging goes on without it", () => {
  const { merges } = learnMerges(new Map([["<s>x", 9]]), {
    pieces: ["<", "s", ">", "x"],
    size: 7,
    reserved: new Set(["<s>"]),
  });
  assert.ok(merges.every(([left, right]) => left + right !== "<s>"));
  assert.equal(merges.length, 3);
});

test("merges are those of counting every pair anew before each", () => {
  const random = createRandom(3);
  for (let round = 0; round < 20; round++) {
    const counts = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      const length = 1 + random.integer(9);
      const word = Array.from({ length }, () => "abcd"[random.integer(4)]).join("");
      counts.set(word, 1 + random.integer(4));
    }
    const options = { pieces: ["a", "b", "c", "d"], size: 40, reserved: none };
    assert.deepEqual(learnMerges(counts, options).merges, mergesByRecounting(counts, options));
  }
});

test("vocabularies have the size asked for, with special tokens first", () => {
  const texts = Array.from({ length: 200 }, (_, i) => `the ${i} times table of the ${i % 7} sea\n`);
  const byteLevel = vocabularyOf(trainByteLevelBpe(texts, 285, { words: "gpt2" }));
  assert.equal(byteLevel.length, 285);
  assert.equal(byteLevel[0], "<|endoftext|>");
  const sentencePiece = vocabularyOf(trainSentencePieceBpe(texts, 380));
  assert.equal(sentencePiece.length, 380);
  assert.deepEqual(sentencePiece.slice(0, 4), ["<unk>", "<s>", "</s>", "<0x00>"]);
});

test("no SentencePiece merge has a space behind another character, or a line end", () => {
  const texts = ["a  b = c\n    a  b = c\n\n  b\n".repeat(50)];
  const pieces = vocabularyOf(trainSentencePieceBpe(texts, 380)).slice(259);
  assert.ok(
    pieces.some((piece) => /^▁▁+$/.test(piece)),
    "runs of spaces are learned",
  );
  for (const piece of pieces) assert.match(piece, /^▁*[^▁\n]*$/);
});

test("the two rules for words differ in where punctuation goes", () => {
  const texts = ["call(x); call(x); call(x);\n".repeat(20)];
  const merged = (words: "gpt2" | "spaces"): string[] =>
    vocabularyOf(trainByteLevelBpe(texts, 290, { words })).slice(257);
  assert.ok(merged("spaces").includes("Ġcall(x);"));
  assert.ok(merged("gpt2").every((piece) => !/[a-z][^a-z]/.test(piece)));
});

test("the same texts give the same files", () => {
  const texts = ["one two three two one\n".repeat(30), "drei zwei eins\n".repeat(20)];
  for (const train of [
    () => trainByteLevelBpe(texts, 280, { words: "spaces" }),
    () => trainSentencePieceBpe(texts, 380),
  ]) {
    assert.deepEqual(train(), train());
  }
});

test("a size without room for the alphabet and a lack of text are problems", () => {
  const refused = { name: "Problem", code: "badInput" };
  assert.throws(() => trainByteLevelBpe(["text"], 256, { words: "gpt2" }), refused);
  assert.throws(() => trainSentencePieceBpe(["text"], 300), refused);
  assert.throws(() => trainByteLevelBpe(["text"], 70_000, { words: "gpt2" }), Problem);
  assert.throws(() => trainByteLevelBpe([], 300, { words: "gpt2" }), refused);
});

test("of much text every document gives the same share", () => {
  const texts = ["a b\n".repeat(300_000), "c d\n".repeat(300_000)];
  const counts = countWords(texts, /\w/g);
  assert.ok(Math.abs(counts.get("a")! - 187_500) <= 1);
  assert.equal(counts.get("a"), counts.get("d"));
});

test("words are cut at characters outside the alphabet", () => {
  const counts = new Map([
    ["aéb", 2],
    ["b", 1],
    ["é", 5],
  ]);
  assert.deepEqual(
    [...spelledWith(counts, ["a", "b"])],
    [
      ["a", 2],
      ["b", 3],
    ],
  );
});

/** Pieces by id. */
function vocabularyOf({ tokenizer }: TokenizerFiles): string[] {
  const { vocab } = tokenizer.model as { vocab: Record<string, number> };
  return Object.entries(vocab)
    .sort((a, b) => a[1] - b[1])
    .map(([piece]) => piece);
}

/** The definition of the method, taken word by word. */
function mergesByRecounting(
  counts: ReadonlyMap<string, number>,
  options: { readonly pieces: readonly string[]; readonly size: number },
): [string, string][] {
  const pieces = [...options.pieces];
  const words = [...counts].map(([word, count]) => ({ parts: [...word], count }));
  const merges: [string, string][] = [];
  while (pieces.length < options.size) {
    const pairs = new Map<string, number>();
    for (const { parts, count } of words) {
      for (let i = 1; i < parts.length; i++) {
        const key = `${parts[i - 1]} ${parts[i]}`;
        pairs.set(key, (pairs.get(key) ?? 0) + count);
      }
    }
    const rank = (key: string): number[] => key.split(" ").map((part) => pieces.indexOf(part));
    const [best] = [...pairs].sort(
      (a, b) => b[1] - a[1] || rank(a[0])[0] - rank(b[0])[0] || rank(a[0])[1] - rank(b[0])[1],
    );
    if (best === undefined || best[1] < 2) break;
    const [left, right] = best[0].split(" ");
    merges.push([left, right]);
    if (!pieces.includes(left + right)) pieces.push(left + right);
    for (const word of words) {
      const merged: string[] = [];
      for (let i = 0; i < word.parts.length; i++) {
        const here = word.parts[i] === left && word.parts[i + 1] === right;
        merged.push(here ? left + right : word.parts[i]);
        if (here) i++;
      }
      word.parts = merged;
    }
  }
  return merges;
}
