import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { trainingWeights } from "../../src/core/fusion/trainingWeights.ts";
import type { FusedPosition, OwnCandidate } from "../../src/protocol/distributionsView.ts";
import { detailRows, lostOf, shownRows } from "../../webview/distributions/detailRows.ts";
import { massOf, massOfRow } from "../../webview/distributions/mass.ts";
import {
  atLeastBits,
  bits,
  probability,
  share,
  signedBits,
} from "../../webview/distributions/numbers.ts";
import { servesEveryLambda, taughtAt } from "../../webview/distributions/taught.ts";

const pieces = ["the", "Val", "sh", "</script>", "ky"];
const entry = (id: number, p: number) => ({ id, piece: pieces[id], p });
const own = (piece: string, p: number, to: number | null, becomes: string): OwnCandidate => ({
  id: 1000 + piece.length,
  piece,
  p,
  to: to === null ? null : { id: to, piece: pieces[to] },
  becomes,
});
const nothingLost = { noTargetToken: 0, duplicateDropped: 0, merged: 0 };

/** T thinks of "the"; A of "Val", twice, and loses something; B has no row. Fused is A's row. */
const position: FusedPosition = {
  position: 7,
  after: "on the",
  next: { id: 1, piece: "Val" },
  columns: [
    {
      letter: "T",
      weight: 0,
      own: [],
      row: [entry(0, 0.5), entry(1, 0.25)],
      mass: { mapped: 0.75, leftOver: 0.25, ...nothingLost },
      bits: 2,
      trueRank: 2,
    },
    {
      letter: "A",
      weight: 1,
      case: "longer",
      own: [
        own("Valk", 0.5, 1, "goldPath"),
        own("ship", 0.125, 2, "kept"),
        own("zzz", 0.0625, null, "noTargetToken"),
        own("V", 0.125, 1, "merged"),
        own("x", 0.03125, 3, "duplicateDropped"),
      ],
      row: [entry(1, 0.625), entry(2, 0.125)],
      mass: {
        mapped: 0.75,
        leftOver: 0.15625,
        noTargetToken: 0.0625,
        duplicateDropped: 0.03125,
        merged: 0.125,
      },
      bits: 0.678,
    },
    {
      letter: "B",
      weight: 0,
      reason: "noSharedBoundary",
      own: [],
      row: [],
      mass: { mapped: 0, leftOver: 1, ...nothingLost },
      bits: null,
    },
  ],
  fused: { from: "A", row: [entry(1, 0.625), entry(2, 0.125)], leftOver: 0.25 },
  taught: { label: 0.5, fused: 0.5, row: [], leftOver: 0.125 },
};

/** The same place where nobody of weight has a row, as the host answers it under a λ. */
const fallingBack = (taught: FusedPosition["taught"]): FusedPosition => ({
  ...position,
  fused: { from: "none", row: [], leftOver: 0 },
  taught,
});

describe("TAUGHT", () => {
  for (const lambda of [0, 0.3, 0.9, 1]) {
    test(`is λ · one-hot + (1 − λ) · fused at λ = ${lambda}, and adds up to 1`, () => {
      const taught = taughtAt(position, lambda);
      const p = new Map(taught.row.map((one) => [one.id, one.p]));
      assert.ok(Math.abs((p.get(1) ?? 0) - (lambda + (1 - lambda) * 0.625)) < 1e-12);
      assert.ok(Math.abs((p.get(2) ?? 0) - (1 - lambda) * 0.125) < 1e-12);
      const sum = taught.row.reduce((total, one) => total + one.p, taught.leftOver);
      assert.ok(Math.abs(sum - 1) < 1e-12);
      assert.equal(taught.fallback, undefined);
    });
  }

  test("gives a true token beyond the candidates λ alone", () => {
    const beyond = { ...position, next: { id: 4, piece: "ky" } };
    const taught = taughtAt(beyond, 0.4);
    assert.equal(taught.row.find(({ id }) => id === 4)?.p, 0.4);
  });

  /** What training does where nothing is fused, from the fused rows of a chunk of one token and its end. */
  const trained = (fallback: "nextToken" | "skip" | "currentToken", lambda: number) => {
    const weights = trainingWeights({
      rows: {
        rows: 2,
        offsets: new Int32Array(3),
        ids: new Int32Array(0),
        probs: new Float32Array(0),
        leftOver: new Float32Array(2).fill(1),
        from: new Int8Array(2).fill(-1),
      },
      fallback,
      lambda,
      targetIds: Int32Array.of(0),
    });
    const label = weights.labelWeight[1];
    const fused = weights.fusedWeight[1];
    const row = [entry(1, label)];
    if (fused > 0) row.push(entry(weights.rows.ids[0], fused * weights.rows.probs[0]));
    return { label, fused, row, leftOver: 0 };
  };

  for (const fallback of ["nextToken", "skip", "currentToken"] as const) {
    test(`falls back to ${fallback} at any λ as training does`, () => {
      const answered = fallingBack(trained(fallback, 0.75));
      for (const lambda of [0.25, 0.5]) {
        const taught = taughtAt(answered, lambda);
        const expected = trained(fallback, lambda);
        assert.equal(taught.fallback, fallback);
        assert.ok(Math.abs(taught.label - expected.label) < 1e-6);
        assert.ok(Math.abs(taught.fused - expected.fused) < 1e-6);
        for (const { id, p } of expected.row) {
          const given = taught.row.find((one) => one.id === id)?.p ?? 0;
          assert.ok(Math.abs(given - p) < 1e-6, `${id}: ${given}, not ${p}`);
        }
      }
    });
  }

  test("cannot be worked out for another λ from an answer at λ = 1 without a fused row", () => {
    const answered = fallingBack(trained("nextToken", 1));
    assert.equal(servesEveryLambda(answered, 1), false);
    assert.equal(servesEveryLambda(answered, 0.5), true);
    assert.equal(servesEveryLambda(position, 1), true);
  });
});

describe("the lines of the detail", () => {
  const rows = detailRows(position, taughtAt(position, 0.5));

  test("stand in the order of FUSED, then by what any model thinks likely", () => {
    assert.deepEqual(
      rows.map(({ id, rank, place }) => [id, rank, place]),
      [
        [1, 1, 0],
        [2, 2, 1],
        [0, null, 2],
      ],
    );
  });

  test("put a target token on one line across models, with the own pieces merged into it", () => {
    const [val, ship, the] = rows;
    assert.equal(val.isTrue, true);
    assert.deepEqual(
      val.cells[1]?.own.map(({ piece }) => piece),
      ["Valk", "V"],
    );
    assert.deepEqual([val.cells[0]?.p, val.cells[1]?.p, val.cells[2]], [0.25, 0.625, null]);
    assert.deepEqual([ship.cells[0], ship.cells[1]?.own[0].piece], [null, "ship"]);
    assert.deepEqual([the.fused, the.taught, the.cells[1]], [null, null, null]);
  });

  test("name what is lost apart, and never count it to its target token", () => {
    assert.deepEqual(
      lostOf(position.columns[1].own).map(({ piece }) => piece),
      ["zzz", "x"],
    );
    assert.equal(
      rows.some(({ id }) => id === 3),
      false,
    );
  });

  test("always hold the true next token, even where nobody gives it mass", () => {
    const beyond = { ...position, next: { id: 4, piece: "ky" } };
    const all = detailRows(beyond, { label: 0, fused: 1, row: [], leftOver: 0.25 });
    const last = all.at(-1)!;
    assert.deepEqual([last.id, last.isTrue, last.rank], [4, true, null]);
    const shown = shownRows(all, 1);
    assert.deepEqual(
      shown.map(({ id }) => id),
      [1, 4],
    );
  });

  test("without a fused row are led by what is likeliest, the taught one among it", () => {
    const repeats = {
      label: 0.25,
      fused: 0.75,
      row: [entry(4, 0.75), entry(1, 0.25)],
      leftOver: 0,
    };
    const all = detailRows(fallingBack(repeats), taughtAt(fallingBack(repeats), 0.1));
    assert.equal(all[0].id, 4);
    assert.equal(all[0].rank, null);
  });
});

describe("a mass bar", () => {
  test("has parts that add up to 1", () => {
    const mass = massOf(position.columns[1].mass);
    const { mapped, leftOver, noTargetToken, duplicateDropped, unaccounted } = mass;
    assert.equal(mapped + leftOver + noTargetToken + duplicateDropped, 1);
    assert.equal(unaccounted, 0);
  });

  test("says what is missing where figures do not add up", () => {
    const { mass } = position.columns[1];
    const { unaccounted } = massOf({ ...mass, noTargetToken: 0 });
    assert.equal(unaccounted, 0.0625);
  });

  test("of a row is its entries and what lies beyond", () => {
    const { mapped, leftOver, unaccounted } = massOfRow(position.fused.row, 0.25);
    assert.deepEqual([mapped, leftOver, unaccounted], [0.75, 0.25, 0]);
  });
});

describe("figures", () => {
  for (const [p, written] of [
    [0.614, ".61"],
    [1, "1.00"],
    [0.0953, ".10"],
    [0.0432, ".043"],
    [0.00043, ".00043"],
    [0.00002, "2e-5"],
    [0, "0"],
  ] as const) {
    test(`write a probability of ${p} as ${written}`, () => {
      assert.equal(probability(p), written);
    });
  }

  test("round a lower bound down, and a share never without its denominator", () => {
    assert.equal(atLeastBits(4.329), "≥ 4.32");
    assert.equal(share(468, 480), "468 of 480 (97.5 %)");
    assert.equal(share(0, 0), "0 of 0");
    assert.equal(bits(Number.NaN), "–");
    assert.equal(signedBits(-0.5), "−0.50");
  });
});
