import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { markAt, pictureOf } from "../../webview/distributions/marks.ts";
import {
  fractionOf,
  quantile,
  scaleOf,
  stepOf,
  subjectsOf,
  valuesOf,
} from "../../webview/distributions/measures.ts";
import { columnOf, layOverview } from "../../webview/distributions/overviewGeometry.ts";
import { placesOf, positionOfByte, worstPosition } from "../../webview/distributions/places.ts";
import { candidateSentence, positionSentence } from "../../webview/distributions/sentences.ts";
import {
  layStrip,
  lineOf,
  linesWithin,
  neighbourLine,
  tokenAt,
} from "../../webview/distributions/stripGeometry.ts";
import { nextStop, stopsOf } from "../../webview/distributions/walks.ts";

const none = Number.NaN;

/**
 * Five positions of T, A and B. At 1 B has no row, at 2 neither source has one and nothing is fused, at 3 the fused
 * loss is a bound; 4 is the end of the text.
 */
const figures: DocumentFigures = {
  text: "one two",
  families: ["byteLevel", "byteLevel", "byteLevel"],
  positions: 5,
  tokens: ["on", "e", "Ġt", "wo", "</s>"],
  ids: Int32Array.of(5, 6, 7, 8, 2),
  byteStarts: Int32Array.of(0, 2, 3, 5, 7),
  byteEnds: Int32Array.of(2, 3, 5, 7, 7),
  chunks: new Int32Array(5),
  bits: Float32Array.of(2, 1, 3, 4, 0.5, none, 6, none, none, 5, 3, 2, 1, 1, 1),
  fusedBits: Float32Array.of(1, 0.5, none, 4.25, 1),
  fusedBound: Uint8Array.of(0, 0, 0, 1, 0),
  entropy: new Float32Array(15).fill(1),
  fusedEntropy: new Float32Array(5).fill(1),
  weights: new Float32Array(15).map((_, i) => (i % 3 === 1 ? 1 : 0)),
  lost: Float32Array.of(0, 0.02, 0.3, 0, 0.04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  leftOver: new Float32Array(15),
  reasons: Uint8Array.of(0, 0, 0, 0, 0, 4, 0, 4, 2, 0, 0, 0, 0, 0, 0),
  summary: {
    models: [0, 1, 2].map(() => ({ bitsPerByte: 1, positions: 2, bytes: 4 })),
    fused: { bitsPerByte: 1, atLeast: true, positions: 3, of: 4 },
    weights: [0, 1, 0],
    fallbacks: [{ noSharedBoundary: 1 }, { noSharedBoundary: 1, notOneToOne: 1 }],
  },
  approximate: false,
  warnings: [],
};
const places = placesOf(figures);
const letters = ["T", "A", "B"];

describe("places", () => {
  test("name the best model at each token, the first of equals", () => {
    assert.deepEqual([...places.best], [1, 1, 0, 2, 0]);
  });

  test("count where some and where all sources lack a row", () => {
    assert.deepEqual(places.missing, ["none", "some", "all", "none", "none"]);
    assert.deepEqual([places.skip, places.noSource], [2, 1]);
  });

  test("begin where the target is surprised most", () => {
    assert.equal(worstPosition(figures), 2);
    const first = { ...figures, bits: figures.bits.map((own, i) => (i === 0 ? none : own)) };
    assert.equal(worstPosition(first), 2);
  });

  for (const [byte, position] of [
    [0, 0],
    [2, 1],
    [4, 2],
    [6, 3],
    [7, 4],
    [99, 4],
  ]) {
    test(`find the token of byte ${byte} at ${position}`, () => {
      assert.equal(positionOfByte(figures, byte), position);
    });
  }
});

describe("walks", () => {
  test("go to fall-backs and to disagreements in the order of the text, to losses by height", () => {
    assert.deepEqual([...stopsOf(figures, places, "fallback")], [1, 2]);
    assert.deepEqual([...stopsOf(figures, places, "disagree")], [0, 1]);
    assert.deepEqual([...stopsOf(figures, places, "loss")], [2, 3, 1, 0, 4]);
  });

  test("go on from places that are no stop, and round the ends", () => {
    const stops = Int32Array.of(3, 8, 20);
    assert.equal(nextStop(stops, 5, 1), 1);
    assert.equal(nextStop(stops, 5, -1), 0);
    assert.equal(nextStop(stops, 8, 1), 2);
    assert.equal(nextStop(stops, 20, 1), 0);
    assert.equal(nextStop(stops, 25, 1), 0);
    assert.equal(nextStop(stops, 0, -1), 2);
    assert.equal(nextStop(new Int32Array(0), 0, 1), -1);
  });
});

describe("measures", () => {
  test("take the column of their subject", () => {
    assert.deepEqual([...valuesOf(figures, "crossEntropy", 1)], [1, 0.5, none, 3, 1]);
    assert.deepEqual([...valuesOf(figures, "gain", "fused")], [-1, -3.5, none, -0.75, 0]);
    assert.deepEqual([...valuesOf(figures, "weight", 1)], [1, 1, 1, 1, 1]);
  });

  test("have no lost mass where there is no row", () => {
    const lost = valuesOf(figures, "lost", 2);
    assert.ok(Number.isNaN(lost[1]) && Number.isNaN(lost[2]));
    assert.ok(Math.abs(lost[0] - 0.3) < 1e-6);
  });

  test("offer no subject that they cannot show", () => {
    assert.deepEqual(subjectsOf("lost", 3), [1, 2]);
    assert.deepEqual(subjectsOf("weight", 3), [0, 1, 2]);
    assert.deepEqual(subjectsOf("gain", 3), ["fused"]);
  });

  test("end their scales at a round figure that few exceed, and say so", () => {
    const scale = scaleOf(figures, "crossEntropy");
    assert.deepEqual(scale, { kind: "sequential", end: 6, open: false, unit: "bits" });
    const steep = { ...figures, fusedBits: Float32Array.of(40, 1, 1, 1, 1) };
    const many = { ...steep, bits: new Float32Array(15 * 10).fill(1), positions: 50 };
    assert.equal(scaleOf(many, "crossEntropy").open, true);
  });

  test("go both ways from zero for gain only", () => {
    const gain = scaleOf(figures, "gain");
    assert.equal(gain.kind, "diverging");
    assert.equal(fractionOf(gain, -gain.end * 2), -1);
    assert.equal(fractionOf(gain, 0), 0);
    assert.equal(fractionOf(scaleOf(figures, "weight"), 0.5), 0.5);
  });

  for (const [fraction, step] of [
    [0, 0],
    [0.01, 1],
    [0.25, 1],
    [0.26, 2],
    [1, 4],
    [-0.6, -3],
    [none, 0],
  ]) {
    test(`draw ${fraction} as step ${step} in high contrast`, () => {
      assert.equal(stepOf(fraction), step);
    });
  }

  test("leave NaN out of quantiles", () => {
    assert.equal(quantile(Float32Array.of(none, 3, 1, 2), 0.5), 2);
    assert.equal(quantile(new Float32Array(0), 0.5), 0);
  });
});

describe("marks", () => {
  const picture = pictureOf(figures, places, letters, "crossEntropy", "fused");

  test("say letter, sign and whether the figure is only a bound", () => {
    const marks = [0, 1, 2, 3].map((i) => markAt(picture, i));
    assert.deepEqual(
      marks.map(({ letter, sign, isOpen }) => `${letter}${sign}${isOpen ? " open" : ""}`),
      ["A", "A°", "T∅", "B open"],
    );
    assert.ok(Number.isNaN(marks[2].value));
  });

  test("never call a model's own loss a bound", () => {
    const ofA = pictureOf(figures, places, letters, "crossEntropy", 1);
    assert.equal(markAt(ofA, 3).isOpen, false);
    const gain = pictureOf(figures, places, letters, "gain", "fused");
    assert.equal(markAt(gain, 3).isOpen, true);
  });
});

describe("the status line", () => {
  test("says fused, models and who has no row, with the reason", () => {
    assert.equal(
      positionSentence(figures, 1, "e", letters),
      '"e": fused 0.71 (0.50 bits); A 0.71, T 0.063; B has no row here: no shared boundary',
    );
  });

  test("says a bound as a bound and a missing row as missing", () => {
    assert.match(
      positionSentence(figures, 3, "wo", letters),
      /fused at most 0\.053 \(≥ 4\.25 bits\)/,
    );
    assert.match(positionSentence(figures, 2, "·t", letters), /no fused row/);
  });

  test("marks what is approximate", () => {
    const text = positionSentence({ ...figures, approximate: true }, 0, "on", letters);
    assert.match(text, /≈ fused 0\.50/);
  });

  test("says of a candidate whose pieces it comes from", () => {
    const own = { id: 9, piece: "Ġship", p: 0.07, to: { id: 3, piece: "▁sh" }, becomes: "kept" };
    const sentence = candidateSentence(
      {
        id: 3,
        piece: "▁sh",
        isTrue: false,
        place: 1,
        rank: 2,
        cells: [null, { p: 0.07, own: [own] }, null],
        fused: 0.07,
        taught: 0.007,
      },
      1,
      14,
      { columns: letters.map((letter) => ({ letter })) } as never,
      (_, piece) => piece.replace(/[Ġ▁]/, "·"),
    );
    assert.equal(
      sentence,
      'candidate "·sh", 2 of 14: fused 0.070, taught 0.0070; A 0.070 from "·ship"',
    );
  });
});

describe("the strip's geometry", () => {
  const widths = Float32Array.of(30, 40, 50, 200, 20, 20);
  const geometry = layStrip(widths, { width: 100, gap: 2, lineHeight: 50 });

  test("wraps like a paragraph, and cuts what is wider than a line", () => {
    assert.deepEqual([...geometry.lineStarts], [0, 2, 3, 4, 6]);
    assert.deepEqual([...geometry.lefts], [0, 32, 0, 0, 0, 22]);
    assert.equal(geometry.widths[3], 100);
    assert.equal(geometry.height, 200);
  });

  test("finds lines and tokens again", () => {
    for (let i = 0; i < widths.length; i++) {
      const line = lineOf(geometry, i);
      assert.ok(geometry.lineStarts[line] <= i && i < geometry.lineStarts[line + 1]);
      assert.equal(tokenAt(geometry, geometry.lefts[i] + 1, line * 50 + 10), i);
    }
    assert.equal(tokenAt(geometry, 31, 10), -1);
    assert.equal(tokenAt(geometry, 5, 999), -1);
  });

  test("goes to the nearest token of another line", () => {
    assert.equal(neighbourLine(geometry, 1, 1), 2);
    assert.equal(neighbourLine(geometry, 3, 1), 5);
    assert.equal(neighbourLine(geometry, 0, -1), 0);
  });

  test("shows the lines that a window touches", () => {
    assert.deepEqual(linesWithin(geometry, 60, 50), { first: 1, end: 3 });
    assert.deepEqual(linesWithin(geometry, -50, 60), { first: 0, end: 1 });
  });

  test("leaves nothing out and overlaps nothing, whatever the widths", () => {
    const random = createRandom(4);
    const many = Float32Array.from({ length: 800 }, () => 5 + 120 * random.next());
    const laid = layStrip(many, { width: 420, gap: 2, lineHeight: 50 });
    for (let i = 1; i < many.length; i++) {
      const sameLine = lineOf(laid, i) === lineOf(laid, i - 1);
      const end = laid.lefts[i - 1] + laid.widths[i - 1];
      assert.ok(sameLine ? laid.lefts[i] >= end : laid.lefts[i] === 0);
      assert.ok(laid.lefts[i] + laid.widths[i] <= 420);
    }
  });

  test("of no tokens has no lines", () => {
    const empty = layStrip(new Float32Array(0), { width: 100, gap: 2, lineHeight: 50 });
    assert.deepEqual([empty.lines, empty.height, empty.lineStarts.length], [0, 0, 1]);
  });
});

describe("the overview", () => {
  test("keeps the highest figure and the mean of every column, and loses no position", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 617 ? 9 : i % 2));
    const laid = layOverview(values, (i) => i === 3, 100);
    assert.equal(laid.columns, 100);
    assert.deepEqual([laid.starts[0], laid.starts[100]], [0, 1000]);
    const column = columnOf(laid, 617);
    assert.ok(laid.starts[column] <= 617 && 617 < laid.starts[column + 1]);
    assert.equal(laid.highest[column], 9);
    assert.ok(Math.abs(laid.means[10] - 0.5) < 1e-6);
    assert.deepEqual([laid.marked[0], laid.marked[1]], [1, 0]);
  });

  test("takes the furthest from zero where figures go both ways, and has gaps where there are none", () => {
    const laid = layOverview(Float32Array.of(1, -3, none, none), () => false, 2);
    assert.equal(laid.highest[0], -3);
    assert.equal(laid.means[0], -1);
    assert.ok(Number.isNaN(laid.highest[1]));
  });

  test("has no more columns than positions", () => {
    assert.equal(layOverview(Float32Array.of(1, 2), () => false, 300).columns, 2);
  });
});
