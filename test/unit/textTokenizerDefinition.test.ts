/** Definitions come from outside: what is broken, too large or not reproduced is said, and nothing else happens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";

const bpe = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: [["a", "b"]] };
const step = (pre_tokenizer: unknown) => ({ model: bpe, pre_tokenizer });
const nested = (depth: number): unknown =>
  depth === 0 ? { type: "NFC" } : { type: "Sequence", normalizers: [nested(depth - 1)] };

const broken: readonly (readonly [what: string, tokenizer: unknown])[] = [
  ["nothing", undefined],
  ["a list", []],
  ["no model", {}],
  ["a model that is a text", { model: "BPE" }],
  ["an empty vocabulary", { model: { ...bpe, vocab: {} } }],
  ["a vocabulary that is a list", { model: { ...bpe, vocab: [1, 2] } }],
  ["an id that is a text", { model: { ...bpe, vocab: { a: "0" } } }],
  ["an id below zero", { model: { ...bpe, vocab: { a: -1 } } }],
  ["an id between numbers", { model: { ...bpe, vocab: { a: 0.5 } } }],
  ["two pieces with one id", { model: { ...bpe, vocab: { a: 0, b: 0 }, merges: [] } }],
  ["no merges", { model: { ...bpe, merges: undefined } }],
  ["a merge of three", { model: { ...bpe, merges: [["a", "b", "c"]] } }],
  ["a merge that is a number", { model: { ...bpe, merges: [7] } }],
  ["a merge outside the vocabulary", { model: { ...bpe, merges: ["b a"] } }],
  ["scores that are no numbers", { model: { type: "Unigram", vocab: [["a", null]] } }],
  ["an unknown token out of range", { model: { type: "Unigram", vocab: [["a", 0]], unk_id: 4 } }],
  ["WordPiece without unknown token", { model: { type: "WordPiece", vocab: { a: 0 } } }],
  ["an added token without text", { model: bpe, added_tokens: [{ id: 3, content: "" }] }],
  ["an added token without id", { model: bpe, added_tokens: [{ content: "x" }] }],
  ["a step without type", step({})],
  ["steps in steps in steps", { model: bpe, normalizer: nested(40) }],
];

const unsupported: readonly (readonly [what: string, tokenizer: unknown])[] = [
  ["a model of another type", { model: { ...bpe, type: "Tiktoken" } }],
  ["an unknown pre-tokenizer", step({ type: "UnicodeScripts" })],
  ["an unknown normaliser", { model: bpe, normalizer: { type: "Nmt" } }],
  [
    "words cut behind the byte alphabet",
    step({
      type: "Sequence",
      pretokenizers: [{ type: "ByteLevel" }, { type: "Digits" }],
    }),
  ],
  [
    "a pattern that is no expression",
    step({
      type: "Split",
      pattern: { Regex: "(" },
      behavior: "Isolated",
    }),
  ],
  ["an empty pattern", step({ type: "Split", pattern: { String: "" }, behavior: "Isolated" })],
  ["an unknown behaviour", step({ type: "Split", pattern: { String: "a" }, behavior: "Shuffled" })],
  ["words in front of every text", { model: bpe, normalizer: { type: "Prepend", prepend: "x" } }],
  ["a marker of two characters", step({ type: "Metaspace", replacement: "##" })],
  ["a prefix inside words", { model: { ...bpe, continuing_subword_prefix: "##" } }],
];

const tooLarge: readonly (readonly [what: string, tokenizer: unknown])[] = [
  ["an id of billions", { model: { ...bpe, vocab: { a: 4_000_000_000 } } }],
  ["an added id of billions", { model: bpe, added_tokens: [{ id: 2 ** 40, content: "x" }] }],
  ["a piece of a megabyte", { model: { ...bpe, vocab: { ["a".repeat(1 << 20)]: 0 } } }],
  [
    "a thousand steps",
    {
      model: bpe,
      normalizer: { type: "Sequence", normalizers: Array(1000).fill({ type: "NFC" }) },
    },
  ],
];

for (const [code, cases] of Object.entries({ badInput: broken, unsupported, tooLarge }))
  for (const [what, tokenizer] of cases)
    test(`${what}: ${code}`, () => {
      assert.throws(
        () => createTokenizer({ tokenizer }, { name: "bad", fingerprint: "" }),
        (error) => {
          assert.ok(error instanceof Problem, String(error));
          assert.equal(error.code, code, error.message);
          assert.ok(error.next);
          return true;
        },
      );
    });

test("names of object properties are pieces like any others", () => {
  const vocab = JSON.parse('{"__proto__":0,"constructor":1,"toString":2,"a":3}');
  const model = { type: "WordLevel", vocab, unk_token: "a" };
  const pre_tokenizer = { type: "WhitespaceSplit" };
  const tokenizer = createTokenizer(
    { tokenizer: { model, pre_tokenizer } },
    { name: "words", fingerprint: "" },
  );
  assert.equal(tokenizer.family, "plain");
  const encoding = tokenizer.encode("__proto__ toString constructor");
  assert.ok("ids" in encoding);
  assert.deepEqual(Array.from(encoding.ids), [0, 2, 1]);
  assert.deepEqual(Array.from(encoding.ends), [9, 18, 30]);
});

test("merges are read in both ways they are written", () => {
  const read = (merges: unknown) => {
    const model = { ...bpe, merges };
    const tokenizer = createTokenizer({ tokenizer: { model } }, { name: "m", fingerprint: "" });
    return tokenizer.encode("abba");
  };
  assert.deepEqual(read(["a b"]), read([["a", "b"]]));
  assert.deepEqual(read(["a b"]), {
    ids: Int32Array.of(2, 1, 0),
    ends: Int32Array.of(2, 3, 4),
  });
});

test("models whose type is not written are known by their parts", () => {
  const { type: _, ...untyped } = bpe;
  const tokenizer = createTokenizer(
    { tokenizer: { model: untyped } },
    { name: "m", fingerprint: "" },
  );
  const encoding = tokenizer.encode("ab");
  assert.ok("ids" in encoding);
  assert.deepEqual(Array.from(encoding.ids), [2]);
});
