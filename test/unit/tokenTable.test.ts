import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesKey, utf8Encode } from "../../src/core/text/bytes.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import { openingId, type TokenTable } from "../../src/core/text/tokenizer.ts";

const identity = { name: "test", fingerprint: "" };
const special = (id: number, content: string) => ({ id, content, special: true });
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("latin1");

function vocabulary(pieces: readonly string[]): Record<string, number> {
  return Object.fromEntries(pieces.map((piece, id) => [piece, id]));
}

function byteLevel(pieces: readonly string[], more: object = {}): TokenTable {
  const tokenizer = {
    model: { type: "BPE", vocab: vocabulary(pieces), merges: [] },
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    ...more,
  };
  return createTokenizer({ tokenizer }, identity).table;
}

function sentencePiece(pieces: readonly string[], more: object = {}): TokenTable {
  const tokenizer = {
    model: { type: "BPE", vocab: vocabulary(pieces), merges: [], byte_fallback: true },
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    ...more,
  };
  return createTokenizer({ tokenizer }, identity).table;
}

test("byte-level pieces stand for the bytes their letters spell, whole characters or not", () => {
  const table = byteLevel(["a", "Ġthe", "Ċ", "âĢĻ", "âĢ", "Ã", "日"]);
  assert.deepEqual(table.bytes.map(textOf), [
    "a",
    " the",
    "\n",
    "\xe2\x80\x99",
    "\xe2\x80",
    "\xc3",
    undefined,
  ]);
  assert.equal(table.marker, "Ġ");
  assert.equal(table.idByBytes.get(bytesKey(utf8Encode("’"))), 3);
});

test("SentencePiece pieces have spaces for markers, and <0xNN> is a byte with byte fall-back only", () => {
  const pieces = ["▁the", "▁▁", "<0x0A>", "<0xE2>", "<0xe2>", "日"];
  const table = sentencePiece(pieces);
  assert.deepEqual(table.bytes.map(textOf), [" the", "  ", "\n", "\xe2", "<0xe2>", "\xe6\x97\xa5"]);
  assert.equal(table.marker, "▁");
  const plain = { type: "BPE", vocab: vocabulary(pieces), merges: [] };
  assert.equal(textOf(sentencePiece(pieces, { model: plain }).bytes[2]), "<0x0A>");
});

test("the marker is the definition's, not a class's", () => {
  const table = sentencePiece(["_a"], {
    normalizer: null,
    pre_tokenizer: { type: "Metaspace", replacement: "_" },
  });
  assert.equal(table.marker, "_");
  assert.equal(textOf(table.bytes[0]), " a");
});

test("special tokens, the unknown token and unused ids stand for no bytes", () => {
  const model = {
    type: "BPE",
    vocab: { "<unk>": 0, "<s>": 1, a: 2, b: 5 },
    merges: [],
    unk_token: "<unk>",
  };
  const table = sentencePiece([], { model, added_tokens: [special(1, "<s>"), special(7, "<x>")] });
  assert.equal(table.size, 8);
  assert.deepEqual(Array.from(table.special), [1, 1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(table.bytes.map(textOf), [
    undefined,
    undefined,
    "a",
    undefined,
    undefined,
    "b",
    undefined,
    undefined,
  ]);
  assert.deepEqual(table.pieces.slice(2, 6), ["a", undefined, undefined, "b"]);
  assert.equal(table.unknown, 0);
  assert.equal(table.idByPiece.get("<x>"), 7);
  assert.equal(table.idByBytes.get(bytesKey(utf8Encode("<s>"))), undefined);
});

test("of ids with the same bytes the ordinary one is found, then byte fall-back, then added tokens", () => {
  const pieces = ["<0x41>", "<0x42>", "A"];
  const added = [
    { id: 3, content: "A", special: false },
    { id: 4, content: "B", special: false },
    { id: 5, content: "C", special: false },
  ];
  const table = sentencePiece(pieces, { added_tokens: added });
  const idOf = (text: string) => table.idByBytes.get(bytesKey(utf8Encode(text)));
  assert.deepEqual(["A", "B", "C"].map(idOf), [2, 1, 5]);
});

test("added tokens that are text stand for their text as it is", () => {
  const added = [{ id: 2, content: "    ", special: false, normalized: true }];
  const table = byteLevel(["Ġ", "a"], { added_tokens: added });
  assert.equal(textOf(table.bytes[2]), "    ");
  assert.equal(table.special[2], 0);
});

test("WordPiece's inner pieces stand for their letters", () => {
  const model = { type: "WordPiece", vocab: vocabulary(["[UNK]", "play", "##ing"]) };
  const tokenizer = {
    model: { ...model, unk_token: "[UNK]", continuing_subword_prefix: "##" },
    pre_tokenizer: { type: "BertPreTokenizer" },
  };
  const { table, family } = createTokenizer({ tokenizer }, identity);
  assert.equal(family, "wordPiece");
  assert.deepEqual(table.bytes.map(textOf), [undefined, "play", "ing"]);
  assert.equal(table.marker, undefined);
});

const model = { type: "BPE", vocab: vocabulary(["<s>", "</s>", "a"]), merges: [] };
for (const [what, config, specialTokens, roles] of [
  ["names in the configuration", { bos_token: "<s>", eos_token: "</s>" }, {}, [0, 1]],
  ["names in objects", { bos_token: { content: "<s>" }, eos_token: "</s>" }, {}, [0, 1]],
  ["ids where names are missing", { eos_token: "</s>" }, { bos: 0, eos: 0 }, [0, 1]],
  ["ids without a configuration", undefined, { eos: 1 }, [undefined, 1]],
  ["no ids outside the vocabulary", {}, { bos: 50256, eos: -1 }, [undefined, undefined]],
  [
    "nothing for unknown names",
    { bos_token: "<bos>", eos_token: null },
    {},
    [undefined, undefined],
  ],
] as const)
  test(`BOS and EOS: ${what}`, () => {
    const { table } = createTokenizer({ tokenizer: { model }, config, specialTokens }, identity);
    assert.deepEqual([table.bos, table.eos], roles);
    for (const id of roles) if (id !== undefined) assert.equal(table.special[id], 1);
    assert.equal(openingId(table), roles[0] ?? roles[1]);
  });
