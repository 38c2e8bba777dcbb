/**
 * The published path against an independent Python port of the released routines: test/fixtures/make_published.py.
 * The port reads no BOS, so its position k is the engine's row k + 1.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { TokenisedText } from "../../src/core/alignment/alignTokens.ts";
import { alignRows } from "../../src/core/fusion/alignRows.ts";
import { dtwAnswers } from "../../src/core/fusion/dtwAnswers.ts";
import type { Representation, SparseRows } from "../../src/core/fusion/representation.ts";
import { fuseChunk } from "../../src/core/fusion/rules.ts";
import { candidateScores, candidateWeights } from "../../src/core/fusion/scores.ts";
import { trainingWeights } from "../../src/core/fusion/trainingWeights.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";

interface Side {
  readonly family: "byteLevel" | "sentencePiece";
  readonly pieces: string[];
  readonly end: number;
  readonly ids: number[];
  /** By token the top k as [id, logit]. */
  readonly rows: [number, number][][];
}

interface Fixture {
  readonly cases: {
    readonly text: string;
    readonly topK: number;
    readonly temperature: number;
    readonly source: Side;
    readonly target: Side;
    readonly map: number[];
    readonly paired: number[][];
    readonly expected: Readonly<Record<"exact" | "minEditDistance", [number, number][][]>>;
  }[];
  readonly weights: { scores: number[]; minCE: number; avgCE: number[] }[];
  readonly distinctRewards: number;
  readonly blocks: { documents: { target: number[]; source: number[] }[]; metrics: number[] }[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../fixtures/published.json", import.meta.url), "utf8"),
);

function tokenizerOf({ family, pieces, end }: Side, name: string): TextTokenizer {
  const table = {
    size: pieces.length,
    pieces,
    bytes: pieces.map(() => undefined),
    special: new Uint8Array(pieces.length),
    idByBytes: new Map(),
    idByPiece: new Map(pieces.map((piece, id) => [piece, id])),
    bos: undefined,
    eos: end,
    unknown: undefined,
    marker: family === "byteLevel" ? "Ġ" : "▁",
  };
  const asked = (): never => assert.fail("the published path needs pieces only");
  return { name, fingerprint: name, family, table, encode: asked, encodeBare: asked };
}

function textOf(side: Side, name: string): TokenisedText {
  // Byte ends serve the gold nats alone, which the port does not have: any that end together will do.
  const ends = Int32Array.from(side.ids, (_, i) => i + 1);
  ends[ends.length - 1] = 1000;
  return { tokenizer: tokenizerOf(side, name), encoding: { ids: Int32Array.from(side.ids), ends } };
}

/** The rows as log-probabilities with a tenth of the mass left over, and some row for BOS before them. */
function representationOf({ rows, ids, end }: Side, topK: number): Representation {
  const withBos = [rows[0], ...rows];
  const labels = [...ids, end];
  const logProbs = withBos.map((row) => {
    const sum = row.reduce((total, [, logit]) => total + Math.exp(logit), 0);
    return row.map(([, logit]) => logit - Math.log(sum) + Math.log(0.9));
  });
  return {
    rows: withBos.length,
    topK,
    ids: Int32Array.from(withBos.flatMap((row) => row.map(([id]) => id))),
    logProbs: Float32Array.from(logProbs.flat()),
    leftOver: new Float32Array(withBos.length).fill(0.1),
    nats: Float32Array.from(withBos, (row, i) => {
      const slot = row.findIndex(([id]) => id === labels[i]);
      return slot < 0 ? -Math.log(0.01) : -logProbs[i][slot];
    }),
  };
}

function sorted(rows: SparseRows, row: number): [number, number][] {
  const entries: [number, number][] = [];
  for (let i = rows.offsets[row]; i < rows.offsets[row + 1]; i++)
    entries.push([rows.ids[i], rows.probs[i]]);
  return entries.sort(([a], [b]) => a - b);
}

test("the vocabulary map is the port's, token by token", () => {
  for (const given of fixture.cases) {
    const [source, target] = [
      tokenizerOf(given.source, "source"),
      tokenizerOf(given.target, "target"),
    ];
    const map = buildVocabularyMap(source, target, {
      method: "minEditDistance",
      mode: "published",
    });
    assert.deepEqual([...map.targetOf], given.map);
  }
});

test("the warping path pairs the tokens that the port's pairs", () => {
  for (const given of fixture.cases) {
    const answers = dtwAnswers(
      textOf(given.target, "target"),
      textOf(given.source, "source"),
      "published",
    );
    const expected = given.paired.map((sources) => (sources.length === 1 ? sources[0] : -1));
    assert.deepEqual([...answers.subarray(0, expected.length)], expected);
  }
});

for (const method of ["exact", "minEditDistance"] as const) {
  test(`${method}: what the target is taught at each position is what the port's collator gives`, () => {
    for (const given of fixture.cases) {
      const { topK, temperature } = given;
      const [target, source] = [textOf(given.target, "target"), textOf(given.source, "source")];
      const map = buildVocabularyMap(source.tokenizer, target.tokenizer, {
        method,
        mode: "published",
      });
      const aligned = alignRows({
        target,
        source,
        representation: representationOf(given.source, topK),
        map,
        positions: "dtw",
        mode: "published",
        temperature,
      });
      const fused = fuseChunk({
        target: { ...target, representation: representationOf(given.target, topK) },
        aligned: [aligned],
        scores: [3, 1],
        rule: "minCE",
        per: "block",
        unit: "token",
        tail: "renormalise",
        mode: "published",
        temperature,
      });
      const { rows, fusedWeight } = trainingWeights({
        rows: fused.rows,
        fallback: "currentToken",
        lambda: 0.9,
        targetIds: target.encoding.ids,
      });
      for (const [k, expected] of given.expected[method].entries()) {
        const found = sorted(rows, k + 1);
        assert.deepEqual(
          found.map(([id]) => id),
          expected.map(([id]) => id),
          `${given.text} ${k}`,
        );
        for (const [i, [, p]] of found.entries()) assert.ok(Math.abs(p - expected[i][1]) < 1e-5);
        assert.ok(Math.abs(fusedWeight[k + 1] - 0.1) < 1e-6);
      }
    }
  });
}

test("MinCE and AvgCE weigh as the port's bfloat16 rewards", () => {
  for (const { scores, minCE, avgCE } of fixture.weights) {
    const winner = candidateWeights(scores, { rule: "minCE", mode: "published" }).indexOf(1);
    assert.equal(winner, minCE, scores.join(" "));
    assert.deepEqual([...candidateWeights(scores, { rule: "avgCE", mode: "published" })], avgCE);
  }
});

test("rewards are as coarse as the port's: 94 values for a thousand losses from 1.5 to 2.5", () => {
  const distinct = new Set<number>();
  let last = 1.5;
  for (let i = 0; i < 1000; i++) {
    const score = 1.5 + i / 1000;
    // The first of equal rewards wins: where the lower loss does, this one has a reward of its own.
    if (candidateWeights([score, last], { rule: "minCE", mode: "published" })[1] === 1)
      last = score;
    distinct.add(last);
  }
  assert.equal(distinct.size, fixture.distinctRewards);
});

test("a block's score is the port's mean over its documents by target length", () => {
  const read = (nats: number[]) => ({ rows: nats.length, nats: Float32Array.from(nats) });
  for (const { documents, metrics } of fixture.blocks) {
    const chunks = documents.map(({ target, source }) => ({
      bytes: 1,
      candidates: [read(target), read(source)],
    }));
    const scores = candidateScores(chunks, "token");
    metrics.forEach((metric, m) => {
      assert.ok(Math.abs(scores[m] - metric) < 1e-5);
    });
  }
});
