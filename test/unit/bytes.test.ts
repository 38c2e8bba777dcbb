import assert from "node:assert/strict";
import { test } from "node:test";
import { spellBytes, spelledBytes } from "../../src/core/text/byteAlphabet.ts";
import {
  byteOffsets,
  bytesKey,
  bytesOfKey,
  utf8Decode,
  utf8Encode,
  utf8Length,
} from "../../src/core/text/bytes.ts";

const texts = [
  "",
  "plain",
  "\u007f\u0080\u07ff\u0800\uffff",
  "\u{10000}\u{10ffff}",
  "naïve 日本語 مرحبا 👩‍👩‍👧‍👦",
  "\0\r\n\t",
  "x".repeat(20_000) + "é€😀".repeat(10_000),
];

test("a text is encoded as Node encodes it, and decoded again", () => {
  for (const text of texts) {
    const bytes = utf8Encode(text);
    assert.deepEqual(Buffer.from(bytes), Buffer.from(text, "utf8"));
    assert.equal(utf8Length(text), bytes.length);
    assert.equal(utf8Decode(bytes), text);
  }
});

test("every code point survives", () => {
  for (let point = 0; point <= 0x10ffff; point += point < 0x900 ? 1 : 61) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const character = String.fromCodePoint(point);
    assert.equal(utf8Decode(utf8Encode(character)), character);
  }
});

test("a lone surrogate is written as U+FFFD", () => {
  for (const text of ["\ud800", "a\udc00b", "\ud83dx", "\udc00\ud800"]) {
    assert.deepEqual(Buffer.from(utf8Encode(text)), Buffer.from(text, "utf8"));
    assert.equal(utf8Length(text), Buffer.byteLength(text));
  }
});

test("bytes that are not whole UTF-8 are not decoded, exactly where Node's strict decoder refuses", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const refused = (bytes: Uint8Array): boolean => {
    try {
      strict.decode(bytes);
      return false;
    } catch {
      return true;
    }
  };
  const interesting = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5,
  ];
  let checked = 0;
  for (const a of interesting)
    for (const b of interesting)
      for (const c of interesting)
        for (const d of interesting) {
          const bytes = Uint8Array.of(a, b, c, d);
          assert.equal(utf8Decode(bytes) === undefined, refused(bytes), `${bytes}`);
          checked++;
        }
  assert.equal(checked, interesting.length ** 4);
  assert.equal(utf8Decode(Uint8Array.of(0xe2, 0x82)), undefined);
});

test("bytes are a map key and come back from it", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(bytesOfKey(bytesKey(all)), all);
  const long = new Uint8Array(100_000).fill(0xe2);
  assert.equal(bytesKey(long).length, 100_000);
  assert.notEqual(bytesKey(Uint8Array.of(1, 2)), bytesKey(Uint8Array.of(12)));
});

test("byte offsets name the offset of every UTF-16 index", () => {
  const text = "aé€😀b";
  assert.deepEqual(Array.from(byteOffsets(text)), [0, 1, 3, 6, 6, 10, 11]);
  assert.deepEqual(Array.from(byteOffsets("")), [0]);
  const lone = "a\ud800b";
  assert.deepEqual(Array.from(byteOffsets(lone)), [0, 1, 4, 5]);
});

test("the byte alphabet spells every byte with one printable character and reads it back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const word = spellBytes(all);
  assert.equal(new Set(word).size, 256);
  assert.match(word, /^[\p{L}\p{N}\p{P}\p{S}]+$/u);
  assert.deepEqual(spelledBytes(word), all);
  // Published spellings: space, line end, and the apostrophe U+2019 (E2 80 99).
  assert.equal(spellBytes(utf8Encode(" the\n’")), "ĠtheĊâĢĻ");
  assert.equal(spelledBytes("日"), undefined);
});
