/** One test for each behaviour in which `published` and `corrected` differ, both sides pinned. */
import assert from "node:assert/strict";
import test from "node:test";
import type { TokenisedText } from "../../src/core/alignment/alignTokens.ts";
import { alignRows } from "../../src/core/fusion/alignRows.ts";
import {
  noFusedRow,
  noRowReasons,
  type Representation,
} from "../../src/core/fusion/representation.ts";
import { fuseChunk } from "../../src/core/fusion/rules.ts";
import { candidateWeights } from "../../src/core/fusion/scores.ts";
import { type Mode, modes } from "../../src/core/mode.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";
import {
  buildVocabularyMap,
  type VocabularyMethod,
} from "../../src/core/vocabulary/vocabularyMap.ts";
import { rounded, rowOf, type ToyRow, toyRepresentation } from "../support/toyRows.ts";
import { spelled, toyTokenizer } from "../support/toyTokenizer.ts";

function mapsTo(
  from: TextTokenizer,
  to: TextTokenizer,
  method: VocabularyMethod,
  mode: Mode,
  piece: string,
) {
  const map = buildVocabularyMap(from, to, { method, mode });
  const id = map.targetOf[from.table.idByPiece.get(piece) as number];
  return id < 0 ? undefined : to.table.pieces[id];
}

function align(
  target: TokenisedText,
  source: TokenisedText,
  representation: Representation,
  mode: Mode,
  method: VocabularyMethod = "exact",
) {
  const map = buildVocabularyMap(source.tokenizer, target.tokenizer, { method, mode });
  return alignRows({ target, source, representation, map, positions: "dtw", mode });
}

const ends: ToyRow = { top: { "</s>": 0.8, a: 0.1 } };

test("there are two modes", () => {
  assert.deepEqual([...modes], ["corrected", "published"]);
});

test("tokens are the same by their bytes, or by their piece after the marker swap", () => {
  // As in a byte-level tokenizer, where Ċ spells the newline.
  const bytes = toyTokenizer(["</s>", "\n", "Ġa"], { name: "bytes" });
  const fallback = toyTokenizer(["</s>", "<0x0A>", "▁a"], {
    name: "fallback",
    family: "sentencePiece",
  });
  assert.equal(mapsTo(bytes, fallback, "exact", "corrected", "\n"), "<0x0A>");
  assert.equal(mapsTo(bytes, fallback, "exact", "published", "\n"), undefined);
  for (const mode of modes) assert.equal(mapsTo(bytes, fallback, "exact", mode, "Ġa"), "▁a");
});

test("end of text maps by its role, or by its spelling", () => {
  const named = toyTokenizer(["<|end|>", "a"], { name: "named" });
  const table = {
    ...named.table,
    bytes: [undefined, named.table.bytes[1]],
    special: Uint8Array.of(1, 0),
    eos: 0,
  };
  const source = { ...named, table };
  const target = toyTokenizer(["</s>", "b", "lend|"], { name: "other" });
  assert.equal(mapsTo(source, target, "minEditDistance", "corrected", "<|end|>"), "</s>");
  assert.equal(mapsTo(source, target, "minEditDistance", "published", "<|end|>"), "lend|");
});

test("firstToken exists in corrected mode alone", () => {
  const toy = toyTokenizer(["</s>", "a"]);
  assert.equal(mapsTo(toy, toy, "firstToken", "corrected", "a"), "a");
  assert.throws(() => mapsTo(toy, toy, "firstToken", "published", "a"), /no vocabulary method/);
});

test("candidates for one target token add up, or the first drops the others", () => {
  const source = toyTokenizer(["</s>", "a", "ab"], { name: "source" });
  const target = toyTokenizer(["</s>", "a"], { name: "target" });
  const text = spelled(source, ["a"]);
  const representation = toyRepresentation(text, [
    { top: { ab: 0.4, a: 0.2 } },
    { top: { "</s>": 0.8, a: 0.1 } },
  ]);
  const rows = (mode: Mode) =>
    align(spelled(target, ["a"]), text, representation, mode, "minEditDistance");
  const corrected = rows("corrected");
  assert.deepEqual(rowOf(corrected, target, 0), { a: 0.6 });
  assert.equal(rounded(corrected.merged[0]), 0.2);
  const published = rows("published");
  assert.deepEqual(rowOf(published, target, 0), { a: 1 });
  assert.equal(rounded(published.duplicateDropped[0]), 0.2);
});

test("mass beyond the kept tokens stays left over, or is spread over them", () => {
  const toy = toyTokenizer(["</s>", "a", "b"]);
  const text = spelled(toy, ["a"]);
  const representation = toyRepresentation(text, [{ top: { a: 0.6, b: 0.2 } }, ends]);
  const corrected = align(text, text, representation, "corrected");
  assert.deepEqual(
    [rowOf(corrected, toy, 0), rounded(corrected.leftOver[0])],
    [{ a: 0.6, b: 0.2 }, 0.2],
  );
  const published = align(text, text, representation, "published");
  assert.deepEqual([rowOf(published, toy, 0), published.leftOver[0]], [{ a: 0.75, b: 0.25 }, 0]);
});

test("a row needs a shared byte, or pieces that match, be it by the map alone", () => {
  // The target's ab against the source's abb and c: the map calls abb and ab the same, the bytes do not.
  const source = toyTokenizer(["</s>", "abb", "c", "a"], { name: "source" });
  const target = toyTokenizer(["</s>", "ab", "bc", "a"], { name: "target" });
  const [from, to] = [spelled(source, ["abb", "c"]), spelled(target, ["ab", "bc"])];
  const representation = toyRepresentation(from, [
    { top: { abb: 0.5, a: 0.1 } },
    { top: { c: 0.5, a: 0.1 } },
    { top: { "</s>": 0.5, a: 0.1 } },
  ]);
  const corrected = align(to, from, representation, "corrected", "minEditDistance");
  assert.equal(noRowReasons[corrected.outcome[1] - 1], "noSharedBoundary");
  const published = align(to, from, representation, "published", "minEditDistance");
  assert.equal(published.outcome[1], 0);
});

test("at a shared byte pieces need not match, or have to", () => {
  const source = toyTokenizer(["</s>", "ab", "a"], { name: "source" });
  const target = toyTokenizer(["</s>", "<0x61>", "b", "a"], { name: "target" });
  const from = spelled(source, ["a", "a"]);
  const to = spelled(target, ["<0x61>", "a"]);
  const representation = toyRepresentation(from, [
    { top: { a: 0.5, ab: 0.1 } },
    { top: { a: 0.5, ab: 0.1 } },
    { top: { "</s>": 0.5, a: 0.1 } },
  ]);
  const corrected = align(to, from, representation, "corrected");
  assert.equal(corrected.outcome[1], 0);
  const published = align(to, from, representation, "published");
  assert.equal(noRowReasons[published.outcome[1] - 1], "piecesDiffer");
});

test("the first piece is given the target's marker in published mode alone", () => {
  const source = toyTokenizer(["</s>", "a", "b"], { name: "source" });
  const target = toyTokenizer(["</s>", "▁a", "b"], { name: "target", family: "sentencePiece" });
  const [from, to] = [spelled(source, ["a", "b"]), spelled(target, ["▁a", "b"])];
  const representation = toyRepresentation(from, [
    { top: { a: 0.5, b: 0.1 } },
    { top: { b: 0.5, a: 0.1 } },
    { top: { "</s>": 0.5, a: 0.1 } },
  ]);
  assert.equal(align(to, from, representation, "published").outcome[1], 0);
  // Corrected rows need no such rule: the pieces end at the same byte.
  assert.equal(align(to, from, representation, "corrected").outcome[1], 0);
});

test("EOS takes part in the published warping path", () => {
  // The last source token is nearer to EOS than to the target's only token.
  const source = toyTokenizer(["</s>", "abcdef", "</t>"], { name: "source" });
  const target = toyTokenizer(["</s>", "abcdef</t>"], { name: "target" });
  const [from, to] = [spelled(source, ["abcdef", "</t>"]), spelled(target, ["abcdef</t>"])];
  const representation = toyRepresentation(from, [
    { top: { abcdef: 0.5 } },
    { top: { "</t>": 0.5 } },
    { top: { "</s>": 0.5 } },
  ]);
  const corrected = align(to, from, representation, "corrected");
  assert.equal(
    noRowReasons[corrected.outcome[1] - 1],
    "notOneToOne",
    "both source tokens are the target's one",
  );
  const published = align(to, from, representation, "published");
  assert.equal(noRowReasons[published.outcome[1] - 1], "piecesDiffer", "</t> went to </s>");
});

test("a difference of a thousandth decides, or is lost in bfloat16 and the target wins", () => {
  const scores = [2.001, 2.0, 2.2];
  assert.equal(candidateWeights(scores, { rule: "minCE", mode: "corrected" }).indexOf(1), 1);
  assert.equal(candidateWeights(scores, { rule: "minCE", mode: "published" }).indexOf(1), 0);
});

test("AvgCE prefers the better model, or hardly any", () => {
  const corrected = candidateWeights([2, 3, 4], { rule: "avgCE", mode: "corrected", softness: 1 });
  assert.deepEqual(
    Array.from(corrected, (w) => w.toFixed(2)),
    ["0.67", "0.24", "0.09"],
  );
  const published = candidateWeights([2, 3, 4], { rule: "avgCE", mode: "published" });
  assert.deepEqual(
    Array.from(published, (w) => w.toFixed(2)),
    ["0.36", "0.33", "0.32"],
  );
});

test("where no candidate survives there is no row, or the target's own", () => {
  const source = toyTokenizer(["</s>", "a", "x", "y"], { name: "source" });
  const target = toyTokenizer(["</s>", "a", "b"], { name: "target" });
  const [from, to] = [spelled(source, ["a"]), spelled(target, ["a"])];
  const representation = toyRepresentation(from, [
    { top: { x: 0.6, y: 0.2 }, gold: 0.1 },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const own = toyRepresentation(to, [
    { top: { a: 0.6, b: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const fused = (mode: Mode) =>
    fuseChunk({
      target: { ...to, representation: own },
      aligned: [align(to, from, representation, mode)],
      scores: [2, 1],
      rule: "minCE",
      per: "chunk",
      unit: "token",
      tail: "renormalise",
      mode,
    }).rows;
  assert.equal(fused("corrected").from[0], noFusedRow);
  const published = fused("published");
  assert.equal(published.from[0], 0);
  assert.deepEqual(rowOf(published, target, 0), { a: 0.75, b: 0.25 });
});
