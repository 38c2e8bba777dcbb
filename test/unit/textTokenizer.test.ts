/** What every tokenizer promises about a text: on the small tokenizers of test/fixtures/tokenizers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tokenizer } from "@huggingface/tokenizers";
import { createRandom } from "../../src/core/random.ts";
import { boundedMemo } from "../../src/core/text/boundedMemo.ts";
import { bytesKey, utf8Encode } from "../../src/core/text/bytes.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";

type Definition = Record<string, unknown>;

const names = ["byteLevel", "byteLevelPrefix", "llama", "metaspaceBpe", "unigram"] as const;
const definitions = Object.fromEntries(
  [...names, "wordPiece"].map((name) => [name, readDefinition(name)]),
);
const tokenizers = Object.fromEntries(
  Object.entries(definitions).map(([name, definition]) => [name, make(definition, name)]),
);

const texts = [
  "",
  "The cat sat on the mat.\n\tif (x) {\r\n    return '\u2019';\r\n}\n\n",
  "<unk><s> </s><|endoftext|>[UNK] <0x0A> </script><!--",
  "🙂👩‍👩‍👧‍👦 مرحبا नमस्ते 日本語 à\u0301",
  " \n \t \n",
  "\u0000\u007f\u00a0\u2028\ufeff",
  "constructor __proto__ hasOwnProperty",
];

for (const name of names)
  test(`${name}: the bytes of the tokens are the bytes of the text, and ends count them`, () => {
    const tokenizer = tokenizers[name];
    for (const text of [...texts, ...randomTexts(150)]) {
      const { ids, ends } = encoded(tokenizer, text);
      const bytes = Array.from(ids, (id) => tokenizer.table.bytes[id]!);
      const whole = Buffer.concat(bytes);
      const prefix = whole.length - Buffer.byteLength(text);
      assert.ok(prefix === 0 || (prefix === 1 && whole[0] === 0x20), JSON.stringify(text));
      assert.equal(whole.subarray(prefix).toString(), text);
      let sum = -prefix;
      for (const [i, each] of bytes.entries()) {
        sum += each.length;
        assert.equal(ends[i], sum);
      }
    }
  });

test("half a surrogate pair is refused by every tokenizer, with its place", () => {
  for (const tokenizer of Object.values(tokenizers)) {
    const refusal = tokenizer.encode("aé\ud83d!");
    assert.ok("reason" in refusal);
    assert.equal(refusal.reason, "textDiffers");
    assert.match(refusal.detail, /surrogate.* at byte 3/);
  }
});

test("a marker in the text is refused where it would be taken for a space, and only there", () => {
  for (const name of ["llama", "metaspaceBpe", "unigram"]) {
    const refusal = tokenizers[name].encode("ein ▁ mark");
    assert.ok("reason" in refusal);
    assert.match(refusal.detail, /"▁".* at byte 4/);
  }
  encoded(tokenizers.byteLevel, "▁ and Ġ");
});

test("no bytes are guessed for what the vocabulary cannot spell", () => {
  const tokenizer = make({
    model: { type: "BPE", vocab: { "<unk>": 0, a: 1, "▁": 2 }, merges: [], unk_token: "<unk>" },
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
  });
  assert.deepEqual(Array.from(encoded(tokenizer, "a a").ids), [1, 2, 1]);
  const refusal = tokenizer.encode("a ab");
  assert.ok("reason" in refusal);
  assert.match(refusal.detail, /no tokens that spell "▁ab" at byte 1/);
});

test("a normaliser that changes letters is refused where it does, and let pass where it does not", () => {
  const tokenizer = make({ ...definitions.byteLevel, normalizer: { type: "NFKC" } });
  encoded(tokenizer, "plain naïve text");
  const refusal = tokenizer.encode("of ﬁne print");
  assert.ok("reason" in refusal);
  assert.match(refusal.detail, /changes "ﬁ" into "fi" at byte 3/);
});

test("white space that a normaliser cuts off belongs to the first and the last token", () => {
  const normalizer = { type: "Strip", strip_left: true, strip_right: true };
  const tokenizer = make({ ...definitions.byteLevel, normalizer, added_tokens: [] });
  const plain = encoded(tokenizers.byteLevel, "ab");
  const stripped = encoded(tokenizer, "  ab \n");
  assert.deepEqual(stripped.ids, plain.ids);
  const last = plain.ends.length - 1;
  assert.deepEqual(
    Array.from(stripped.ends),
    Array.from(plain.ends, (end, i) => (i === last ? 6 : end + 2)),
  );
});

test("one space between words is read, two are refused, where words are cut before they are marked", () => {
  const pre_tokenizer = {
    type: "Sequence",
    pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁" }],
  };
  const tokenizer = make({ ...definitions.unigram, pre_tokenizer });
  const text = "kes imödis kes";
  assert.deepEqual(encoded(tokenizer, text), encoded(tokenizers.unigram, text));
  const refusal = tokenizer.encode("kes  imödis");
  assert.ok("reason" in refusal);
  assert.match(refusal.detail, /drops " {2}" at byte 3/);
});

test("WordPiece: white space goes to the token behind it, at the end of the text to the last", () => {
  const { ids, ends } = encoded(tokenizers.wordPiece, "  function  imödis\n\n");
  const pieces = Array.from(ids, (id) => tokenizers.wordPiece.table.pieces[id]);
  assert.deepEqual(pieces, ["function", "imodis"]);
  assert.deepEqual(Array.from(ends), [10, 21]);
  assert.deepEqual(encoded(tokenizers.wordPiece, " \n"), {
    ids: new Int32Array(0),
    ends: new Int32Array(0),
  });
});

test("WordPiece: case and accents are lost, ends are those of the original", () => {
  const words = "FUNCTION İMO\u0308DIS";
  const { ids, ends } = encoded(tokenizers.wordPiece, `${words}(us)`);
  const pieces = Array.from(ids, (id) => tokenizers.wordPiece.table.pieces[id]);
  assert.deepEqual(pieces, ["function", "imodis", "(", "us", ")"]);
  const end = utf8Encode(words).length;
  assert.deepEqual(Array.from(ends), [8, end, end + 1, end + 3, end + 4]);
});

test("added tokens are found leftmost and longest, and special ones not at all", () => {
  const added = ["ab", "abc", "bcde"].map((content, i) => ({
    id: 500 + i,
    content,
    special: false,
    normalized: false,
  }));
  const stop = { id: 600, content: "stop", special: true };
  const tokenizer = make({ ...definitions.byteLevel, added_tokens: [...added, stop] });
  const { ids, ends } = encoded(tokenizer, "xabcde");
  assert.deepEqual([ids[1], ends[1]], [501, 4]);
  assert.ok(!encoded(tokenizer, "stop").ids.includes(600));
});

test("an added token that takes spaces beside it is refused where it occurs, not before", () => {
  const end = { id: 500, content: "<end>", special: false, normalized: false, rstrip: true };
  const tokenizer = make({ ...definitions.byteLevel, added_tokens: [end] });
  encoded(tokenizer, "the end>");
  const refusal = tokenizer.encode("the <end>  here");
  assert.ok("reason" in refusal);
  assert.match(refusal.detail, /"<end>".* at byte 4/);
});

test("cutting at spaces changes nothing: ids are the library's for the text in one piece", () => {
  for (const name of ["llama", "metaspaceBpe"]) {
    const { normalizer, pre_tokenizer, model } = definitions[name];
    const parts = { normalizer, pre_tokenizer, model, added_tokens: [] };
    const whole = new Tokenizer({ ...parts, post_processor: null, decoder: null }, {});
    for (const text of randomTexts(150)) {
      const { ids } = whole.encode(text, { add_special_tokens: false });
      assert.deepEqual(Array.from(encoded(tokenizers[name], text).ids), ids, JSON.stringify(text));
    }
  }
});

test("a text is not cut at spaces where a piece reaches over one", () => {
  const normalizer = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const vocab = { a: 0, b: 1, "▁": 2, "a▁": 3, "a▁b": 4 };
  const merges = [
    ["a", "▁"],
    ["a▁", "b"],
  ];
  const tokenizer = make({ model: { type: "BPE", vocab, merges }, normalizer });
  const { ids, ends } = encoded(tokenizer, "a bb a");
  assert.deepEqual(
    [Array.from(ids), Array.from(ends)],
    [
      [4, 1, 2, 0],
      [3, 4, 5, 6],
    ],
  );
});

test("a long text without a cut is read in reasonable time", () => {
  for (const name of ["byteLevel", "llama"]) {
    const text = "kesimödis".repeat(6_000);
    const { ends } = encoded(tokenizers[name], text);
    assert.equal(ends[ends.length - 1], utf8Encode(text).length);
  }
});

test("a memory forgets what is not asked for, keeps what is, and stays within bounds", () => {
  const computed: string[] = [];
  const remembered = boundedMemo(3, (key) => {
    computed.push(key);
    return key.length;
  });
  for (const key of ["kept", "a", "kept", "b", "kept", "c", "kept", "d", "kept", "e"])
    assert.equal(remembered(key), key.length);
  assert.equal(computed.filter((key) => key === "kept").length, 1);
  remembered("a");
  assert.equal(computed.filter((key) => key === "a").length, 2);
});

for (const name of names) {
  const tokenizer = tokenizers[name];

  test(`${name}: bare tokens spell exactly the bytes, with no space in front`, () => {
    for (const text of [...texts, "kes", " kes", "  kes", "\nkes", "é", ...randomTexts(40)]) {
      const bytes = utf8Encode(text);
      const ids = tokenizer.encodeBare(bytes);
      assert.ok(ids, JSON.stringify(text));
      const spelled = Buffer.concat(Array.from(ids, (id) => tokenizer.table.bytes[id]!));
      assert.equal(spelled.toString(), text);
      assert.deepEqual(tokenizer.encodeBare(bytes), ids);
    }
  });

  test(`${name}: bare tokens are those in the middle of a text, behind a line end`, () => {
    for (const text of ["kes imödis", "function(", "a", "é1", "'s"]) {
      const { ids, ends } = encoded(tokenizer, `\n${text}`);
      const first = ends.indexOf(1) + 1;
      assert.deepEqual(tokenizer.encodeBare(utf8Encode(text)), ids.slice(first), text);
    }
  });

  test(`${name}: bytes that are part of a character are bare only as one token`, () => {
    const { table } = tokenizer;
    const lead = Uint8Array.of(0xe2);
    assert.deepEqual(tokenizer.encodeBare(lead), Int32Array.of(table.idByBytes.get("\xe2")!));
    assert.equal(tokenizer.encodeBare(Uint8Array.of(0xe2, 0x98)), undefined);
    assert.equal(tokenizer.encodeBare(Uint8Array.of(0x61, 0xff)), undefined);
  });
}

test("the bytes of a token, bare, are that token or others with the same bytes", () => {
  for (const name of names) {
    const { table, encodeBare } = tokenizers[name];
    let itself = 0;
    for (const bytes of table.bytes) {
      if (bytes === undefined || bytes.length === 0) continue;
      const ids = encodeBare(bytes);
      if (ids === undefined) continue;
      assert.equal(
        bytesKey(Buffer.concat(Array.from(ids, (id) => table.bytes[id]!))),
        bytesKey(bytes),
      );
      if (ids.length === 1) itself++;
    }
    assert.ok(itself > 0.8 * table.idByBytes.size, `${name}: ${itself}`);
  }
});

test("what cannot be spelled bare has no bare tokens", () => {
  assert.equal(tokenizers.llama.encodeBare(utf8Encode("▁")), undefined);
  assert.equal(tokenizers.byteLevel.encodeBare(utf8Encode("e\u0301")), undefined);
  assert.equal(tokenizers.wordPiece.encodeBare(utf8Encode(" function")), undefined);
  assert.equal(tokenizers.wordPiece.encodeBare(utf8Encode("Function")), undefined);
  assert.equal(tokenizers.wordPiece.encodeBare(utf8Encode("function"))?.length, 1);
  assert.deepEqual(tokenizers.llama.encodeBare(new Uint8Array(0)), new Int32Array(0));
});

function readDefinition(name: string): Definition {
  const url = new URL(`../fixtures/tokenizers/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")).tokenizer;
}

function make(tokenizer: Definition, name = "test"): TextTokenizer {
  return createTokenizer({ tokenizer }, { name, fingerprint: name });
}

function encoded(tokenizer: TextTokenizer, text: string): Encoding {
  const encoding = tokenizer.encode(text);
  if ("reason" in encoding) assert.fail(encoding.detail);
  return encoding;
}

/** Words the vocabularies know, letters they do not, white space of all kinds, in NFC. */
function randomTexts(count: number): string[] {
  const random = createRandom(77);
  const bits = ["kes", "imödis", "un", "the", "Kes", "12", " ", " ", "  ", "\n", "\t", "\r\n", "."];
  const odd = ["é", "日", "🙂", "ب", "'ll", "<s>", "{", "\u00a0", "ﬀ", "\ufeff", "\u0085", "َ"];
  return Array.from({ length: count }, () =>
    Array.from({ length: random.integer(40) }, () => {
      const from = random.integer(5) === 0 ? odd : bits;
      return from[random.integer(from.length)];
    })
      .join("")
      .normalize("NFC"),
  );
}
