/** One stage in full: what it is for, what it found, its files, the end of the log. */
import type { RunShow } from "../../src/protocol/runView.ts";
import { link } from "../controls.ts";
import { bytes } from "./figures.ts";
import { element, keptList, setAttributes, setShown, setText } from "./patch.ts";
import type { ShownStage } from "./shownStage.ts";
import { setLog } from "./stateLine.ts";
import { stageFacts, stagePurposes } from "./strings.ts";

export interface StageDetailOptions {
  readonly openFile: (path: string) => void;
  readonly readLog: () => Promise<string>;
}

export interface StageDetail {
  readonly element: HTMLElement;
  /** `undefined`: none is chosen, nothing is shown. */
  show(stage: ShownStage | undefined, files: RunShow["files"]): void;
  readLog(): void;
}

/** Milliseconds between two looks at the log of a stage that runs. */
const logInterval = 2000;
/** Files that are listed one by one. */
const mostFiles = 12;

export function makeStageDetail({ openFile, readLog }: StageDetailOptions): StageDetail {
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
      return { element: entry, update: ([, figure]) => setText(value, figureText(figure)) };
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
  let stage: ShownStage | undefined;
  let lastRead = 0;
  const readAgain = (): void => {
    if (stage === undefined) return;
    const asked = stage.name;
    lastRead = performance.now();
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
    show(next: ShownStage | undefined, all: RunShow["files"]) {
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
      if (isOther) log.textContent = "";
      const isGrowing = stage.state === "running" && performance.now() - lastRead > logInterval;
      if (isOther || isGrowing) readAgain();
    },
  };
}

/** `trainingChunks` → `training chunks` */
const words = (name: string): string =>
  name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const figureText = (value: number): string =>
  (Number.isInteger(value) ? value : Number(value.toPrecision(4))).toLocaleString("en-US", {
    maximumFractionDigits: 6,
  });
