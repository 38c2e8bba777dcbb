/** Elements that are made once and then patched: a view that is alive must not lose focus, scroll or selection. */

import { make } from "../shared/dom.ts";

type Attributes = Readonly<Record<string, string | undefined>>;

/** An element with its attributes; children may be texts. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = make(tag, "", ...children);
  setAttributes(made, attributes);
  return made;
}

/** Writes only what changed. `undefined` takes the attribute away. */
export function setAttributes(of: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) of.removeAttribute(name);
    else if (of.getAttribute(name) !== value) of.setAttribute(name, value);
  }
}

export function setText(of: Element, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** Shows and hides without taking away. */
export function setShown(of: HTMLElement, isShown: boolean): void {
  if (of.hidden === isShown) of.hidden = !isShown;
}

export interface KeptList<Item> {
  set(items: readonly Item[]): void;
}

interface Kept<Item> {
  readonly element: Element;
  update(item: Item): void;
}

/**
 * The children of an element, one an item. An item that is known by its key keeps its element, which is patched;
 * nothing that stays in its order is moved.
 */
export function keptList<Item>(
  parent: Element,
  keyOf: (item: Item) => string,
  make: (item: Item) => Kept<Item>,
): KeptList<Item> {
  const known = new Map<string, Kept<Item>>();
  return {
    set(items) {
      const wanted = new Set(items.map(keyOf));
      for (const [key, kept] of known) {
        if (wanted.has(key)) continue;
        kept.element.remove();
        known.delete(key);
      }
      items.forEach((item, i) => {
        const kept = known.get(keyOf(item)) ?? make(item);
        known.set(keyOf(item), kept);
        kept.update(item);
        if (parent.children[i] !== kept.element) {
          parent.insertBefore(kept.element, parent.children[i] ?? null);
        }
      });
    },
  };
}

/** Does the work once in the next frame, however often it is asked for. */
export function onceAFrame(work: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      work();
    });
  };
}
