/** Bits per byte of every model and of the fused row over the document, and what the rule weighed. */
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { letterBadge } from "../shared/chips.ts";
import { make } from "../shared/dom.ts";
import { bits, count, share, weight } from "./numbers.ts";

import { approximateWhy, reasonWords } from "./strings.ts";

/** The line's contents. */
export function figuresLine(
  { summary, approximate }: DocumentFigures,
  letters: readonly string[],
): HTMLElement[] {
  const { models, fused, weights, fallbacks } = summary;
  const group = make("span", "figure-group", make("span", "muted", "bits/byte"));
  group.append(
    ...models.map(({ bitsPerByte, positions, bytes, ownBitsPerByte }, m) => {
      const figure = make(
        "span",
        "figure",
        letterBadge(letters[m]),
        make("b", "number", bitsPerByte === null ? "–" : bits(bitsPerByte)),
      );
      figure.dataset.model = letters[m];
      if (bitsPerByte !== null) figure.dataset.bitsPerByte = bitsPerByte.toPrecision(9);
      figure.title =
        bitsPerByte === null
          ? `${letters[m]} has no figure: there is no position where all models have a row`
          : `${letters[m]}: over ${count(positions)} positions where all have a figure, ${count(bytes)} bytes${ownWords(ownBitsPerByte)}`;
      return figure;
    }),
    fusedFigure(fused, approximate),
  );
  return [group, weightsGroup(weights, letters), ...fallbackGroup(fallbacks, letters, fused.of)];
}

const ownWords = (own: number | null | undefined): string =>
  typeof own === "number" ? `\nwhole text, in its own tokens: ${bits(own)}` : "";

function fusedFigure(
  fused: DocumentFigures["summary"]["fused"],
  approximate: boolean,
): HTMLElement {
  const { bitsPerByte, atLeast, bounds, positions, of } = fused;
  const signs = `${approximate ? "≈ " : ""}${atLeast ? "at least " : ""}`;
  const figure = make(
    "span",
    "figure",
    make("span", "fused-badge", "fused"),
    make("b", "number", bitsPerByte === null ? "–" : `${signs}${bits(bitsPerByte)}`),
    make("span", "muted", `on ${count(positions)} of ${count(of)}`),
  );
  figure.dataset.model = "fused";
  if (bitsPerByte !== null) figure.dataset.bitsPerByte = bitsPerByte.toPrecision(9);
  const notes = [
    `Over ${share(positions, of)} positions, where all models and the fused row have a figure.`,
  ];
  if (atLeast) {
    notes.push(
      `At least: at ${bounds === undefined ? "some" : count(bounds)} of them the true next token lies beyond the row's candidates, and only a lower bound of its loss is known.`,
    );
  }
  if (approximate) notes.push(approximateWhy);
  figure.title = notes.join("\n");
  return figure;
}

function weightsGroup(
  weights: readonly (number | null)[],
  letters: readonly string[],
): HTMLElement {
  const group = make("span", "figure-group", make("span", "muted", "weights"));
  if (weights.every((value) => value === null)) {
    group.append(make("span", "", "by token"));
    group.title =
      "The rule weighs the models anew at every token: choose colour: weight to see them.";
    return group;
  }
  group.append(
    ...weights.map((value, m) => {
      const figure = make(
        "span",
        "figure",
        letterBadge(letters[m]),
        make("span", "number", value === null ? "–" : weight(value)),
      );
      figure.dataset.weightOf = letters[m];
      return figure;
    }),
  );
  group.title = "What each model's rows weigh, over the chunks of the document";
  return group;
}

/** Of each source that lacks rows: at how many positions, by reason in the title. */
function fallbackGroup(
  fallbacks: readonly Readonly<Record<string, number>>[],
  letters: readonly string[],
  of: number,
): HTMLElement[] {
  // Of the sources alone, or of all models with none for T.
  const first = letters.length - fallbacks.length;
  const figures = fallbacks.flatMap((reasons, s) => {
    const letter = letters[first + s];
    const entries = Object.entries(reasons).filter(([, positions]) => positions > 0);
    const sum = entries.reduce((total, [, positions]) => total + positions, 0);
    if (sum === 0) return [];
    const figure = make("span", "figure", letterBadge(letter), make("span", "number", count(sum)));
    figure.dataset.fallbacksOf = letter;
    figure.title = [
      `${letter} has no row at ${count(sum)} positions (${count(of)} of the text's tokens):`,
      ...entries.map(
        ([reason, positions]) => `${count(positions)} ${reasonWords(reason)} (${reason})`,
      ),
    ].join("\n");
    return [figure];
  });
  if (figures.length === 0) return [];
  return [make("span", "figure-group", make("span", "muted", "no row"), ...figures)];
}
