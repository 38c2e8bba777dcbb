/**
 * DTW against a plain implementation of the published description (whole padded matrix, first minimum of the
 * predecessors in the published order), and its cost against the cheapest of all paths there are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dtw, dtwMatrix, type TieOrder, targetToSource } from "../../src/core/alignment/dtw.ts";
import { createRandom } from "../../src/core/random.ts";

type Costs = readonly (readonly number[])[];

function plain(costs: Costs, tieOrder: TieOrder): { path: number[][]; cost: number; sums: Costs } {
  const [n, m] = [costs.length, costs[0].length];
  const sums = Array.from({ length: n + 1 }, () => new Array<number>(m + 1).fill(Infinity));
  sums[0][0] = 0;
  for (let i = 1; i <= n; i++)
    for (let j = 1; j <= m; j++)
      sums[i][j] =
        costs[i - 1][j - 1] + Math.min(sums[i - 1][j], sums[i][j - 1], sums[i - 1][j - 1]);
  const path: number[][] = [];
  let [i, j] = [n - 1, m - 1];
  while (i > 0 || j > 0) {
    path.unshift([i, j]);
    const diagonal = [i - 1, j - 1];
    const moves =
      tieOrder === "published"
        ? [diagonal, [i - 1, j], [i, j - 1]]
        : [diagonal, [i, j - 1], [i - 1, j]];
    const values = moves.map(([r, c]) => (r >= 0 && c >= 0 ? sums[r + 1][c + 1] : Infinity));
    [i, j] = moves[values.indexOf(Math.min(...values))];
  }
  path.unshift([0, 0]);
  return { path, cost: sums[n][m], sums: sums.slice(1).map((row) => row.slice(1)) };
}

function cheapest(costs: Costs, i = 0, j = 0): number {
  const [n, m] = [costs.length, costs[0].length];
  if (i === n - 1 && j === m - 1) return costs[i][j];
  const rest: number[] = [];
  if (i + 1 < n) rest.push(cheapest(costs, i + 1, j));
  if (j + 1 < m) rest.push(cheapest(costs, i, j + 1));
  if (i + 1 < n && j + 1 < m) rest.push(cheapest(costs, i + 1, j + 1));
  return costs[i][j] + Math.min(...rest);
}

function randomCosts(rows: number, columns: number, most: number, seed: number): Costs {
  const random = createRandom(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => random.integer(most + 1)),
  );
}

for (const tieOrder of ["published", "fuseChat2"] as const)
  test(`paths are those of the plain programme, ties in the ${tieOrder} order`, () => {
    for (let round = 0; round < 400; round++) {
      const [rows, columns] = [1 + (round % 23), 1 + ((round * 7) % 19)];
      // Small costs make ties; 0 makes nothing but ties.
      const costs = randomCosts(rows, columns, round % 4, round);
      const expected = plain(costs, tieOrder);
      const cost = (i: number, j: number) => costs[i][j];
      const warped = dtw(rows, columns, cost, { tieOrder });
      assert.deepEqual(Array.from(warped.path), expected.path.flat());
      assert.equal(warped.cost, expected.cost);
      assert.deepEqual(Array.from(dtwMatrix(rows, columns, cost)), expected.sums.flat());
    }
  });

test("no path is cheaper, by looking at all of them", () => {
  for (let round = 0; round < 60; round++) {
    const costs = randomCosts(1 + (round % 6), 1 + ((round * 5) % 6), 9, 1000 + round);
    const { cost } = dtw(costs.length, costs[0].length, (i, j) => costs[i][j]);
    assert.equal(cost, cheapest(costs));
  }
});

test("the orders differ where going on in the source or in the target costs the same", () => {
  // The middle is dear, both ways around it are free.
  const costs = [
    [0, 0, 0],
    [0, 9, 0],
    [0, 0, 0],
  ];
  const cost = (i: number, j: number) => costs[i][j];
  const published = [0, 0, 0, 1, 1, 2, 2, 2];
  const swapped = [0, 0, 1, 0, 2, 1, 2, 2];
  assert.deepEqual(Array.from(dtw(3, 3, cost).path), published);
  assert.deepEqual(Array.from(dtw(3, 3, cost, { tieOrder: "fuseChat2" }).path), swapped);
});

test("a text of thousands of tokens is warped like a short one, and the path has no gaps", () => {
  const [rows, columns] = [1501, 1399];
  const random = createRandom(3);
  const table = Uint8Array.from({ length: rows * columns }, () => random.integer(5));
  const cost = (i: number, j: number) => table[i * columns + j];
  const { path, cost: total } = dtw(rows, columns, cost);
  let sum = 0;
  for (let k = 0; k < path.length; k += 2) {
    sum += cost(path[k], path[k + 1]);
    if (k === 0) continue;
    const [down, right] = [path[k] - path[k - 2], path[k + 1] - path[k - 1]];
    assert.ok(down >= 0 && down <= 1 && right >= 0 && right <= 1 && down + right > 0);
  }
  assert.equal(sum, total);
  assert.equal(total, dtwMatrix(rows, columns, cost)[rows * columns - 1]);
  assert.deepEqual(Array.from(path.subarray(0, 2)), [0, 0]);
  assert.deepEqual(Array.from(path.subarray(-2)), [rows - 1, columns - 1]);
});

test("one row or one column leaves no choice, and nothing at all gives nothing", () => {
  assert.deepEqual(Array.from(dtw(1, 3, () => 2).path), [0, 0, 0, 1, 0, 2]);
  assert.deepEqual(Array.from(dtw(3, 1, () => 2).path), [0, 0, 1, 0, 2, 0]);
  for (const [rows, columns] of [
    [0, 0],
    [0, 4],
    [4, 0],
  ])
    assert.deepEqual(
      dtw(rows, columns, () => 1),
      { path: new Int32Array(0), cost: 0 },
    );
});

test("the lists of source tokens are the path by target token", () => {
  const path = Int32Array.of(0, 0, 1, 0, 2, 1, 2, 2, 3, 2);
  const lists = targetToSource(path, 3).map((list) => Array.from(list));
  assert.deepEqual(lists, [[0, 1], [2], [2, 3]]);
});
