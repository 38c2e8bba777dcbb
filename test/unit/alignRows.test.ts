import assert from "node:assert/strict";
import test from "node:test";
import { rowEnds, sharedBoundaries } from "../../src/core/alignment/byteSpans.ts";
import { type AlignRowsInput, alignRows, noRows } from "../../src/core/fusion/alignRows.ts";
import { dtwAnswers } from "../../src/core/fusion/dtwAnswers.ts";
import {
  type AlignedRepresentation,
  boundaryCases,
  noBoundaryCase,
  noRowReasons,
  type Representation,
} from "../../src/core/fusion/representation.ts";
import type { Mode } from "../../src/core/mode.ts";
import { Problem } from "../../src/core/problem.ts";
import { createRandom, type Random } from "../../src/core/random.ts";
import {
  buildVocabularyMap,
  type VocabularyMethod,
} from "../../src/core/vocabulary/vocabularyMap.ts";
import { rounded, rowOf, sumOf, type ToyRow, toyRepresentation } from "../support/toyRows.ts";
import { read, spelled, toyTokenizer } from "../support/toyTokenizer.ts";

const source = toyTokenizer(["</s>", "a", "b", "c", "ab", "bc", "abc", "x", "Ġ", "Ġa"], {
  name: "source",
});
const target = toyTokenizer(["</s>", "a", "b", "c", "bc", "abc", "ab "], { name: "target" });
const prefixed = toyTokenizer(["<s>", "</s>", "▁", "▁a", "a", "b", "c", "bc"], {
  name: "prefixed",
  family: "sentencePiece",
});

type Given = Pick<AlignRowsInput, "target" | "source" | "representation"> &
  Partial<AlignRowsInput> & { method?: VocabularyMethod };

function align({
  method = "firstToken",
  mode = "corrected",
  ...given
}: Given): AlignedRepresentation {
  const map = buildVocabularyMap(given.source.tokenizer, given.target.tokenizer, { method, mode });
  return alignRows({ positions: mode === "published" ? "dtw" : "bytes", mode, map, ...given });
}

const caseAt = (aligned: AlignedRepresentation, row: number) =>
  aligned.boundaryCase[row] === noBoundaryCase
    ? undefined
    : boundaryCases[aligned.boundaryCase[row]];
const reasonAt = (aligned: AlignedRepresentation, row: number) =>
  aligned.outcome[row] === 0 ? undefined : noRowReasons[aligned.outcome[row] - 1];

//   source  ab|c|a|bc     rows at bytes 0 2 3 4 6
//   target  a|bc|abc      rows at bytes 0 1 3 6
const sourceText = spelled(source, ["ab", "c", "a", "bc"]);
const targetText = spelled(target, ["a", "bc", "abc"]);
const rows: ToyRow[] = [
  { top: { ab: 0.5, a: 0.2, b: 0.1 } },
  { top: { c: 0.9, a: 0.05, b: 0.02 } },
  { top: { a: 0.6, abc: 0.15, x: 0.1 } },
  { top: { bc: 0.5, b: 0.3, c: 0.1 } },
  { top: { "</s>": 0.8, a: 0.1, ab: 0.05 } },
];
const given = {
  target: targetText,
  source: sourceText,
  representation: toyRepresentation(sourceText, rows),
};

test("a longer source token gives its own probability to the true target token, and the others join it", () => {
  const aligned = align(given);
  assert.equal(caseAt(aligned, 0), "longer");
  // ab is the true next token and spells a from its begin on: 0.5. The candidate a adds 0.2.
  assert.deepEqual(rowOf(aligned, target, 0), { a: 0.7, b: 0.1 });
  assert.equal(rounded(aligned.leftOver[0]), 0.2);
  assert.equal(rounded(aligned.merged[0]), 0.2);
  assert.equal(rounded(aligned.goldNats[0]), rounded(Math.LN2));
});

test("a position with no source boundary at its byte has no row and says so", () => {
  const aligned = align(given);
  assert.equal(reasonAt(aligned, 1), "noSharedBoundary");
  assert.equal(caseAt(aligned, 1), undefined);
  assert.ok(Number.isNaN(aligned.goldNats[1]));
  assert.deepEqual(rowOf(aligned, target, 1), {});
  assert.equal(aligned.leftOver[1], 1);
});

test("shorter source tokens give the product of their probabilities, and the rest of the first is left over", () => {
  const aligned = align(given);
  assert.equal(caseAt(aligned, 2), "shorter");
  // a, then bc: 0.6 · 0.5 for abc, joined by the candidate abc; x has no target token.
  assert.deepEqual(rowOf(aligned, target, 2), { abc: 0.45 });
  assert.equal(rounded(aligned.leftOver[2]), 0.55);
  assert.equal(rounded(aligned.noTargetToken[2]), 0.1);
  assert.equal(rounded(Math.exp(-aligned.goldNats[2])), 0.3);
});

test("goldOnly leaves over what the other candidates have at shorter positions, and only there", () => {
  const aligned = align({ ...given, shorterRows: "goldOnly" });
  assert.deepEqual(rowOf(aligned, target, 2), { abc: 0.3 });
  assert.equal(rounded(aligned.leftOver[2]), 0.7);
  assert.deepEqual(rowOf(aligned, target, 0), { a: 0.7, b: 0.1 });
});

test("at the end of the text both predict the end, by role", () => {
  const aligned = align(given);
  assert.equal(caseAt(aligned, 3), "same");
  assert.deepEqual(rowOf(aligned, target, 3), { "</s>": 0.8, a: 0.15 });
  assert.equal(rounded(aligned.leftOver[3]), 0.05);
  assert.equal(rounded(aligned.merged[3]), 0.05);
});

test("a chain that passes the target token's end is an overshoot", () => {
  // target a|bc|a|bc read against source ab|c|abc … the other way round: target needs ab of a|bc.
  const wide = toyTokenizer(["</s>", "a", "b", "c", "bc", "ab"], { name: "wide" });
  const text = spelled(wide, ["a", "bc", "ab", "c"]);
  const aligned = align({ ...given, target: text });
  assert.equal(caseAt(aligned, 2), "overshoot");
  assert.equal(rounded(Math.exp(-aligned.goldNats[2])), 0.3);
  assert.deepEqual(
    rowOf(aligned, wide, 2),
    { ab: 0.45 },
    "0.3 by the path, 0.15 of abc by its first token",
  );
});

test("a true next token outside the top k is taken out of the mass left over, once", () => {
  const outside = [{ top: { a: 0.3, b: 0.2, c: 0.1 }, gold: 0.15 }, ...rows.slice(1)];
  const aligned = align({ ...given, representation: toyRepresentation(sourceText, outside) });
  assert.deepEqual(rowOf(aligned, target, 0), { a: 0.45, b: 0.2, c: 0.1 });
  assert.equal(rounded(aligned.leftOver[0]), 0.25);
});

test("without a gold path every candidate goes where its map says, the true next token too", () => {
  const aligned = align({ ...given, method: "exact" });
  assert.deepEqual(rowOf(aligned, target, 0), { a: 0.2, b: 0.1 });
  assert.equal(rounded(aligned.leftOver[0]), 0.7);
  assert.equal(rounded(aligned.noTargetToken[0]), 0.5);
  assert.deepEqual(rowOf(aligned, target, 2), { a: 0.6, abc: 0.15 });
  assert.equal(
    rounded(aligned.goldNats[0]),
    rounded(Math.LN2),
    "known all the same, for the ensemble",
  );
});

test("minEditDistance in corrected mode adds the masses of candidates that share a target token", () => {
  const aligned = align({ ...given, method: "minEditDistance" });
  // ab is 1 edit from a, b, bc, abc and "ab "; a has the lowest id.
  assert.deepEqual(rowOf(aligned, target, 0), { a: 0.7, b: 0.1 });
  assert.equal(rounded(aligned.merged[0]), 0.2);
});

test("a text cut off for the source has no row where a missing one is needed", () => {
  const whole = toyRepresentation(sourceText, rows);
  const cut: Representation = { ...whole, rows: 3 };
  const gold = align({ ...given, representation: cut });
  assert.equal(reasonAt(gold, 0), undefined);
  assert.equal(reasonAt(gold, 2), "truncated", "the chain would need a fourth row");
  assert.equal(reasonAt(gold, 3), "truncated");
  const exact = align({ ...given, representation: cut, method: "exact" });
  assert.equal(reasonAt(exact, 2), undefined);
  assert.ok(Number.isNaN(exact.goldNats[2]));
  assert.equal(reasonAt(exact, 3), "truncated");
});

test("of target tokens that end at one byte the last stands for it", () => {
  // ▁ is the prefix space that is not in the text: it ends at byte 0, like BOS.
  const text = spelled(prefixed, ["▁", "a", "bc"]);
  const plain = spelled(source, ["a", "bc"]);
  const representation = toyRepresentation(plain, [
    { top: { a: 0.6, b: 0.2 } },
    { top: { bc: 0.5, c: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const aligned = align({ target: text, source: plain, representation });
  assert.equal(reasonAt(aligned, 0), "noSharedBoundary");
  assert.deepEqual(rowOf(aligned, prefixed, 1), { a: 0.6, b: 0.2 });
  assert.equal(caseAt(aligned, 1), "same");
});

test("where the target's first token holds a prefix space the row after BOS answers for it", () => {
  const text = spelled(prefixed, ["▁a", "bc"]);
  const plain = spelled(source, ["a", "bc"]);
  const representation = toyRepresentation(plain, [
    { top: { a: 0.6, b: 0.2 } },
    { top: { bc: 0.5, c: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const aligned = align({ target: text, source: plain, representation });
  assert.equal(caseAt(aligned, 0), "same");
  assert.deepEqual(rowOf(aligned, prefixed, 0), { "▁a": 0.6, b: 0.2 });
});

test("dtw in corrected mode keeps one-to-one pairs at a shared byte", () => {
  const alike = align({
    target: spelled(target, ["a", "bc", "a"]),
    source: spelled(source, ["a", "bc", "a"]),
    positions: "dtw",
    representation: toyRepresentation(spelled(source, ["a", "bc", "a"]), [
      { top: { a: 0.5, b: 0.2 } },
      { top: { bc: 0.5, b: 0.2 } },
      { top: { a: 0.5, b: 0.2 } },
      { top: { "</s>": 0.5, b: 0.2 } },
    ]),
  });
  assert.deepEqual([...alike.outcome], [0, 0, 0, 0]);
  assert.deepEqual(rowOf(alike, target, 1), { bc: 0.5, b: 0.2 });
});

test("a temperature reshapes the known parts of a row and counts what is left over as one token", () => {
  const aligned = align({ ...given, temperature: 2 });
  const parts = [0.5, 0.2, 0.1, 0.2].map(Math.sqrt);
  const sum = sumOf(parts);
  assert.deepEqual(rowOf(aligned, target, 0), {
    a: rounded((parts[0] + parts[1]) / sum),
    b: rounded(parts[2] / sum),
  });
  assert.ok(Math.abs(aligned.leftOver[0] - parts[3] / sum) < 1e-6);
  assert.equal(rounded(aligned.goldNats[0]), rounded(Math.LN2), "gold nats are the model's own");
  // The path of two steps takes each row at the temperature.
  const first = Math.sqrt(0.6) / sumOf([0.6, 0.15, 0.1, 0.15].map(Math.sqrt));
  const then = Math.sqrt(0.5) / sumOf([0.5, 0.3, 0.1, 0.1].map(Math.sqrt));
  const other = Math.sqrt(0.15) / sumOf([0.6, 0.15, 0.1, 0.15].map(Math.sqrt));
  assert.deepEqual(rowOf(aligned, target, 2), { abc: rounded(first * then + other) });
});

test("at a temperature a true next token outside the top k is a part of its own", () => {
  const outside = [{ top: { a: 0.3, b: 0.2, c: 0.1 }, gold: 0.15 }, ...rows.slice(1)];
  const representation = toyRepresentation(sourceText, outside);
  const aligned = align({ ...given, representation, temperature: 2 });
  const [a, b, c, gold, rest] = [0.3, 0.2, 0.1, 0.15, 0.25].map(Math.sqrt);
  const sum = a + b + c + gold + rest;
  assert.deepEqual(rowOf(aligned, target, 0), {
    a: rounded((gold + a) / sum),
    b: rounded(b / sum),
    c: rounded(c / sum),
  });
  assert.ok(Math.abs(aligned.leftOver[0] - rest / sum) < 1e-6);
});

test("the published path keeps a matched pair's row, drops later duplicates and renormalises", () => {
  const twice = toyTokenizer(["</s>", "a", "b", "ab", "ac"], { name: "twice" });
  const single = toyTokenizer(["</s>", "a", "b"], { name: "single" });
  const from = spelled(twice, ["a", "b"]);
  const to = spelled(single, ["a", "b"]);
  const representation = toyRepresentation(from, [
    { top: { ab: 0.4, a: 0.3, b: 0.1 } },
    { top: { ac: 0.4, b: 0.2, a: 0.1 } },
    { top: { "</s>": 0.7, ab: 0.1, a: 0.1 } },
  ]);
  const aligned = align({
    target: to,
    source: from,
    representation,
    mode: "published",
    method: "minEditDistance",
  });
  assert.deepEqual([...aligned.outcome], [0, 0, 0]);
  // ab is nearest to a and comes first: the a after it is dropped. 0.4 and 0.1 are all there is.
  assert.deepEqual(rowOf(aligned, single, 0), { a: 0.8, b: 0.2 });
  assert.equal(rounded(aligned.duplicateDropped[0]), 0.3);
  assert.equal(aligned.leftOver[0], 0);
  assert.equal(rounded(aligned.duplicateDropped[1]), 0.1);
});

test("the published path refuses pieces that differ and tokens that are not paired one to one", () => {
  const from = spelled(source, ["abc", "x"]);
  const wider = toyTokenizer(["</s>", "a", "bc", "y"], { name: "wider" });
  const to = spelled(wider, ["a", "bc", "y"]);
  const representation = toyRepresentation(from, [
    { top: { abc: 0.5, x: 0.2 } },
    { top: { x: 0.5, a: 0.2 } },
    { top: { "</s>": 0.5, a: 0.2 } },
  ]);
  const aligned = align({
    target: to,
    source: from,
    representation,
    mode: "published",
    method: "exact",
  });
  assert.equal(reasonAt(aligned, 0), undefined);
  assert.equal(reasonAt(aligned, 1), "piecesDiffer", "abc is paired with a and with bc");
  assert.equal(reasonAt(aligned, 2), "piecesDiffer");
  assert.equal(reasonAt(aligned, 3), "piecesDiffer");
  const back = align({
    target: from,
    source: to,
    representation: toyRepresentation(to, [
      { top: { a: 0.5, bc: 0.2 } },
      { top: { bc: 0.5, a: 0.2 } },
      { top: { y: 0.5, a: 0.2 } },
      { top: { "</s>": 0.5, a: 0.2 } },
    ]),
    mode: "published",
    method: "exact",
  });
  assert.equal(reasonAt(back, 1), "notOneToOne");
});

test("the published first-token rule gives a byte-level source's first piece the marker it lacks", () => {
  const text = spelled(prefixed, ["▁a", "bc"]);
  const marked = toyTokenizer(["</s>", "a", "bc", "Ġa"], { name: "marked" });
  const plain = spelled(marked, ["a", "bc"]);
  const representation = toyRepresentation(plain, [
    { top: { a: 0.6, bc: 0.2 } },
    { top: { bc: 0.5, a: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const aligned = align({
    target: text,
    source: plain,
    representation,
    mode: "published",
    method: "exact",
  });
  assert.deepEqual([...aligned.outcome], [0, 0, 0]);
  assert.deepEqual(rowOf(aligned, prefixed, 1), { bc: rounded(0.5 / 0.7), a: rounded(0.2 / 0.7) });
});

test("the first-token rule is not for sources that write a prefix space themselves", () => {
  const text = spelled(prefixed, ["▁a", "bc"]);
  const unmarked = toyTokenizer(["</s>", "a", "bc"], { name: "unmarked", family: "sentencePiece" });
  // It reads the text without one here, which only a normaliser of its own could do.
  const { encoding } = spelled(unmarked, ["a", "bc"]);
  const plain = { tokenizer: unmarked, encoding: { ...encoding, ends: Int32Array.of(1, 3) } };
  const representation = toyRepresentation(plain, [
    { top: { a: 0.6, bc: 0.2 } },
    { top: { bc: 0.5, a: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const aligned = align({
    target: text,
    source: plain,
    representation,
    mode: "published",
    method: "exact",
  });
  assert.equal(reasonAt(aligned, 1), "piecesDiffer");
  assert.equal(reasonAt(aligned, 2), undefined);
});

test("a row that rounding has made a little more than 1 is scaled back, and one that is far more is an error", () => {
  const text = spelled(source, ["a"]);
  const rounded16 = (first: number) =>
    toyRepresentation(text, [{ top: { a: first, b: 0.3 } }, { top: { "</s>": 0.8, a: 0.1 } }]);
  const aligned = align({
    target: text,
    source: text,
    representation: rounded16(0.702),
    method: "exact",
  });
  assert.deepEqual(rowOf(aligned, source, 0), {
    a: rounded(0.702 / 1.002),
    b: rounded(0.3 / 1.002),
  });
  assert.equal(aligned.leftOver[0], 0);
  const broken = rounded16(0.9);
  assert.throws(
    () => align({ target: text, source: text, representation: broken, method: "exact" }),
    /mass of 1\.1999/,
  );
});

test("a published row that loses every candidate is empty, not missing", () => {
  const from = spelled(source, ["a", "b"]);
  const to = spelled(target, ["a", "b"]);
  const representation = toyRepresentation(from, [
    { top: { x: 0.6, ab: 0.2 }, gold: 0.1 },
    { top: { b: 0.5, a: 0.2 } },
    { top: { "</s>": 0.9, a: 0.1 } },
  ]);
  const aligned = align({
    target: to,
    source: from,
    representation,
    mode: "published",
    method: "exact",
  });
  assert.equal(reasonAt(aligned, 0), undefined);
  assert.deepEqual(rowOf(aligned, target, 0), {});
  assert.equal(rounded(aligned.noTargetToken[0]), 0.8);
});

test("a source that has no row anywhere says one reason everywhere", () => {
  const none = noRows(3, "textDiffers");
  assert.deepEqual(
    [0, 1, 2].map((row) => reasonAt(none, row)),
    ["textDiffers", "textDiffers", "textDiffers"],
  );
  assert.deepEqual([...none.leftOver], [1, 1, 1]);
});

test("maps of another mode, and settings the published code does not have, are refused", () => {
  const map = buildVocabularyMap(source, target, { method: "exact", mode: "corrected" });
  const refused = (code: string) => (error: unknown) =>
    error instanceof Problem && error.code === code;
  assert.throws(
    () => alignRows({ ...given, map, positions: "dtw", mode: "published" }),
    refused("stale"),
  );
  const published = buildVocabularyMap(source, target, { method: "exact", mode: "published" });
  assert.throws(
    () => alignRows({ ...given, map: published, positions: "bytes", mode: "published" }),
    refused("unsupported"),
  );
  const other = buildVocabularyMap(target, source, { method: "exact", mode: "corrected" });
  assert.throws(
    () => alignRows({ ...given, map: other, positions: "bytes", mode: "corrected" }),
    refused("stale"),
  );
});

test("representations and texts that do not belong together are an error", () => {
  const longer = spelled(target, ["a", "bc", "abc", "a"]);
  assert.throws(() => align({ ...given, target: longer }), /7 bytes .* 6/);
  const { representation } = given;
  assert.throws(
    () => align({ ...given, representation: { ...representation, rows: representation.rows + 1 } }),
    /6 rows for 4 tokens/,
  );
});

// Random texts and distributions: what must hold whatever the numbers are.

const alphabet = ["a", "b", "c", "Ġ"];

function randomTokenizer(random: Random, name: string) {
  const longer = Array.from({ length: 12 }, () =>
    Array.from({ length: 2 + random.integer(3) }, () => alphabet[random.integer(4)]).join(""),
  );
  return toyTokenizer([...new Set(["<s>", "</s>", ...alphabet, ...longer])], { name });
}

function randomRepresentation(
  random: Random,
  text: ReturnType<typeof read>,
  topK: number,
  goldInside = 0.7,
): Representation {
  const { size } = text.tokenizer.table;
  const labels = [...text.encoding.ids, text.tokenizer.table.eos as number];
  const built = labels.map((gold) => {
    const weights = Array.from({ length: size }, () => Math.exp(3 * random.normal()));
    if (random.next() < goldInside) weights[gold] += 5;
    const sum = sumOf(weights);
    const probs = weights.map((w) => w / sum);
    const ids = probs
      .map((_, id) => id)
      .sort((a, b) => probs[b] - probs[a])
      .slice(0, topK);
    return { ids, probs: ids.map((id) => probs[id]), nats: -Math.log(probs[gold]) };
  });
  return {
    rows: built.length,
    topK,
    ids: Int32Array.from(built.flatMap(({ ids }) => ids)),
    logProbs: Float32Array.from(built.flatMap(({ probs }) => probs.map(Math.log))),
    leftOver: Float32Array.from(built, ({ probs }) => Math.max(0, 1 - sumOf(probs))),
    nats: Float32Array.from(built, ({ nats }) => nats),
  };
}

test("every row adds up to 1, its ids are unique and its masses are not negative, in all modes", () => {
  const random = createRandom(11);
  const ways: [Mode, VocabularyMethod, "bytes" | "dtw"][] = [
    ["corrected", "firstToken", "bytes"],
    ["corrected", "exact", "bytes"],
    ["corrected", "minEditDistance", "dtw"],
    ["published", "minEditDistance", "dtw"],
    ["published", "exact", "dtw"],
  ];
  let seen = 0;
  for (let round = 0; round < 20; round++) {
    const from = randomTokenizer(random, `from ${round}`);
    const to = randomTokenizer(random, `to ${round}`);
    const text = Array.from({ length: 30 }, () => alphabet[random.integer(4)])
      .join("")
      .replaceAll("Ġ", " ");
    const pair = { source: read(from, text), target: read(to, text) };
    const topK = 1 + random.integer(6);
    const representation = randomRepresentation(random, pair.source, topK);
    for (const [mode, method, positions] of ways) {
      for (const temperature of [1, 0.5, 3]) {
        const aligned = align({ ...pair, representation, mode, method, positions, temperature });
        assert.equal(aligned.rows, pair.target.encoding.ids.length + 1);
        for (let i = 0; i < aligned.rows; i++) {
          const span = [aligned.offsets[i], aligned.offsets[i + 1]] as const;
          const probs = aligned.probs.slice(...span);
          const ids = [...aligned.ids.slice(...span)];
          if (aligned.outcome[i] !== 0) assert.equal(ids.length, 0);
          assert.equal(new Set(ids).size, ids.length);
          assert.ok(ids.every((id) => to.table.pieces[id] !== undefined));
          assert.ok(probs.every((p) => p >= 0) && aligned.leftOver[i] >= 0);
          const whole = ids.length === 0 ? aligned.leftOver[i] : sumOf(probs) + aligned.leftOver[i];
          assert.ok(Math.abs(whole - 1) < 1e-5, `${mode} ${method}: ${whole}`);
          if (mode === "corrected") {
            assert.ok(aligned.noTargetToken[i] <= aligned.leftOver[i] + 1e-6);
            assert.equal(aligned.duplicateDropped[i], 0);
          }
          seen++;
        }
      }
    }
  }
  assert.ok(seen > 5000);
});

test("dtw in corrected mode answers where the path and the bytes name the same source row, as bytes would", () => {
  const random = createRandom(17);
  const reasons = new Map<string | undefined, number>();
  for (let round = 0; round < 40; round++) {
    const from = randomTokenizer(random, `from ${round}`);
    const to = randomTokenizer(random, `to ${round}`);
    const text = Array.from({ length: 40 }, () => "ab "[random.integer(3)]).join("");
    const pair = { source: read(from, text), target: read(to, text) };
    const representation = randomRepresentation(random, pair.source, 3);
    const byDtw = align({ ...pair, representation, positions: "dtw" });
    const byBytes = align({ ...pair, representation });
    const answers = dtwAnswers(pair.target, pair.source, "corrected");
    const shared = sharedBoundaries(
      rowEnds(pair.target.encoding.ends),
      rowEnds(pair.source.encoding.ends),
    );
    for (let i = 1; i < byDtw.rows; i++) {
      const expected =
        answers[i - 1] < 0
          ? "notOneToOne"
          : answers[i - 1] + 1 === shared[i]
            ? undefined
            : "noSharedBoundary";
      assert.equal(reasonAt(byDtw, i), expected);
      if (expected === undefined) assert.deepEqual(rowOf(byDtw, to, i), rowOf(byBytes, to, i));
      // The path may name another row than the one at the same byte: counted to see that it happens here.
      const kind = expected === "noSharedBoundary" && shared[i] >= 0 ? "elsewhere" : expected;
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
    }
  }
  for (const kind of [undefined, "notOneToOne", "noSharedBoundary", "elsewhere"]) {
    assert.ok((reasons.get(kind) ?? 0) > 0, `${kind} never happened`);
  }
});

test("the true next target token never has less than the gold path gives it", () => {
  const random = createRandom(12);
  for (let round = 0; round < 30; round++) {
    const from = randomTokenizer(random, `from ${round}`);
    const to = randomTokenizer(random, `to ${round}`);
    const text = Array.from({ length: 30 }, () => "abc"[random.integer(3)]).join("");
    const pair = { source: read(from, text), target: read(to, text) };
    const aligned = align({
      ...pair,
      representation: randomRepresentation(random, pair.source, 3, 0.3),
    });
    const labels = [...pair.target.encoding.ids, to.table.eos as number];
    for (let i = 0; i < aligned.rows; i++) {
      if (aligned.outcome[i] !== 0) continue;
      const own = rowOf(aligned, to, i)[to.table.pieces[labels[i]] as string];
      assert.ok(own >= Math.exp(-aligned.goldNats[i]) - 2e-6);
    }
  }
});

test("a source with the target's own tokenizer comes back as it is, with the true next token named", () => {
  const random = createRandom(13);
  for (const method of ["firstToken", "exact", "minEditDistance"] as const) {
    const tokenizer = toyTokenizer(["<s>", "</s>", "a", "b", "c", "Ġ", "ab", "Ġa", "bc", "Ġab"], {
      name: "one",
    });
    const text = read(tokenizer, "ab c abc a b  cab");
    const representation = randomRepresentation(random, text, 4, 0.5);
    const aligned = align({ target: text, source: text, representation, method });
    const labels = [...text.encoding.ids, 1];
    for (let i = 0; i < aligned.rows; i++) {
      assert.equal(caseAt(aligned, i), "same");
      assert.equal(aligned.goldNats[i], representation.nats[i]);
      const expected = new Map<number, number>();
      for (let k = i * 4; k < (i + 1) * 4; k++) {
        expected.set(representation.ids[k], Math.exp(representation.logProbs[k]));
      }
      if (method === "firstToken") expected.set(labels[i], Math.exp(-representation.nats[i]));
      const entries = Object.entries(rowOf(aligned, tokenizer, i));
      assert.equal(entries.length, expected.size);
      for (const [piece, p] of entries) {
        assert.ok(
          Math.abs(p - (expected.get(tokenizer.table.idByPiece.get(piece) as number) as number)) <
            2e-6,
        );
      }
    }
  }
});
