/** The run view's drawings as numbers: curves in pieces, marks, axes, the dot plot, the bar of reasons. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ChartInput,
  chartGeometry,
  type DrawnCurve,
  groupMarks,
} from "../../webview/run/curves/chartGeometry.ts";
import {
  breaksOf,
  columnOf,
  placeOfStep,
  readAtStep,
  type SeriesPoints,
  stepAtPlace,
} from "../../webview/run/curves/curve.ts";
import { walkMarks, walkSteps, zoomed } from "../../webview/run/curves/curveWalk.ts";
import { axisNumber, durationTick, share, significant } from "../../webview/run/figures.ts";
import { reasonBar } from "../../webview/run/reasonBar.ts";
import { scorePlot } from "../../webview/run/scoreGeometry.ts";
import { meanScore, scoreRows } from "../../webview/run/scores.ts";

function series(values: readonly number[], more: Partial<SeriesPoints> = {}): SeriesPoints {
  const steps = Int32Array.from(values, (_, i) => i + 1);
  return {
    arm: "fused",
    seed: 1,
    of: values.length,
    steps,
    values: Float64Array.from(values),
    times: Float64Array.from(steps, (step) => 5000 + 1000 * step),
    tokens: Float64Array.from(steps, (step) => 64 * step),
    smoothed: Float64Array.from(values),
    window: 1,
    notFinite: new Int32Array(),
    resumes: [],
    ...more,
  };
}

function drawn(points: SeriesPoints, axis: "step" | "time" = "step"): DrawnCurve {
  const x = columnOf(points, axis, 5000);
  return {
    key: "total",
    x,
    raw: points.values,
    smoothed: points.smoothed,
    breaks: breaksOf(points),
    notFinite: [...points.notFinite].map((step) => placeOfStep(points, x, step)),
  };
}

function chart(curve: DrawnCurve, more: Partial<ChartInput> = {}) {
  return chartGeometry({
    width: 566,
    height: 250,
    axis: "step",
    y: "linear",
    curves: [curve],
    marks: [],
    resumes: [],
    ...more,
  });
}

describe("a chart", () => {
  test("fills its plot from the first step to the last, larger values higher up", () => {
    const geometry = chart(drawn(series([4, 2, 3, 1])));
    const [piece, ...others] = geometry.lines[0].raw;
    assert.equal(others.length, 0, "a whole curve is one line");
    assert.deepEqual(
      piece.map(({ x }) => Math.round(x)),
      [52, 219, 385, 552],
    );
    const [a, b, c, d] = piece.map(({ y }) => y);
    assert.ok(a < c && c < b && b < d);
    assert.ok(piece.every(({ y }) => y >= geometry.plot.top && y <= geometry.plot.bottom));
    // 4 − 1 = 3, widened by 5 % on each side, over the plot's height
    const { top, bottom } = geometry.plot;
    assert.ok(Math.abs((d - a) * 1.1 - (bottom - top)) < 1e-9);
    assert.equal(geometry.at(piece[1].x), 2);
  });

  test("is broken where another process went on, on every axis", () => {
    const points = series([4, 3, 2, 1], { resumes: [{ step: 3, again: 2 }] });
    for (const axis of ["step", "time"] as const) {
      const pieces = chart(drawn(points, axis), { axis }).lines[0].smoothed;
      assert.deepEqual(
        pieces.map((piece) => piece.length),
        [2, 2],
      );
    }
  });

  test("is broken where a reduced curve jumps over the resume, and not where it jumps over steps", () => {
    const steps = Int32Array.of(1, 50, 90, 200);
    const reduced = series([1, 2, 3, 4], { steps, of: 200 });
    assert.deepEqual(breaksOf(reduced), []);
    assert.deepEqual(breaksOf({ ...reduced, resumes: [{ step: 91, again: 120 }] }), [3]);
    assert.deepEqual(breaksOf({ ...reduced, of: 4 }), [1, 2, 3], "steps that are missing");
  });

  test("puts a cross on the axis for a value that is not finite, and no line through it", () => {
    const points = series([1, Number.NaN, 3], { notFinite: Int32Array.of(2) });
    const geometry = chart(drawn(points));
    assert.deepEqual(geometry.crosses, [{ key: "total", x: 302 }]);
    assert.deepEqual(
      geometry.lines[0].raw.map((piece) => piece.length),
      [1, 1],
    );
  });

  test("has decades at equal distances on a logarithmic axis, and counts what it cannot show", () => {
    const geometry = chart(drawn(series([100, 10, 1, 0])), { y: "log" });
    const [first, second, third] = geometry.lines[0].raw[0];
    assert.ok(Math.abs(second.y - first.y - (third.y - second.y)) < 1e-9);
    assert.equal(geometry.lines[0].raw[0].length, 3);
    assert.equal(geometry.leftOut, 2, "raw and smoothed");
    assert.deepEqual(
      geometry.yTicks.map(({ label }) => label),
      ["1", "2", "5", "10", "20", "50", "100"].filter((_, i) => [0, 2, 3, 5, 6].includes(i)),
    );
  });

  test("takes its values from what is in sight", () => {
    const all = chart(drawn(series([100, 2, 1.9, 1.8])));
    const part = chart(drawn(series([100, 2, 1.9, 1.8])), { domain: [2, 4] });
    assert.ok(all.y(1.8) - all.y(2) < 1);
    assert.ok(part.y(1.8) - part.y(2) > 150);
  });

  test("has axes without a single point", () => {
    const geometry = chart(drawn(series([])));
    assert.deepEqual(geometry.lines[0].raw, []);
    assert.ok(geometry.yTicks.length > 1);
    assert.ok([...geometry.xTicks, ...geometry.yTicks].every(({ at }) => Number.isFinite(at)));
  });

  test("groups marks that stand too close, and one event among them shows", () => {
    const mark = (x: number, shape: "checkpoint" | "event", index: number) => ({ x, shape, index });
    const groups = groupMarks([
      mark(100, "checkpoint", 0),
      mark(300, "event", 3),
      mark(305, "checkpoint", 2),
      mark(160, "checkpoint", 1),
    ]);
    assert.deepEqual(groups, [
      { x: 100, shape: "checkpoint", members: [0] },
      { x: 160, shape: "checkpoint", members: [1] },
      { x: 302.5, shape: "event", members: [3, 2] },
    ]);
  });

  test("has ticks of a clock where the axis is time", () => {
    const points = series(Array.from({ length: 601 }, () => 1));
    const labels = chart(drawn(points, "time"), { axis: "time" }).xTicks.map(({ label }) => label);
    assert.deepEqual(labels, ["2 min", "4 min", "6 min", "8 min", "10 min"]);
  });
});

describe("a place on a curve", () => {
  const points = series([5, 6, 7], { steps: Int32Array.of(10, 20, 40), of: 31 });
  test("lies between its neighbours in proportion", () => {
    assert.equal(placeOfStep(points, columnOf(points, "tokens", 0), 30), 160);
    assert.equal(placeOfStep(points, columnOf(points, "tokens", 0), 90), 192);
    assert.equal(stepAtPlace(points, columnOf(points, "step", 0), 29), 20);
  });
  test("is read exactly where it was sent, and about where it was not", () => {
    const about = {
      ...points,
      smoothed: Float64Array.of(5.1, 6.1, 7.1),
      notFinite: Int32Array.of(33),
    };
    assert.deepEqual(readAtStep(about, 20), { value: 6, isExact: true });
    assert.deepEqual(readAtStep(about, 22), { value: 6.1, isExact: false });
    assert.deepEqual(readAtStep(about, 33), { value: Number.NaN, isExact: true });
    assert.equal(readAtStep(about, 41), undefined);
  });
});

describe("the keys", () => {
  const steps = [10, 20, 30, 40];
  test("walk from point to point and hold at the ends", () => {
    assert.equal(walkSteps(steps, 20, 1), 30);
    assert.equal(walkSteps(steps, 25, 1), 30);
    assert.equal(walkSteps(steps, 25, -1), 20);
    assert.equal(walkSteps(steps, 20, -10), 10);
    assert.equal(walkSteps(steps, 40, 1), 40);
    assert.equal(walkSteps(steps, null, -1), 40);
    assert.equal(walkSteps([], null, 1), undefined);
  });
  test("walk over marks of one step one by one, and round at the ends", () => {
    const marks = [{ step: 20 }, { step: 20 }, { step: 30 }];
    assert.equal(walkMarks(marks, { chosen: null, current: 10 }, 1), 0);
    assert.equal(walkMarks(marks, { chosen: 0, current: 20 }, 1), 1);
    assert.equal(walkMarks(marks, { chosen: 2, current: 30 }, 1), 0);
    assert.equal(walkMarks(marks, { chosen: null, current: 30 }, -1), 1);
  });
  test("zoom around a step within all steps", () => {
    const all = { from: 1, to: 101 };
    assert.deepEqual(zoomed(all, all, 51, 0.5), { from: 26, to: 76 });
    assert.deepEqual(zoomed({ from: 26, to: 76 }, all, 26, 2), null);
    assert.deepEqual(zoomed(all, all, 101, 0.5), { from: 51, to: 101 });
  });
});

describe("the dot plot", () => {
  const score = (of: "start" | "clm" | "fused", seed: number, prose: number, code: number) => ({
    of,
    name: of,
    seed,
    step: 200,
    bitsPerByte: (prose + code) / 2,
    domains: [
      { domain: "prose", bitsPerByte: prose },
      { domain: "code", bitsPerByte: code },
    ],
  });
  test("has the mean of the domains first, and mean and spread over seeds", () => {
    const rows = scoreRows([
      score("start", 0, 3, 2),
      score("fused", 1, 2, 1),
      score("fused", 2, 2.4, 1),
    ]);
    assert.deepEqual(
      rows.map(({ domain }) => domain),
      [null, "prose", "code"],
    );
    const fused = rows[1].scores.fused;
    assert.equal(fused?.mean, 2.2);
    // deviations ±0.2, n − 1 = 1
    assert.ok(Math.abs((fused?.spread ?? 0) - Math.sqrt(0.08)) < 1e-12);
    assert.equal(rows[0].scores.clm, undefined);
    assert.equal(meanScore([7])?.spread, null);
  });
  test("shows the change since the start on one scale for all rows, the lower the further left", () => {
    const rows = scoreRows([
      score("start", 1, 3, 2),
      score("clm", 1, 2.5, 1.75),
      score("fused", 1, 2, 1.5),
    ]);
    const plot = scorePlot(rows, 224);
    const places = plot.rows.map(({ dots }) => dots.map(({ x }) => x));
    assert.ok(plot.isChange);
    // from −1 (prose, fused) to 0 over 200 pixels
    assert.deepEqual(places.slice(1), [
      [212, 112, 12],
      [212, 162, 112],
    ]);
  });
  test("shows bits per byte themselves where the start was not measured", () => {
    const plot = scorePlot(scoreRows([score("clm", 1, 3, 2), score("fused", 1, 2.5, 1)]), 224);
    assert.ok(!plot.isChange);
    assert.equal(plot.rows[1].to, 212);
    assert.equal(plot.rows[2].from, 12);
  });
});

test("the bar of a source is all its positions, with what no reason accounts for", () => {
  const bar = reasonBar(
    {
      answered: 80,
      positions: 100,
      reasons: { truncated: 4, noSharedBoundary: 10, textDiffers: 0 },
    },
    200,
  );
  assert.deepEqual(bar, [
    { part: "answered", positions: 80, x: 0, width: 160 },
    { part: "noSharedBoundary", positions: 10, x: 160, width: 20 },
    { part: "truncated", positions: 4, x: 180, width: 8 },
    { part: "unknown", positions: 6, x: 188, width: 12 },
  ]);
  const thin = reasonBar({ answered: 9999, positions: 10_000, reasons: { truncated: 1 } }, 100);
  assert.deepEqual(
    thin.map(({ width }) => width),
    [99, 1],
  );
});

test("numbers are written with what they need and no more", () => {
  assert.deepEqual([3.0249, 0.01234, 0.00012, 12_345, -0.5, Number.NaN, 0].map(significant), [
    "3.02",
    "0.0123",
    "1.20e-4",
    "12,345",
    "−0.500",
    "not finite",
    "0",
  ]);
  assert.equal(share(412, 493), "412 of 493 (83.6 %)");
  assert.deepEqual(
    [0.5, 1, 1.5].map((value) => axisNumber(value, 0.5)),
    ["0.5", "1.0", "1.5"],
  );
  assert.deepEqual(
    [1e-4, 5e-4, 2000, 0].map((value) => axisNumber(value)),
    ["1e-4", "5e-4", "2,000", "0"],
  );
  assert.deepEqual([30, 90, 7200, 129_600].map(durationTick), ["30 s", "90 s", "2 h", "36 h"]);
});
