/** Intervals against NumPy's over 200,000 resamples: test/fixtures/make_bootstrap.py. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  bootstrapDomains,
  type DomainEstimates,
  type Estimate,
  pairedBootstrapDomains,
} from "../../src/core/metrics/bootstrap.ts";

interface Fixture {
  readonly domains: Record<string, { bytes: number[]; first: number[]; second: number[] }>;
  readonly expected: Record<"first" | "difference", Record<string, Estimate>>;
}

const { domains, expected }: Fixture = JSON.parse(
  readFileSync(new URL("../fixtures/bootstrap.json", import.meta.url), "utf8"),
);
const options = { seed: 1, resamples: 20_000 };

function compare(found: DomainEstimates, wanted: Record<string, Estimate>): void {
  const all: Record<string, Estimate> = { ...found.domains, average: found.average };
  assert.deepEqual(Object.keys(all).sort(), Object.keys(wanted).sort());
  for (const [name, { value, low, high }] of Object.entries(wanted)) {
    assert.ok(Math.abs(all[name].value - value) < 1e-9, name);
    // The ends of an interval from 20,000 resamples vary by about 1 % of its width.
    const tolerance = 0.04 * (high - low);
    assert.ok(
      Math.abs(all[name].low - low) < tolerance,
      `${name}: ${all[name].low} against ${low}`,
    );
    assert.ok(
      Math.abs(all[name].high - high) < tolerance,
      `${name}: ${all[name].high} against ${high}`,
    );
  }
}

test("scores by domain and their average have NumPy's intervals", () => {
  const samples = Object.fromEntries(
    Object.entries(domains).map(([name, { first, bytes }]) => [
      name,
      { values: first, weights: bytes },
    ]),
  );
  compare(bootstrapDomains(samples, options), expected.first);
});

test("paired differences have NumPy's intervals", () => {
  const samples = Object.fromEntries(
    Object.entries(domains).map(([name, { first, second, bytes }]) => [
      name,
      { first, second, weights: bytes },
    ]),
  );
  compare(pairedBootstrapDomains(samples, options), expected.difference);
});
