/** A token in running markup: isolated, so that right-to-left text moves nothing beside it. */
import type { ShownText } from "./visibleText.ts";

export function tokenElement({ shown, whole, isCut }: ShownText): HTMLElement {
  const element = document.createElement("bdi");
  element.className = "token";
  element.textContent = shown;
  if (isCut) element.title = whole;
  return element;
}
