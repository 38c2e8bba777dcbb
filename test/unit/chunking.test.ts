import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { cutIntoChunks } from "../../src/core/text/chunking.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";

/** Cuts into words with their leading spaces; refuses texts that contain `forbidden`. */
function wordTokenizer(forbidden?: string): TextTokenizer {
  return {
    encode: (text: string) => {
      if (forbidden !== undefined && text.includes(forbidden)) {
        return { reason: "textDiffers", detail: forbidden };
      }
      const words = text.match(/ *[^ \n]+|\n| +/g) ?? [];
      return { ids: new Int32Array(words.length), ends: new Int32Array(words.length) };
    },
  } as unknown as TextTokenizer;
}

/** Every character is a token. */
const characterTokenizer = {
  encode: (text: string) => {
    const count = [...text].length;
    return { ids: new Int32Array(count), ends: new Int32Array(count) };
  },
} as unknown as TextTokenizer;

const count = (tokenizer: TextTokenizer, text: string): number => {
  const encoding = tokenizer.encode(text);
  return "ids" in encoding ? encoding.ids.length : 0;
};

test("chunks end at line ends where lines fit", () => {
  const text = "one two\nthree four\nfive\nsix seven eight\n";
  const chunks = cutIntoChunks(text, [{ tokenizer: wordTokenizer(), tokens: 6 }]);
  assert.deepEqual(chunks, ["one two\nthree four\n", "five\nsix seven eight\n"]);
});

test("a line that does not fit is cut at spaces", () => {
  const text = "aaa bbb ccc ddd eee fff ggg hhh";
  const chunks = cutIntoChunks(text, [{ tokenizer: characterTokenizer, tokens: 10 }]);
  assert.equal(chunks.join(""), text);
  for (const chunk of chunks.slice(1)) assert.ok(chunk.startsWith(" "), JSON.stringify(chunk));
});

test("every limit holds, the document is the chunks joined, and no character is torn", () => {
  const random = createRandom(11);
  const alphabet = ["a", "bc", " ", "\n", "é", "漢", "😀", "\r\n", "\t"];
  for (let round = 0; round < 200; round++) {
    const parts = Array.from(
      { length: 1 + random.integer(120) },
      () => alphabet[random.integer(alphabet.length)],
    );
    const text = parts.join("");
    const limits = [
      { tokenizer: wordTokenizer(), tokens: 1 + random.integer(8) },
      { tokenizer: characterTokenizer, tokens: 1 + random.integer(20) },
    ];
    const chunks = cutIntoChunks(text, limits);
    assert.equal(chunks.join(""), text);
    for (const chunk of chunks) {
      assert.doesNotMatch(chunk, /\p{Cs}/u, JSON.stringify(chunk));
      for (const { tokenizer, tokens } of limits) {
        assert.ok(
          count(tokenizer, chunk) <= tokens || [...chunk].length === 1,
          JSON.stringify(chunk),
        );
      }
    }
  }
});

test("a tokenizer that refuses a piece sets no limit for it", () => {
  const text = "one two three four five six\n";
  const refusing = { tokenizer: wordTokenizer("three"), tokens: 2 };
  assert.deepEqual(cutIntoChunks(text, [refusing]), [text]);
});

test("an empty text has no chunks", () => {
  assert.deepEqual(cutIntoChunks("", [{ tokenizer: characterTokenizer, tokens: 4 }]), []);
});
