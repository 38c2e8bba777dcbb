/** The matrix with what belongs to it: the choice of layer, its legend, and a sentence where there is nothing to draw. */
import { type MatrixLayer, matrixLayers } from "../../src/protocol/alignmentView.ts";
import { button, dropdown } from "../controls.ts";
import { make } from "../shared/dom.ts";
import type { Action } from "../shared/frame.ts";
import { legend } from "../shared/legend.ts";
import type { Theme } from "../shared/theme.ts";
import { stopColours } from "./colours.ts";
import { type CostScale, stopText } from "./costScale.ts";
import type { MatrixView } from "./matrixView.ts";
import { layerNames, layerTitles } from "./strings.ts";

export interface MatrixPanel {
  readonly element: HTMLElement;
  setLayer(layer: MatrixLayer): void;
  /** @param note what does not fit the scale, as `coarse` */
  setScale(scale: CostScale, theme: Theme, note: string): void;
  /** In the place of the matrix; `undefined`: the matrix. */
  explain(sentences: readonly string[] | undefined, action?: Action): void;
}

export function makeMatrixPanel(
  matrix: MatrixView,
  onLayer: (layer: MatrixLayer) => void,
): MatrixPanel {
  const choice = dropdown({
    label: "layer",
    options: matrixLayers.map((value) => ({ value, label: layerNames[value] })),
    value: matrixLayers[0],
    onChange: (value) => onLayer(matrixLayers.find((layer) => layer === value) ?? "detour"),
  });
  const scaleSlot = make("div", "scale");
  const bar = make("div", "matrix-bar", choice.element, scaleSlot);
  const words = make("div", "matrix-words");
  words.hidden = true;
  bar.hidden = true;
  const element = make("div", "matrix-panel", matrix.element, words, bar);

  return {
    element,
    setLayer(layer) {
      choice.value = layer;
      choice.element.title = layerTitles[layer];
    },
    setScale({ layer, stops }, theme, note) {
      const colours = new Map(
        stopColours({ layer, stops }, theme).map((colour, i) => [stops[i].from, colour]),
      );
      scaleSlot.replaceChildren(
        legend({
          name: layerNames[layer],
          unit: "edits",
          stops: stops.map((stop) => ({ value: stop.from, text: stopText(stop) })),
          colour: (value) => colours.get(value) ?? theme.background,
          ...(note === "" ? {} : { note }),
        }),
      );
    },
    explain(sentences, action) {
      words.hidden = sentences === undefined;
      bar.hidden = sentences !== undefined;
      words.replaceChildren(...(sentences ?? []).map((text) => make("p", "", text)));
      if (action !== undefined) words.append(button({ label: action.label, onPress: action.run }));
    },
  };
}
