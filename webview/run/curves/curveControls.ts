/** What stands above the curves: what the large chart shows, along which axis, and the stretch in sight. */
import { button, type Control, checkbox, dropdown } from "../../controls.ts";
import { element, setShown, setText } from "../patch.ts";
import { stretchSentence } from "../strings.ts";
import type { ChartSpec } from "./chartData.ts";
import { xAxes } from "./curve.ts";
import type { Deck } from "./deck.ts";

export interface CurveControls {
  readonly element: HTMLElement;
  /** The layers there are, made again only where they are others. */
  fit(specs: readonly ChartSpec[], layer: string): void;
  /** After any change of the deck. */
  update(layer: string, lastStep: number): void;
}

export function makeCurveControls(options: {
  readonly deck: Deck;
  readonly layerLabel: string;
  readonly onLayer: (layer: string) => void;
}): CurveControls {
  const { deck, layerLabel, onLayer } = options;
  const axis = dropdown({
    label: "along",
    options: xAxes.map((value) => ({ value, label: value })),
    value: deck.state.axis,
    onChange: (value) => {
      const next = xAxes.find((one) => one === value);
      if (next !== undefined) deck.change({ axis: next });
    },
  });
  const log = checkbox({
    label: "log",
    checked: deck.state.y === "log",
    onChange: (isLog) => deck.change({ y: isLog ? "log" : "linear" }),
  });
  const rangeText = element("span", { class: "number" });
  const all = button({ label: "All steps", onPress: () => deck.change({ range: null }) });
  const range = element("span", { class: "curve-range" }, rangeText, all);
  const layers = element("div", { class: "curve-layers" });
  const root = element(
    "div",
    { class: "curve-controls" },
    layers,
    axis.element,
    log.element,
    range,
  );
  let layerControl: Control<string> | undefined;
  let layerKeys = "";
  setShown(range, false);
  return {
    element: root,
    fit(specs, layer) {
      const keys = specs.map(({ key }) => key).join(" ");
      if (keys === layerKeys) return;
      layerKeys = keys;
      layerControl = dropdown({
        label: layerLabel,
        options: specs.map(({ key, title }) => ({ value: key, label: title })),
        value: layer,
        onChange: onLayer,
      });
      layers.replaceChildren(...(specs.length > 1 ? [layerControl.element] : []));
    },
    update(layer, lastStep) {
      const { state } = deck;
      if (axis.value !== state.axis) axis.value = state.axis;
      if (log.value !== (state.y === "log")) log.value = state.y === "log";
      if (layerControl !== undefined && layerControl.value !== layer) layerControl.value = layer;
      setShown(range, state.range !== null);
      if (state.range === null) return;
      setText(rangeText, stretchSentence(state.range, lastStep));
    },
  };
}
