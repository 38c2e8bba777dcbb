/** The lines of a chart by name: how each looks, what it says at the chosen step, and whether it is drawn. */
import { element, keptList, setAttributes, setText } from "../patch.ts";
import type { LineLook } from "./chartPaint.ts";

export interface LegendEntry {
  readonly key: string;
  readonly label: string;
  readonly look: LineLook;
  /** Where runs are compared. */
  readonly letter?: string | undefined;
  readonly value: string;
  readonly isShown: boolean;
}

export interface Legend {
  readonly element: HTMLElement;
  /** `at`: what the values stand for. */
  set(entries: readonly LegendEntry[], at: string): void;
}

export function makeLegend(onToggle: (key: string) => void): Legend {
  const list = element("ul", { class: "legend-lines" });
  const entries = keptList<LegendEntry>(
    list,
    ({ key }) => key,
    ({ key }) => {
      const sample = lineSample();
      const letter = element("span", { class: "letter" });
      const label = element("span", { class: "legend-label" });
      const value = element("span", { class: "number legend-value" });
      const button = element("button", { type: "button", class: "legend-line" });
      button.append(sample.element, letter, label, value);
      button.addEventListener("click", () => onToggle(key));
      return {
        element: element("li", {}, button),
        update(entry) {
          sample.set(entry.look);
          letter.hidden = entry.letter === undefined;
          setAttributes(letter, { "data-letter": entry.letter });
          setText(letter, entry.letter ?? "");
          setText(label, entry.label);
          setText(value, entry.value);
          setAttributes(button, {
            "aria-pressed": String(entry.isShown),
            title: entry.isShown ? `Hide ${entry.label}` : `Show ${entry.label}`,
          });
        },
      };
    },
  );
  const place = element("span", { class: "legend-at number" });
  const legend = element("div", { class: "chart-legend" });
  legend.append(list, place);
  return {
    element: legend,
    set(next, at) {
      entries.set(next);
      setText(place, at);
    },
  };
}

function lineSample() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  setAttributes(svg, { width: "26", height: "10", class: "legend-sample", "aria-hidden": "true" });
  path.setAttribute("d", "M1 5H25");
  svg.append(path);
  return {
    element: svg,
    set(look: LineLook) {
      setAttributes(path, { class: `line smoothed ${look.dash}` });
      path.style.stroke = look.colour;
    },
  };
}
