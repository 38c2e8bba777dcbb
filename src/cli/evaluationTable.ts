/** An evaluation as text: scores by domain with half the width of their intervals, then the paired differences. */
import type { Estimate } from "../core/metrics/bootstrap.ts";
import type { Difference, Evaluation } from "../pipeline/evaluation.ts";
import { table } from "./terminal.ts";

export function evaluationTable({ rows, differences, heldOut }: Evaluation): string {
  const domains = Object.keys(heldOut);
  const scores = [
    ["bits per byte", ...domains, "average", ""],
    ...rows.map(({ title, domains: scored, average }) => [
      title,
      ...domains.map((domain) => score(scored[domain])),
      score(average),
      `±${((average.high - average.low) / 2).toFixed(4)}`,
    ]),
  ];
  if (differences.length === 0) return table(scores);
  const title = (label: string): string => rows.find((row) => row.label === label)?.title ?? label;
  return `${table(scores)}\n\n${differenceTable(differences, domains, title)}`;
}

/** Paired differences with their intervals; below zero the first model is better. */
export function differenceTable(
  differences: readonly Difference[],
  domains: readonly string[],
  title: (label: string) => string,
): string {
  return table([
    ["paired difference, 95 % interval", ...domains, "average", ""],
    ...differences.map(({ of, against, domains: scored, average }) => [
      `${title(of)} − ${title(against)}`,
      ...domains.map((domain) => signed(scored[domain]?.value)),
      signed(average.value),
      `[${signed(average.low)}, ${signed(average.high)}]`,
    ]),
  ]);
}

const score = (estimate: Estimate | undefined): string => estimate?.value.toFixed(4) ?? "–";

export function signed(value: number | undefined): string {
  if (value === undefined) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
}
