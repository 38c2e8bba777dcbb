/** What the matrix's cells are worth, and the stops they fall into. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dtwMatrix } from "../../src/core/alignment/dtw.ts";
import { pairCost, pieceCosts } from "../../src/core/alignment/pieceCosts.ts";
import { createRandom } from "../../src/core/random.ts";
import type { DetourBand } from "../../src/protocol/alignmentView.ts";
import { costScale, stopOf, stopTable, stopText } from "../../webview/alignment/costScale.ts";
import {
  beyondCap,
  detourAt,
  detourTile,
  localCost,
  localTile,
  tileSide,
} from "../../webview/alignment/matrixLayers.ts";

const random = createRandom(11);
const words = Array.from({ length: 40 }, () =>
  "abcdefg".slice(random.integer(4), 3 + random.integer(5)),
);
const someWords = (count: number) => Array.from({ length: count }, () => words[random.integer(40)]);
const costs = pieceCosts(someWords(300), someWords(310));
const [rows, columns] = [300, 310];

/** Detours worked out from the whole matrices, there and back. */
function wholeDetours(): Float64Array {
  const cost = pairCost(costs);
  const there = dtwMatrix(rows, columns, cost);
  const back = dtwMatrix(rows, columns, (i, j) => cost(rows - 1 - i, columns - 1 - j)).reverse();
  const best = there[there.length - 1];
  return Float64Array.from(there, (value, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return value + back[at] - cost(i, j) - best;
  });
}

function fineBand(detours: Float64Array, cap: number): DetourBand {
  const first = new Int32Array(rows);
  const offsets = [0];
  const cells: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = Array.from(detours.subarray(i * columns, (i + 1) * columns));
    const within = row.map((value) => value <= cap);
    first[i] = Math.max(0, within.indexOf(true));
    for (let j = first[i]; j <= within.lastIndexOf(true); j++) cells.push(within[j] ? row[j] : 255);
    offsets.push(cells.length);
  }
  const arrays = { first, offsets: Int32Array.from(offsets), cells: Uint8Array.from(cells) };
  return { rows, columns, cap, kind: "fine", ...arrays };
}

const detours = wholeDetours();
const fine = fineBand(detours, 12);

test("a band answers for every cell, with nothing where the detour is above the cap", () => {
  for (let at = 0; at < detours.length; at++) {
    const expected = detours[at] <= 12 ? detours[at] : undefined;
    assert.equal(detourAt(fine, Math.floor(at / columns), at % columns), expected);
  }
});

for (const level of [0, 1, 3])
  test(`a square of ${2 ** level} cells a side is worth the least of them, local and detour`, () => {
    for (const place of [
      { level, row: 0, column: 0 },
      { level, row: level === 0 ? 1 : 0, column: level === 0 ? 1 : 0 },
    ]) {
      const least = (value: (i: number, j: number) => number): number[] => {
        const tile = new Array<number>(tileSide * tileSide).fill(beyondCap);
        const start = tileSide * 2 ** level;
        for (let i = place.row * start; i < Math.min(rows, (place.row + 1) * start); i++)
          for (
            let j = place.column * start;
            j < Math.min(columns, (place.column + 1) * start);
            j++
          ) {
            const at = ((i % start) >> level) * tileSide + ((j % start) >> level);
            tile[at] = Math.min(tile[at], value(i, j));
          }
        return tile;
      };
      const detour = (i: number, j: number): number =>
        detours[i * columns + j] <= 12 ? detours[i * columns + j] : beyondCap;
      assert.deepEqual(Array.from(detourTile(fine, place)), least(detour));
      assert.deepEqual(
        Array.from(localTile(costs, place)),
        least((i, j) => localCost(costs, i, j)),
      );
    }
  });

test("a coarse band gives every square it covers its least detour", () => {
  const square = 3;
  const across = Math.ceil(columns / square);
  const cells = new Uint8Array(across * Math.ceil(rows / square)).fill(255);
  for (let at = 0; at < detours.length; at++) {
    if (detours[at] > 12) continue;
    const to =
      Math.floor(Math.floor(at / columns) / square) * across + Math.floor((at % columns) / square);
    cells[to] = Math.min(cells[to], detours[at]);
  }
  const band: DetourBand = { rows, columns, cap: 12, kind: "coarse", square, cells };
  const tile = detourTile(band, { level: 0, row: 0, column: 1 });
  for (const [i, j] of [
    [0, 256],
    [7, 258],
    [200, 309],
    [255, 300],
  ] as const) {
    const value = cells[Math.floor(i / square) * across + Math.floor(j / square)];
    assert.equal(tile[i * tileSide + j - 256], value === 255 ? beyondCap : value);
  }
  const half = detourTile(band, { level: 2, row: 0, column: 0 });
  for (let at = 0; at < detours.length; at++) {
    const [i, j] = [Math.floor(at / columns), at % columns];
    if (detours[at] <= 12) assert.ok(half[(i >> 2) * tileSide + (j >> 2)] <= detours[at]);
  }
});

test("the scale stops at 12 edits, its last stop is the background, its first the full hue", () => {
  const scale = costScale("detour", 500, "all");
  assert.equal(scale.stops.length, 13);
  assert.deepEqual(
    [stopOf(scale, 0), stopOf(scale, 5), stopOf(scale, 12), stopOf(scale, 9999)],
    [0, 5, 12, 12],
  );
  assert.deepEqual([scale.stops[0].strength, scale.stops[12].strength], [1, 0]);
  assert.deepEqual([scale.stops[0], scale.stops[12]].map(stopText), ["0", "12+"]);
});

test("high contrast has four steps, and cumulative costs are measured by the whole path", () => {
  const few = costScale("local", 500, "few");
  assert.deepEqual(few.stops.map(stopText), ["0", "1–3", "4–11", "12+"]);
  const cumulative = costScale("cumulative", 408, "all");
  assert.deepEqual(
    [stopText(cumulative.stops[0]), stopText(cumulative.stops[12])],
    ["0–33", "408+"],
  );
  for (const scale of [few, cumulative])
    assert.deepEqual(
      Array.from(stopTable(scale)),
      Array.from({ length: stopTable(scale).length }, (_, value) => stopOf(scale, value)),
    );
});
