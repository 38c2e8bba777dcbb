/** What a colour scale means, stop by stop: each stop says its value and its colour also to a test (data attributes). */
import { type Colour, css } from "./colour.ts";
import { make } from "./dom.ts";

export interface LegendStop {
  readonly value: number;
  /** As it is read: `12+`. May be empty between labelled stops. */
  readonly text: string;
}

export interface LegendOptions {
  readonly name: string;
  readonly unit: string;
  readonly stops: readonly LegendStop[];
  readonly colour: (value: number) => Colour;
  /** What does not fit the scale: `coarse`, `no row`. */
  readonly note?: string;
}

export function legend({ name, unit, stops, colour, note }: LegendOptions): HTMLElement {
  const list = make(
    "ol",
    "legend-stops",
    ...stops.map(({ value, text }) => {
      const swatch = make("span", "legend-swatch");
      const shown = css(colour(value));
      swatch.style.backgroundColor = shown;
      const stop = make("li", "legend-stop", swatch, make("span", "legend-text", text));
      stop.dataset.value = String(value);
      stop.dataset.colour = shown;
      return stop;
    }),
  );
  const title = make("span", "muted", unit === "" ? name : `${name} (${unit})`);
  const element = make("div", "legend", title, list);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `Scale of ${name}`);
  if (note !== undefined) element.append(make("span", "muted", note));
  return element;
}
