/** Geometry of the alignment view: the matrix's places, the path and the groups in it, the overview, what is chosen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pair } from "../../webview/alignment/alignedText.ts";
import { differenceAt, differences, nextDifference } from "../../webview/alignment/differences.ts";
import { axisOf } from "../../webview/alignment/geometry/axes.ts";
import {
  cellAt,
  clamped,
  fitted,
  pyramidLevel,
  revealing,
  tilesOf,
  visibleCells,
  zoomedAt,
  zoomedTo,
} from "../../webview/alignment/geometry/matrix.ts";
import {
  overviewMarks,
  overviewToken,
  overviewX,
} from "../../webview/alignment/geometry/overview.ts";
import {
  groupOfTarget,
  groupsInRange,
  isOnPath,
  nearestOnPath,
  pathInRange,
  stepTo,
} from "../../webview/alignment/geometry/path.ts";
import {
  alongPath,
  cellOfByte,
  cellOfSource,
  movedCell,
} from "../../webview/alignment/selection.ts";
import {
  type TokenTrack,
  tokenAt,
  tokensBefore,
  tokensIn,
} from "../../webview/alignment/tokenTrack.ts";

const frame = { rows: 400, columns: 800, width: 600, height: 400 };
const everything = { row0: 0, row1: 99, column0: 0, column1: 99 };

function track(ends: readonly number[], letter = "T"): TokenTrack {
  const count = ends.length;
  return {
    letter,
    name: letter,
    pieces: Array.from({ length: count }, (_, i) => `${letter}${i}`),
    ids: Int32Array.from({ length: count }, (_, i) => i),
    ends: Int32Array.from(ends),
    from: 0,
    first: 0,
  };
}

// Source: the | cat | s ;  target: the | ca | ts. The path takes the diagonal.
const pair: Pair = {
  source: track([3, 6, 7], "A"),
  target: track([3, 5, 7]),
  dtw: {
    path: Int32Array.of(0, 0, 1, 1, 2, 2),
    cost: 2,
    answers: Int32Array.of(0, 1, 2),
    offText: Uint8Array.of(0, 0, 0),
    equalPieces: 1,
  },
  warpProblem: undefined,
  groups: Int32Array.of(0, 1, 0, 1, 1, 3, 1, 3),
  bytes: Int32Array.of(0, -1, 2),
  outcome: Uint8Array.of(0, 1, 0),
};

test("the whole matrix fits the pane with square cells, and small ones are not blown up", () => {
  assert.deepEqual(fitted(frame), { k: 0.75, x: 0, y: 0 });
  assert.equal(fitted({ ...frame, rows: 3, columns: 2 }).k, 28);
});

test("zooming keeps the cell under the pointer, and panning stops at the matrix's edges", () => {
  const place = zoomedAt(frame, fitted(frame), 8, 300, 200);
  assert.equal(place.k, 6);
  assert.deepEqual(cellAt(frame, place, 300, 200), cellAt(frame, fitted(frame), 300, 200));
  assert.deepEqual(clamped(frame, { k: 6, x: 50, y: -99999 }), { k: 6, x: 0, y: 400 - 2400 });
  assert.equal(zoomedAt(frame, place, 1e-9, 0, 0).k, 0.75);
});

test("a point is hit where the cell stands, and nothing outside the matrix or the pane", () => {
  const place = { k: 10, x: -25, y: -5 };
  assert.deepEqual(cellAt(frame, place, 0, 0), { row: 0, column: 2 });
  assert.deepEqual(cellAt(frame, place, 4.9, 4.9), { row: 0, column: 2 });
  assert.deepEqual(cellAt(frame, place, 5, 5), { row: 1, column: 3 });
  assert.equal(cellAt({ ...frame, rows: 1 }, place, 0, 6), undefined);
  assert.equal(cellAt(frame, place, 600, 6), undefined);
  assert.deepEqual(visibleCells(frame, place), { row0: 0, row1: 41, column0: 2, column1: 63 });
});

test("a cell out of sight is brought in by the least movement, one in sight moves nothing", () => {
  const place = { k: 10, x: 0, y: 0 };
  assert.deepEqual(revealing(frame, place, { row: 10, column: 10 }), place);
  const moved = revealing(frame, place, { row: 10, column: 100 });
  assert.equal(moved.y, 0);
  assert.equal(moved.x, 600 - 30 - 1010);
});

test("zooming to a group puts it in the middle of the pane", () => {
  const place = zoomedTo(frame, { from: 100, to: 102 }, { from: 200, to: 201 });
  assert.deepEqual(cellAt(frame, place, 300, 200), { row: 101, column: 200 });
  assert.equal(place.k, 64);
});

test("a level of the pyramid has squares of at least a pixel, and less than two", () => {
  assert.equal(pyramidLevel(3), 0);
  assert.equal(pyramidLevel(1), 0);
  for (const k of [0.99, 0.5, 0.3, 0.12, 0.01]) {
    const side = k * 2 ** pyramidLevel(k);
    assert.ok(side >= 1 - 1e-6 && side < 2, `${k}: ${side}`);
  }
  assert.equal(tilesOf({ row0: 0, row1: 400, column0: 0, column1: 800 }, 0).length, 2 * 4);
  assert.equal(tilesOf({ row0: 256, row1: 257, column0: 300, column1: 512 }, 0).length, 1);
});

test("what of a path is in sight comes with one point before and after", () => {
  const path = Int32Array.from({ length: 200 }, (_, i) => i >> 1);
  const range = { row0: 10, row1: 20, column0: 0, column1: 100 };
  assert.deepEqual(pathInRange(path, range), { from: 9, to: 21 });
  assert.deepEqual(pathInRange(path, { ...range, row0: 0, row1: 200 }), { from: 0, to: 100 });
  assert.equal(nearestOnPath(path, { row: 50, column: 52 }), 51);
  assert.ok(isOnPath(path, { row: 7, column: 7 }) && !isOnPath(path, { row: 7, column: 8 }));
});

test("steps of a path are named by what went on", () => {
  const path = Int32Array.of(0, 0, 1, 1, 2, 1, 2, 2);
  const steps = [0, 1, 2, 3].map((i) => stepTo(path, i));
  assert.deepEqual(steps, ["first", "diagonal", "source only", "target only"]);
});

test("groups of one by one are not drawn, others where they meet what is in sight", () => {
  const group = { row0: 1, row1: 3, column0: 1, column1: 3 };
  assert.deepEqual(groupsInRange(pair.groups, everything), [group]);
  assert.deepEqual(groupsInRange(pair.groups, { ...everything, row1: 1 }), []);
  assert.deepEqual(groupOfTarget(pair.groups, 2), group);
  assert.equal(groupOfTarget(pair.groups, 3), undefined);
});

test("the overview shows the most remarkable outcome of each pixel", () => {
  const outcome = new Uint8Array(100);
  outcome[0] = 1;
  outcome[1] = 3;
  outcome[99] = 4;
  assert.deepEqual(overviewMarks(outcome, 10), [
    { x: 0, outcome: "other" },
    { x: 9, outcome: "neither" },
  ]);
  assert.equal(overviewToken(overviewX(57, 100, 500) + 0.5, 100, 500), 57);
});

test("axes name every token where there is room, else round numbers of the whole text", () => {
  assert.deepEqual(axisOf({ from: 2, to: 4 }, 20, -30, 0), {
    kind: "labels",
    entries: [
      { index: 2, at: 20 },
      { index: 3, at: 40 },
    ],
  });
  const part = axisOf({ from: 0, to: 100 }, 4, 0, 1030);
  assert.equal(part.kind, "numbers");
  assert.ok(part.entries.every(({ index }) => (index + 1030) % 20 === 0));
});

test("n and p walk the differences and go round at the ends", () => {
  const places = differences({ ...pair, outcome: Uint8Array.of(1, 0, 4, 2, 3) });
  assert.deepEqual(Array.from(places), [0, 3, 4]);
  assert.equal(nextDifference(places, 0, 1), 1);
  assert.equal(nextDifference(places, 2, -1), 0);
  assert.equal(nextDifference(places, 4, 1), 0);
  assert.equal(nextDifference(places, 0, -1), 2);
  assert.equal(differenceAt(places, 3), 1);
  assert.equal(differenceAt(places, 2), -1);
  assert.equal(nextDifference(new Int32Array(0), 0, 1), -1);
});

test("a place in the text, a source token and a move all come to a cell", () => {
  assert.deepEqual(cellOfByte(pair, 4), { row: 1, column: 1 });
  assert.deepEqual(cellOfByte(pair, 999), { row: 2, column: 2 });
  assert.deepEqual(cellOfSource({ ...pair, dtw: undefined }, 2), { row: 2, column: 2 });
  assert.deepEqual(movedCell(pair, { row: 1, column: 1 }, 10, -10), { row: 0, column: 2 });
  assert.deepEqual(alongPath(pair.dtw!.path, { row: 0, column: 2 }, 1), { row: 2, column: 2 });
});

test("tokens are found by byte, and a part of a text knows how many tokens come before it", () => {
  const whole = track([0, 3, 3, 5, 9]);
  assert.deepEqual(
    [0, 2, 3, 8, 50].map((byte) => tokenAt(whole, byte)),
    [1, 1, 3, 4, 4],
  );
  assert.deepEqual(tokensIn(whole, { from: 4, to: 6 }), { from: 3, to: 5 });
  assert.equal(tokensBefore(whole.ends, Int32Array.of(5, 9)), 3);
  assert.equal(tokensBefore(whole.ends, Int32Array.of(3, 5)), 2);
});
