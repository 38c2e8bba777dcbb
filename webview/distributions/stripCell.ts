/** One token of the strip in the DOM: its text on a tint, a bar under it, and the letter of the best model. */
import type { Colour } from "../shared/colour.ts";
import { css } from "../shared/colour.ts";
import { type Theme, textTint } from "../shared/theme.ts";
import type { ShownText } from "../shared/visibleText.ts";
import type { Mark } from "./marks.ts";
import { stepOf } from "./measures.ts";

export interface StripCell {
  readonly element: HTMLElement;
  readonly text: HTMLElement;
  readonly bar: HTMLElement;
  readonly best: HTMLElement;
}

export function makeCell(position: number, tokenId: number, token: ShownText): StripCell {
  const element = document.createElement("div");
  element.className = "cell";
  element.id = cellId(position);
  element.setAttribute("role", "option");
  element.dataset.position = String(position);
  element.dataset.tokenId = String(tokenId);
  const text = document.createElement("bdi");
  text.className = "cell-text";
  text.textContent = token.shown;
  const track = document.createElement("span");
  track.className = "cell-track";
  const bar = document.createElement("span");
  bar.className = "cell-bar";
  track.append(bar);
  const best = document.createElement("span");
  best.className = "cell-best";
  element.append(text, track, best);
  return { element, text, bar, best };
}

export const cellId = (position: number): string => `token-${position}`;

/** The colour at the end of the scale, for figures above and below zero. */
export interface Hues {
  readonly above: Colour;
  readonly below: Colour;
}

export function paintCell(
  cell: StripCell,
  mark: Mark,
  theme: Theme,
  hues: Hues,
  isDiverging: boolean,
): void {
  const { element, text, bar, best } = cell;
  const amount = Number.isNaN(mark.fraction) ? 0 : Math.abs(mark.fraction);
  const hue = mark.fraction < 0 ? hues.below : hues.above;
  // Sixty-four shades are more than an eye tells apart, and far fewer than there are figures.
  const tint = textTint(theme, hue, Math.round(amount * 64) / 64);
  text.style.backgroundColor = amount === 0 ? "" : css(tint);
  element.dataset.step = String(stepOf(mark.fraction));
  element.dataset.missing = mark.sign;
  element.classList.toggle("has-no-figure", Number.isNaN(mark.value));
  bar.className = "cell-bar";
  bar.classList.toggle("is-open", mark.isOpen);
  bar.classList.toggle("is-below", isDiverging && mark.fraction < 0);
  bar.classList.toggle("is-above", isDiverging && mark.fraction >= 0);
  bar.style.height = `${(amount * (isDiverging ? 50 : 100)).toFixed(1)}%`;
  bar.style.setProperty("--bar", css(hue));
  best.textContent = mark.letter + mark.sign;
  best.dataset.letter = mark.letter;
}
