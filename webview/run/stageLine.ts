/**
 * The stages as a line of buttons: what is finished, what runs and how far it is, what waits. Choosing one opens its
 * figures, its files and the end of the log; choosing it again closes them. One tab stop, walked with the arrows.
 */
import type { RunShow, RunStage } from "../../src/protocol/runView.ts";
import { link } from "../controls.ts";
import { axisNumber, bytes } from "./figures.ts";
import { element, keptList, setAttributes, setShown, setText } from "./patch.ts";
import { setLog } from "./stateLine.ts";
import { stageFacts, stageMarks, stagePurposes } from "./strings.ts";

export interface StageLine {
  readonly element: HTMLElement;
  readonly chosen: string | null;
  show(show: RunShow): void;
  choose(stage: string | null): void;
}

export interface StageLineOptions {
  readonly first: string | null;
  readonly onChoose: (stage: string | null) => void;
  readonly openFile: (path: string) => void;
  readonly readLog: () => Promise<string>;
}

/** Files that are listed one by one. */
const mostFiles = 12;

export function makeStageLine(options: StageLineOptions): StageLine {
  let chosen = options.first;
  let newest: RunShow | undefined;
  const bar = element("div", { class: "stages", role: "toolbar", "aria-label": "Stages" });
  const detail = stageDetail(options);
  const root = element("div", { class: "stage-block" }, bar, detail.element);
  const list = keptList<RunStage>(
    bar,
    ({ name }) => name,
    ({ name }) => {
      const kept = stageButton(name, () => choose(chosen === name ? null : name));
      return kept;
    },
  );

  function choose(stage: string | null): void {
    chosen = stage;
    arrange();
    detail.readLog();
    options.onChoose(stage);
  }

  function arrange(): void {
    const buttons = [...bar.querySelectorAll("button")];
    const stop = buttons.find(({ dataset }) => dataset.stage === chosen) ?? buttons[0];
    const hasFocus = bar.contains(document.activeElement);
    for (const one of buttons) {
      setAttributes(one, { "aria-expanded": String(one.dataset.stage === chosen) });
      if (!hasFocus) one.tabIndex = one === stop ? 0 : -1;
    }
    detail.show(
      newest?.stages.find(({ name }) => name === chosen),
      newest?.files ?? [],
    );
  }

  bar.addEventListener("keydown", (event) => {
    const buttons = [...bar.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[
      event.key
    ];
    if (to === undefined || at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  });

  return {
    element: root,
    get chosen() {
      return chosen;
    },
    show(show) {
      newest = show;
      list.set(show.stages);
      arrange();
    },
    choose,
  };
}

function stageButton(name: string, onPress: () => void) {
  const sign = element("span", { class: "stage-sign", "aria-hidden": "true" });
  const bar = element("progress", { class: "stage-bar", "aria-hidden": "true" });
  const headline = element("span", { class: "stage-headline number" });
  const facts = element("span", { class: "visually-hidden" });
  const button = element(
    "button",
    { type: "button", class: "stage", "data-stage": name, title: stagePurposes[name] },
    element("span", { class: "stage-name" }, name),
    sign,
    bar,
    headline,
    facts,
  );
  button.addEventListener("click", onPress);
  return {
    element: button,
    update(stage: RunStage) {
      const { state, done, of } = stage;
      setAttributes(button, { "data-state": state });
      setText(sign, stageMarks[state].sign);
      const isCounted = state === "running" && done !== undefined && of !== undefined && of > 0;
      setShown(bar, state === "running");
      if (isCounted) {
        bar.max = of;
        bar.value = done;
      } else bar.removeAttribute("value");
      setText(headline, headlineOf(stage));
      setShown(headline, headline.textContent !== "");
      setText(facts, `, ${stageFacts(stage)}`);
    },
  };
}

/** Its own words, or how far it is. */
function headlineOf({ headline, state, done, of }: RunStage): string {
  if (headline !== undefined) return headline;
  if (state !== "running" || done === undefined || of === undefined || of === 0) return "";
  return `${Math.floor((100 * done) / of)} %`;
}

function stageDetail({ openFile, readLog }: StageLineOptions) {
  const title = element("h2", {});
  const purpose = element("p", { class: "muted" });
  const facts = element("p", {});
  const figures = element("dl", { class: "stage-figures" });
  const files = element("ul", { class: "stage-files" });
  const filesTitle = element("h3", {}, "Files");
  const more = element("p", { class: "muted" });
  const log = element("pre", { class: "log", tabindex: "0", "aria-label": "End of the log" });
  const logTitle = element("h3", {}, "End of the log");
  const root = element(
    "section",
    { class: "stage-detail" },
    element("div", { class: "stage-words" }, title, facts, purpose, figures),
    element("div", { class: "stage-made" }, filesTitle, files, more),
    element("div", { class: "stage-log" }, logTitle, log),
  );
  const figureList = keptList<readonly [string, number]>(
    figures,
    ([name]) => name,
    ([name]) => {
      const value = element("dd", { class: "number" });
      const entry = element("div", {}, element("dt", {}, words(name)), value);
      return { element: entry, update: ([, figure]) => setText(value, axisNumberOf(figure)) };
    },
  );
  const fileList = keptList<{ readonly path: string; readonly bytes: number | undefined }>(
    files,
    ({ path }) => path,
    ({ path }) => {
      const size = element("span", { class: "number muted" });
      const entry = element("li", {}, link({ label: path, onPress: () => openFile(path) }), size);
      return {
        element: entry,
        update: (file) => setText(size, file.bytes === undefined ? "" : bytes(file.bytes)),
      };
    },
  );
  let stage: RunStage | undefined;
  const readAgain = (): void => {
    if (stage === undefined) return;
    const asked = stage.name;
    readLog().then(
      (text) => {
        if (stage?.name === asked) setLog(log, text || "The log is empty.");
      },
      (error: unknown) => setLog(log, error instanceof Error ? error.message : String(error)),
    );
  };
  return {
    element: root,
    readLog: readAgain,
    show(next: RunStage | undefined, all: RunShow["files"]) {
      const isOther = next?.name !== stage?.name;
      stage = next;
      setShown(root, stage !== undefined);
      if (stage === undefined) return;
      setAttributes(root, { "aria-label": `Stage ${stage.name}` });
      setText(title, stage.name);
      setText(purpose, stagePurposes[stage.name] ?? "");
      setText(facts, stageFacts(stage));
      figureList.set(Object.entries(stage.figures));
      setShown(figures, figures.children.length > 0);
      const sizes = new Map(all.map((file) => [file.path, file.bytes]));
      fileList.set(
        stage.files.slice(0, mostFiles).map((path) => ({ path, bytes: sizes.get(path) })),
      );
      const left = stage.files.length - mostFiles;
      setText(
        more,
        stage.files.length === 0
          ? "none yet"
          : left > 0
            ? `and ${left} more in the run's folder`
            : "",
      );
      if (isOther) {
        log.textContent = "";
        readAgain();
      }
    },
  };
}

/** `trainingChunks` → `training chunks` */
const words = (name: string): string =>
  name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const axisNumberOf = (value: number): string =>
  Number.isInteger(value)
    ? value.toLocaleString("en-US")
    : axisNumber(Number(value.toPrecision(4)));
