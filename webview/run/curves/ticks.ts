/** Ticks of the charts' axes: where they stand and what is written there. */
import { format, type ScaleContinuousNumeric, tickStep } from "d3";
import { axisNumber, durationTick } from "../figures.ts";
import type { XAxis } from "./curve.ts";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

type Scale = ScaleContinuousNumeric<number, number>;

/** @param pixels length of the axis. */
export function xTicks(scale: Scale, axis: XAxis, pixels: number): Tick[] {
  const count = Math.max(2, Math.min(10, Math.floor(pixels / 80)));
  const values = axis === "time" ? durationTicks(scale, count) : wholeTicks(scale, count);
  const label = axis === "time" ? durationTick : axis === "step" ? axisNumber : format("~s");
  return values.map((value) => ({ at: scale(value), label: label(value) }));
}

const wholeTicks = (scale: Scale, count: number): number[] =>
  scale.ticks(count).filter(Number.isInteger);

/** Steps of a clock, in seconds. */
const clockSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];

function durationTicks(scale: Scale, count: number): number[] {
  const [from, to] = scale.domain();
  const rough = (to - from) / count;
  const step = clockSteps.find((one) => one >= rough) ?? tickStep(from, to, count);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** @param pixels length of the axis. */
export function yTicks(scale: Scale, kind: "linear" | "log", pixels: number): Tick[] {
  const count = Math.max(2, Math.min(6, Math.floor(pixels / 36)));
  const values = kind === "log" ? logTicks(scale, count) : scale.ticks(count);
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) : undefined;
  return values.map((value) => ({
    at: scale(value),
    label: axisNumber(value, kind === "log" ? undefined : step),
  }));
}

/** As many of 1, 2, 5 times powers of ten as there is room for. */
function logTicks(scale: Scale, count: number): number[] {
  const all = scale.ticks();
  if (all.length <= count) return all;
  const leading = (value: number): number =>
    Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  for (const kept of [[1, 2, 5], [1, 5], [1]]) {
    const some = all.filter((value) => kept.includes(leading(value)));
    if (some.length <= count && some.length >= 2) return some;
  }
  const [from, to] = scale.domain();
  return to / from < 10 ? linearTicks(from, to, count) : everyFew(all, leading, count);
}

function linearTicks(from: number, to: number, count: number): number[] {
  const step = tickStep(from, to, count);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function everyFew(all: number[], leading: (value: number) => number, count: number): number[] {
  const powers = all.filter((value) => leading(value) === 1);
  const few = Math.ceil(powers.length / count);
  return powers.filter((_, i) => i % few === 0);
}
