/** The run's state in one sentence, with a shape and a word, and the one thing that can be done about it. */

import type { ShownRunState } from "../../src/protocol/runState.ts";
import type { RunAction, RunShow } from "../../src/protocol/runView.ts";
import { button } from "../controls.ts";
import { element, setAttributes, setShown, setText } from "./patch.ts";
import { stateMeaning, stateSigns } from "./strings.ts";

export interface StateLine {
  /** For the top line. */
  readonly element: HTMLElement;
  /** Below it: what the state means, the last error, the end of the log. Hidden where there is nothing to say. */
  readonly trouble: HTMLElement;
  show(show: RunShow): void;
}

/** What is offered in a state; other actions are in the menu. */
export function actionFor(state: ShownRunState): "stop" | "resume" | undefined {
  switch (state) {
    case "running":
    case "elsewhere":
      return "stop";
    case "queued":
    case "stopped":
    case "failed":
    case "lost":
      return "resume";
    case "stopping":
    case "done":
      return undefined;
  }
}

/** `training 240 of 400 · 11 min left`, without the state's word where the sentence begins with it. */
export function restOfSentence(state: ShownRunState, sentence: string): string {
  const { word } = stateSigns[state];
  const rest = sentence.startsWith(word) ? sentence.slice(word.length) : sentence;
  return rest.replace(/^[\s·:,—–-]+/, "");
}

/** `done in 14 s`, `running: training 240 of 400`: the state as it is read out. */
export function stateText({ state, sentence }: Pick<RunShow, "state" | "sentence">): string {
  const { word } = stateSigns[state];
  return sentence.startsWith(word) ? sentence : `${word}: ${sentence}`;
}

export function makeStateLine(act: (what: RunAction) => void): StateLine {
  const sign = element("span", { class: "state-sign", "aria-hidden": "true" });
  const word = element("strong", {});
  const sentence = element("span", { class: "state-rest" });
  const stop = button({ label: "Stop", onPress: () => act("stop") });
  const resume = button({ label: "Resume", look: "primary", onPress: () => act("resume") });
  const line = element(
    "div",
    { class: "run-state" },
    element("span", { class: "run-state-words" }, sign, word, sentence),
    stop,
    resume,
  );
  const meaning = element("p", { class: "trouble-meaning" });
  const problem = element("p", { class: "trouble-problem" });
  const next = element("p", { class: "muted" });
  const log = element("pre", { class: "log", tabindex: "0", "aria-label": "End of the log" });
  const tail = element(
    "details",
    { class: "trouble-log" },
    element("summary", {}, "End of the log"),
    log,
  );
  tail.open = true;
  const openLog = button({ label: "Show log", onPress: () => act("showLog") });
  const trouble = element(
    "section",
    { class: "trouble", "aria-label": "What the state means" },
    problem,
    next,
    meaning,
    tail,
    openLog,
  );

  return {
    element: line,
    trouble,
    show({ state, sentence: whole, record, logTail }) {
      const signed = stateSigns[state];
      setAttributes(line, { "data-state": state });
      setText(sign, signed.sign);
      setText(word, signed.word);
      const rest = restOfSentence(state, whole);
      setText(sentence, rest);
      const action = actionFor(state);
      keepFocus(
        action === "stop" ? stop : resume,
        action === "stop" ? resume : stop,
        action !== undefined,
      );

      const said = stateMeaning(state, record);
      const isBroken = state === "failed" || state === "lost";
      setAttributes(trouble, { "data-state": state });
      setShown(trouble, said !== undefined);
      setText(meaning, said ?? "");
      setText(problem, record.problem?.message ?? "");
      setShown(problem, isBroken && record.problem !== null);
      setText(next, record.problem?.next ?? "");
      setShown(next, isBroken && record.problem?.next !== undefined);
      setShown(tail, isBroken && logTail !== "");
      setLog(log, logTail);
      setShown(openLog, isBroken);
    },
  };
}

/** A button that goes away hands its focus to the one that comes. */
function keepFocus(shown: HTMLElement, hidden: HTMLElement, isAny: boolean): void {
  const hadFocus = document.activeElement === hidden;
  setShown(hidden, false);
  setShown(shown, isAny);
  if (hadFocus && isAny) shown.focus();
}

/** A reader who has scrolled up is left where they are. */
export function setLog(log: HTMLElement, text: string): void {
  if (log.textContent === text) return;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  log.textContent = text;
  if (atEnd) log.scrollTop = log.scrollHeight;
}
