/** How well each source aligned over the corpus: positions it answers, why not the others, and the mass that was lost. */
import type { RunShow } from "../../src/protocol/runView.ts";
import { letterBadge } from "../shared/chips.ts";
import { freshId, makeSvg } from "../shared/dom.ts";
import { percent, share } from "./figures.ts";
import { element, onceAFrame, setShown } from "./patch.ts";
import { type BarPart, reasonBar } from "./reasonBar.ts";
import { reasonWords } from "./strings.ts";

export interface AlignmentQuality {
  readonly element: HTMLElement;
  show(show: RunShow): void;
}

type Source = RunShow["alignment"][number];

const barHeight = 14;

export function makeAlignmentQuality(): AlignmentQuality {
  const none = element("p", { class: "muted" }, "Nothing is aligned yet.");
  const list = element("ul", { class: "sources" });
  const root = element(
    "section",
    { class: "quality", "aria-label": "Alignment quality" },
    element("h2", {}, "Alignment of the corpus"),
    none,
    list,
  );
  let sources: readonly Source[] = [];
  let key = "";
  let width = 0;
  const draw = onceAFrame(() => {
    list.replaceChildren(
      ...sources.map((source, i) => sourceElement(source, i, Math.max(60, width))),
    );
  });
  new ResizeObserver(() => {
    if (Math.floor(list.clientWidth) === width) return;
    width = Math.floor(list.clientWidth);
    draw();
  }).observe(list);
  return {
    element: root,
    show({ alignment }) {
      const next = JSON.stringify(alignment);
      if (next === key) return;
      key = next;
      sources = alignment;
      setShown(none, alignment.length === 0);
      draw();
    },
  };
}

function sourceElement(source: Source, index: number, width: number): HTMLElement {
  const letter = String.fromCharCode(65 + index);
  const parts = reasonBar(source, width);
  const reasons = parts.flatMap((part, i) =>
    part.part === "answered" ? [] : [reasonItem(part, i, source)],
  );
  const words = element("ul", { class: "reasons" }, ...reasons);
  const lost =
    source.lostMass === null
      ? []
      : [
          element(
            "li",
            { class: "lost" },
            element("span", { class: "swatch lost", "aria-hidden": "true" }),
            `lost in mapping: ${percent(source.lostMass)} of a row's mass, mean of its rows`,
          ),
        ];
  words.append(...lost);
  return element(
    "li",
    { class: "source", "data-letter": letter },
    element(
      "p",
      { class: "source-line" },
      letterBadge(letter),
      element("span", { class: "source-name" }, source.source),
      element("span", { class: "swatch part answered", "aria-hidden": "true" }),
      element("span", { class: "number" }, `${share(source.answered, source.positions)} answered`),
    ),
    barElement(parts, width),
    words,
  );
}

/** The reasons differ by their patterns, and the list below names each in the same order. */
function barElement(parts: readonly BarPart[], width: number): SVGSVGElement {
  const svg = makeSvg("svg", {
    class: "reason-bar",
    width,
    height: barHeight,
    "aria-hidden": "true",
  });
  parts.forEach(({ part, x, width: wide }, i) => {
    const rect = makeSvg("rect", {
      class: partClass(part, i),
      x: x + 0.5,
      y: 0.5,
      width: Math.max(0.5, wide - 1),
      height: barHeight - 1,
      "data-part": part,
    });
    if (part !== "answered") {
      const hatch = hatching((i - 1) % hatches.length);
      svg.append(hatch);
      rect.style.fill = `url(#${hatch.id})`;
    }
    svg.append(rect);
  });
  return svg;
}

/** Lines of a pattern of 4 by 4 pixels. */
const hatches = ["M-1 1l2 -2M0 4l4 -4M3 5l2 -2", "M1 0v4", "M0 1h4", ""] as const;

function hatching(kind: number): SVGPatternElement {
  const lines = makeSvg("path", { class: "hatch", d: hatches[kind] });
  const size = { width: 4, height: 4, patternUnits: "userSpaceOnUse" };
  return makeSvg("pattern", { id: freshId("hatch"), ...size }, lines);
}

function reasonItem({ part, positions }: BarPart, i: number, source: Source): HTMLElement {
  const name = reasonWords[part] ?? part;
  const says = part === "unknown" ? `no row, ${name}` : `no row: ${name}`;
  return element(
    "li",
    {},
    element("span", { class: `swatch ${partClass(part, i)}`, "aria-hidden": "true" }),
    `${says} `,
    element("span", { class: "number" }, share(positions, source.positions)),
  );
}

const partClass = (part: string, i: number): string =>
  part === "answered" ? "part answered" : `part reason reason-${(i - 1) % hatches.length}`;
