/**
 * The strip: the text in the target's tokens, wrapped, only the lines in sight built. It draws what marks.ts says
 * where stripGeometry.ts puts it, and tells which token was pressed.
 */
import { colourOf, readTheme, type Theme } from "../shared/theme.ts";
import type { ShownText } from "../shared/visibleText.ts";
import { type Mark, markAt, type Picture } from "./marks.ts";
import { type Hues, makeCell, paintCell, type StripCell } from "./stripCell.ts";
import {
  layStrip,
  lineOf,
  linesWithin,
  neighbourLine,
  type StripGeometry,
} from "./stripGeometry.ts";
import { createTextMeasure } from "./textMeasure.ts";

export interface StripView {
  readonly element: HTMLElement;
  readonly geometry: StripGeometry;
  /** Another text: its tokens, and what is drawn of them. */
  setText(tokens: readonly ShownText[], picture: Picture): void;
  /** The same text in other figures. */
  setPicture(picture: Picture): void;
  /** −1 for none. Scrolls only where the token is out of sight. */
  choose(position: number): void;
  /** Colours, fonts or the width changed. */
  layAnew(): void;
  /** Positions in sight: [first, end). */
  inSight(): { first: number; end: number };
  above(position: number, lines: number): number;
}

export interface StripListeners {
  readonly onChoose: (position: number) => void;
  readonly onScroll: () => void;
  /** What is said of a token beside what is seen of it. */
  readonly sentence: (position: number) => string;
}

const gap = 2;
const padding = 8;
/** Room for a letter and its sign. */
const narrowest = 20;
const lineHeight = 50;

export function makeStrip(listeners: StripListeners): StripView {
  const element = document.createElement("div");
  element.className = "strip";
  element.tabIndex = 0;
  element.setAttribute("role", "listbox");
  element.setAttribute("aria-label", "Tokens of the text, in order");
  const page = document.createElement("div");
  page.className = "strip-page";
  page.setAttribute("role", "presentation");
  element.append(page);

  const measure = createTextMeasure();
  const lines = new Map<number, { box: HTMLElement; cells: readonly StripCell[] }>();
  let tokens: readonly ShownText[] = [];
  let picture: Picture | undefined;
  let geometry = layStrip(new Float32Array(0), { width: 0, gap, lineHeight });
  let chosen = -1;
  let theme: Theme = readTheme();

  const lay = (): void => {
    theme = readTheme();
    const widths = Float32Array.from(tokens, ({ shown }) =>
      Math.max(narrowest, Math.ceil(measure(shown, theme.editorFont)) + padding),
    );
    geometry = layStrip(widths, { width: page.clientWidth, gap, lineHeight });
    page.style.height = `${geometry.height}px`;
    element.style.setProperty("--strip-height", `${geometry.height}px`);
    for (const { box } of lines.values()) box.remove();
    lines.clear();
  };

  const paint = (): void => {
    if (picture === undefined) return;
    const { first, end } = linesWithin(
      geometry,
      element.scrollTop - lineHeight,
      element.clientHeight + 2 * lineHeight,
    );
    for (const [line, { box }] of lines) {
      if (line >= first && line < end) continue;
      box.remove();
      lines.delete(line);
    }
    for (let line = first; line < end; line++) {
      if (!lines.has(line)) lines.set(line, buildLine(line));
    }
  };

  const buildLine = (line: number) => {
    const box = document.createElement("div");
    box.className = "strip-line";
    box.setAttribute("role", "presentation");
    box.style.top = `${line * lineHeight}px`;
    const cells: StripCell[] = [];
    for (let i = geometry.lineStarts[line]; i < geometry.lineStarts[line + 1]; i++) {
      const cell = makeCell(i, picture!.figures.ids[i], tokens[i]);
      cell.element.setAttribute("aria-setsize", String(geometry.count));
      cell.element.setAttribute("aria-posinset", String(i + 1));
      cell.element.style.left = `${geometry.lefts[i]}px`;
      cell.element.style.width = `${geometry.widths[i]}px`;
      dress(cell, i);
      cells.push(cell);
    }
    box.append(...cells.map((cell) => cell.element));
    // Lines stand in the order of the text, whichever way it was scrolled.
    const after = [...lines.keys()].filter((other) => other > line);
    page.insertBefore(box, after.length === 0 ? null : lines.get(Math.min(...after))!.box);
    return { box, cells };
  };

  const dress = (cell: StripCell, position: number): void => {
    const mark: Mark = markAt(picture!, position);
    paintCell(cell, mark, theme, huesOf(theme, picture!), picture!.scale.kind === "diverging");
    cell.element.title = listeners.sentence(position);
    markChosen(cell.element, position === chosen);
  };

  const markChosen = (cell: HTMLElement, isChosen: boolean): void => {
    cell.classList.toggle("is-chosen", isChosen);
    cell.setAttribute("aria-selected", String(isChosen));
  };

  const cellOf = (position: number): StripCell | undefined => {
    if (position < 0) return undefined;
    const line = lineOf(geometry, position);
    return lines.get(line)?.cells[position - geometry.lineStarts[line]];
  };

  const showChosen = (): void => {
    const cell = cellOf(chosen);
    if (cell === undefined) element.removeAttribute("aria-activedescendant");
    else element.setAttribute("aria-activedescendant", cell.element.id);
  };

  element.addEventListener("pointerdown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".cell") : null;
    if (cell instanceof HTMLElement) listeners.onChoose(Number(cell.dataset.position));
  });
  let waits = false;
  element.addEventListener("scroll", () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      timed(paint);
      showChosen();
      listeners.onScroll();
    });
  });

  return {
    element,
    get geometry() {
      return geometry;
    },
    setText(newTokens, newPicture) {
      tokens = newTokens;
      picture = newPicture;
      chosen = -1;
      element.scrollTop = 0;
      timed(() => {
        lay();
        paint();
      });
    },
    setPicture(newPicture) {
      picture = newPicture;
      timed(() => {
        for (const [line, { cells }] of lines) {
          for (const [k, cell] of cells.entries()) dress(cell, geometry.lineStarts[line] + k);
        }
        paint();
      });
    },
    choose(position) {
      const before = cellOf(chosen);
      if (before !== undefined) markChosen(before.element, false);
      chosen = position;
      if (position >= 0) {
        scrollToLine(element, lineOf(geometry, position));
        paint();
        const now = cellOf(position);
        if (now !== undefined) markChosen(now.element, true);
      }
      showChosen();
    },
    layAnew() {
      if (picture === undefined) return;
      timed(() => {
        lay();
        if (chosen >= 0) scrollToLine(element, lineOf(geometry, chosen));
        paint();
      });
      showChosen();
    },
    inSight() {
      const { first, end } = linesWithin(geometry, element.scrollTop, element.clientHeight);
      return { first: geometry.lineStarts[first] ?? 0, end: geometry.lineStarts[end] ?? 0 };
    },
    above(position, count) {
      let found = position;
      for (let i = 0; i < Math.abs(count); i++) {
        found = neighbourLine(geometry, found, Math.sign(count));
      }
      return found;
    },
  };
}

/** What painting takes is measured, so that it can be held to account. */
function timed(paint: () => void): void {
  const begin = performance.now();
  paint();
  performance.measure("fuselab.paint", { start: begin, end: performance.now() });
}

/** One line of what stands around it stays in sight. */
function scrollToLine(element: HTMLElement, line: number): void {
  const top = line * lineHeight;
  const bottom = top + lineHeight;
  if (top < element.scrollTop) element.scrollTop = Math.max(0, top - lineHeight);
  else if (bottom > element.scrollTop + element.clientHeight) {
    element.scrollTop = bottom + lineHeight - element.clientHeight;
  }
}

/** One strong hue to look at; weights are the model's own, and gain has one for each side of zero. */
export function huesOf(theme: Theme, { measure, subject, letters }: Picture): Hues {
  if (measure === "gain") return { above: theme.sources[1], below: theme.sources[0] };
  const isWeight = measure === "weight" && subject !== "fused";
  const hue = isWeight ? colourOf(theme, letters[subject]) : theme.detour;
  return { above: hue, below: hue };
}
