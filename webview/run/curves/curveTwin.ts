/** The table twin of the curves, and their exports: all figures of the stretch in sight, not only those that are drawn. */
import type { SeriesAnswer } from "../../../src/protocol/runSeries.ts";
import { makeSvg } from "../../shared/dom.ts";
import { exportDrawing, pngOf, svgText } from "../../shared/exportDrawing.ts";
import { type Frame, sentenceOf } from "../../shared/frame.ts";
import type { CommonHost } from "../../shared/host.ts";
import type { MenuItem } from "../../shared/menu.ts";
import { type TableTwin, tableTwin } from "../../shared/table.ts";
import type { CurvePanel } from "./curvePanel.ts";
import { type StepRow, stepColumns, stepRows, type TabledRun } from "./curveTable.ts";
import { questionKey, type SeriesAnswers, type SeriesQuestion } from "./seriesFeed.ts";

export interface CurveTwin {
  readonly isOpen: boolean;
  toggle(): void;
  /** New answers: the table shows them where it is open. */
  take(answers: SeriesAnswers): void;
  menu(): MenuItem[];
}

export interface CurveTwinOptions {
  readonly host: CommonHost;
  readonly frame: Frame;
  readonly panel: CurvePanel;
  readonly runs: () => readonly TabledRun[];
  readonly areCompared: boolean;
  readonly name: () => string;
  readonly ask: (question: SeriesQuestion, signal: AbortSignal) => Promise<SeriesAnswer>;
}

export function makeCurveTwin(options: CurveTwinOptions): CurveTwin {
  const { host, frame, panel, runs, areCompared, name, ask } = options;
  const tableOf = (rows: readonly StepRow[]): TableTwin<StepRow> =>
    tableTwin({
      name: "Steps",
      columns: stepColumns(areCompared),
      rows,
      onChoose: ({ step }) => panel.choose(step),
      onCopy: (text) =>
        void host.call("copy", { text }).catch((error) => frame.say(sentenceOf(error))),
    });
  let table: TableTwin<StepRow> | undefined;
  /** What was said of the table: of one that grows not every second again. */
  let said: "" | "whole" | "reduced" = "";

  const csv = async (): Promise<string> => {
    const { signal } = new AbortController();
    const questions = panel.everything();
    const found = await Promise.all(questions.map((question) => ask(question, signal)));
    const answers = new Map(questions.map((question, i) => [questionKey(question), found[i]]));
    return tableOf(stepRows(runs(), answers)).csv();
  };
  const send =
    (type: "svg" | "png" | "csv", content: () => Promise<string | ArrayBuffer>) => () => {
      content().then(
        (made) => exportDrawing(host, frame, { name: name(), type, content: made }),
        (error: unknown) => frame.say(sentenceOf(error)),
      );
    };
  const picture = (): string => withLegend(panel, (svg) => svgText(svg, { title: name() }));

  function toggle(): void {
    if (table === undefined) {
      table = tableOf([]);
      frame.table(table.element);
      table.focus();
    } else {
      table = undefined;
      said = "";
      frame.table(null);
      frame.focus();
    }
    panel.setTable(table !== undefined);
  }

  return {
    get isOpen() {
      return table !== undefined;
    },
    toggle,
    take(answers) {
      if (table === undefined) return;
      const rows = stepRows(runs(), answers);
      table.setRows(rows);
      const of = [...answers.values()].flatMap(({ series }) => series);
      const isReduced = of.some((one) => one.of > one.steps.length);
      if (said === (isReduced ? "reduced" : "whole")) return;
      said = isReduced ? "reduced" : "whole";
      frame.say(
        isReduced
          ? `${rows.length} rows: of each figure the least and the most of every stretch; drag over the chart to see a stretch whole.`
          : `${rows.length} rows, every step.`,
      );
    },
    menu: () => [
      {
        label: table === undefined ? "Open as table" : "Close table",
        key: "t",
        run: toggle,
        separated: true,
      },
      { label: "Export curves as SVG…", run: send("svg", async () => picture()) },
      { label: "Export curves as PNG…", run: send("png", () => pngOf(picture())) },
      { label: "Export curves as CSV…", run: send("csv", csv) },
    ],
  };
}

/** The chart with its lines named above it. The copy stands on the page while it is read: styles are computed there. */
function withLegend(panel: CurvePanel, read: (svg: SVGSVGElement) => string): string {
  const chart = panel.svg.cloneNode(true) as SVGSVGElement;
  const [width, height] = [panel.svg.width.baseVal.value, panel.svg.height.baseVal.value];
  const svg = makeSvg("svg", {
    class: "chart-svg chart-export",
    width,
    height: height + 24,
    viewBox: `0 -24 ${width} ${height + 24}`,
  });
  let x = 4;
  for (const { label, letter, look } of panel.spec?.lines ?? []) {
    const sample = makeSvg("path", { class: `line smoothed ${look.dash}`, d: `M${x} -11h26` });
    sample.style.stroke = look.colour;
    const words = letter === undefined ? label : `${letter} ${label}`;
    svg.append(sample, makeSvg("text", { class: "unit", x: x + 32, y: -7 }, words));
    x += 48 + 7 * words.length;
  }
  svg.append(...chart.children);
  for (const layer of svg.querySelectorAll(".chart-brush, .chart-hover")) layer.remove();
  panel.element.append(svg);
  try {
    return read(svg);
  } finally {
    svg.remove();
  }
}
