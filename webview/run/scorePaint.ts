/** Paints rows of the dot plot: ○ start, ● continued CLM, ◆ fused target, a line from the lowest to the highest. */
import { select } from "d3";
import { type ScoreDot, type ScorePlot, scoreRowHeight } from "./scoreGeometry.ts";
import type { ScoredKind } from "./scores.ts";

const shapes: Readonly<Record<ScoredKind, string>> = {
  start: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
  clm: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
  fused: "M0 -5.5L5.5 0L0 5.5L-5.5 0Z",
};

/** One row into its group, its middle at half a row's height. */
export function paintScoreRow(
  into: SVGElement,
  { ticks }: ScorePlot,
  row: ScorePlot["rows"][number],
): void {
  const middle = scoreRowHeight / 2;
  const group = select(into);
  group
    .selectAll("line.tick")
    .data(ticks)
    .join("line")
    .attr("class", "tick")
    .attr("x1", ({ at }) => at)
    .attr("x2", ({ at }) => at)
    .attr("y1", 0)
    .attr("y2", scoreRowHeight);
  group
    .selectAll("line.span")
    .data([row])
    .join("line")
    .attr("class", "span")
    .attr("x1", ({ from }) => from)
    .attr("x2", ({ to }) => to)
    .attr("y1", middle)
    .attr("y2", middle);
  group
    .selectAll("path.whisker")
    .data(row.dots.filter(({ whisker }) => whisker !== undefined))
    .join("path")
    .attr("class", ({ kind }) => `whisker ${kind}`)
    .attr("d", whiskerPath);
  group
    .selectAll<SVGPathElement, ScoreDot>("path.dot")
    .data(row.dots, ({ kind }) => kind)
    .join("path")
    .attr("class", ({ kind }) => `dot ${kind}`)
    .attr("d", ({ kind }) => shapes[kind])
    .attr("transform", ({ x }) => `translate(${Math.round(x * 10) / 10} ${middle})`);
}

function whiskerPath({ whisker }: ScoreDot): string {
  if (whisker === undefined) return "";
  const [from, to] = whisker;
  const middle = scoreRowHeight / 2;
  return `M${from} ${middle - 4}v8m0 -4H${to}m0 -4v8`;
}

/** The axis, with its numbers. */
export function paintScoreAxis(into: SVGElement, { ticks }: ScorePlot): void {
  select(into)
    .selectAll("text")
    .data(ticks)
    .join("text")
    .attr("class", "tick-label")
    .attr("x", ({ at }) => at)
    .attr("y", 12)
    .attr("text-anchor", "middle")
    .text(({ label }) => label);
}
