/**
 * What a frame (frame.ts) is built of: its skeleton, the pin, the lines under the top, and what fills the body where
 * there is nothing to draw.
 */
import { type ButtonOptions, button, progressRing } from "../controls.ts";
import { make } from "./dom.ts";
import { type IconName, icon } from "./icons.ts";

export interface Working {
  readonly what: string;
  readonly done?: number;
  readonly of?: number;
  readonly cancel?: () => void;
}

const patience = 200;

export interface Skeleton {
  readonly main: HTMLElement;
  readonly title: HTMLElement;
  readonly models: HTMLElement;
  readonly figures: HTMLElement;
  readonly body: HTMLElement;
  readonly drawing: HTMLElement;
  readonly detail: HTMLElement;
  readonly twin: HTMLElement;
  readonly state: HTMLElement;
  readonly status: HTMLElement;
  /** Lines between top and figures, in this order whatever comes first. */
  readonly lines: {
    readonly stale: HTMLElement;
    readonly working: HTMLElement;
    readonly notices: HTMLElement;
  };
}

/** Puts the empty frame on the page; `tools` stand at the end of its top line. */
export function buildSkeleton(name: string, tools: readonly Node[]): Skeleton {
  const title = make("h1", "view-title");
  const models = make("div", "models");
  const top = make("header", "top", title, models, make("div", "tools", ...tools));
  const lines = { stale: make("div"), working: make("div"), notices: make("div") };
  const figures = section("figures", "Figures");
  const drawing = section("drawing", name);
  const detail = section("detail", "Detail");
  const body = make("div", "body", drawing, detail);
  const twin = section("twin", "Table");
  const state = section("state", "State");
  const status = make("footer", "status");
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  const between = make("div", "lines", ...Object.values(lines));
  const main = make("main", "view", top, between, figures, body, twin, state, status);
  main.setAttribute("aria-label", name);
  main.tabIndex = -1;
  placeOf().replaceChildren(main);
  return { main, title, models, figures, body, drawing, detail, twin, state, status, lines };
}

function section(className: string, label: string): HTMLElement {
  const element = make("section", className);
  element.setAttribute("aria-label", label);
  return element;
}

function placeOf(): HTMLElement {
  const place = document.getElementById("view");
  if (place === null) throw new Error("The page has no place for a view.");
  return place;
}

export function pinButton(onPress: () => void): {
  element: HTMLElement;
  show(kept: boolean): void;
} {
  const element = button({ label: "Keep", content: icon("pin"), look: "icon", onPress });
  const show = (kept: boolean): void => {
    element.dataset.kept = String(kept);
    element.setAttribute("aria-pressed", String(kept));
    element.title = kept ? "Kept (k): the next command opens another panel" : "Keep (k)";
  };
  show(false);
  return { element, show };
}

export function line(
  kind: string,
  sign: IconName,
  text: string,
  ...rest: readonly Node[]
): HTMLElement {
  return make("div", `line ${kind}`, icon(sign), make("span", "line-text", text), ...rest);
}

/** Shown only for work that takes longer than one notices; then kept up to date in place, so that *Cancel* keeps the focus. */
export function workingLine(slot: HTMLElement, main: HTMLElement): (work: Working | null) => void {
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

const signs = { empty: "empty", failed: "failed", restricted: "lock" } as const;

/** In the place of figures and drawing: a sign, what it is, what to do. The first action is the advised one. */
export function fillState(
  state: HTMLElement,
  kind: keyof typeof signs,
  [first, ...more]: readonly string[],
  actions: readonly Pick<ButtonOptions, "label" | "onPress">[],
): void {
  state.className = `state ${kind}`;
  const buttons = actions.map((action, i) =>
    button({ ...action, look: i === 0 && kind !== "failed" ? "primary" : "secondary" }),
  );
  state.replaceChildren(
    icon(signs[kind]),
    make("p", "state-sentence", first),
    ...more.map((text) => make("p", "muted", text)),
    make("div", "state-actions", ...buttons),
  );
}
