/** Which of several documents is shown: `2 of 3`, with its title; nothing where there is only one. */
import type { ViewDocument } from "../../src/protocol/views.ts";
import { button } from "../controls.ts";
import { make } from "./dom.ts";
import { icon } from "./icons.ts";

export interface DocumentSwitcher {
  readonly element: HTMLElement;
  set(documents: readonly ViewDocument[], chosen: number): void;
}

export function documentSwitcher({
  onChoose,
}: {
  readonly onChoose: (index: number) => void;
}): DocumentSwitcher {
  let count = 0;
  let at = 0;
  const step = (by: number) => (): void => onChoose((at + by + count) % count);
  const text = make("span", "number");
  const element = make(
    "span",
    "switcher",
    button({ label: "Previous document", content: icon("back"), look: "icon", onPress: step(-1) }),
    text,
    button({ label: "Next document", content: icon("forth"), look: "icon", onPress: step(1) }),
  );
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Documents");
  element.hidden = true;
  return {
    element,
    set(documents, chosen) {
      count = documents.length;
      at = chosen;
      element.hidden = count < 2;
      text.textContent = `${chosen + 1} of ${count}`;
      text.title = documents[chosen]?.title ?? "";
    },
  };
}
