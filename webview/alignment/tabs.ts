/** Where there is room for one drawing only: ribbon or matrix. Wider views show both, and no tabs. */
import { make } from "../shared/dom.ts";

export type Tab = "ribbon" | "matrix";

export interface Tabs {
  readonly element: HTMLElement;
  show(tab: Tab): void;
}

export function makeTabs(body: HTMLElement): Tabs {
  const tabs = (["ribbon", "matrix"] as const).map((name) => {
    const tab = make("button", "tab", name);
    tab.type = "button";
    tab.addEventListener("click", () => show(name));
    return { name, tab };
  });
  const element = make("div", "tabs", ...tabs.map(({ tab }) => tab));
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Drawing");
  const show = (wanted: Tab): void => {
    body.dataset.tab = wanted;
    for (const { name, tab } of tabs) tab.setAttribute("aria-pressed", String(name === wanted));
  };
  show("ribbon");
  return { element, show };
}
