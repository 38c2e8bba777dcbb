/** The curves as rows, one a step of a training: the table twin and what is exported as CSV. */
import { type SeriesFigure, seriesFigures } from "../../../src/protocol/runSeries.ts";
import type { Column } from "../../shared/table.ts";
import { count, significant, timeOfDay } from "../figures.ts";
import { armNames } from "../strings.ts";
import { questionKey, type SeriesAnswers } from "./seriesFeed.ts";

export interface StepRow {
  readonly run: string;
  readonly letter?: string | undefined;
  readonly arm: "fused" | "clm";
  readonly seed: number;
  readonly step: number;
  readonly time: number;
  readonly tokens: number;
  /** A figure is absent where the reduced curve has another step in its place. */
  readonly figures: Readonly<Partial<Record<SeriesFigure, number>>>;
}

export interface TabledRun {
  readonly run: string;
  readonly letter?: string;
}

export function stepRows(runs: readonly TabledRun[], answers: SeriesAnswers): StepRow[] {
  const rows = new Map<string, StepRow & { figures: Partial<Record<SeriesFigure, number>> }>();
  for (const { run, letter } of runs) {
    for (const figure of seriesFigures) {
      for (const series of answers.get(questionKey({ run, figure }))?.series ?? []) {
        const { arm, seed, steps, times, tokens, values } = series;
        steps.forEach((step, i) => {
          const key = `${arm} ${seed} ${step} ${run}`;
          const row = rows.get(key) ?? {
            ...{ run, letter, arm, seed, step },
            ...{ time: times[i], tokens: tokens[i], figures: {} },
          };
          row.figures[figure] = values[i];
          rows.set(key, row);
        });
      }
    }
  }
  return [...rows.values()].sort(
    (a, b) =>
      a.step - b.step ||
      a.run.localeCompare(b.run) ||
      a.arm.localeCompare(b.arm) ||
      a.seed - b.seed,
  );
}

const figureLabels: Readonly<Record<SeriesFigure, string>> = {
  total: "total",
  clm: "CLM",
  fusion: "fusion",
  text: "true next token",
  gradientNorm: "gradient norm",
  lr: "learning rate",
  tokensPerSecond: "tokens/s",
};

export function stepColumns(areCompared: boolean): Column<StepRow>[] {
  const letter: Column<StepRow>[] = areCompared
    ? [{ label: "run", text: (row) => row.letter ?? "", sortBy: (row) => row.letter ?? "" }]
    : [];
  return [
    { label: "step", kind: "number", text: ({ step }) => count(step), sortBy: ({ step }) => step },
    ...letter,
    { label: "training", text: ({ arm }) => armNames[arm], sortBy: ({ arm }) => arm },
    { label: "seed", kind: "number", text: ({ seed }) => String(seed), sortBy: ({ seed }) => seed },
    ...seriesFigures.map(
      (figure): Column<StepRow> => ({
        label: figureLabels[figure],
        kind: "number",
        text: ({ figures }) => {
          const value = figures[figure];
          return value === undefined ? "" : significant(value);
        },
        sortBy: ({ figures }) => figures[figure] ?? Number.NaN,
      }),
    ),
    {
      label: "tokens read",
      kind: "number",
      text: (row) => count(row.tokens),
      sortBy: (row) => row.tokens,
    },
    { label: "time", text: ({ time }) => timeOfDay(time), sortBy: ({ time }) => time },
  ];
}
