/** A probability as a figure and as a bar of its length. */
import { make } from "../shared/dom.ts";
import { atLeastBits, probability } from "./numbers.ts";

/** `letter`: whose colour the bar has; without one it has the text's. */
export function probabilityFigure(p: number, letter?: string): HTMLElement {
  const figure = make("span", "number p-figure", probability(p));
  figure.title = p.toPrecision(7);
  const box = make("span", "p", figure, barOf(p, letter));
  box.dataset.probability = exactly(p);
  return box;
}

/** λ of the bar is the true token's own, the rest is what the fused row gives. */
export function taughtFigure(p: number, label: number): HTMLElement {
  const box = probabilityFigure(p);
  if (label > 0) {
    const part = make("span", "p-label");
    part.style.width = `${(100 * Math.min(1, label / p)).toFixed(2)}%`;
    part.title = `λ ${label.toPrecision(4)}`;
    box.querySelector(".p-bar")?.append(part);
  }
  return box;
}

/**
 * The true next token beyond the fused row's candidates: its loss is at least `least` bits, so it has at most the
 * mass that is on no candidate, and its bar has no end.
 */
export function openFigure(least: number): HTMLElement {
  const most = 2 ** -least;
  const bar = barOf(most);
  bar.firstElementChild?.classList.add("is-open");
  const box = make("span", "p", make("span", "number p-figure", atLeastBits(least)), bar);
  box.title = `Beyond the row's candidates: at most ${most.toPrecision(4)}, so at least ${least.toFixed(2)} bits`;
  box.dataset.atMost = exactly(most);
  return box;
}

/** The true next token outside a model's own row, where its loss is known all the same. */
export function beyondFigure(p: number, why: string, letter?: string): HTMLElement {
  const box = probabilityFigure(p, letter);
  box.classList.add("is-beyond");
  box.title = why;
  return box;
}

/** As tests and exports read it. */
export const exactly = (p: number): string => p.toPrecision(9);

function barOf(p: number, letter?: string): HTMLElement {
  const fill = make("span", "p-bar");
  fill.style.width = `${(100 * Math.min(1, p)).toFixed(2)}%`;
  const track = make("span", "p-track", fill);
  if (letter !== undefined) track.dataset.letter = letter;
  return track;
}
