import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { estimateText, type TextSample } from "../../src/pipeline/estimateText.ts";

/** Five chunks of 100 bytes: 50 tokens of the target and 30 of the source each. */
const sample: TextSample = {
  domain: "prose",
  weight: 1,
  bytes: 1000,
  sections: 4,
  sampledBytes: 500,
  chunks: Array.from({ length: 5 }, () => ({ bytes: 100, tokens: [50, 30] })),
};
const settings = { length: 100, batch: 2, seed: 1 };

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-6 * Math.max(1, expected), `${actual} ≠ ${expected}`);

describe("the text of a run", () => {
  test("is the sample times what it stands for", () => {
    const { training, exact } = estimateText([sample], [], 2, { ...settings, steps: 9 });
    assert.deepEqual(training, { chunks: 10, bytes: 1000, tokens: [500, 300] });
    assert.equal(exact, false);
  });

  test("fills blocks as the run will, and is read as far as the steps go", () => {
    // Two chunks a block: five blocks. Two steps of 2 take four of them.
    const { blocks, filled, epochs, read, steps } = estimateText([sample], [], 2, {
      ...settings,
      steps: 2,
    });
    assert.equal(blocks, 5);
    near(filled, 1);
    near(epochs, 4 / 5);
    assert.equal(steps, 2);
    near(read.chunks, 8);
    near(read.bytes, 800);
    near(read.tokens[1], 240);
  });

  test("is read once where steps go round it several times", () => {
    const { epochs, read } = estimateText([sample], [], 2, { ...settings, steps: 30 });
    near(epochs, 12);
    near(read.chunks, 10);
  });

  test("says the steps that epochs mean", () => {
    assert.equal(estimateText([sample], [], 2, { ...settings, epochs: 1 }).steps, 3);
    assert.equal(estimateText([sample], [], 2, { ...settings, epochs: 2.5 }).steps, 6);
    assert.equal(estimateText([sample], [], 2, { ...settings, epochs: 0.001 }).steps, 1);
  });

  test("gives held-out chunks as a range where only a part was cut, and as a count where all was", () => {
    const whole = { ...sample, domain: "code", bytes: 500 };
    const { domains, heldOut } = estimateText([sample], [sample, whole], 2, {
      ...settings,
      steps: 1,
    });
    assert.deepEqual(
      domains.map(({ domain, heldOut: { chunks } }) => [domain, chunks]),
      [
        ["prose", { fewest: 7, most: 13 }],
        ["code", { fewest: 5, most: 5 }],
      ],
    );
    near(heldOut.chunks, 15);
  });

  test("may be none", () => {
    const { training, read, blocks, filled } = estimateText([], [], 2, { ...settings, steps: 3 });
    assert.deepEqual(training, { chunks: 0, bytes: 0, tokens: [0, 0] });
    assert.equal(read.chunks, 0);
    assert.equal(blocks, 1);
    assert.equal(filled, 0);
  });
});

describe("domains of different weight", () => {
  const part = (domain: string, weight: number, chunks: number): TextSample => ({
    domain,
    weight,
    bytes: 1000 * chunks,
    sections: chunks,
    sampledBytes: 3000,
    chunks: Array.from({ length: 3 }, () => ({ bytes: 1000, tokens: [100, 100] })),
  });
  const blocks = (settings: { steps: number }, parts: readonly TextSample[]) =>
    estimateText(parts, [], 2, { length: 100, batch: 1, seed: 7, ...settings });

  test("are drawn by it: with 2 and 1, half of all is the golden section of each", () => {
    // One that rings at rate w has rung by time t with probability 1 − e^(−wt). With x = e^(−t), half of two
    // equal parts is (1 − x²) + (1 − x) = 1, so x = (√5 − 1) / 2: 1 − x² = x of one, 1 − x of the other.
    const x = (Math.sqrt(5) - 1) / 2;
    // The source reads the first domain alone, so its tokens tell how much of it was drawn.
    const often = part("often", 2, 3000);
    const chunks = often.chunks.map(({ bytes }) => ({ bytes, tokens: [100, 100] }));
    const seldom = part("seldom", 1, 3000);
    const silent = seldom.chunks.map(({ bytes }) => ({ bytes, tokens: [100, 0] }));
    const { read } = blocks({ steps: 3000 }, [
      { ...often, chunks },
      { ...seldom, chunks: silent },
    ]);
    assert.equal(read.chunks, 3000);
    const share = read.tokens[1] / 300_000;
    assert.ok(Math.abs(share - x) < 0.03, `${share} of the first, not ${x}`);
  });

  test("are reckoned from a part where there is too much to pack on trial", () => {
    const { blocks: all, read, filled } = blocks({ steps: 30 }, [part("d", 1, 1_000_000)]);
    assert.ok(Math.abs(all - 1_000_000) < 1000);
    near(filled, 1);
    near(read.chunks, 30);
  });
});
