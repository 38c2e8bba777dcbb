/** Hard rows of the fusion loss against PyTorch's autograd in double precision (fixtures/make_logits.py). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { lossProgram } from "../support/lossProgram.ts";
import { integers, largestDifference, openProgram, type Program } from "../support/program.ts";

interface LossAnswer {
  readonly size: number;
  readonly vocabulary: number;
  readonly slots: number;
  readonly names: string[];
  readonly hidden: number[];
  readonly table: number[];
  readonly labels: number[];
  readonly labelWeight: number[];
  readonly fusedWeight: number[];
  readonly fusedIds: number[];
  readonly fusedProbs: number[];
  readonly fusedUsed: number[];
  readonly fusedRest: number[];
  /** 1 − S */
  readonly outside: number[];
  readonly clm: number[];
  readonly fusion: number[];
  readonly dHidden: number[];
  readonly dTable: number[];
}

const file = new URL("../fixtures/loss.json", import.meta.url);
const fixture: LossAnswer = JSON.parse(readFileSync(file, "utf8"));
const rows = fixture.names.length;

/**
 * In fp32 1 − S is wrong by up to 1e-7, which r / (1 − S) multiplies by up to 1e4: so far may a row with S near
 * 1 and something left over be off.
 */
const tolerance = (row: number): number =>
  fixture.outside[row] < 1e-2 && fixture.fusedRest[row] > 0 ? 1e-3 : 1e-5;

describe("the loss of hard rows", () => {
  let program: Program;
  before(async () => {
    program = await openProgram(lossProgram({ ...fixture, rows, mostRows: 4 }));
  });
  after(() => program.close());

  const feeds = (weightOf: (weights: number[]) => ArrayLike<number>) => ({
    hidden: Float32Array.from(fixture.hidden),
    table: Float32Array.from(fixture.table),
    labels: integers(fixture.labels),
    labelWeight: Float32Array.from(weightOf(fixture.labelWeight)),
    fusedWeight: Float32Array.from(weightOf(fixture.fusedWeight)),
    fusedIds: integers(fixture.fusedIds),
    fusedProbs: Float32Array.from(fixture.fusedProbs),
    fusedUsed: Float32Array.from(fixture.fusedUsed),
    fusedRest: Float32Array.from(fixture.fusedRest),
  });

  fixture.names.forEach((name, row) => {
    test(`${name}: both losses and the gradient of the hidden state`, async () => {
      const alone = (weights: number[]) => weights.map((weight, i) => (i === row ? weight : 0));
      const answer = await program.run(feeds(alone));
      const expected = [
        fixture.labelWeight[row] * fixture.clm[row],
        fixture.fusedWeight[row] * fixture.fusion[row],
      ];
      const losses = [answer.clmLoss[0], answer.fusionLoss[0]].map(Number);
      assert.ok(
        largestDifference(losses, expected) < tolerance(row),
        `${losses} is not ${expected}`,
      );

      const gradient = Array.from(answer.dHidden, Number);
      const own = [row * fixture.size, (row + 1) * fixture.size];
      assert.ok(
        largestDifference(gradient.slice(...own), fixture.dHidden.slice(...own)) < tolerance(row),
      );
      const others = gradient.toSpliced(own[0], fixture.size);
      assert.deepEqual(new Set(others.map(Math.abs)), new Set([0]), "other rows weigh nothing");
    });
  });

  test("the gradient of the table adds up over all rows", async () => {
    const answer = await program.run(feeds((weights) => weights));
    assert.ok(largestDifference(answer.dTable as Float32Array, fixture.dTable) < 2e-3);
  });

  test("the fixture has rows on both sides of the floor", () => {
    assert.ok(fixture.outside.some((outside) => outside > 1e-4 && outside < 2e-3));
    assert.ok(fixture.outside.some((outside) => outside > 1e-5 && outside < 1e-4));
    assert.ok(fixture.outside.some((outside) => outside < 1e-9));
  });
});
