/** Text of tokens as it is shown: nothing invisible, nothing that steers, long ones cut between what readers take for characters. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8Encode } from "../../src/core/text/bytes.ts";
import { visibleBytes, visibleText, visibleUtf8 } from "../../src/core/text/visibleText.ts";
import { shownPiece, shownSlice, shownText } from "../../webview/shared/visibleText.ts";

describe("visible text", () => {
  const cases: readonly (readonly [string, string])[] = [
    [" the cat", "·the·cat"],
    ["\tif x:\r\n", "→if·x:␍↵"],
    ["a\u0000b\u001b[0m", "a⟨NUL⟩b⟨ESC⟩[0m"],
    ["\u202eevil\u2066\u2069\u200f", "⟨RLO⟩evil⟨LRI⟩⟨PDI⟩⟨RLM⟩"],
    ["می\u200cخواهم", "می⟨ZWNJ⟩خواهم"],
    ["\ufeffx\u00ad\u3000", "⟨BOM⟩x⟨SHY⟩⟨U+3000⟩"],
    ["\ue000\u{e0001}", "⟨U+E000⟩⟨U+E0001⟩"],
    ["\u0301", "◌\u0301"],
    ["</script><img src=x onerror=alert(1)>", "</script><img·src=x·onerror=alert(1)>"],
  ];
  for (const [text, shown] of cases) {
    test(`${JSON.stringify(text)} is shown as ${shown}`, () => {
      assert.equal(visibleText(text), shown);
    });
  }

  test("a family of emoji stays one, and a joiner elsewhere has a name", () => {
    assert.equal(visibleText("a👩‍👩‍👧 👍🏽"), "a👩‍👩‍👧·👍🏽");
    assert.equal(visibleText("❤️‍🔥"), "❤️‍🔥");
    assert.equal(visibleText("a\u200db👩\u200d"), "a⟨ZWJ⟩b👩⟨ZWJ⟩");
  });

  test("bytes are numbers only where they are no characters", () => {
    assert.equal(visibleBytes(Uint8Array.of(0xe2, 0x80)), "⟨E2 80⟩");
    assert.equal(visibleUtf8(utf8Encode("né\n")), "né↵");
    assert.equal(visibleUtf8(Uint8Array.of(0x9d, 0x20, 0x61, 0xe2, 0x80)), "⟨9D⟩·a⟨E2 80⟩");
    assert.equal(visibleUtf8(Uint8Array.of(0xff, 0xc0, 0x80)), "⟨FF C0 80⟩");
    assert.equal(visibleUtf8(new Uint8Array(0)), "");
  });
});

describe("shown tokens", () => {
  test("up to 24 graphemes stand whole; longer ones are cut and the whole is kept", () => {
    const exact = "x".repeat(24);
    assert.deepEqual(shownText(exact), { shown: exact, whole: exact, isCut: false });
    const longer = shownText("x".repeat(25));
    assert.equal(longer.shown, `${"x".repeat(23)}…`);
    assert.equal(longer.whole, "x".repeat(25));
    assert.equal(longer.isCut, true);
  });

  test("a cut goes between graphemes, never through one", () => {
    const flag = "🇫🇷";
    assert.equal(shownText(flag.repeat(24)).isCut, false);
    assert.equal(shownText(flag.repeat(25)).shown, `${flag.repeat(23)}…`);
    assert.equal(shownText("e\u0301".repeat(30)).shown, `${"e\u0301".repeat(23)}…`);
  });

  test("slices of a text go by bytes; what is no whole character is shown as bytes", () => {
    const bytes = utf8Encode("a “b”\n");
    assert.equal(shownSlice(bytes, 0, 2).shown, "a·");
    assert.equal(shownSlice(bytes, 2, 4).shown, "⟨E2 80⟩");
    assert.equal(shownSlice(bytes, 4, 6).shown, "⟨9C⟩b");
    assert.equal(shownSlice(bytes, 6, 10).shown, "”↵");
    assert.equal(shownSlice(bytes, 3, 3).shown, "");
  });

  test("entries of a vocabulary read as the text they spell", () => {
    assert.equal(shownPiece("Ġthe", "byteLevel").shown, "·the");
    assert.equal(shownPiece("ĊĊ", "byteLevel").shown, "↵↵");
    assert.equal(shownPiece("âĢ", "byteLevel").shown, "⟨E2 80⟩");
    assert.equal(shownPiece("▁the▁▁", "sentencePiece").shown, "·the··");
    assert.equal(shownPiece("<0x0A>", "sentencePiece").shown, "↵");
    assert.equal(shownPiece("<0xE2>", "sentencePiece").shown, "⟨E2⟩");
    assert.equal(shownPiece("##ing", "wordPiece").shown, "##ing");
    assert.equal(shownPiece("<|endoftext|>", "byteLevel").shown, "<|endoftext|>");
    assert.equal(shownPiece("</s>").shown, "</s>");
  });

  test("where the family is not known the spelling is told from the piece", () => {
    assert.equal(shownPiece("Ġcafe").shown, "·cafe");
    assert.equal(shownPiece("cafÃ©").shown, "café");
    assert.equal(shownPiece("café").shown, "café");
    assert.equal(shownPiece("▁café").shown, "·café");
    assert.equal(shownPiece("mēs").shown, "mēs");
    assert.equal(shownPiece("日本").shown, "日本");
  });
});
