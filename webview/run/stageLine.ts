/**
 * The stages as a line of buttons: what is finished, what runs and how far it is, what waits. Choosing one opens its
 * figures, its files and the end of the log; choosing it again closes them. One tab stop, walked with the arrows.
 */
import type { RunShow } from "../../src/protocol/runView.ts";
import { element, keptList, setAttributes, setShown, setText } from "./patch.ts";
import { type ShownStage, shownStages } from "./shownStage.ts";
import { makeStageDetail, type StageDetailOptions } from "./stageDetail.ts";
import { stageFacts, stageMarks, stagePurposes } from "./strings.ts";

export interface StageLine {
  readonly element: HTMLElement;
  readonly chosen: string | null;
  show(show: RunShow): void;
  choose(stage: string | null): void;
}

export interface StageLineOptions extends StageDetailOptions {
  readonly first: string | null;
  readonly onChoose: (stage: string | null) => void;
}

export function makeStageLine(options: StageLineOptions): StageLine {
  let chosen = options.first;
  let stages: readonly ShownStage[] = [];
  let files: RunShow["files"] = [];
  const bar = element("div", { class: "stages", role: "toolbar", "aria-label": "Stages" });
  const detail = makeStageDetail(options);
  const root = element("div", { class: "stage-block" }, bar, detail.element);
  const list = keptList<ShownStage>(
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
      stages.find(({ name }) => name === chosen),
      files,
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
      stages = shownStages(show);
      files = show.files;
      list.set(stages);
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
    update(stage: ShownStage) {
      const { state, done, of } = stage;
      setAttributes(button, { "data-state": state });
      setText(sign, stageMarks[state].sign);
      const isCounted = done !== undefined && of !== undefined && of > 0;
      setShown(bar, state === "running" || state === "halted");
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
function headlineOf({ headline, state, done, of }: ShownStage): string {
  if (headline !== undefined) return headline;
  if (state !== "running" && state !== "halted") return "";
  if (done === undefined || of === undefined || of === 0) return "";
  return `${Math.floor((100 * done) / of)} %`;
}
