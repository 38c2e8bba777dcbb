import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alignmentText, type ListingSize } from "../../src/cli/alignmentText.ts";
import { columnsOf, cutTo } from "../../src/cli/columns.ts";
import { ribbonLines, textCells } from "../../src/cli/ribbon.ts";
import { visibleToken } from "../../src/cli/visibleText.ts";
import { alignPieces, alignTokens } from "../../src/core/alignment/alignTokens.ts";
import { visibleText } from "../../src/core/text/visibleText.ts";
import { spelled, toyTokenizer } from "../support/toyTokenizer.ts";

const wide: ListingSize = { columns: 80, ribbon: 100, answers: 100 };

/** Two cuts of one text, given as pieces. */
function listed(
  target: readonly string[],
  source: readonly string[],
  size: ListingSize = wide,
  positions: "both" | "bytes" | "dtw" = "both",
): string {
  const tokenizers = [target, source].map((pieces) => toyTokenizer([...new Set(pieces), "</s>"]));
  const [t, s] = [target, source].map((pieces, i) => spelled(tokenizers[i], pieces));
  const alignment = alignTokens(t, s, { mode: "corrected", positions });
  const shown = (pieces: readonly string[], i: number) => ({
    name: `toy ${i}`,
    tokens: pieces.map((piece) =>
      visibleToken(tokenizers[i].table, tokenizers[i].table.idByPiece.get(piece)!),
    ),
  });
  return alignmentText(
    {
      alignment,
      target: shown(target, 0),
      source: shown(source, 1),
      text: source.join("").replaceAll("Ġ", " "),
      mode: "corrected",
    },
    size,
  );
}

/** The sections of a listing behind the figures. */
const behindFigures = (listing: string): string => listing.split("\n\n").slice(2).join("\n\n");

describe("the ribbon", () => {
  test("lays both sides out under each other, a gap where only the other side has a boundary", () => {
    const listing = listed(
      ["The", "Ġcat", "Ġon", "ĠVal", "ky", "ria", "."],
      ["The", "Ġcat", "Ġon", "ĠValk", "y", "ria", "."],
    );
    assert.equal(
      behindFigures(listing).split("\n\n")[0],
      [
        "    … 1 target token alike",
        " 3  T  ·cat│·on│·Val│k y│ria│.│",
        "    A  ·cat│·on│·Val k│y│ria│.│",
        "                ◐",
      ].join("\n"),
    );
  });

  test("says so where the two sides cut and answer alike", () => {
    const cut = ["The", "Ġcat", "."];
    assert.match(
      behindFigures(listed(cut, cut)),
      /^The two sides cut this text alike and answer alike\.$/,
    );
  });

  test("leaves out what is alike between two places that differ, and counts it", () => {
    const alike = ["Ġa", "Ġb", "Ġc", "Ġd", "Ġe", "Ġf", "Ġg"];
    const listing = listed(["xy", ...alike, "z", "w"], ["x", "y", ...alike, "zw"]);
    assert.match(listing, /\n +0 {2}T {2}x y│·a│·b│\n +A {2}x│y│·a│·b│\n/);
    assert.match(listing, /\n +… 3 target tokens alike\n/);
    assert.match(listing, /\n *12 {2}T {2}·f│·g│z│w│\n +A {2}·f│·g│z w│\n/);
  });

  test("cuts a long listing and says what it left out and how to see it", () => {
    const target = Array.from({ length: 60 }, (_, i) => [`${i % 10}${i % 7}`, "Ġz"]).flat();
    const source = Array.from({ length: 60 }, (_, i) => [`${i % 10}`, `${i % 7}`, "Ġz"]).flat();
    const size = { columns: 60, ribbon: 2, answers: 3 };
    const ribbon = behindFigures(listed(target, source, size, "bytes"));
    assert.equal(ribbon.match(/^ *\d* {2}T /gm)?.length, 2);
    for (const line of ribbon.split("\n").slice(0, -1)) assert.ok(columnsOf(line) <= 60, line);
    const left =
      /Left out from byte (\d+) on: (\d+) target tokens, (\d+) places that differ\. --all/.exec(
        ribbon,
      )!;
    // Two bytes a token, and the source cuts every other one in two.
    assert.equal(Number(left[2]), (240 - Number(left[1])) / 2);
    assert.equal(Number(left[3]), Math.ceil(Number(left[2]) / 2));

    const [, answers] = behindFigures(listed(target, source, size)).split("\n\n");
    assert.equal(answers.match(/^[◐◑◆]/gm)?.length, 3);
    assert.match(answers, /Left out: \d+ more\. --all shows them\.$/);
    assert.doesNotMatch(listed(target, source), /Left out/);
  });

  test("marks what one method leaves without an answer where only one is asked", () => {
    const cuts = [
      ["ab", "c"],
      ["a", "bc"],
    ] as const;
    assert.match(listed(...cuts, wide, "bytes"), /T {2}a b│c│\n +A {2}a│b c│\n +○\n?$/);
    assert.doesNotMatch(listed(...cuts, wide, "bytes"), /dtw/);
    assert.doesNotMatch(listed(...cuts, wide, "dtw"), /bytes answer/);
  });

  test("shows the bytes of a character that tokens share, and tokens without bytes by name", () => {
    const lane = (ends: readonly number[], names: readonly string[]) => ({
      ends,
      names,
      from: 0,
      to: ends.length,
    });
    // 語 is E8 AA 9E; the target's first token has no bytes, the source cuts the character in two.
    const cells = textCells(
      "語x",
      0,
      lane([0, 3, 4], ["▁", "", ""]),
      lane([2, 3, 4], ["", "", ""]),
    );
    const [line] = ribbonLines([{ place: 0, cells }], 80, (token) => String(token));
    assert.equal(line.target, "▁│語          │x│");
    assert.equal(line.source, "  ⟨E8 AA⟩│⟨9E⟩│x│");
    assert.equal(line.marks, "0 1            2");
  });

  test("lays pieces without a text out by what the path pairs", () => {
    const target = ["▁the", "▁cat", "s"];
    const source = ["Ġthe", "Ġcats"];
    const alignment = alignPieces({
      targetPieces: target,
      sourcePieces: source,
      targetMarker: "▁",
      sourceMarker: "Ġ",
    });
    const listing = alignmentText(
      {
        alignment,
        target: { name: undefined, tokens: target },
        source: { name: undefined, tokens: source },
        text: undefined,
        mode: "published",
      },
      wide,
    );
    assert.match(listing, /\n0 {2}T {2}▁the│▁cat│s│\n {3}A {2}Ġthe│Ġcats│$/);
  });
});

test("answers that differ are listed, with a star where the tokens share no byte", () => {
  const listing = listed(["ab", "cd", "e"], ["a", "bcde"]);
  const rows = listing.split("\n\n").at(-1)!.split("\n");
  assert.match(rows[0], /target token +dtw: source +bytes: source/);
  assert.ok(rows.length > 1);
  for (const row of rows.slice(1)) assert.match(row, /^[◐◑◆] {2}\d|^\* has no byte/);
});

describe("text of tokens", () => {
  test("white space is visible, and what has no shape stands by its name", () => {
    assert.equal(visibleText("a b\tc\r\n"), "a·b→c␍↵");
    assert.equal(visibleText("\u001b[31m\u0007"), "⟨ESC⟩[31m⟨BEL⟩");
    assert.equal(visibleText("\u202e\u200b\u00a0\u2028"), "⟨RLO⟩⟨ZWSP⟩⟨NBSP⟩⟨LSEP⟩");
    assert.equal(visibleText("\u0301x"), "◌\u0301x");
  });

  test("no control character of the first 65,536 gets through", () => {
    for (let point = 0; point < 0x10000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      assert.doesNotMatch(visibleText(String.fromCharCode(point)), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });

  test("columns count wide characters twice and combining ones not at all", () => {
    assert.equal(columnsOf("abc"), 3);
    assert.equal(columnsOf("日本"), 4);
    assert.equal(columnsOf("e\u0301"), 1);
    assert.equal(columnsOf("👩"), 2);
    assert.equal(cutTo("日本語", 5), "日本…");
    assert.equal(cutTo("日本語", 6), "日本語");
  });
});
