import assert from "node:assert/strict";
import test from "node:test";
import { bitsPerByte, perplexityPerToken } from "../../src/core/metrics/bitsPerByte.ts";

test("a byte guessed evenly among 256 costs 8 bits", () => {
  assert.ok(Math.abs(bitsPerByte(10 * Math.log(256), 10) - 8) < 1e-12);
});

test("one token of four bytes with probability 1/16 costs 1 bit a byte", () => {
  assert.ok(Math.abs(bitsPerByte(Math.log(16), 4) - 1) < 1e-12);
});

test("perplexity is the number of tokens one would guess among", () => {
  assert.ok(Math.abs(perplexityPerToken(3 * Math.log(50), 3) - 50) < 1e-9);
});

test("of nothing there is no mean", () => {
  assert.ok(Number.isNaN(bitsPerByte(0, 0)));
  assert.ok(Number.isNaN(perplexityPerToken(0, 0)));
});
