import assert from "node:assert/strict";
import test from "node:test";
import { toBfloat16 } from "../../src/core/fusion/bfloat16.ts";
import {
  type AlignedRepresentation,
  blendedRow,
  type NoRowReason,
  noBoundaryCase,
  noFusedRow,
  noRowReasons,
} from "../../src/core/fusion/representation.ts";
import { type FuseInput, fuseChunk } from "../../src/core/fusion/rules.ts";
import { candidateScores, candidateWeights } from "../../src/core/fusion/scores.ts";
import { addTally, tallyAlignment } from "../../src/core/fusion/tally.ts";
import { trainingWeights } from "../../src/core/fusion/trainingWeights.ts";
import { rounded, rowOf, sumOf, toyRepresentation } from "../support/toyRows.ts";
import { spelled, toyTokenizer } from "../support/toyTokenizer.ts";

const tokenizer = toyTokenizer(["<s>", "</s>", "a", "b", "c", "ab"], { name: "target" });
const text = spelled(tokenizer, ["a", "ab"]);
const target = {
  ...text,
  representation: toyRepresentation(text, [
    { top: { a: 0.5, b: 0.25 } },
    { top: { ab: 0.4, c: 0.2 } },
    { top: { "</s>": 0.6, a: 0.2 } },
  ]),
};

interface SourceRow {
  readonly row?: Readonly<Record<string, number>>;
  readonly reason?: NoRowReason;
  /** Probability of the true next token's bytes. */
  readonly gold?: number;
}

function alignedOf(rows: readonly SourceRow[]): AlignedRepresentation {
  const entries = rows.map(({ row }) => Object.entries(row ?? {}));
  const offsets = [0];
  for (const row of entries) offsets.push((offsets.at(-1) as number) + row.length);
  return {
    rows: rows.length,
    offsets: Int32Array.from(offsets),
    ids: Int32Array.from(
      entries.flat(),
      ([piece]) => tokenizer.table.idByPiece.get(piece) as number,
    ),
    probs: Float32Array.from(entries.flat(), ([, p]) => p),
    leftOver: Float32Array.from(rows, ({ row }) => 1 - sumOf(Object.values(row ?? {}))),
    outcome: Uint8Array.from(rows, ({ reason }) => (reason ? noRowReasons.indexOf(reason) + 1 : 0)),
    boundaryCase: new Uint8Array(rows.length).fill(noBoundaryCase),
    goldNats: Float32Array.from(rows, ({ gold }) =>
      gold === undefined ? Number.NaN : -Math.log(gold),
    ),
    noTargetToken: new Float32Array(rows.length),
    duplicateDropped: new Float32Array(rows.length),
    merged: new Float32Array(rows.length),
  };
}

const first = alignedOf([
  { row: { a: 0.8, c: 0.1 }, gold: 0.8 },
  { reason: "noSharedBoundary" },
  { row: { "</s>": 0.9, b: 0.1 }, gold: 0.9 },
]);
const second = alignedOf([
  { row: { b: 0.6 }, gold: 0.1 },
  { row: { ab: 0.5, b: 0.1 }, gold: 0.5 },
  { reason: "truncated" },
]);

function fuse(changes: Partial<FuseInput> = {}) {
  return fuseChunk({
    target,
    aligned: [first, second],
    scores: [2, 1, 3],
    rule: "minCE",
    per: "chunk",
    unit: "byte",
    tail: "bucket",
    mode: "corrected",
    ...changes,
  });
}

test("minCE takes the rows of the best candidate, and none where it has none", () => {
  const { rows, weights } = fuse();
  assert.deepEqual([...(weights as Float64Array)], [0, 1, 0]);
  assert.deepEqual([...rows.from], [1, noFusedRow, 1]);
  assert.deepEqual(rowOf(rows, tokenizer, 0), { a: 0.8, c: 0.1 });
  assert.equal(rounded(rows.leftOver[0]), 0.1);
  assert.deepEqual(rowOf(rows, tokenizer, 1), {});
  assert.equal(rows.leftOver[1], 1);
});

test("minCE takes the target's own rows where the target is best", () => {
  const { rows } = fuse({ scores: [0.5, 1, 3] });
  assert.deepEqual([...rows.from], [0, 0, 0]);
  assert.deepEqual(rowOf(rows, tokenizer, 1), { ab: 0.4, c: 0.2 });
  assert.equal(rounded(rows.leftOver[1]), 0.4);
});

test("renormalise scales what is kept to 1 and leaves nothing over", () => {
  const { rows } = fuse({ tail: "renormalise" });
  assert.deepEqual(rowOf(rows, tokenizer, 0), { a: rounded(0.8 / 0.9), c: rounded(0.1 / 0.9) });
  assert.equal(rows.leftOver[0], 0);
  const own = fuse({ tail: "renormalise", scores: [0, 1, 1] }).rows;
  assert.deepEqual(rowOf(own, tokenizer, 0), { a: rounded(2 / 3), b: rounded(1 / 3) });
});

test("avgCE mixes the candidates that have a row, their weights scaled to 1, left-over mass included", () => {
  const softness = 0.25;
  const { rows, weights } = fuse({ rule: "avgCE", scores: [2, 1.9, 2.1], softness });
  const raw = [2, 1.9, 2.1].map((score) => Math.exp(-score / softness));
  const expected = raw.map((w) => w / sumOf(raw));
  expected.forEach((w, m) => {
    assert.ok(Math.abs((weights as Float64Array)[m] - w) < 1e-12);
  });
  const [t, a, b] = expected;
  assert.deepEqual([...rows.from], [blendedRow, blendedRow, blendedRow]);
  assert.deepEqual(rowOf(rows, tokenizer, 0), {
    a: rounded(t * 0.5 + a * 0.8),
    b: rounded(t * 0.25 + b * 0.6),
    c: rounded(a * 0.1),
  });
  assert.ok(Math.abs(rows.leftOver[0] - (t * 0.25 + a * 0.1 + b * 0.4)) < 1e-6);
  const [t1, b1] = [t / (t + b), b / (t + b)];
  assert.deepEqual(rowOf(rows, tokenizer, 1), {
    ab: rounded(t1 * 0.4 + b1 * 0.5),
    c: rounded(t1 * 0.2),
    b: rounded(b1 * 0.1),
  });
});

test("avgCE names the candidate where only one has a row", () => {
  const none = alignedOf([
    { reason: "textDiffers" },
    { reason: "textDiffers" },
    { reason: "textDiffers" },
  ]);
  const { rows } = fuse({ rule: "avgCE", aligned: [none], scores: [2, 2] });
  assert.deepEqual([...rows.from], [0, 0, 0]);
});

test("with renormalise each distribution is scaled by itself before it is mixed", () => {
  const { rows } = fuse({ rule: "avgCE", scores: [1, 1, 1], tail: "renormalise" });
  assert.deepEqual(rowOf(rows, tokenizer, 0), {
    a: rounded((0.5 / 0.75 + 0.8 / 0.9) / 3),
    b: rounded((0.25 / 0.75 + 1) / 3),
    c: rounded(0.1 / 0.9 / 3),
  });
});

test("per token the candidate with the lowest loss on the true next token wins, among those with a row", () => {
  const { rows, weights, tally } = fuse({ per: "token", scores: [] });
  assert.equal(weights, undefined);
  // 0.5 against 0.8 and 0.1, then 0.4 against 0.5, then 0.6 against 0.9.
  assert.deepEqual([...rows.from], [1, 2, 1]);
  assert.deepEqual(
    tally.candidates.map(({ chunks }) => chunks),
    [0, 0, 0],
  );
});

test("per token avgCE takes bits per byte of the true next token", () => {
  const { rows } = fuse({ per: "token", scores: [], rule: "avgCE", softness: 1 });
  // Position 1: ab has two bytes, and the target's 0.4 stands against the second source's 0.5.
  const [t, b] = [0.4, 0.5].map((p) => Math.exp(Math.log2(p) / 2));
  const row = rowOf(rows, tokenizer, 1);
  assert.ok(Math.abs(row.c - (t / (t + b)) * 0.2) < 1e-6);
});

test("a row without entries is no row in corrected mode and the target's own row in published mode", () => {
  const empty = alignedOf([{ row: {} }, { row: { ab: 1 } }, { row: { "</s>": 1 } }]);
  const corrected = fuse({ aligned: [empty], scores: [2, 1] });
  assert.deepEqual([...corrected.rows.from], [noFusedRow, 1, 1]);
  const published = fuse({
    aligned: [empty],
    scores: [2, 1],
    mode: "published",
    tail: "renormalise",
  });
  assert.deepEqual([...published.rows.from], [0, 1, 1]);
  assert.deepEqual(rowOf(published.rows, tokenizer, 0), { a: rounded(2 / 3), b: rounded(1 / 3) });
});

test("the target's distributions take the temperature too", () => {
  const { rows } = fuse({ scores: [0, 1, 1], temperature: 2 });
  const parts = [0.5, 0.25, 0.25].map(Math.sqrt);
  assert.deepEqual(rowOf(rows, tokenizer, 0), {
    a: rounded(parts[0] / sumOf(parts)),
    b: rounded(parts[1] / sumOf(parts)),
  });
});

test("rows of another chunk are refused", () => {
  assert.throws(
    () => fuse({ aligned: [alignedOf([{ row: { a: 1 } }])], scores: [1, 2] }),
    /3 positions/,
  );
  assert.throws(() => fuse({ scores: [1, 2] }), /3 candidates/);
});

// Scores and weights

const read = (...nats: number[]) => ({ rows: nats.length, nats: Float32Array.from(nats) });

test("per byte the end of the text is left out, per token it counts", () => {
  const chunk = { bytes: 4, candidates: [read(1, 2, 5), read(0.5, 0.25, 0.25, 3)] };
  const perByte = candidateScores([chunk], "byte");
  assert.deepEqual([...perByte].map(rounded), [3 / Math.LN2 / 4, 1 / Math.LN2 / 4].map(rounded));
  assert.deepEqual([...candidateScores([chunk], "token")].map(rounded), [rounded(8 / 3), 1]);
});

test("a block's chunks are scored together: by bytes, or by their length in target tokens", () => {
  const chunks = [
    { bytes: 4, candidates: [read(1, 2, 5), read(3, 1)] },
    { bytes: 2, candidates: [read(1, 1), read(2, 2, 2)] },
  ];
  assert.deepEqual(
    [...candidateScores(chunks, "byte")].map(rounded),
    [4, 7].map((n) => rounded(n / Math.LN2 / 6)),
  );
  assert.deepEqual([...candidateScores(chunks, "token")].map(rounded), [
    rounded((3 * (8 / 3) + 2 * 1) / 5),
    rounded((3 * 2 + 2 * 2) / 5),
  ]);
});

test("a candidate that could not read a chunk has no score and never wins", () => {
  const scores = candidateScores([{ bytes: 1, candidates: [read(3, 1), undefined] }], "byte");
  assert.ok(Number.isNaN(scores[1]));
  assert.deepEqual([...candidateWeights(scores, { rule: "minCE", mode: "corrected" })], [1, 0]);
  assert.deepEqual([...candidateWeights(scores, { rule: "avgCE", mode: "corrected" })], [1, 0]);
  assert.deepEqual([...candidateWeights(scores, { rule: "minCE", mode: "published" })], [1, 0]);
});

test("of equal scores the first wins: the target, then the sources in their order", () => {
  const winner = (scores: number[]) =>
    candidateWeights(scores, { rule: "minCE", mode: "corrected" }).indexOf(1);
  assert.equal(winner([1, 1, 1]), 0);
  assert.equal(winner([2, 1, 1]), 1);
});

test("bfloat16 keeps eight bits and rounds halves to the even neighbour", () => {
  const [one, step] = [1, 2 ** -7];
  assert.equal(toBfloat16(one + 0.4 * step), one);
  assert.equal(toBfloat16(one + 0.6 * step), one + step);
  assert.equal(toBfloat16(one + 0.5 * step), one);
  assert.equal(toBfloat16(one + 1.5 * step), one + 2 * step);
  assert.equal(toBfloat16(-(one + 1.5 * step)), -(one + 2 * step));
  assert.equal(toBfloat16(0.1), 0.10009765625);
});

test("no score at all is an error and not a winner", () => {
  assert.throws(
    () => candidateWeights([Number.NaN, Number.NaN], { rule: "minCE", mode: "corrected" }),
    /no candidate/,
  );
});

// Training weights

const targetIds = text.encoding.ids;

test("nextToken gives the label everything where there is no row, exactly", () => {
  const { labelWeight, fusedWeight } = trainingWeights({
    rows: fuse().rows,
    fallback: "nextToken",
    lambda: 0.4,
    targetIds,
  });
  assert.deepEqual([...labelWeight], [0.4, 1, 0.4].map(Math.fround));
  assert.deepEqual([...fusedWeight], [0.6, 0, 0.6].map(Math.fround));
});

test("where nothing aligns nextToken is training on text alone, whatever λ is", () => {
  const none = alignedOf([
    { reason: "notOneToOne" },
    { reason: "notOneToOne" },
    { reason: "notOneToOne" },
  ]);
  const { rows } = fuse({ aligned: [none], scores: [2, 1] });
  const weights = trainingWeights({ rows, fallback: "nextToken", lambda: 0.37, targetIds });
  assert.deepEqual([...weights.labelWeight], [1, 1, 1]);
  assert.deepEqual([...weights.fusedWeight], [0, 0, 0]);
});

test("skip leaves the label its share", () => {
  const { labelWeight, fusedWeight } = trainingWeights({
    rows: fuse().rows,
    fallback: "skip",
    lambda: 0.4,
    targetIds,
  });
  assert.deepEqual([...labelWeight], [0.4, 0.4, 0.4].map(Math.fround));
  assert.deepEqual([...fusedWeight], [0.6, 0, 0.6].map(Math.fround));
});

test("currentToken repeats the released off-by-one: certainty of the token just read, after BOS the next one", () => {
  const { labelWeight, fusedWeight, rows } = trainingWeights({
    rows: fuse().rows,
    fallback: "currentToken",
    lambda: 0.9,
    targetIds,
  });
  assert.deepEqual([...labelWeight], [0.9, 0.9, 0.9].map(Math.fround));
  assert.deepEqual([...fusedWeight], new Array(3).fill(Math.fround(1 - 0.9)));
  assert.deepEqual(rowOf(rows, tokenizer, 1), { a: 1 }, "row 1 is read after token a");
  assert.deepEqual(rowOf(rows, tokenizer, 0), { a: 0.8, c: 0.1 });
  const none = alignedOf([
    { reason: "notOneToOne" },
    { reason: "notOneToOne" },
    { reason: "notOneToOne" },
  ]);
  const lost = trainingWeights({
    rows: fuse({ aligned: [none], scores: [2, 1] }).rows,
    fallback: "currentToken",
    lambda: 0.9,
    targetIds,
  });
  assert.equal(lost.labelWeight[0], 1);
  assert.equal(lost.fusedWeight[0], 0);
  assert.deepEqual(
    [0, 1, 2].map((row) => rowOf(lost.rows, tokenizer, row)),
    [{}, { a: 1 }, { ab: 1 }],
  );
});

// Tallies

test("the tally counts chunks, positions, wins and reasons, and adds up over chunks", () => {
  const { tally } = fuse();
  assert.equal(tally.fused, 2);
  assert.equal(tally.fellBack, 1);
  assert.deepEqual(tally.candidates, [
    { chunks: 0, positions: 0 },
    { chunks: 1, positions: 2 },
    { chunks: 0, positions: 0 },
  ]);
  assert.equal(tally.sources[0].rows, 2);
  assert.equal(tally.sources[0].noRow.noSharedBoundary, 1);
  assert.equal(tally.sources[1].noRow.truncated, 1);
  assert.equal(
    rounded(tally.sources[0].mass.leftOver),
    0.1,
    "only rows that exist leave mass over",
  );

  const blended = fuse({ rule: "avgCE", scores: [1, 1, 1] }).tally;
  const sum = addTally(tally, blended);
  assert.equal(sum.chunks, 2);
  assert.equal(sum.positions, 6);
  assert.equal(sum.blended, 3);
  assert.equal(sum.candidates[1].positions, 2);
  assert.equal(sum.sources[1].noRow.truncated, 2);
  assert.deepEqual(JSON.parse(JSON.stringify(sum)), sum, "plain counts survive a file");
});

test("a tally of one source keeps the masses by what became of them", () => {
  const given = alignedOf([{ row: { a: 0.5 } }, { row: {} }, { reason: "piecesDiffer" }]);
  given.noTargetToken.set([0.2, 0.9, 0]);
  given.merged.set([0.1, 0, 0]);
  given.boundaryCase.set([0, 2, noBoundaryCase]);
  const tally = tallyAlignment(given);
  assert.equal(tally.rows, 2);
  assert.equal(tally.emptyRows, 1);
  assert.deepEqual(tally.cases, { same: 1, longer: 0, shorter: 1, overshoot: 0 });
  assert.equal(rounded(tally.mass.noTargetToken), 1.1);
  assert.equal(rounded(tally.mass.leftOver), 1.5);
  assert.equal(rounded(tally.mass.merged), 0.1);
});
