/**
 * The skeleton that all views share: top line (what, which models, Keep, menu), figures, drawing, detail of what is
 * chosen, and the status line that says it in one sentence and is the live region. What a view has not to show is
 * shown on purpose too: nothing chosen yet, at work, left out, out of date, failed, not trusted.
 */
import "./base.css";
import "./frame.css";
import "./controls.css";
import "./menu.css";
import "./table.css";
import "./figures.css";
import { Problem } from "../../src/core/problem.ts";
import type { CommonEvents } from "../../src/protocol/views.ts";
import type { ProblemBody } from "../../src/protocol/wire.ts";
import { button } from "../controls.ts";
import {
  buildSkeleton,
  fillState,
  line,
  pinButton,
  type Working,
  workingLine,
} from "./frameParts.ts";
import type { CommonHost } from "./host.ts";
import { type MenuItem, menuButton } from "./menu.ts";

export interface FrameOptions {
  /** What the view is: "Alignment". */
  readonly name: string;
  readonly host: CommonHost;
  /** Asked each time the menu opens. */
  readonly menu: () => readonly MenuItem[];
  /** Shows or leaves the table twin: a command of the editor, and the view's `t`. */
  readonly toggleTable?: () => void;
}

export interface Action {
  readonly label: string;
  readonly run: () => void;
}

/** What fills the body. */
export type FrameState =
  | { readonly kind: "ready" }
  /** Nothing to show yet: what to do. */
  | { readonly kind: "empty"; readonly sentence: string; readonly action?: Action }
  | { readonly kind: "failed"; readonly problem: ProblemBody; readonly action?: Action }
  | { readonly kind: "restricted"; readonly sentence: string };

export interface Stale {
  /** What is done again: "Align again". */
  readonly verb: string;
  readonly again: () => void;
}

export interface Frame {
  /** `.view`: the container that `@container view (…)` asks about. */
  readonly root: HTMLElement;
  /** In the top line: chips, documents. */
  readonly models: HTMLElement;
  readonly figures: HTMLElement;
  /** Around drawing and detail. */
  readonly body: HTMLElement;
  readonly drawing: HTMLElement;
  readonly detail: HTMLElement;
  setTitle(title: string): void;
  readonly kept: boolean;
  setKept(kept: boolean): void;
  toggleKept(): void;
  /** One sentence in the status line. The same one again is not read out twice. */
  say(sentence: string): void;
  show(state: FrameState): void;
  /** Shows an error as the failed state. A cancelled call is passed over. */
  fail(error: unknown, action?: Action): void;
  /** A line with a bar; what was shown stays. It appears after 200 ms. */
  working(work: Working | null): void;
  /** Dims what is shown: it is of another text than the editor's, which is being read or can be. */
  stale(stale: Stale | "beingRenewed" | null): void;
  /** What was left out, and why. */
  notices(sentences: readonly string[]): void;
  /** The table twin in the place of drawing and detail; `null`: the drawing again. */
  table(element: HTMLElement | null): void;
  /** What a command of the editor asks. */
  press(what: CommonEvents["press"]["what"]): void;
  /** To the drawing's tab stop, else to the view. */
  focus(): void;
}

export function makeFrame({ name, host, menu, toggleTable }: FrameOptions): Frame {
  const pin = pinButton(() => toggleKept());
  const more = menuButton("More actions", menu);
  const parts = buildSkeleton(name, [pin.element, more.element]);
  const { main, figures, body, drawing, twin, state, status, lines } = parts;

  let kept = false;
  let shown: FrameState["kind"] = "ready";
  let isTable = false;
  /** The host has not said yet what is shown: that may take as long as what it asks. */
  let isOpening = true;
  const arrange = (): void => {
    const isReady = shown === "ready";
    main.dataset.state = shown;
    figures.hidden = !isReady;
    body.hidden = !isReady || isTable;
    twin.hidden = !isReady || !isTable;
    state.hidden = isReady;
  };
  const setKept = (value: boolean): void => {
    kept = value;
    pin.show(value);
  };
  const toggleKept = (): void => {
    setKept(!kept);
    say(
      kept
        ? "Kept: what is asked next opens another panel."
        : "Not kept: what is asked next is shown here.",
    );
    void host.call("persist", { kept }).catch((error) => frame.say(sentenceOf(error)));
  };
  const say = (sentence: string): void => {
    if (status.textContent !== sentence) status.textContent = sentence;
  };
  const openAt = (what: "log" | "trust") => (): void =>
    void host.call("openAt", { what }).catch((error) => say(sentenceOf(error)));

  const frame: Frame = {
    root: main,
    models: parts.models,
    figures,
    body,
    drawing,
    detail: parts.detail,
    setTitle(text) {
      parts.title.textContent = text;
      if (isOpening) frame.working(null);
      isOpening = false;
    },
    get kept() {
      return kept;
    },
    setKept,
    toggleKept,
    say,
    show(next) {
      shown = next.kind;
      if (next.kind === "empty") {
        fillState(state, "empty", [next.sentence], actionsOf(next.action));
      } else if (next.kind === "restricted") {
        const trust = { label: "Manage trust", onPress: openAt("trust") };
        fillState(state, "restricted", [next.sentence], [trust]);
      } else if (next.kind === "failed") {
        const { message, next: step } = next.problem;
        const log = { label: "Show log", onPress: openAt("log") };
        fillState(state, "failed", step === undefined ? [message] : [message, step], [
          ...actionsOf(next.action),
          log,
        ]);
        say(message);
      }
      arrange();
    },
    fail(error, action) {
      if (error instanceof Problem && error.code === "cancelled") return;
      if (!(error instanceof Problem)) reportError(error);
      const problem = problemOf(error);
      frame.show({ kind: "failed", problem, ...(action === undefined ? {} : { action }) });
    },
    working: workingLine(lines.working, main),
    stale(stale) {
      main.toggleAttribute("data-stale", stale !== null);
      if (stale === null || stale === "beingRenewed") return lines.stale.replaceChildren();
      const again = button({ label: `${stale.verb} (r)`, onPress: stale.again });
      lines.stale.replaceChildren(line("stale", "again", "Text changed", again));
    },
    notices(sentences) {
      lines.notices.replaceChildren(...sentences.map((text) => line("notice", "note", text)));
    },
    table(element) {
      isTable = element !== null;
      twin.replaceChildren(...(element === null ? [] : [element]));
      arrange();
    },
    press(what) {
      if (what === "export") more.open();
      else if (what === "table") toggleTable?.();
      else frame.focus();
    },
    focus() {
      const stops = (isTable ? twin : drawing).querySelectorAll<HTMLElement>('[tabindex="0"]');
      const visible = [...stops].filter((element) => element.checkVisibility());
      // What is drawn comes before the controls above it: a dropdown would keep the view's keys to itself.
      const stop = visible.find(({ localName }) => !localName.startsWith("vscode-")) ?? visible[0];
      (stop ?? main).focus();
    },
  };
  arrange();
  frame.working({ what: "Opening…" });
  return frame;
}

/** The sentence of an error for people; for us, that something went wrong. */
export const sentenceOf = (error: unknown): string => problemOf(error).message;

/** What is thrown here and is no `Problem` is ours. */
export function problemOf(error: unknown): ProblemBody {
  if (error instanceof Problem) {
    const { code, message, next } = error;
    return { code, message, ...(next === undefined ? {} : { next }) };
  }
  const what = error instanceof Error ? error.message : String(error);
  return {
    code: "failed",
    message: `Something went wrong in this view that should not: ${what}`,
    next: "Close the view and open it again.",
  };
}

const actionsOf = (action: Action | undefined) =>
  action === undefined ? [] : [{ label: action.label, onPress: action.run }];
