/** The settings in one line: preset, keys of the recipe, the two sliders, what departs from the recipe and back. */
import type { DistributionsShow, FusionControls } from "../../src/protocol/distributionsView.ts";
import { button, type Control, dropdown, slider } from "../controls.ts";
import { make } from "../shared/dom.ts";
import {
  type ControlKey,
  departures,
  obstacle,
  type Preset,
  presetControls,
  presetOf,
  presetsOf,
  topKsOf,
} from "./controlRules.ts";
import { weight } from "./numbers.ts";
import { controlNames, controlValues, perWords, presetNames } from "./strings.ts";

export interface ControlsLine {
  readonly element: HTMLElement;
  set(controls: FusionControls, show: DistributionsShow): void;
}

export interface ControlsListeners {
  readonly onChange: (controls: FusionControls) => void;
  readonly onUse: () => void;
}

/** Temperatures that can be set; 1 is the models' own. */
const temperatures = { min: 0.2, max: 3, step: 0.05 };

export function makeControlsLine({ onChange, onUse }: ControlsListeners): ControlsLine {
  const element = make("div", "controls-line");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Fusion settings");
  let controls: FusionControls;
  let show: DistributionsShow;
  /** What the fields offer depends on these: they are made anew only when one of them changes. */
  let madeFor = "";
  let update: () => void = () => undefined;
  const fold = foldButton(element);

  const change = (part: Partial<FusionControls>): void => {
    controls = { ...controls, ...part };
    refresh();
    onChange(controls);
  };

  const refresh = (): void => {
    const wanted = JSON.stringify([
      controls.mode,
      show.disabled,
      show.obstacles,
      topKsOf(controls, show),
    ]);
    if (wanted !== madeFor) {
      madeFor = wanted;
      build();
    }
    update();
  };

  const build = (): void => {
    const preset = dropdown({
      label: "preset",
      value: presetOf(controls, show),
      options: [...presetsOf(show), "custom" as const].map((name) => ({
        value: name,
        label: presetNames[name],
        ...(name === "custom"
          ? { disabled: "custom is what settings of your own are called" }
          : {}),
      })),
      onChange: (value) => change(presetControls(value as Exclude<Preset, "custom">, show)),
    });
    const fields = (["positions", "vocabulary", "rule", "per"] as const).map((key) => {
      const field = dropdown({
        label: controlNames[key],
        value: controls[key],
        options: controlValues[key].map((value) => {
          const reason = obstacle(show, controls, key, value);
          return { value, label: value, ...(reason === undefined ? {} : { disabled: reason }) };
        }),
        onChange: (value) => change({ [key]: value }),
      });
      return { key, field };
    });
    const most = show.mostTopK;
    const topK = dropdown({
      label: controlNames.topK,
      value: String(controls.topK),
      options: topKsOf(controls, show).map((value) => ({
        value: String(value),
        label: String(value),
        ...(most !== undefined && value > most.value ? { disabled: most.reason } : {}),
      })),
      onChange: (value) => change({ topK: Number(value) }),
    });
    const lambda = slider({
      label: "λ",
      min: 0,
      max: 1,
      step: 0.01,
      value: controls.lambda,
      text: weight,
      onChange: (value) => change({ lambda: value }),
    });
    const temperature = slider({
      label: "temperature",
      ...temperatures,
      value: controls.temperature,
      text: (value) => value.toFixed(2),
      onChange: (value) => change({ temperature: value }),
    });
    const differs = make("span", "differs");
    const reset = button({
      label: "Reset the settings",
      content: "↺",
      look: "icon",
      onPress: () => change(show.resetTo),
    });
    const use = button({
      label: "Use in recipe",
      title: "Copy these settings as YAML of a recipe",
      onPress: onUse,
    });
    const named: readonly { key: ControlKey; field: Control<string> | Control<number> }[] = [
      ...fields,
      { key: "topK", field: topK },
      { key: "lambda", field: lambda },
      { key: "temperature", field: temperature },
    ];
    for (const { key, field } of named) {
      field.element.dataset.control = key;
      field.disable(show.disabled[key] ?? null);
    }
    preset.element.dataset.control = "preset";
    const focused = focusedControl(element);
    element.replaceChildren(
      fold.element,
      make(
        "span",
        "controls-group",
        preset.element,
        ...fields.map(({ field }) => field.element),
        topK.element,
      ),
      make("span", "controls-group", lambda.element, temperature.element),
      make("span", "controls-end", differs, reset, use),
    );
    focusControl(element, focused);
    update = () => {
      const name = presetOf(controls, show);
      preset.value = name;
      fold.say(`preset ${presetNames[name]} · λ ${weight(controls.lambda)}`);
      for (const { key, field } of fields) field.value = controls[key];
      topK.value = String(controls.topK);
      lambda.value = controls.lambda;
      temperature.value = controls.temperature;
      if (show.disabled.per === undefined) fields[3].field.element.title = perWords[controls.per];
      showDepartures(differs, reset, controls, show);
    };
  };

  return {
    element,
    set(newControls, newShow) {
      controls = newControls;
      show = newShow;
      refresh();
    },
  };
}

/** In a narrow view the settings fold away behind one line that says where they stand. */
function foldButton(line: HTMLElement): { element: HTMLElement; say(words: string): void } {
  const words = make("span");
  const sign = make("span", "muted", "▸");
  const element = make("button", "fold", sign, "Settings", words);
  element.type = "button";
  element.dataset.control = "fold";
  words.className = "muted";
  const set = (isFolded: boolean): void => {
    line.dataset.folded = String(isFolded);
    element.setAttribute("aria-expanded", String(!isFolded));
    sign.textContent = isFolded ? "▸" : "▾";
  };
  element.addEventListener("click", () => set(line.dataset.folded !== "true"));
  set(true);
  return {
    element,
    say(text) {
      words.textContent = text;
    },
  };
}

/** Which control has the focus, by its name: it keeps it where it is made anew. */
export const focusedControl = (within: HTMLElement): string | undefined =>
  within.contains(document.activeElement)
    ? document.activeElement?.closest<HTMLElement>("[data-control]")?.dataset.control
    : undefined;

export function focusControl(within: HTMLElement, name: string | undefined): void {
  if (name === undefined) return;
  within
    .querySelector<HTMLElement>(
      `[data-control="${name}"] :is(vscode-dropdown, input), button[data-control="${name}"]`,
    )
    ?.focus();
}

/** *differs from recipe: 2* and the way back; nothing where nothing differs. */
function showDepartures(
  differs: HTMLElement,
  reset: HTMLElement,
  controls: FusionControls,
  show: DistributionsShow,
): void {
  const { resetTo } = show;
  const keys = departures(controls, resetTo);
  const from = presetNames[presetOf(resetTo, show)];
  differs.textContent = keys.length === 0 ? "" : `differs from ${from}: ${keys.length}`;
  differs.dataset.departures = String(keys.length);
  differs.title = keys
    .map((key) => `${controlNames[key]} ${controls[key]} instead of ${resetTo[key]}`)
    .join("\n");
  reset.hidden = keys.length === 0;
  reset.title =
    differs.title === ""
      ? ""
      : `Back to:\n${keys.map((key) => `${controlNames[key]} ${resetTo[key]}`).join("\n")}`;
}
