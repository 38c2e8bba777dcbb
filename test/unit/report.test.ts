import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "../../src/pipeline/report/html.ts";
import { lineChart, smoothed, ticks } from "../../src/pipeline/report/lineChart.ts";

test("text from outside is escaped and markup is kept", () => {
  const name = `</td><script>alert("1")</script>&'`;
  const { markup } = html`<b>${html`<i>${name}</i>`}</b>${[html`<u>${1}</u>`]}`;
  assert.equal(
    markup,
    "<b><i>&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</i></b><u>1</u>",
  );
});

test("ticks are round, within the range, and about as many as asked", () => {
  assert.deepEqual(ticks(0, 200, 8), [0, 50, 100, 150, 200]);
  assert.deepEqual(
    ticks(2.31, 2.48, 4).map((t) => t.toFixed(2)),
    ["2.35", "2.40", "2.45"],
  );
});

test("a constant series stays constant when it is smoothed", () => {
  for (const value of smoothed([3, 3, 3, 3])) assert.ok(Math.abs(value - 3) < 1e-12);
});

test("a line runs from the first point to the last, larger values higher up", () => {
  const { markup } = lineChart([{ name: "loss", style: "s0", x: [1, 2, 3], y: [3, 2, 1] }], {
    title: "t",
    xLabel: "x",
    yLabel: "y",
  });
  const path = /<path class="line s0" d="([^"]+)"/.exec(markup)?.[1] ?? "";
  const points = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  assert.equal(points.length, 3);
  assert.ok(points[0][0] < points[2][0]);
  assert.ok(points[0][1] < points[2][1], "a falling loss falls on the page");
});

test("a step without a finite loss leaves a gap and an empty chart says so", () => {
  const series = { name: "a", style: "s0", x: [1, 2, 3], y: [1, Number.NaN, 2] };
  const options = { title: "t", xLabel: "x", yLabel: "y" };
  assert.doesNotMatch(lineChart([series], options).markup, /NaN/);
  assert.match(lineChart([], options).markup, /No points/);
});
