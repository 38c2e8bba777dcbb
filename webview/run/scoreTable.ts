/**
 * Bits per byte of the held-out text, by domain: a dot plot whose rows are those of a table, so that the figures stand
 * beside the drawing. Sources, ensemble and oracle follow as figures only.
 */
import type { RunDifference, RunScore, RunShow } from "../../src/protocol/runView.ts";
import { makeSvg } from "../shared/dom.ts";
import { bits, bytes, count, difference } from "./figures.ts";
import { element, onceAFrame, setShown, setText } from "./patch.ts";
import { type ScorePlot, scorePlot, scoreRowHeight } from "./scoreGeometry.ts";
import { paintScoreAxis, paintScoreRow } from "./scorePaint.ts";
import { type MeanScore, type ScoreRow, scoredKinds, scoreIn, scoreRows } from "./scores.ts";
import { claimName, scoredNames } from "./strings.ts";

export interface ScoreTable {
  readonly element: HTMLElement;
  show(show: RunShow): void;
  /** The drawing by itself; undefined where nothing was measured. */
  svg(): SVGSVGElement | undefined;
}

/** Pixels that the table's columns of words and figures take. */
const otherColumns = 390;
const narrowestPlot = 60;

export function makeScoreTable(): ScoreTable {
  const title = element("h2", {}, "Bits per byte");
  const basis = element("p", { class: "muted" });
  const none = element(
    "p",
    { class: "muted" },
    "Nothing is measured yet: evaluation is the last stage.",
  );
  const holder = element("div", {
    class: "score-holder",
    ...{ tabindex: "0", role: "region", "aria-label": "Bits per byte by domain" },
  });
  const differences = element("ul", { class: "differences" });
  const root = element(
    "section",
    { class: "scores", "aria-label": "Bits per byte" },
    title,
    basis,
    none,
    holder,
    differences,
  );
  let rows: readonly ScoreRow[] = [];
  let shown: RunShow | undefined;
  let key = "";
  let width = 0;

  const draw = onceAFrame(() => {
    if (shown === undefined) return;
    const plotWidth = Math.max(narrowestPlot, Math.min(300, width - otherColumns));
    holder.replaceChildren(...(rows.length === 0 ? [] : [tableOf(shown, rows, plotWidth)]));
    const excess = holder.scrollWidth - holder.clientWidth;
    if (excess <= 0 || rows.length === 0) return;
    holder.replaceChildren(tableOf(shown, rows, Math.max(narrowestPlot, plotWidth - excess)));
  });
  new ResizeObserver(() => {
    if (Math.floor(root.clientWidth) === width) return;
    width = Math.floor(root.clientWidth);
    draw();
  }).observe(root);

  return {
    element: root,
    show(show) {
      const next = JSON.stringify([show.scores, show.differences, show.heldOut]);
      shown = show;
      if (next === key) return; // nothing is touched that somebody may be reading
      key = next;
      rows = scoreRows(show.scores);
      setShown(none, rows.length === 0);
      setText(basis, basisOf(show, rows));
      setShown(basis, rows.length > 0);
      differences.replaceChildren(...show.differences.map((one) => differenceItem(one)));
      draw();
    },
    svg: () => (rows.length === 0 ? undefined : wholeDrawing(scorePlot(rows, 320))),
  };
}

function basisOf({ heldOut, scores }: RunShow, rows: readonly ScoreRow[]): string {
  const seeds = Math.max(
    0,
    ...rows.flatMap((row) => Object.values(row.scores).map((one) => one.seeds)),
  );
  const step = Math.max(0, ...scores.map((score) => score.step ?? 0));
  const total = heldOut?.reduce((sum, domain) => sum + domain.bytes, 0);
  const chunks = heldOut?.reduce((sum, domain) => sum + (domain.chunks ?? Number.NaN), 0);
  return [
    ...(step > 0 ? [`at step ${count(step)}`] : []),
    ...(seeds > 1 ? [`mean ± standard deviation of ${seeds} seeds`] : []),
    ...(total === undefined
      ? []
      : [
          `on ${Number.isFinite(chunks) ? `${count(chunks ?? 0)} held-out chunks, ` : ""}${bytes(total)} of text`,
        ]),
    "less is better",
  ].join(" · ");
}

function tableOf(
  { scores, differences }: RunShow,
  rows: readonly ScoreRow[],
  width: number,
): HTMLElement {
  const plot = scorePlot(rows, width);
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "domain"),
    element(
      "th",
      { scope: "col", class: "score-plot-head" },
      plot.isChange ? "change since the start" : "bits per byte",
    ),
    ...scoredKinds.map((kind) => {
      const { sign, short } = scoredNames[kind];
      return element(
        "th",
        { scope: "col", class: `number ${kind}` },
        element("span", { class: `sign ${kind}`, "aria-hidden": "true" }, sign),
        `\u00a0${short}`,
      );
    }),
    element("th", { scope: "col", class: "number", title: claimName }, "− CLM"),
  );
  const body = rows.map((row, i) => scoreRowElement(row, plot, i, differences));
  const axis = makeSvg("svg", { width, height: 16, "aria-hidden": "true" });
  paintScoreAxis(axis, plot);
  const foot = element(
    "tr",
    { class: "score-axis" },
    element("td", {}),
    element("td", { class: "score-plot" }, axis),
    element("td", { colspan: "4" }),
  );
  const others = scores.filter(({ of }) => !scoredKinds.some((kind) => kind === of));
  return element(
    "table",
    { class: "score-table" },
    element("thead", {}, head),
    element("tbody", {}, ...body, foot),
    ...(others.length === 0
      ? []
      : [
          element(
            "tbody",
            { class: "score-others" },
            ...others.map((score) => otherRow(score, rows)),
          ),
        ]),
  );
}

function scoreRowElement(
  row: ScoreRow,
  plot: ScorePlot,
  i: number,
  differences: readonly RunDifference[],
): HTMLElement {
  const name = row.domain ?? "mean of domains";
  const svg = makeSvg("svg", {
    width: plot.width,
    height: scoreRowHeight,
    role: "img",
    "aria-label": rowSentence(name, row),
  });
  paintScoreRow(svg, plot, plot.rows[i]);
  const { clm, fused } = row.scores;
  const claim = differences.find((one) => one.name === claimName);
  const known =
    row.domain === null || row.domain === undefined
      ? claim
      : claim?.domains?.find(({ domain }) => domain === row.domain);
  const gain =
    known?.bitsPerByte ??
    (clm === undefined || fused === undefined ? undefined : fused.mean - clm.mean);
  return element(
    "tr",
    row.domain === null ? { class: "score-mean" } : {},
    element("th", { scope: "row" }, name),
    element("td", { class: "score-plot" }, svg),
    ...scoredKinds.map((kind) => scoreCell(row.scores[kind])),
    element("td", { class: "number" }, gain === undefined ? "–" : difference(gain)),
  );
}

function scoreCell(score: MeanScore | undefined): HTMLElement {
  if (score === undefined) return element("td", { class: "number" }, "–");
  const spread =
    score.spread === null ? [] : [element("small", {}, `± ${score.spread.toFixed(3)}`)];
  return element("td", { class: "number" }, bits(score.mean), ...spread);
}

const rowSentence = (name: string, { scores }: ScoreRow): string =>
  `${name}: ${scoredKinds.flatMap((kind) => (scores[kind] === undefined ? [] : [`${scoredNames[kind].name} ${bits(scores[kind].mean)}`])).join(", ")} bits per byte`;

/** A source, the ensemble: its mean, and each domain in words. */
function otherRow(score: RunScore, rows: readonly ScoreRow[]): HTMLElement {
  const domains = rows.flatMap(({ domain }) =>
    domain === null ? [] : [`${domain} ${bits(scoreIn(score, domain))}`],
  );
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, score.name),
    element("td", { class: "muted", colspan: "4" }, domains.join(" · ")),
    element("td", { class: "number" }, bits(score.bitsPerByte)),
  );
}

function differenceItem({ name, bitsPerByte, low, high }: RunDifference): HTMLElement {
  const isClear = high < 0 || low > 0;
  const figure = element(isClear ? "strong" : "span", { class: "number" }, difference(bitsPerByte));
  const words = high < 0 ? "better" : low > 0 ? "worse" : "cannot be told apart";
  return element(
    "li",
    {},
    element("span", {}, `${name} `),
    figure,
    element(
      "span",
      { class: "muted" },
      ` bits per byte, 95 % between ${difference(low)} and ${difference(high)}: ${words}`,
    ),
  );
}

/** All rows under each other with their names, for a file. */
function wholeDrawing(plot: ScorePlot): SVGSVGElement {
  const names = 130;
  const top = 22;
  const height = top + plot.rows.length * scoreRowHeight + 20;
  const svg = makeSvg("svg", {
    width: names + plot.width,
    height,
    viewBox: `0 0 ${names + plot.width} ${height}`,
    class: "score-svg",
  });
  const key = scoredKinds
    .map((kind) => `${scoredNames[kind].sign} ${scoredNames[kind].name}`)
    .join("   ");
  svg.append(
    makeSvg(
      "text",
      { x: 4, y: 14, class: "tick-label" },
      `${plot.isChange ? "change since the start, bits per byte" : "bits per byte"}   ${key}`,
    ),
  );
  plot.rows.forEach((row, i) => {
    const group = makeSvg("g", { transform: `translate(${names} ${top + i * scoreRowHeight})` });
    paintScoreRow(group, plot, row);
    const label = makeSvg(
      "text",
      { x: 4, y: top + i * scoreRowHeight + 18, class: "tick-label" },
      row.domain ?? "mean of domains",
    );
    svg.append(group, label);
  });
  const axis = makeSvg("g", {
    transform: `translate(${names} ${top + plot.rows.length * scoreRowHeight})`,
  });
  paintScoreAxis(axis, plot);
  svg.append(axis);
  return svg;
}
