/** Ranges of a document under edits, against a document that is edited by plain string work. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { LinkedTexts, type TextEdit } from "../../src/extension/linkedTexts.ts";

/** A document as the editor has it: edits are told after they were made. */
function fakeDocument(text: string) {
  let now = text;
  return {
    get text() {
      return now;
    },
    edit(...edits: readonly TextEdit[]): readonly TextEdit[] {
      for (const { rangeOffset, rangeLength, text: put } of edits)
        now = now.slice(0, rangeOffset) + put + now.slice(rangeOffset + rangeLength);
      return edits;
    },
  };
}

const put = (rangeOffset: number, rangeLength: number, text: string): TextEdit => ({
  rangeOffset,
  rangeLength,
  text,
});

describe("a linked text", () => {
  test("moves with edits in front of it, and is not moved by those behind", () => {
    const document = fakeDocument("aaa the text bbb");
    const linked = new LinkedTexts(document.text, [{ from: 4, to: 12 }]);
    linked.follow(document.edit(put(0, 0, "more ")), document.text);
    assert.deepEqual(linked.ranges, [{ from: 9, to: 17 }]);
    linked.follow(document.edit(put(18, 3, "")), document.text);
    linked.follow(document.edit(put(0, 6, "")), document.text);
    assert.deepEqual(linked.ranges, [{ from: 3, to: 11 }]);
    assert.equal(document.text.slice(3, 11), "the text");
    assert.equal(linked.changed, false);
  });

  test("is another after an edit inside, and the same again when that is undone", () => {
    const document = fakeDocument("aaa the text bbb");
    const linked = new LinkedTexts(document.text, [{ from: 4, to: 12 }]);
    linked.follow(document.edit(put(8, 4, "words")), document.text);
    assert.equal(linked.changed, true);
    assert.equal(linked.offsetsOf(0, 0, 3), undefined);
    assert.equal(linked.placeOf(5), undefined);
    assert.deepEqual(linked.texts, ["the text"], "what is shown stays what was read");
    linked.follow(document.edit(put(8, 5, "text")), document.text);
    assert.equal(linked.changed, false);
    assert.deepEqual(linked.offsetsOf(0, 4, 8), { from: 8, to: 12 });
  });

  test("leaves out what is typed at its ends", () => {
    const document = fakeDocument("the text");
    const linked = new LinkedTexts(document.text, [{ from: 0, to: 8 }]);
    linked.follow(document.edit(put(8, 0, "!")), document.text);
    linked.follow(document.edit(put(0, 0, "¡")), document.text);
    assert.equal(linked.changed, false);
    assert.deepEqual(linked.ranges, [{ from: 1, to: 9 }]);
  });

  test("that is the whole document is another after any edit", () => {
    const document = fakeDocument("the text");
    const linked = new LinkedTexts(document.text);
    linked.follow(document.edit(put(8, 0, "!")), document.text);
    assert.equal(linked.changed, true);
    assert.deepEqual(linked.ranges, [{ from: 0, to: 9 }]);
    linked.follow(document.edit(put(8, 1, "")), document.text);
    assert.equal(linked.changed, false);
  });

  test("follows several edits of one change, given from the end", () => {
    const document = fakeDocument("one two three four");
    const linked = new LinkedTexts(document.text, [
      { from: 4, to: 7 },
      { from: 8, to: 13 },
    ]);
    linked.follow(document.edit(put(14, 4, "4"), put(0, 3, "eins zwei")), document.text);
    assert.deepEqual(linked.ranges, [
      { from: 10, to: 13 },
      { from: 14, to: 19 },
    ]);
    assert.equal(linked.changed, false);
  });

  test("stays true to a document under any row of edits", () => {
    const random = createRandom(11);
    for (let round = 0; round < 300; round++) {
      const document = fakeDocument("0123456789".repeat(4));
      const linked = new LinkedTexts(document.text, [
        { from: 5, to: 15 },
        { from: 20, to: 31 },
      ]);
      for (let step = 0; step < 6; step++) {
        const from = random.integer(document.text.length + 1);
        const length = random.integer(Math.min(4, document.text.length - from) + 1);
        const text = "xyz".slice(0, random.integer(4));
        linked.follow(document.edit(put(from, length, text)), document.text);
      }
      const held = linked.ranges.map(({ from, to }) => document.text.slice(from, to));
      const same = held.every((text, i) => text === linked.texts[i]);
      assert.equal(linked.changed, !same);
      for (const { from, to } of linked.ranges)
        assert.ok(from >= 0 && from <= to && to <= document.text.length);
    }
  });

  test("is compared again where the document was opened anew", () => {
    const linked = new LinkedTexts("aaa the text bbb", [{ from: 4, to: 12 }]);
    linked.compare("aaa the word bbb");
    assert.equal(linked.changed, true);
    linked.compare("aaa the text and more");
    assert.equal(linked.changed, false);
  });

  test("is cut to a document that has become shorter", () => {
    const linked = new LinkedTexts("short", [{ from: 3, to: 900 }]);
    assert.deepEqual(linked.texts, ["rt"]);
    assert.deepEqual(new LinkedTexts("short", [{ from: 70, to: 900 }]).texts, [""]);
  });
});

describe("places of a linked text", () => {
  const document = "## é😀\r\n</script> <unk>\tعربي ##";
  const linked = new LinkedTexts(document, [{ from: 3, to: document.length - 3 }]);
  const [text] = linked.texts;

  test("are the same in bytes and in the document, at every character", () => {
    const whole = Buffer.from(text, "utf8");
    let at = 0;
    for (const character of text) {
      const from = Buffer.byteLength(text.slice(0, at));
      const to = from + Buffer.byteLength(character);
      const range = linked.offsetsOf(0, from, to);
      assert.ok(range !== undefined);
      assert.equal(document.slice(range.from, range.to), whole.subarray(from, to).toString());
      assert.deepEqual(linked.placeOf(range.from), { document: 0, byte: from });
      at += character.length;
    }
    assert.deepEqual(linked.placeOf(3 + text.length), { document: 0, byte: whole.length });
  });

  test("inside a character take in the whole one", () => {
    assert.equal(Buffer.byteLength("é"), 2);
    for (const [from, to] of [
      [2, 6],
      [3, 5],
      [4, 5],
    ]) {
      const range = linked.offsetsOf(0, from, to);
      assert.ok(range !== undefined);
      assert.equal(document.slice(range.from, range.to), "😀");
    }
  });

  test("outside the text are none", () => {
    assert.equal(linked.placeOf(0), undefined);
    assert.equal(linked.placeOf(document.length), undefined);
    assert.equal(linked.offsetsOf(1, 0, 1), undefined);
  });

  test("half of a surrogate pair counts like what it is read as", () => {
    const broken = new LinkedTexts("a\ud800b");
    assert.deepEqual(broken.texts, ["a\ufffdb"]);
    assert.deepEqual(broken.offsetsOf(0, 4, 5), { from: 2, to: 3 });
  });
});
