/**
 * Detours and tiles of the cumulative matrix against every path there is, one by one: on squares small enough
 * that all can be walked, with costs that make few ties, many, or nothing but ties.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accumulate } from "../../src/core/alignment/accumulation.ts";
import { cumulativeTile } from "../../src/core/alignment/cumulativeTile.ts";
import { detourBand } from "../../src/core/alignment/detour.ts";
import { dtw, dtwMatrix } from "../../src/core/alignment/dtw.ts";
import { createRandom } from "../../src/core/random.ts";
import type { DetourBand } from "../../src/protocol/alignedPair.ts";

type Costs = readonly (readonly number[])[];

/** Walks every path and notes for each cell the cheapest that passes through it. */
function cheapestThrough(costs: Costs): number[][] {
  const [rows, columns] = [costs.length, costs[0].length];
  const best = costs.map((row) => row.map(() => Number.POSITIVE_INFINITY));
  const cells: [number, number][] = [];
  const walk = (i: number, j: number, sum: number): void => {
    const here = sum + costs[i][j];
    cells.push([i, j]);
    if (i === rows - 1 && j === columns - 1) {
      for (const [r, c] of cells) best[r][c] = Math.min(best[r][c], here);
    } else {
      if (i + 1 < rows) walk(i + 1, j, here);
      if (j + 1 < columns) walk(i, j + 1, here);
      if (i + 1 < rows && j + 1 < columns) walk(i + 1, j + 1, here);
    }
    cells.pop();
  };
  walk(0, 0, 0);
  return best;
}

function randomCosts(rows: number, columns: number, most: number, seed: number): Costs {
  const random = createRandom(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => random.integer(most + 1)),
  );
}

const sumsOf = (costs: Costs) => accumulate(costs.length, costs[0].length, (i, j) => costs[i][j]);

/** The band as a whole matrix: 255 where it holds nothing. */
function unpacked(band: DetourBand): number[][] {
  assert.equal(band.kind, "fine");
  if (band.kind !== "fine") throw new Error("unreachable");
  return Array.from({ length: band.rows }, (_, i) => {
    const row = new Array<number>(band.columns).fill(255);
    for (let k = band.offsets[i]; k < band.offsets[i + 1]; k++)
      row[band.first[i] + k - band.offsets[i]] = band.cells[k];
    return row;
  });
}

describe("a detour", () => {
  test("is the cheapest path through the cell less the cheapest of all, on every path there is", () => {
    for (let round = 0; round < 120; round++) {
      const [rows, columns] = [1 + (round % 6), 1 + ((round * 5) % 7)];
      const costs = randomCosts(rows, columns, [0, 1, 3, 40][round % 4], round);
      const through = cheapestThrough(costs);
      const least = through[0][0];
      for (const cap of [0, 2, 12, 254]) {
        const expected = through.map((row) =>
          row.map((cost) => (cost - least <= cap ? cost - least : 255)),
        );
        const band = detourBand(sumsOf(costs), { cap, mostBytes: 10_000 });
        assert.deepEqual(unpacked(band), expected, `round ${round}, cap ${cap}`);
        assert.deepEqual([band.rows, band.columns, band.cap], [rows, columns, cap]);
      }
    }
  });

  test("is 0 on the path that is taken, whichever way ties go, and a row is no wider than it must be", () => {
    for (let round = 0; round < 20; round++) {
      const costs = randomCosts(60 + round, 83, 2, 500 + round);
      const sums = sumsOf(costs);
      const band = detourBand(sums, { cap: 4, mostBytes: 1e6 });
      const cells = unpacked(band);
      for (const tieOrder of ["published", "fuseChat2"] as const) {
        const { path } = dtw(sums.rows, sums.columns, sums.cost, { tieOrder });
        for (let k = 0; k < path.length; k += 2) assert.equal(cells[path[k]][path[k + 1]], 0);
      }
      assert.ok(band.kind === "fine");
      for (let i = 0; i < band.rows; i++) {
        const [start, end] = [band.offsets[i], band.offsets[i + 1]];
        assert.ok(end > start && band.cells[start] <= 4 && band.cells[end - 1] <= 4);
      }
    }
  });

  test("keeps whole numbers exact beyond single precision", () => {
    const [rows, columns] = [700, 600];
    const sums = accumulate(rows, columns, (i, j) => 60_000 + ((i * 7 + j * 13) % 5));
    const band = detourBand(sums, { cap: 254, mostBytes: 4_000_000 });
    assert.ok(dtw(rows, columns, sums.cost).cost > 2 ** 24);
    const { path } = dtw(rows, columns, sums.cost);
    const cells = unpacked(band);
    for (let k = 0; k < path.length; k += 2) assert.equal(cells[path[k]][path[k + 1]], 0);
  });

  test("is given as the least of each square where the band does not fit", () => {
    const nothing = accumulate(90, 70, () => 0);
    const all = detourBand(nothing, { cap: 12, mostBytes: 90 * 70 + 8 * 91 });
    assert.equal(all.kind, "fine");
    for (const [costs, mostBytes] of [
      [nothing, 2000],
      [sumsOf(randomCosts(90, 70, 3, 9)), 1200],
    ] as const) {
      const whole = unpacked(detourBand(costs, { cap: 12, mostBytes: 1e6 }));
      const band = detourBand(costs, { cap: 12, mostBytes });
      assert.ok(band.kind === "coarse");
      assert.ok(band.cells.byteLength <= mostBytes);
      const across = Math.ceil(70 / band.square);
      assert.equal(band.cells.length, Math.ceil(90 / band.square) * across);
      for (const [k, cell] of band.cells.entries()) {
        const [top, left]: readonly number[] = [
          Math.floor(k / across) * band.square,
          (k % across) * band.square,
        ];
        const square: number[] = whole
          .slice(top, top + band.square)
          .flatMap((row) => row.slice(left, left + band.square));
        assert.equal(cell, Math.min(...square));
      }
    }
  });

  test("of a side without tokens is an empty band", () => {
    for (const [rows, columns] of [
      [0, 5],
      [3, 0],
      [0, 0],
    ]) {
      const band = detourBand(
        accumulate(rows, columns, () => 1),
        { cap: 12, mostBytes: 1000 },
      );
      assert.deepEqual([band.rows, band.columns, band.cells.length], [rows, columns, 0]);
    }
  });
});

describe("a tile of the cumulative matrix", () => {
  test("is the whole matrix, thinned out and cut to its edges", () => {
    const [rows, columns] = [53, 47];
    const costs = randomCosts(rows, columns, 6, 3);
    const whole = dtwMatrix(rows, columns, (i, j) => costs[i][j]);
    const sums = sumsOf(costs);
    const tiles = [
      { row: 0, column: 0, rows, columns, step: 1 },
      { row: 13, column: 9, rows: 20, columns: 11, step: 1 },
      { row: 8, column: 0, rows: 41, columns: 47, step: 4 },
      { row: 50, column: 40, rows: 64, columns: 64, step: 2 },
      { row: 60, column: 0, rows: 4, columns: 4, step: 1 },
    ];
    for (const tile of tiles) {
      const got = cumulativeTile(sums, tile);
      const expected: number[] = [];
      for (let i = tile.row; i < Math.min(rows, tile.row + tile.rows); i += tile.step)
        for (let j = tile.column; j < Math.min(columns, tile.column + tile.columns); j += tile.step)
          expected.push(whole[i * columns + j]);
      assert.deepEqual(Array.from(got.cells), expected);
      assert.equal(
        got.cells.length,
        Math.ceil(got.rows / got.step) * Math.ceil(got.columns / got.step),
      );
    }
  });

  test("is the cheapest of all paths to its cell", () => {
    const costs = randomCosts(5, 6, 9, 21);
    const { cells } = cumulativeTile(sumsOf(costs), {
      row: 0,
      column: 0,
      rows: 5,
      columns: 6,
      step: 1,
    });
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 6; j++) {
        const part = costs.slice(0, i + 1).map((row) => row.slice(0, j + 1));
        assert.equal(cells[i * 6 + j], cheapestThrough(part)[0][0]);
      }
  });
});
