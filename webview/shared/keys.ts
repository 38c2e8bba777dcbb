/**
 * The keys of a view: one table, by which it acts and from which `?` lists them. Keys belong to the view alone and
 * are left to what has the focus where that takes keys itself: fields, lists, menus, the table's grid.
 */
import { button } from "../controls.ts";
import { freshId, make } from "./dom.ts";
import { type Frame, sentenceOf } from "./frame.ts";
import type { CommonHost } from "./host.ts";
import { icon } from "./icons.ts";

/** A key's name as the browser gives it, or one of the groups. */
export type KeyName = string;

export interface KeyPress {
  readonly key: string;
  /** For arrows: −1, 0, 1, with Shift ten times as much. */
  readonly dx: number;
  readonly dy: number;
  /** For digits; else 0. */
  readonly digit: number;
  readonly shift: boolean;
}

export interface KeyBinding {
  /** `"n"`, `"Home"`, `"Enter"`, `"+"`; groups: `"Arrows"`, `"Left/Right"`, `"Up/Down"`, `"Digits"` (1…9). */
  readonly keys: KeyName | readonly KeyName[];
  /** For the list: what it does. */
  readonly says: string;
  readonly run: (press: KeyPress) => void;
  /** Whether it acts just now; else the key is left to the next binding, or to the page. */
  readonly when?: () => boolean;
}

export interface KeysOptions {
  readonly host: CommonHost;
  readonly frame: Frame;
  readonly bindings: readonly KeyBinding[];
  /** Goes one level out; `false` where it is outside already. Then the editor gets the focus. */
  readonly goOut?: () => boolean;
}

export interface Keys {
  showHelp(): void;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function installKeys({ host, frame, bindings, goOut }: KeysOptions): Keys {
  const help = helpDialog(() => [...bindings, ...common]);
  const common: readonly KeyBinding[] = [
    { keys: "k", says: "keep this panel", run: () => frame.toggleKept() },
    { keys: "?", says: "this list", run: () => help.show() },
    {
      keys: "Escape",
      says: "one level out, then to the editor",
      run: () => {
        if (goOut?.() === true) return;
        host.call("revealText", null).catch((error) => frame.say(sentenceOf(error)));
      },
    },
  ];
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || takesKeys(event)) return;
    const press = pressOf(event);
    for (const binding of [...bindings, ...common]) {
      if (!matches(binding.keys, press) || binding.when?.() === false) continue;
      event.preventDefault();
      binding.run(press);
      return;
    }
  });
  return { showHelp: () => help.show() };
}

/** Whether a binding's keys hold this press. */
export function matches(keys: KeyBinding["keys"], press: KeyPress): boolean {
  return [keys].flat().some((name) => {
    switch (name) {
      case "Arrows":
        return press.dx !== 0 || press.dy !== 0;
      case "Left/Right":
        return press.dx !== 0;
      case "Up/Down":
        return press.dy !== 0;
      case "Digits":
        return press.digit > 0;
      default:
        return name === press.key;
    }
  });
}

export function pressOf({ key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">): KeyPress {
  const [dx, dy] = arrows[key] ?? [0, 0];
  const by = shiftKey ? 10 : 1;
  return {
    key,
    dx: dx * by,
    dy: dy * by,
    digit: /^[1-9]$/.test(key) ? Number(key) : 0,
    shift: shiftKey,
  };
}

const fields =
  "input:not([type=checkbox]), textarea, select, [contenteditable], vscode-text-field, [role=combobox]";
const pressables =
  "button, a[href], summary, vscode-button, vscode-checkbox, vscode-link, [role=menuitem]";

/** Whether what has the focus needs the key for itself. */
function takesKeys({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (document.querySelector("dialog[open]") !== null) return true;
  if (target.closest("[role=menu]") !== null) return true;
  if (target.closest(fields) !== null) return key !== "Escape";
  return (key === "Enter" || key === " ") && target.closest(pressables) !== null;
}

/** Keys as they are read. */
const spelled: Readonly<Record<string, readonly string[]>> = {
  Arrows: ["← ↑ ↓ →"],
  "Left/Right": ["← →"],
  "Up/Down": ["↑ ↓"],
  Digits: ["1…9"],
  ArrowLeft: ["←"],
  ArrowRight: ["→"],
  ArrowUp: ["↑"],
  ArrowDown: ["↓"],
  Escape: ["Esc"],
  " ": ["Space"],
};

function helpDialog(bindings: () => readonly KeyBinding[]): { show(): void } {
  const dialog = make("dialog", "help");
  const title = make("h2", "", "Keys in this view");
  title.id = freshId("help");
  dialog.setAttribute("aria-labelledby", title.id);
  const close = button({
    label: "Close",
    content: icon("close"),
    look: "icon",
    onPress: () => dialog.close(),
  });
  const list = make("dl");
  dialog.append(make("div", "help-head", title, close), list);
  document.body.append(dialog);
  // A press beside the box closes it, as Esc does by itself.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  const show = (): void => {
    if (dialog.open) return;
    list.replaceChildren(...bindings().flatMap(helpRow));
    dialog.showModal();
  };
  return { show };
}

function helpRow({ keys, says }: KeyBinding): HTMLElement[] {
  const names = [keys].flat().flatMap((name) => spelled[name] ?? [name]);
  const term = make("dt");
  names.forEach((name, i) => {
    term.append(...(i === 0 ? [] : [" "]), make("kbd", "", name));
  });
  const hasArrows = [keys].flat().some((name) => /^(Arrows|Left|Up)/.test(name));
  return [term, make("dd", "", hasArrows ? `${says} (with Shift ten at a time)` : says)];
}
