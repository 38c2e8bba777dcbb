/**
 * Normalisers and pre-tokenizers against the reference library (Hugging Face `tokenizers`, Python/Rust): the
 * normalised texts and the words of every step we read, from test/fixtures/make_tokenizers.py.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { spellBytes } from "../../src/core/text/byteAlphabet.ts";
import { utf8Encode, utf8Length } from "../../src/core/text/bytes.ts";
import { readDefinition } from "../../src/core/text/definition.ts";
import { readNormaliser } from "../../src/core/text/normaliser.ts";
import { readPreTokenizer } from "../../src/core/text/preTokenizer.ts";

interface StepFixture<Case> {
  readonly madeWith: string;
  readonly cases: readonly (Case & { readonly name: string; readonly step: unknown })[];
}

function readFixture<Case>(name: string): StepFixture<Case> {
  const url = new URL(`../fixtures/tokenizers/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

const model = { type: "WordLevel", vocab: { a: 0 } };
const noSpaces = { marker: undefined, prepends: false };

const normalizers = readFixture<{ readonly texts: readonly [string, string][] }>("normalizers");
for (const { name, step, texts } of normalizers.cases)
  test(`${name} normalises as ${normalizers.madeWith} does`, () => {
    const normaliser = readNormaliser(readDefinition({ model, normalizer: step }).normalizers);
    for (const [text, expected] of texts) {
      const normalised = normaliser.apply(text, false);
      assert.ok("text" in normalised);
      assert.equal(normalised.text, expected, `of ${JSON.stringify(text)}`);
      const ends = normalised.originalEnds;
      if (ends === undefined) assert.equal(normalised.text, text);
      else {
        assert.equal(ends.length, utf8Length(expected) + 1);
        assert.ok(ends.every((end, i) => end >= (ends[i - 1] ?? 0) && end <= utf8Length(text)));
      }
    }
  });

const preTokenizers = readFixture<{ readonly words: readonly [string, string[]][] }>(
  "preTokenizers",
);
for (const { name, step, words } of preTokenizers.cases)
  test(`${name} cuts words as ${preTokenizers.madeWith} does`, () => {
    const steps = readDefinition({ model, pre_tokenizer: step }).preTokenizers;
    const cutter = readPreTokenizer(steps, noSpaces, () => false);
    for (const [text, expected] of words) {
      const whole = { text, dropped: "", prefixed: false };
      const parts = cutter.cut(whole, { atStart: true, bare: false });
      const cut = parts.map((part) => part.text).filter((word) => word !== "");
      const spelled = cutter.byteLevel ? cut.map((word) => spellBytes(utf8Encode(word))) : cut;
      assert.deepEqual(spelled, expected, `of ${JSON.stringify(text)}`);
      // Nothing gets lost: what was dropped and what was kept, less the space put in front, is the text.
      const kept = parts.map((part) => part.dropped + part.text.slice(part.prefixed ? 1 : 0));
      assert.equal(kept.join("").replaceAll(cutter.marker ?? " ", " "), text);
    }
  });
