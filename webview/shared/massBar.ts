/** The bar of a row's probability: solid mapped, hatched left over, dotted outline lost (UX: nothing is lost silently). */
import { freshId, makeSvg } from "./dom.ts";
import { type Mass, type MassPart, massGeometry } from "./massGeometry.ts";

export interface MassBarOptions {
  /** Whose row: gives the colour and is said. */
  readonly letter: string;
  readonly width?: number;
  readonly height?: number;
}

export function massBar(
  mass: Mass,
  { letter, width = 160, height = 10 }: MassBarOptions,
): SVGSVGElement {
  const hatch = freshId("hatch");
  const line = makeSvg("path", { d: "M-1 5 5 -1M0 8 8 0", class: "mass-hatch" });
  const pattern = makeSvg(
    "pattern",
    { id: hatch, width: 4, height: 4, patternUnits: "userSpaceOnUse" },
    line,
  );
  const label = massSentence(mass, letter);
  return makeSvg(
    "svg",
    {
      class: "mass",
      role: "img",
      "aria-label": label,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "data-letter": letter,
      "data-mapped": mass.mapped,
      "data-left-over": mass.leftOver,
      "data-lost": mass.lost,
    },
    makeSvg("title", {}, label),
    makeSvg("defs", {}, pattern),
    ...massGeometry(mass, width).map((part) => partOf(part, height, hatch)),
  );
}

/** The same for the status line and the table. */
export function massSentence({ mapped, leftOver, lost }: Mass, letter: string): string {
  const share = (value: number) => value.toFixed(value < 0.01 && value > 0 ? 4 : 2);
  return `${letter}: mapped ${share(mapped)}, left over ${share(leftOver)}, lost ${share(lost)} of 1`;
}

function partOf({ part, x, width }: MassPart, height: number, hatch: string): SVGElement {
  if (part === "mapped") {
    return makeSvg("rect", { class: "mass-mapped", "data-part": part, x, y: 0, width, height });
  }
  // Outlines lie inside the part, so that neighbours do not cover each other.
  const inside = Math.max(0, width - 1);
  const box = { x: x + 0.5, y: 0.5, width: inside, height: height - 1, "data-part": part };
  if (part === "lost") return makeSvg("rect", { class: "mass-lost", ...box });
  return makeSvg("rect", { class: "mass-left", fill: `url(#${hatch})`, ...box });
}
