/** The dot plot of bits per byte: one scale for all rows, a dot per model and a whisker where there are several seeds. */
import { extent, scaleLinear } from "d3";
import type { Tick } from "./curves/ticks.ts";
import { axisNumber } from "./figures.ts";
import { type ScoredKind, type ScoreRow, scoredKinds } from "./scores.ts";

export interface ScoreDot {
  readonly kind: ScoredKind;
  readonly x: number;
  /** Mean less and plus the spread over the seeds. */
  readonly whisker?: readonly [number, number];
}

export interface ScorePlot {
  readonly width: number;
  readonly ticks: readonly Tick[];
  readonly rows: readonly {
    readonly domain: string | null;
    readonly from: number;
    readonly to: number;
    readonly dots: readonly ScoreDot[];
  }[];
}

export const scoreRowHeight = 28;
const padding = 10;

/** @param width of the plot in pixels; dots and whiskers keep clear of its ends. */
export function scorePlot(rows: readonly ScoreRow[], width: number): ScorePlot {
  const reaches = rows.flatMap(({ scores }) =>
    Object.values(scores).flatMap(({ mean, spread }) => [
      mean - (spread ?? 0),
      mean + (spread ?? 0),
    ]),
  );
  const [low = 0, high = 1] = extent(reaches);
  const room = low === high ? 0.05 : 0;
  const x = scaleLinear(
    [low - room, high + room],
    [padding, Math.max(padding + 1, width - padding)],
  );
  const values = x.ticks(Math.max(2, Math.min(6, Math.floor(width / 56))));
  const apart = values.length > 1 ? values[1] - values[0] : undefined;
  return {
    width,
    ticks: values.map((value) => ({ at: x(value), label: axisNumber(value, apart) })),
    rows: rows.map(({ domain, scores }) => {
      const dots = scoredKinds.flatMap((kind): ScoreDot[] => {
        const score = scores[kind];
        if (score === undefined) return [];
        const { mean, spread } = score;
        if (spread === null) return [{ kind, x: x(mean) }];
        return [{ kind, x: x(mean), whisker: [x(mean - spread), x(mean + spread)] }];
      });
      const [from = 0, to = 0] = extent(dots, (dot) => dot.x);
      return { domain, from, to, dots };
    }),
  };
}
