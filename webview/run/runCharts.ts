/** Which curves a run has: the parts of its loss, the losses of both trainings, and what else is recorded. */
import type { SeriesFigure } from "../../src/protocol/runSeries.ts";
import type { ChartLine, ChartSpec } from "./curves/chartData.ts";
import type { LineLook } from "./curves/chartPaint.ts";
import { armNames } from "./strings.ts";

const looks = {
  total: { dash: "solid", colour: "var(--run-fused)" },
  clm: { dash: "dashed", colour: "var(--run-clm)" },
  fusion: { dash: "dotted", colour: "var(--run-fusion)" },
} as const satisfies Record<string, LineLook>;

/** @param run its folder. @param hasBaseline whether a target was trained on the text alone. */
export function runCharts(run: string, hasBaseline: boolean) {
  const part = (figure: SeriesFigure, label: string, look: LineLook): ChartLine => ({
    key: figure,
    label,
    figure,
    arm: "fused",
    run,
    look,
  });
  const arms = (figure: SeriesFigure): ChartLine[] => [
    { key: `${figure} fused`, label: armNames.fused, figure, arm: "fused", run, look: looks.total },
    ...(hasBaseline
      ? [
          {
            key: `${figure} clm`,
            label: armNames.clm,
            figure,
            arm: "clm",
            run,
            look: looks.clm,
          } as const,
        ]
      : []),
  ];
  const large: ChartSpec[] = [
    {
      key: "parts",
      title: "Loss of the fused target",
      note: "CLM and fusion with their weights add up to the total",
      unit: "nats per position",
      lines: [
        part("total", "total", looks.total),
        part("clm", "CLM", looks.clm),
        part("fusion", "fusion", looks.fusion),
      ],
    },
    {
      key: "text",
      title: "Loss on the true next token",
      unit: "nats per position",
      lines: arms("text"),
    },
  ];
  const small: ChartSpec[] = [
    {
      key: "gradientNorm",
      title: "Gradient norm",
      note: "before clipping",
      unit: "norm",
      lines: arms("gradientNorm"),
    },
    { key: "lr", title: "Learning rate", unit: "per step", lines: arms("lr") },
    {
      key: "tokensPerSecond",
      title: "Tokens per second",
      unit: "tokens/s",
      lines: arms("tokensPerSecond"),
    },
  ];
  return { large, small };
}
