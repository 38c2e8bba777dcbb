/**
 * The skeleton that all views share: top line (what, which models, Keep, menu), figures, drawing, detail of what is
 * chosen, and the status line that says it in one sentence and is the live region. What a view has not to show is
 * shown on purpose too: nothing chosen yet, at work, left out, out of date, failed, not trusted.
 */
import "./base.css";
import { Problem } from "../../src/core/problem.ts";
import type { CommonEvents } from "../../src/protocol/views.ts";
import type { ProblemBody } from "../../src/protocol/wire.ts";
import { button, progressRing } from "../controls.ts";
import { make } from "./dom.ts";
import type { CommonHost } from "./host.ts";
import { type IconName, icon } from "./icons.ts";
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

export interface Working {
  readonly what: string;
  readonly done?: number;
  readonly of?: number;
  readonly cancel?: () => void;
}

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
  /** Dims what is shown: it is of a text that has changed. */
  stale(stale: Stale | null): void;
  /** What was left out, and why. */
  notices(sentences: readonly string[]): void;
  /** The table twin in the place of drawing and detail; `null`: the drawing again. */
  table(element: HTMLElement | null): void;
  /** What a command of the editor asks. */
  press(what: CommonEvents["press"]["what"]): void;
  /** To the drawing's tab stop, else to the view. */
  focus(): void;
}

const patience = 200;

export function makeFrame({ name, host, menu, toggleTable }: FrameOptions): Frame {
  const title = make("h1", "view-title");
  const models = make("div", "models");
  const pin = pinButton(() => toggleKept());
  const more = menuButton("More actions", menu);
  const top = make("header", "top", title, models, make("div", "tools", pin.element, more.element));
  const lines = make("div", "lines");
  const figures = make("section", "figures");
  figures.setAttribute("aria-label", "Figures");
  const drawing = make("section", "drawing");
  drawing.setAttribute("aria-label", name);
  const detail = make("section", "detail");
  detail.setAttribute("aria-label", "Detail");
  const body = make("div", "body", drawing, detail);
  const twin = make("section", "twin");
  twin.setAttribute("aria-label", "Table");
  twin.hidden = true;
  const state = make("section", "state");
  state.setAttribute("aria-label", "State");
  state.hidden = true;
  const status = make("footer", "status");
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  const main = make("main", "view", top, lines, figures, body, twin, state, status);
  main.setAttribute("aria-label", name);
  main.tabIndex = -1;
  placeOf().replaceChildren(main);

  let kept = false;
  let shown: FrameState["kind"] = "ready";
  let isTable = false;
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
  const slots = lineSlots(lines);
  const openAt = (what: "log" | "trust") => (): void =>
    void host.call("openAt", { what }).catch((error) => say(sentenceOf(error)));

  const frame: Frame = {
    root: main,
    models,
    figures,
    body,
    drawing,
    detail,
    setTitle(text) {
      title.textContent = text;
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
        const trust = { label: "Manage trust", run: openAt("trust") };
        fillState(state, "restricted", [next.sentence], [trust]);
      } else if (next.kind === "failed") {
        const { message, next: step } = next.problem;
        const log = { label: "Show log", run: openAt("log") };
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
    working: workingLine(slots.working, main),
    stale(stale) {
      main.toggleAttribute("data-stale", stale !== null);
      if (stale === null) return slots.stale.replaceChildren();
      const again = button({ label: `${stale.verb} (r)`, onPress: stale.again });
      slots.stale.replaceChildren(line("stale", "again", "Text changed", again));
    },
    notices(sentences) {
      slots.notices.replaceChildren(...sentences.map((text) => line("notice", "note", text)));
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
      const places = isTable ? twin : drawing;
      const stop = places.hidden ? null : places.querySelector<HTMLElement>('[tabindex="0"]');
      (stop ?? main).focus();
    },
  };
  arrange();
  return frame;
}

/** The sentence of an error for people; for us, that something went wrong. */
export const sentenceOf = (error: unknown): string => problemOf(error).message;

function problemOf(error: unknown): ProblemBody {
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

function placeOf(): HTMLElement {
  const place = document.getElementById("view");
  if (place === null) throw new Error("The page has no place for a view.");
  return place;
}

function pinButton(onPress: () => void): { element: HTMLElement; show(kept: boolean): void } {
  const element = button({ label: "Keep", content: icon("pin"), look: "icon", onPress });
  const show = (kept: boolean): void => {
    element.dataset.kept = String(kept);
    element.setAttribute("aria-pressed", String(kept));
    element.title = kept ? "Kept (k): the next command opens another panel" : "Keep (k)";
  };
  show(false);
  return { element, show };
}

/** Lines between top and figures, in this order whatever comes first. */
function lineSlots(lines: HTMLElement) {
  const slots = { stale: make("div"), working: make("div"), notices: make("div") };
  lines.append(slots.stale, slots.working, slots.notices);
  return slots;
}

function line(kind: string, sign: IconName, text: string, ...rest: readonly Node[]): HTMLElement {
  return make("div", `line ${kind}`, icon(sign), make("span", "line-text", text), ...rest);
}

/** Shown only for work that takes longer than one notices; then kept up to date in place, so that *Cancel* keeps the focus. */
function workingLine(slot: HTMLElement, main: HTMLElement): (work: Working | null) => void {
  let newest: Working | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const text = make("span", "line-text");
  const bar = make("progress", "bar");
  const cancel = button({ label: "Cancel", onPress: () => newest?.cancel?.() });
  const element = make("div", "line working", progressRing(), text, bar, cancel);
  text.setAttribute("role", "status");

  const update = (): void => {
    if (newest === null) return;
    const { what, done, of } = newest;
    const isCounted = done !== undefined && of !== undefined && of > 0;
    bar.hidden = !isCounted;
    if (isCounted) {
      bar.max = of;
      bar.value = done;
      bar.setAttribute("aria-label", what);
    }
    cancel.hidden = newest.cancel === undefined;
    // The figure is for the eye: only the words are read out.
    if (text.textContent !== what) text.textContent = what;
    if (!element.isConnected) slot.append(element);
  };
  return (work) => {
    newest = work;
    main.ariaBusy = String(work !== null);
    if (work === null) {
      clearTimeout(timer);
      timer = undefined;
      if (element.contains(document.activeElement)) main.focus();
      element.remove();
    } else if (element.isConnected) update();
    else timer ??= setTimeout(update, patience);
  };
}

const actionsOf = (action: Action | undefined): readonly Action[] =>
  action === undefined ? [] : [action];

const signs = { empty: "empty", failed: "failed", restricted: "lock" } as const;

function fillState(
  state: HTMLElement,
  kind: keyof typeof signs,
  [first, ...more]: readonly string[],
  actions: readonly Action[],
): void {
  state.className = `state ${kind}`;
  const buttons = actions.map(({ label, run }, i) =>
    button({ label, onPress: run, look: i === 0 && kind !== "failed" ? "primary" : "secondary" }),
  );
  state.replaceChildren(
    icon(signs[kind]),
    make("p", "state-sentence", first),
    ...more.map((text) => make("p", "muted", text)),
    make("div", "state-actions", ...buttons),
  );
}
