/** Choosing among the documents of a run: a field to narrow the list, the worst for the target first. */
import type { DistributionsShow } from "../../src/protocol/distributionsView.ts";
import { button } from "../controls.ts";
import { freshId, make } from "../shared/dom.ts";
import { bits, count } from "./numbers.ts";
import { foundDocuments, mostListed } from "./searchedDocuments.ts";

export interface DocumentSearch {
  readonly element: HTMLElement;
  set(documents: DistributionsShow["documents"], chosen: number): void;
}

export function makeDocumentSearch(onChoose: (index: number) => void): DocumentSearch {
  const listId = freshId("documents");
  const field = make("input", "search-field");
  field.type = "text";
  field.placeholder = "Find a document";
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-label", "Find a document, worst for the target first");
  field.setAttribute("aria-controls", listId);
  field.setAttribute("aria-autocomplete", "list");
  const list = make("ul", "search-list");
  list.id = listId;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Documents");
  const note = make("div", "search-note muted small");
  const panel = make("div", "search-panel", field, list, note);
  panel.hidden = true;
  let toggle = make("span");
  const element = make("span", "document-search", toggle, panel);

  let documents: DistributionsShow["documents"] = [];
  let chosen = 0;
  let found: readonly number[] = [];
  let at = 0;

  const open = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    field.value = "";
    fill();
    field.focus();
  };

  const fill = (): void => {
    found = foundDocuments(documents, field.value);
    at = 0;
    list.replaceChildren(...found.slice(0, mostListed).map(item));
    note.textContent =
      found.length > mostListed
        ? `the first ${mostListed} of ${count(found.length)}, worst first`
        : `${count(found.length)} of ${count(documents.length)}, worst for T first`;
    point();
  };

  const item = (index: number, place: number): HTMLElement => {
    const { title, bitsPerByte, bytes } = documents[index];
    const line = make(
      "li",
      "search-item",
      make("bdi", "search-title", title),
      make(
        "span",
        "number muted",
        bitsPerByte === undefined ? `${count(bytes)} B` : `${bits(bitsPerByte)} bits/byte`,
      ),
    );
    line.id = `${listId}-${place}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(index === chosen));
    line.dataset.document = String(index);
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(index);
    });
    return line;
  };

  const point = (): void => {
    const items = [...list.children];
    for (const [i, line] of items.entries()) line.classList.toggle("is-at", i === at);
    items[at]?.scrollIntoView({ block: "nearest" });
    if (items.length > 0) field.setAttribute("aria-activedescendant", `${listId}-${at}`);
    else field.removeAttribute("aria-activedescendant");
  };

  const take = (index: number): void => {
    open(false);
    toggle.focus();
    onChoose(index);
  };

  field.addEventListener("input", fill);
  field.addEventListener("blur", () => open(false));
  field.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      at = Math.max(0, Math.min(Math.min(found.length, mostListed) - 1, at + by));
      point();
    } else if (event.key === "Enter" && found[at] !== undefined) take(found[at]);
    else if (event.key === "Escape") {
      open(false);
      toggle.focus();
    } else return;
    event.preventDefault();
  });

  return {
    element,
    set(newDocuments, newChosen) {
      documents = newDocuments;
      chosen = newChosen;
      const title = documents[chosen]?.title ?? "";
      const next = button({
        label: `Document ${title}, ${chosen + 1} of ${documents.length}: choose another`,
        content: `${title} · ${count(chosen + 1)} of ${count(documents.length)}  ▾`,
        title: "Find another document: the worst for the target come first",
        onPress: () => open(panel.hidden === true),
      });
      toggle.replaceWith(next);
      toggle = next;
    },
  };
}
