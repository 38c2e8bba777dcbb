/**
 * `report.html`: one self-contained page with the table, the claim, the curves and what fusion did. No scripts,
 * nothing loaded from elsewhere; light and dark follow the reader's system.
 */
import type { Estimate } from "../../core/metrics/bootstrap.ts";
import type { StepEvent } from "../../protocol/runEvents.ts";
import { writeFileAtomically } from "../atomicFile.ts";
import type { Difference, Evaluation, EvaluationRow } from "../evaluation.ts";
import type { Recipe } from "../recipe.ts";
import { readEvents } from "../runEvents.ts";
import type { RunPaths } from "../runPaths.ts";
import type { FuseResult } from "../stages/fuse.ts";
import { fusionSection } from "./fusionSection.ts";
import { html, type Markup } from "./html.ts";
import { lineChart, type Series, smoothed } from "./lineChart.ts";
import { reportStyle } from "./style.ts";

export interface ReportInput {
  readonly recipe: Recipe;
  readonly recipeText: string;
  readonly evaluation: Evaluation;
  readonly fusion: FuseResult;
}

export async function writeReport(paths: RunPaths, input: ReportInput): Promise<void> {
  const steps = (await readEvents(paths.folder)).filter((event) => event.t === "step");
  await writeFileAtomically(paths.report, reportPage(input, steps));
}

/** The page as text. */
export function reportPage(input: ReportInput, steps: readonly StepEvent[]): string {
  const { recipe, evaluation } = input;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${recipe.name} · FuseLab</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<h1>${recipe.name}</h1>
${headline(evaluation)}
<h2>Held-out text</h2>
<p class="quiet">Bits per UTF-8 byte, lower is better, with 95 % bootstrap intervals over chunks. The average weighs every domain the same.</p>
${scoreTable(evaluation)}
${differenceTable(evaluation)}
${perplexityTables(evaluation)}
<h2>Training</h2>
${trainingCharts(steps)}
${fusionSection(input.fusion)}
<h2>Recipe</h2>
<pre>${input.recipeText}</pre>
</main>
</body>
</html>
`;
  return page.markup;
}

function headline({ differences }: Evaluation): Markup {
  const claim = differences.find(({ of, against }) => of === "fused" && against === "clm");
  if (claim === undefined) return html``;
  const { average } = claim;
  const verdict =
    average.high < 0
      ? "Fusion is better than continued training on the same text"
      : average.low > 0
        ? "Fusion is worse than continued training on the same text"
        : "Fusion and continued training on the same text cannot be told apart";
  return html`<p class="claim">${verdict}: <strong>${signed(average.value)}</strong> bits per byte on average (${signed(average.low)} to ${signed(average.high)}).</p>`;
}

function scoreTable({ rows, heldOut }: Evaluation): Markup {
  const domains = Object.keys(heldOut);
  const bestOf = (pick: (row: EvaluationRow) => number): number =>
    Math.min(...rows.filter(({ kind }) => kind !== "oracle").map(pick));
  const best = Object.fromEntries(
    domains.map((domain) => [domain, bestOf((row) => row.domains[domain].value)]),
  );
  const bestAverage = bestOf((row) => row.average.value);
  const cell = (interval: Estimate, isBest: boolean): Markup =>
    html`<td class="${isBest ? "best" : ""}" title="${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}">${interval.value.toFixed(4)}<small>±${((interval.high - interval.low) / 2).toFixed(3)}</small></td>`;
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">Model</th>${domains.map((domain) => html`<th scope="col">${domain}<small>${heldOut[domain].chunks} chunks, ${Math.round(heldOut[domain].bytes / 1000)} kB</small></th>`)}<th scope="col">Average</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr class="${row.kind}"><th scope="row">${row.title}${row.detail === undefined ? "" : html`<small>${row.detail}</small>`}</th>${domains.map(
        (domain) => cell(row.domains[domain], row.domains[domain].value === best[domain]),
      )}${cell(row.average, row.average.value === bestAverage)}</tr>`,
  )}</tbody>
</table></div>`;
}

/** Perplexities of different tokenizers cannot be compared, so each tokenizer has a table of its own. */
function perplexityTables({ rows, heldOut }: Evaluation): Markup {
  const domains = Object.keys(heldOut);
  const tokenizers = [...new Set(rows.flatMap(({ tokenizer }) => tokenizer ?? []))];
  const tables = tokenizers.map((tokenizer) => {
    const own = rows.filter((row) => row.tokenizer === tokenizer && row.perplexity !== undefined);
    return html`<table class="small">
<caption>Tokens of ${tokenizer}</caption>
<thead><tr><th scope="col">Model</th>${domains.map((domain) => html`<th scope="col">${domain}</th>`)}</tr></thead>
<tbody>${own.map(
      ({ title, perplexity }) =>
        html`<tr><th scope="row">${title}</th>${domains.map((domain) => html`<td>${perplexity?.[domain]?.toFixed(1) ?? "–"}</td>`)}</tr>`,
    )}</tbody></table>`;
  });
  return html`<h3>Perplexity per token</h3><p class="quiet">Of each model's own tokens: figures of different tables cannot be compared.</p><div class="scroll side">${tables}</div>`;
}

function differenceTable({ differences, rows, heldOut }: Evaluation): Markup {
  if (differences.length === 0) return html``;
  const domains = Object.keys(heldOut);
  const title = (label: string): string => rows.find((row) => row.label === label)?.title ?? label;
  const cell = (interval: Estimate): Markup =>
    html`<td class="${interval.high < 0 ? "better" : interval.low > 0 ? "worse" : ""}">${signed(interval.value)}<small>${signed(interval.low)} to ${signed(interval.high)}</small></td>`;
  const row = (difference: Difference): Markup =>
    html`<tr><th scope="row">${title(difference.of)} − ${title(difference.against)}</th>${domains.map((domain) => cell(difference.domains[domain]))}${cell(difference.average)}</tr>`;
  return html`<h3>Paired differences</h3><div class="scroll"><table>
<thead><tr><th scope="col">On the same chunks</th>${domains.map((domain) => html`<th scope="col">${domain}</th>`)}<th scope="col">Average</th></tr></thead>
<tbody>${differences.map(row)}</tbody></table></div>`;
}

function trainingCharts(steps: readonly StepEvent[]): Markup {
  const clm = (arm: StepEvent["arm"], name: string, style: string): Series =>
    curve(steps, arm, name, style, (event) => event.loss.text);
  return html`${lineChart([clm("fused", "fused target", "s0"), clm("clm", "continued CLM", "s1")], {
    title:
      "Loss on the true next token while training, before each update, smoothed over about ten steps",
    xLabel: "step",
    yLabel: "nats per token",
  })}${lineChart(
    [
      curve(steps, "fused", "fused target", "s0", (event) => event.gradientNorm),
      curve(steps, "clm", "continued CLM", "s1", (event) => event.gradientNorm),
    ],
    { title: "Gradient norm before clipping, smoothed", xLabel: "step", yLabel: "norm" },
  )}`;
}

/** A step that was taken again after a crash counts once, as it came out last. */
function curve(
  steps: readonly StepEvent[],
  arm: StepEvent["arm"],
  name: string,
  style: string,
  value: (event: StepEvent) => number | null,
): Series {
  const byStep = new Map<number, number>();
  for (const event of steps) {
    if (event.arm === arm) byStep.set(event.step, value(event) ?? Number.NaN);
  }
  const x = [...byStep.keys()].sort((a, b) => a - b);
  return { name, style, x, y: smoothed(x.map((step) => byStep.get(step) as number)) };
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
}
