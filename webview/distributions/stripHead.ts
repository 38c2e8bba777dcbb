/** The line above the strip: whose figure its colours are, their scale, how many positions lack rows, and the walk. */
import { dropdown } from "../controls.ts";
import { make } from "../shared/dom.ts";
import { legend } from "../shared/legend.ts";
import { gainScale, heat, readTheme } from "../shared/theme.ts";
import { focusControl, focusedControl } from "./controlsLine.ts";
import { type Picture, subjectName } from "./marks.ts";
import { type Measure, measures, type Scale, type Subject, subjectsOf } from "./measures.ts";
import { count } from "./numbers.ts";
import { measureMeanings, measureNames, walkMeanings, walkNames } from "./strings.ts";
import { huesOf } from "./stripView.ts";
import { type Walk, walks } from "./walks.ts";

export interface StripHead {
  readonly element: HTMLElement;
  set(picture: Picture, walk: Walk, stops: number): void;
}

export interface StripHeadListeners {
  readonly onMeasure: (measure: Measure, subject: Subject) => void;
  readonly onWalk: (walk: Walk) => void;
  readonly onStep: (direction: 1 | -1) => void;
}

export function makeStripHead({ onMeasure, onWalk, onStep }: StripHeadListeners): StripHead {
  const element = make("div", "strip-head");
  return {
    element,
    set(picture, walk, stops) {
      const { measure, subject, letters, places } = picture;
      const measureField = dropdown({
        label: "colour",
        value: measure,
        options: measures.map((name) => ({ value: name, label: measureNames[name] })),
        onChange: (value) => {
          const wanted = value as Measure;
          const subjects = subjectsOf(wanted, letters.length);
          onMeasure(wanted, subjects.includes(subject) ? subject : subjects[0]);
        },
      });
      measureField.element.title = measureMeanings[measure];
      measureField.element.dataset.control = "measure";
      const subjects = subjectsOf(measure, letters.length);
      const subjectField = dropdown({
        label: "of",
        value: String(subject),
        options: subjects.map((one) => ({ value: String(one), label: subjectName(one, letters) })),
        onChange: (value) => onMeasure(measure, value === "fused" ? "fused" : Number(value)),
      });
      subjectField.element.dataset.control = "subject";
      if (subjects.length === 1) {
        subjectField.disable(
          `${measureNames[measure]} is ${subjectName(subjects[0], letters)}'s alone`,
        );
      }
      const walkField = dropdown({
        label: "n / p",
        value: walk,
        options: walks.map((name) => ({ value: name, label: walkNames[name] })),
        onChange: (value) => onWalk(value as Walk),
      });
      walkField.element.title = walkMeanings[walk];
      walkField.element.dataset.control = "walk";
      const steps = ([-1, 1] as const).map((direction) => {
        const step = make("button", "step", direction < 0 ? "‹" : "›");
        step.type = "button";
        step.dataset.control = direction < 0 ? "previous" : "next";
        step.disabled = stops === 0;
        step.title = direction < 0 ? "previous (p)" : "next (n)";
        step.setAttribute(
          "aria-label",
          `${direction < 0 ? "Previous" : "Next"} of ${walkNames[walk]}`,
        );
        step.addEventListener("click", () => onStep(direction));
        return step;
      });
      const skip = make("span", "skip-counts muted");
      skip.textContent = `skip ${count(places.skip)} · no source ${count(places.noSource)}`;
      skip.dataset.skip = String(places.skip);
      skip.dataset.noSource = String(places.noSource);
      skip.title = `° a source has no row at ${count(places.skip)} of ${count(picture.values.length)} positions: it has no say there. ∅ none has at ${count(places.noSource)}: what is taught there is the text alone, unless the target itself weighs.`;
      const focused = focusedControl(element);
      element.replaceChildren(
        measureField.element,
        subjectField.element,
        scaleLegend(picture),
        make("span", "strip-head-end", skip, walkField.element, ...steps),
      );
      focusControl(element, focused);
    },
  };
}

function scaleLegend(picture: Picture): HTMLElement {
  const { scale, measure } = picture;
  const theme = readTheme();
  const scaleOfColour =
    scale.kind === "diverging" ? gainScale(theme) : heat(theme, huesOf(theme, picture).above);
  return legend({
    name: measure === "gain" ? "fused − T" : measureNames[measure],
    unit: scale.unit === "bits" ? "bits" : "of 1",
    stops: stopsOf(scale),
    colour: (value) => scaleOfColour(value / scale.end),
  });
}

/** Four steps from zero to the end; the last says that there is more beyond. */
function stopsOf({ kind, end, open, unit }: Scale): { value: number; text: string }[] {
  const steps = kind === "diverging" ? [-1, -0.5, 0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  return steps.map((step) => {
    const value = step * end;
    const digits = unit === "bits" ? (Number.isInteger(value) ? 0 : 1) : 2;
    const text = value.toFixed(Number.isInteger(value) ? 0 : digits).replace("-", "−");
    const isEnd = Math.abs(step) === 1;
    return { value, text: isEnd && open ? `${text}+` : text };
  });
}
