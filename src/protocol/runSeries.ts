/** A figure of a run over its steps, reduced to as many points as a chart has room for. */

export const seriesFigures = [
  "total",
  "clm",
  "fusion",
  "text",
  "gradientNorm",
  "lr",
  "tokensPerSecond",
] as const;
export type SeriesFigure = (typeof seriesFigures)[number];

export interface SeriesBody {
  /** The run's folder. */
  readonly run: string;
  readonly figure: SeriesFigure;
  /** The most points of a series. */
  readonly points: number;
  /** Steps that are looked at, both included; all where they are absent. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface SeriesAnswer {
  /** Bytes of events.jsonl that were read. */
  readonly offset: number;
  readonly series: readonly {
    readonly arm: "fused" | "clm";
    readonly seed: number;
    /** Steps in the range, before they were reduced. */
    readonly of: number;
    /** Ascending. The arrays below are as long. */
    readonly steps: Int32Array;
    /** NaN where the figure was not finite. */
    readonly values: Float64Array;
    /** Milliseconds since 1970 at which the step ended. */
    readonly times: Float64Array;
    /** Tokens read so far. */
    readonly tokens: Float64Array;
    /** Mean of the finite values of `window` steps around the step, none from beyond a resume; NaN where there are none. */
    readonly smoothed: Float64Array;
    readonly window: number;
    /** Steps whose figure was not finite: they may have no point of their own above. */
    readonly notFinite: Int32Array;
    /** Where another process went on, in the range. */
    readonly resumes: readonly SeriesResume[];
  }[];
}

/** A curve is broken between `step` and the one before it. */
export interface SeriesResume {
  readonly step: number;
  /** The last of the steps from `step` on that were taken a second time; `step − 1` where none was. */
  readonly again: number;
}
