import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  modeControls,
  obstaclesFor,
  readControls,
  recipeText,
  selectionPresets,
  settingsOf,
} from "../../src/extension/distributions/controls.ts";
import { nfcPlaces } from "../../src/extension/distributions/nfcPlaces.ts";
import { checkRecipe } from "../../src/pipeline/recipe.ts";
import { isProblem } from "../support/problems.ts";

const bytes = (text: string): number => Buffer.byteLength(text);

describe("places in a text and in its NFC form", () => {
  test("are the same where the text is NFC", () => {
    const places = nfcPlaces("naïve ☃ 🧪")!;
    assert.deepEqual(places.toText(2, 9), { from: 2, to: 9 });
    assert.equal(places.toNfc(7), 7);
  });

  const decomposed = "a\u0301b e\u0301\u0323c \u1112\u1161\u11ab d\u0308";
  for (const text of [decomposed, `${decomposed}\n${decomposed}`, "\u212b ngstr\u006f\u0308m"]) {
    test(`lead from words of one to the same words of the other: ${JSON.stringify(text)}`, () => {
      const nfc = text.normalize("NFC");
      assert.notEqual(nfc, text);
      const places = nfcPlaces(text)!;
      // Between words nothing is composed, so words begin and end at the same places.
      const words = [...text.matchAll(/\S+/gu)];
      for (const [i, word] of [...nfc.matchAll(/\S+/gu)].entries()) {
        const from = bytes(nfc.slice(0, word.index));
        const to = from + bytes(word[0]);
        const expected = bytes(text.slice(0, words[i]!.index));
        assert.deepEqual(places.toText(from, to), {
          from: expected,
          to: expected + bytes(words[i]![0]),
        });
        assert.equal(places.toNfc(expected), from);
      }
    });
  }

  test("inside a character that was composed stand for all of it", () => {
    const places = nfcPlaces("e\u0301x")!; // 3 bytes become 2
    assert.deepEqual(places.toText(1, 1), { from: 0, to: 3 });
    assert.equal(places.toNfc(1), 0);
    assert.equal(places.toNfc(3), 2);
    assert.deepEqual(places.toText(2, 3), { from: 3, to: 4 });
  });
});

describe("the controls", () => {
  test("of a mode are its defaults, as a recipe that says them", () => {
    for (const mode of ["corrected", "published"] as const) {
      const text = `version: 1\nname: x\ntarget: a\nsources: [b]\ncorpus: [{ domain: d, files: f }]\n${recipeText(modeControls(mode))}`;
      const { parsed, problems } = checkRecipe(text, "x.fusion.yaml");
      assert.ok(parsed, JSON.stringify(problems));
      const { representation, alignment, fusion, training } = parsed.recipe;
      const controls = readControls({
        mode: parsed.recipe.mode,
        positions: alignment.positions,
        vocabulary: alignment.vocabulary,
        rule: fusion.rule,
        per: fusion.per,
        lambda: training.lambda,
        temperature: representation.temperature,
        topK: representation.topK,
      });
      assert.deepEqual(controls, modeControls(mode));
    }
  });

  test("that a rule of recipes forbids are named with its words, by mode", () => {
    const { corrected, published } = obstaclesFor("no block here");
    assert.deepEqual(corrected.positions, {});
    assert.deepEqual(Object.keys(published.positions ?? {}), ["bytes"]);
    assert.match(published.vocabulary?.firstToken ?? "", /not in it/);
    assert.deepEqual(corrected.per, { block: "no block here" });
    assert.equal(obstaclesFor(undefined).corrected.per, undefined);
    assert.equal(selectionPresets.published.per, "chunk");
  });

  test("that are none are refused by name", () => {
    const good = modeControls("corrected");
    const wrong: readonly [string, unknown][] = [
      ["mode", "third"],
      ["per", "__proto__"],
      ["lambda", 1.1],
      ["lambda", Number.NaN],
      ["temperature", 0],
      ["topK", 2.5],
      ["topK", "64"],
    ];
    for (const [key, value] of wrong) {
      assert.throws(() => readControls({ ...good, [key]: value }), isProblem("badInput", key));
    }
    assert.throws(() => readControls(null), isProblem("badInput"));
    assert.deepEqual(readControls({ ...good, more: 1 }), good);
  });

  test("ask a selection for chunks of one length in both modes, and a run for none", () => {
    const lengths = (["corrected", "published"] as const).map(
      (mode) => settingsOf(modeControls(mode), "selection").length,
    );
    assert.equal(lengths[0], lengths[1]);
    assert.equal("length" in settingsOf(modeControls("corrected"), "run"), false);
  });
});
