/** The top line: which tokenizers, the target by a menu of those that are known, and which document. */
import type { AlignmentShow } from "../../src/protocol/alignmentView.ts";
import { button } from "../controls.ts";
import { letterBadge, modelChips } from "../shared/chips.ts";
import { documentSwitcher } from "../shared/documents.ts";
import { make } from "../shared/dom.ts";
import { type MenuItem, menuButton } from "../shared/menu.ts";

export interface HeaderEvents {
  readonly onSource: (letter: string) => void;
  readonly onDocument: (index: number) => void;
  readonly onTokenizers: (target: string, sources: readonly string[]) => void;
  readonly onAdd: () => void;
}

export interface Header {
  readonly elements: readonly HTMLElement[];
  /** @param notes why a source shows nothing, by letter */
  set(
    show: AlignmentShow,
    document: number,
    source: string,
    notes: Readonly<Record<string, string>>,
  ): void;
}

export function makeHeader(events: HeaderEvents): Header {
  let show: AlignmentShow | undefined;
  const target = menuButton("Choose the target", () => targetItems(show, events));
  const opener = target.element.firstElementChild;
  const sources = make("div", "sources");
  const add = button({ label: "+ tokenizer", look: "icon", onPress: events.onAdd });
  add.title = "Take other tokenizers";
  const switcher = documentSwitcher({ onChoose: events.onDocument });
  target.element.classList.add("target-choice");
  opener?.setAttribute("appearance", "secondary");

  return {
    elements: [target.element, sources, add, switcher.element],
    set(next, document, source, notes) {
      show = next;
      const [model, ...others] = next.tokenizers;
      if (model !== undefined && opener !== null) {
        // No span: the toolkit makes spans in a button as small as icons.
        const name = make("div", "chip-name", model.name);
        opener.replaceChildren(make("div", "target-chip", letterBadge(model.letter), " ", name));
        opener.setAttribute("title", `Target: ${model.name}\n${model.folder}`);
        opener.setAttribute("aria-label", `${model.letter} ${model.name}: choose another target`);
      }
      sources.replaceChildren(
        modelChips(others, { chosen: source, onChoose: events.onSource, notes }),
      );
      switcher.set(next.documents, document);
    },
  };
}

function targetItems(show: AlignmentShow | undefined, events: HeaderEvents): readonly MenuItem[] {
  if (show === undefined) return [];
  const [target, ...sources] = show.tokenizers;
  const folders = sources.map(({ folder }) => folder);
  const known = show.known ?? show.tokenizers;
  const items = known.map(({ name, folder }): MenuItem => {
    const isTarget = folder === target.folder;
    // Where a source becomes the target, the target takes its place.
    const others = folders.map((one) => (one === folder ? target.folder : one));
    return {
      label: isTarget ? `${name} (target now)` : name,
      run: () => {
        if (!isTarget) events.onTokenizers(folder, others);
      },
    };
  });
  return [...items, { label: "Other tokenizers…", separated: true, run: events.onAdd }];
}
