/**
 * Bits per byte of the runs on the held-out text, and each one's difference to the first run. A difference within the
 * spread of the seeds stands in ordinary weight, one beyond it bold with an arrow; a run that was measured on other text
 * says so and has none.
 */
import type { ComparedRunShow, CompareShow } from "../../src/protocol/runView.ts";
import { bits, count, difference } from "../run/figures.ts";
import { element } from "../run/patch.ts";
import { type MeanScore, scoreRows } from "../run/scores.ts";
import { stateSigns } from "../run/strings.ts";
import { letterBadge } from "../shared/chips.ts";

export interface ComparedScores {
  readonly element: HTMLElement;
  show(show: CompareShow): void;
}

type Difference = Pick<
  NonNullable<ComparedRunShow["difference"]>,
  "bitsPerByte" | "spread" | "beyondSpread"
>;

const allDomains = "mean of domains";

export function makeComparedScores(): ComparedScores {
  const holder = element("div", {
    class: "compared-holder",
    ...{ tabindex: "0", role: "region", "aria-label": "Bits per byte by run" },
  });
  const root = element(
    "section",
    { class: "compared", "aria-label": "Bits per byte" },
    element("h2", {}, "Bits per byte of the fused targets"),
    holder,
  );
  let key = "";
  return {
    element: root,
    show({ runs }) {
      const next = JSON.stringify(
        runs.map(({ letter, name, state, lastStep, scores, notComparable, difference: gain }) => [
          letter,
          name,
          state,
          lastStep,
          scores,
          notComparable,
          gain,
        ]),
      );
      if (next === key) return; // nothing is touched that somebody may be reading
      key = next;
      holder.replaceChildren(tableOf(runs), explanation(runs));
    },
  };
}

function tableOf(runs: readonly ComparedRunShow[]): HTMLElement {
  const rows = new Map(runs.map((run) => [run.folder, scoreRows(run.scores)]));
  const domains = [...new Set([...rows.values()].flat().map(({ domain }) => domain))];
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "run"),
    ...domains.map((domain) =>
      element("th", { scope: "col", class: "number" }, domain ?? allDomains),
    ),
  );
  const body = runs.map((run, i) => {
    const own = rows.get(run.folder) ?? [];
    return element(
      "tr",
      { "data-letter": run.letter },
      element("th", { scope: "row" }, letterBadge(run.letter), runName(run)),
      ...domains.map((domain) => {
        const score = own.find((row) => row.domain === domain)?.scores.fused;
        return element(
          "td",
          { class: "number", "data-of": domain ?? allDomains },
          ...scoreCell(score),
          ...(i === 0 ? [] : differenceCell(run, domain)),
        );
      }),
    );
  });
  return element(
    "table",
    { class: "compared-table" },
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}

function runName({ name, state, lastStep, notComparable }: ComparedRunShow): HTMLElement {
  const { sign, word } = stateSigns[state];
  const mark = element(
    "span",
    { class: "compared-state muted" },
    `${sign} ${word}, ${count(lastStep)} steps`,
  );
  const why =
    notComparable === undefined
      ? []
      : [element("span", { class: "not-comparable" }, `not comparable: ${notComparable}`)];
  return element("span", { class: "compared-name" }, element("span", {}, name), mark, ...why);
}

function scoreCell(score: MeanScore | undefined): Node[] {
  if (score === undefined) return [element("span", { class: "muted" }, "–")];
  const spread =
    score.spread === null ? [] : [element("small", {}, ` ± ${score.spread.toFixed(3)}`)];
  return [element("span", {}, bits(score.mean)), ...spread];
}

function differenceCell(run: ComparedRunShow, domain: string | null): Node[] {
  if (run.notComparable !== undefined || run.difference === undefined) return [];
  const of: Difference | undefined =
    domain === null ? run.difference : run.difference.domains?.find((one) => one.domain === domain);
  if (of === undefined) return [];
  const { bitsPerByte, spread, beyondSpread } = of;
  const arrow = beyondSpread ? (bitsPerByte < 0 ? " ↓" : " ↑") : "";
  const words = beyondSpread
    ? `${bitsPerByte < 0 ? "better" : "worse"} than the first run by more than the seeds differ`
    : spread === null
      ? "one seed each: their spread is not known"
      : "within the spread of the seeds";
  const beside = spread === null ? "" : ` ± ${spread.toFixed(3)}`;
  return [
    element(
      "span",
      { class: "compared-difference", title: words },
      element(beyondSpread ? "strong" : "span", {}, `${difference(bitsPerByte)}${arrow}`),
      element("small", {}, beside),
      element("span", { class: "visually-hidden" }, `, ${words}`),
    ),
  ];
}

function explanation(runs: readonly ComparedRunShow[]): HTMLElement {
  const [first] = runs;
  return element(
    "p",
    { class: "muted" },
    `Less is better. Below each: the difference to ${first?.letter ?? "the first run"} on the same held-out text; bold with an arrow where it is larger than the seeds differ (± one standard deviation), ordinary where it is not or where there is one seed.`,
  );
}
