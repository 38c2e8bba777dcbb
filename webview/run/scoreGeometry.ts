/**
 * The dot plot of bits per byte: one scale for all rows, a dot per model and a whisker where there are several seeds.
 * Domains differ by more than any training changes; so a row shows its change since the start where that is known.
 */
import { extent, scaleLinear } from "d3";
import type { Tick } from "./curves/ticks.ts";
import { axisNumber } from "./figures.ts";
import { type MeanScore, type ScoredKind, type ScoreRow, scoredKinds } from "./scores.ts";

export interface ScoreDot {
  readonly kind: ScoredKind;
  readonly x: number;
  /** Mean less and plus the spread over the seeds. */
  readonly whisker?: readonly [number, number];
}

export interface ScorePlot {
  readonly width: number;
  /** Bits per byte less those of the start of the row; else bits per byte. */
  readonly isChange: boolean;
  readonly ticks: readonly Tick[];
  readonly rows: readonly {
    readonly domain: string | null;
    readonly from: number;
    readonly to: number;
    readonly dots: readonly ScoreDot[];
  }[];
}

export const scoreRowHeight = 28;
const padding = 12;

/** @param width of the plot in pixels; dots and whiskers keep clear of its ends. */
export function scorePlot(rows: readonly ScoreRow[], width: number): ScorePlot {
  const isChange = rows.every(({ scores }) => scores.start !== undefined);
  const placed = rows.map(({ domain, scores }) => ({
    domain,
    scores,
    base: isChange ? (scores.start?.mean ?? 0) : 0,
  }));
  const [low = 0, high = 1] = extent(
    placed.flatMap(({ scores, base }) =>
      Object.values(scores).flatMap((score) => reachOf(score).map((value) => value - base)),
    ),
  );
  const room = low === high ? 0.05 : 0;
  const x = scaleLinear(
    [low - room, high + room],
    [padding, Math.max(padding + 1, width - padding)],
  );
  const values = x.ticks(Math.max(1, Math.min(6, Math.floor(width / 56))));
  const apart = values.length > 1 ? values[1] - values[0] : undefined;
  return {
    width,
    isChange,
    ticks: values.map((value) => ({ at: x(value), label: axisNumber(value, apart) })),
    rows: placed.map(({ domain, scores, base }) => {
      const dots = scoredKinds.flatMap((kind): ScoreDot[] => {
        const score = scores[kind];
        if (score === undefined) return [];
        const dot = { kind, x: x(score.mean - base) };
        if (score.spread === null) return [dot];
        const [from, to] = reachOf(score);
        return [{ ...dot, whisker: [x(from - base), x(to - base)] }];
      });
      const [from = 0, to = 0] = extent(dots, (dot) => dot.x);
      return { domain, from, to, dots };
    }),
  };
}

const reachOf = ({ mean, spread }: MeanScore): [number, number] => [
  mean - (spread ?? 0),
  mean + (spread ?? 0),
];
