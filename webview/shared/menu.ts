/**
 * The menu behind `⋯`: opened by pointer or key, walked with the arrows or by first letters, closed by Esc, by
 * choosing, or by going elsewhere; the focus returns to where it came from.
 */
import { button } from "../controls.ts";
import { freshId, make } from "./dom.ts";
import { icon } from "./icons.ts";

export interface MenuItem {
  readonly label: string;
  /** The key that does the same in the view. */
  readonly key?: string;
  readonly run: () => void;
  /** Why it cannot be chosen. */
  readonly disabled?: string;
  /** A line above it. */
  readonly separated?: boolean;
}

export interface MenuButton {
  readonly element: HTMLElement;
  open(): void;
}

/** `items` is asked each time the menu opens. */
export function menuButton(label: string, items: () => readonly MenuItem[]): MenuButton {
  const opener = button({ label, content: icon("more"), look: "icon", onPress: () => toggle() });
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  const list = make("div", "menu");
  list.setAttribute("role", "menu");
  list.setAttribute("aria-label", label);
  list.id = freshId("menu");
  list.popover = "auto";
  const element = make("span", "", opener, list);

  const open = (): void => {
    list.replaceChildren(
      ...items().flatMap((item) => itemElements(item, () => list.hidePopover())),
    );
    list.showPopover();
    const { bottom, right } = opener.getBoundingClientRect();
    list.style.top = `${Math.max(4, Math.min(bottom + 2, innerHeight - list.offsetHeight - 4))}px`;
    list.style.left = `${Math.max(4, right - list.offsetWidth)}px`;
    entriesOf(list)[0]?.focus();
  };
  // A press on the opener closes an open list before the click arrives: the click must not open it again.
  let closedAt = 0;
  const toggle = (): void => {
    if (performance.now() - closedAt > 200) open();
  };
  list.addEventListener("toggle", (event) => {
    const isOpen = (event as ToggleEvent).newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) return;
    closedAt = performance.now();
    if (document.activeElement === document.body || list.contains(document.activeElement)) {
      opener.focus();
    }
  });
  list.addEventListener("keydown", (event) => walk(list, event));
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    open();
  });
  return { element, open };
}

function itemElements(
  { label, key, run, disabled, separated }: MenuItem,
  close: () => void,
): HTMLElement[] {
  const item = make("button", "menu-item", make("span", "menu-label", label));
  item.type = "button";
  item.setAttribute("role", "menuitem");
  item.tabIndex = -1;
  if (key !== undefined) item.append(make("kbd", "", key));
  if (disabled !== undefined) {
    item.setAttribute("aria-disabled", "true");
    item.title = disabled;
  }
  item.addEventListener("click", () => {
    if (disabled !== undefined) return;
    close();
    run();
  });
  if (separated !== true) return [item];
  const line = make("hr");
  line.setAttribute("role", "separator");
  return [line, item];
}

function entriesOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=menuitem]")];
}

function walk(list: HTMLElement, event: KeyboardEvent): void {
  const entries = entriesOf(list);
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const to = next(entries, at, event.key);
  if (event.key === "Tab") list.hidePopover();
  // Keys of the view do not act behind an open menu.
  event.stopPropagation();
  if (to === undefined) return;
  event.preventDefault();
  entries[to]?.focus();
}

function next(entries: readonly HTMLElement[], at: number, key: string): number | undefined {
  const count = entries.length;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return undefined;
  const turned = entries.map((_, i) => (at + 1 + i) % count);
  return turned.find((i) => entries[i].textContent?.toLowerCase().startsWith(key.toLowerCase()));
}
