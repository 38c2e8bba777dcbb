/**
 * A line chart as SVG text: geometry first (pure numbers), then markup. Colours are the page's CSS variables,
 * so the chart follows light and dark.
 */
import { html, type Markup } from "./html.ts";

export interface Series {
  readonly name: string;
  /** CSS class of the line and its legend entry: s0, s1, … */
  readonly style: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly width?: number;
  readonly height?: number;
}

const margin = { top: 14, right: 16, bottom: 38, left: 56 };

/** Round numbers that cover [low, high], about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? 10 * power;
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9) + 0; i * step <= high + step * 1e-9; i++)
    found.push(i * step);
  return found;
}

export function lineChart(series: readonly Series[], options: ChartOptions): Markup {
  const { width = 760, height = 280 } = options;
  const drawn = series.filter((one) => one.x.length > 0);
  if (drawn.length === 0) return html`<p class="quiet">No points were recorded.</p>`;
  const xs = drawn.flatMap((one) => one.x);
  const ys = drawn.flatMap((one) => one.y).filter(Number.isFinite);
  const [x0, x1] = extent(xs);
  const [y0, y1] = extent(ys);
  const pad = (y1 - y0 || 1) * 0.05;
  const place = {
    x: scale(x0, x1, margin.left, width - margin.right),
    y: scale(y0 - pad, y1 + pad, height - margin.bottom, margin.top),
  };
  const yTicks = ticks(y0 - pad, y1 + pad, 5);
  const digits = yTicks.length > 1 && yTicks[1] - yTicks[0] < 0.1 ? 2 : 1;

  const gridLines = yTicks.map(
    (tick) =>
      html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${place.y(tick)}" y2="${place.y(tick)}"/><text class="tick" x="${margin.left - 8}" y="${place.y(tick) + 4}" text-anchor="end">${tick.toFixed(digits)}</text>`,
  );
  const xLabels = ticks(x0, x1, 8).map(
    (tick) =>
      html`<text class="tick" x="${place.x(tick)}" y="${height - margin.bottom + 18}" text-anchor="middle">${tick}</text>`,
  );
  const lines = drawn.map(
    (one) => html`<path class="line ${one.style}" d="${pathOf(one, place.x, place.y)}"/>`,
  );
  const legend = drawn.map(
    (one) => html`<li class="${one.style}"><span class="swatch"></span>${one.name}</li>`,
  );
  return html`<figure>
<figcaption>${options.title}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${options.title}">
${gridLines}${xLabels}
<text class="axis" x="${(margin.left + width - margin.right) / 2}" y="${height - 4}" text-anchor="middle">${options.xLabel}</text>
<text class="axis" transform="translate(14 ${(height - margin.bottom + margin.top) / 2}) rotate(-90)" text-anchor="middle">${options.yLabel}</text>
${lines}
</svg>
<ul class="legend">${legend}</ul>
</figure>`;
}

function pathOf(series: Series, x: (v: number) => number, y: (v: number) => number): string {
  let path = "";
  series.x.forEach((value, i) => {
    if (!Number.isFinite(series.y[i])) return;
    path += `${path === "" ? "M" : "L"}${x(value).toFixed(1)} ${y(series.y[i]).toFixed(1)}`;
  });
  return path;
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = to - from || 1;
  return (value) => Math.round((start + ((value - from) / span) * (end - start)) * 10) / 10;
}

/** Exponential moving average with bias correction: what a noisy loss curve is drawn as. */
export function smoothed(values: readonly number[], decay = 0.9): number[] {
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    mean = decay * mean + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return mean / weight;
  });
}
