/**
 * Against the reference library (Hugging Face `tokenizers`, Python/Rust): ids, and ends of tokens in bytes of the
 * text, for small tokenizers of every family made by test/fixtures/make_tokenizers.py.
 *
 * The reference counts characters, and is generous where we are exact. Each difference is named below and
 * asserted, so that none can hide another.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { utf8Encode } from "../../src/core/text/bytes.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly ends: readonly number[];
}

interface Fixture {
  readonly madeWith: string;
  readonly tokenizer: unknown;
  readonly cases: readonly Case[];
}

const families = {
  byteLevel: "byteLevel",
  byteLevelPrefix: "byteLevel",
  llama: "sentencePiece",
  metaspaceBpe: "sentencePiece",
  unigram: "sentencePiece",
  wordPiece: "wordPiece",
} as const;

for (const [name, family] of Object.entries(families)) {
  const fixture = readFixture(name);
  const tokenizer = createTokenizer(fixture, { name, fingerprint: name });

  test(`${name}: ids and ends are those of ${fixture.madeWith}`, () => {
    assert.equal(tokenizer.family, family);
    let compared = 0;
    for (const { text, ids, ends } of fixture.cases) {
      if (hasKnownDifference(name, text)) continue;
      const encoding = tokenizer.encode(text);
      const unknown = ids.includes(tokenizer.table.unknown ?? -1);
      assert.equal("reason" in encoding, unknown, `refused without need: ${JSON.stringify(text)}`);
      if ("reason" in encoding) continue;
      const about = JSON.stringify(text);
      assert.deepEqual(Array.from(encoding.ids), ids, about);
      assert.deepEqual(inReferenceTerms(tokenizer, text, encoding.ends, ids, ends), ends, about);
      compared++;
    }
    assert.ok(compared > 12, `${compared} texts compared`);
  });
}

test("special tokens in a text are text where the reference's Unigram takes them for tokens", () => {
  const fixture = readFixture("unigram");
  const tokenizer = createTokenizer(fixture, { name: "unigram", fingerprint: "" });
  const { text, ids } = fixture.cases.find((each) => each.text.startsWith("<s>"))!;
  const encoding = tokenizer.encode(text);
  assert.ok("ids" in encoding);
  assert.ok(ids.some((id) => tokenizer.table.special[id] === 1));
  assert.ok(encoding.ids.every((id) => tokenizer.table.special[id] === 0));
});

test("a token of composed characters ends behind the marks it composes, where the reference leaves them out", () => {
  const fixture = readFixture("byteLevel");
  const tokenizer = createTokenizer(fixture, { name: "byteLevel", fingerprint: "" });
  const { text, ids, ends } = fixture.cases.find((each) => each.text.startsWith("e\u0301"))!;
  const encoding = tokenizer.encode(text);
  assert.ok("ids" in encoding);
  assert.deepEqual(Array.from(encoding.ids), ids);
  // é (3 bytes) space ä (3) space ộ (5) space Hangul (9); the last two are three tokens each.
  assert.deepEqual(Array.from(encoding.ends), [3, 4, 7, 8, 13, 13, 13, 14, 23, 23, 23]);
  assert.deepEqual(ends, [1, 4, 5, 8, 9, 9, 9, 14, 17, 17, 17]);
});

function readFixture(name: string): Fixture {
  const url = new URL(`../fixtures/tokenizers/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

/** The two texts with a test of their own. */
function hasKnownDifference(name: string, text: string): boolean {
  if (name === "unigram") return text.startsWith("<s>");
  return name === "byteLevel" && text.startsWith("e\u0301");
}

/**
 * Our ends as the reference would give them: inside a character at the character's end; a space put in front
 * of a text, which has no byte, at the end of the first character; byte tokens of Unigram at the end of the
 * whole stretch without pieces; white space at the end of the text left out by WordPiece.
 */
function inReferenceTerms(
  tokenizer: TextTokenizer,
  text: string,
  ends: Int32Array,
  ids: readonly number[],
  reference: readonly number[],
): number[] {
  const bytes = utf8Encode(text);
  const characterEnd = (offset: number): number => {
    let end = offset;
    while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) end++;
    return end;
  };
  const isByte = (i: number) => /^<0x..>$/.test(tokenizer.table.pieces[ids[i]] ?? "");
  return Array.from(ends, (end, i) => {
    const isWidthless = end === (ends[i - 1] ?? 0) && tokenizer.table.bytes[ids[i]]?.[0] === 0x20;
    if (isWidthless) return characterEnd(end + 1);
    if (tokenizer.name === "unigram" && isByte(i) && isByte(i + 1)) {
      assert.ok(characterEnd(end) <= reference[i]);
      return reference[i];
    }
    if (tokenizer.family === "wordPiece" && i === ends.length - 1) {
      assert.equal(end, bytes.length);
      return reference[i];
    }
    return characterEnd(end);
  });
}
