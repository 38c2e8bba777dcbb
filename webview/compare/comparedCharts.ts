/** Which curves are laid over each other: one figure at a time, of the fused target of each run, in the colour of its letter. */
import type { SeriesFigure } from "../../src/protocol/runSeries.ts";
import type { ComparedRunShow } from "../../src/protocol/runView.ts";
import type { ChartSpec } from "../run/curves/chartData.ts";
import type { Dash } from "../run/curves/chartPaint.ts";

const figures: readonly {
  readonly figure: SeriesFigure;
  readonly title: string;
  readonly unit: string;
  readonly note?: string;
}[] = [
  {
    figure: "text",
    title: "Loss on the true next token",
    unit: "nats per position",
    note: "comparable between runs of different λ",
  },
  {
    figure: "total",
    title: "Loss, total",
    unit: "nats per position",
    note: "depends on λ and on the sources: lower is not always better between runs",
  },
  { figure: "clm", title: "Loss, CLM part", unit: "nats per position", note: "with its weight λ" },
  {
    figure: "fusion",
    title: "Loss, fusion part",
    unit: "nats per position",
    note: "with its weight 1 − λ",
  },
  { figure: "gradientNorm", title: "Gradient norm", unit: "norm", note: "before clipping" },
  { figure: "lr", title: "Learning rate", unit: "per step" },
  { figure: "tokensPerSecond", title: "Tokens per second", unit: "tokens/s" },
];

/** Two runs whose colours are hard to tell apart never have the same dash. */
const dashes: readonly Dash[] = ["solid", "dashed", "dotted"];

export function comparedCharts(runs: readonly ComparedRunShow[]): ChartSpec[] {
  return figures.map(({ figure, ...words }) => ({
    key: figure,
    ...words,
    lines: runs.map(({ folder, letter, name }, i) => ({
      key: folder,
      label: name,
      letter,
      figure,
      arm: "fused",
      run: folder,
      look: { dash: dashes[i % dashes.length], colour: `var(--fl-source${Math.min(6, i + 1)})` },
    })),
  }));
}
