/** The whole strip as an SVG for export: the same lines, marks and colours as on the screen, without what scrolls. */
import { css } from "../shared/colour.ts";
import { makeSvg } from "../shared/dom.ts";
import { readTheme, textTint } from "../shared/theme.ts";
import type { ShownText } from "../shared/visibleText.ts";
import { markAt, type Picture, subjectName } from "./marks.ts";
import { measureNames } from "./strings.ts";
import { layStrip, lineOf } from "./stripGeometry.ts";
import { huesOf } from "./stripView.ts";
import { createTextMeasure } from "./textMeasure.ts";

const width = 1000;
const margin = 16;
const head = 28;
const lineHeight = 50;
const barHeight = 12;

export function stripSvg(
  tokens: readonly ShownText[],
  picture: Picture,
  title: string,
): SVGSVGElement {
  const theme = readTheme();
  const measure = createTextMeasure();
  const widths = Float32Array.from(tokens, ({ shown }) =>
    Math.max(20, Math.ceil(measure(shown, theme.editorFont)) + 8),
  );
  const geometry = layStrip(widths, { width: width - 2 * margin, gap: 2, lineHeight });
  const svg = makeSvg("svg", { width, height: geometry.height + head + margin });
  const { measure: name, subject, letters, scale } = picture;
  const text = (x: number, y: number, words: string, colour: string, font: string): SVGElement => {
    const element = makeSvg("text", { x, y, fill: colour }, words);
    element.style.font = font;
    element.style.whiteSpace = "pre";
    return element;
  };
  const of = name === "gain" ? "" : ` of ${subjectName(subject, letters)}`;
  const unit = scale.unit === "bits" ? " bits" : "";
  svg.append(
    text(
      margin,
      18,
      `${title} · ${measureNames[name]}${of}, bars to ${scale.end}${unit}`,
      css(theme.muted),
      theme.uiFont,
    ),
  );
  const hues = huesOf(theme, picture);
  const isDiverging = scale.kind === "diverging";
  for (let i = 0; i < tokens.length; i++) {
    const mark = markAt(picture, i);
    const x = margin + geometry.lefts[i];
    const y = head + lineOf(geometry, i) * lineHeight;
    const amount = Number.isNaN(mark.fraction) ? 0 : Math.abs(mark.fraction);
    const hue = mark.fraction < 0 ? hues.below : hues.above;
    const cell = makeSvg("g", { "data-position": i });
    if (amount > 0) {
      const tint = css(textTint(theme, hue, amount));
      cell.append(makeSvg("rect", { x, y, width: geometry.widths[i], height: 20, fill: tint }));
      const reach = (isDiverging ? barHeight / 2 : barHeight) * amount;
      const foot = y + 21 + (isDiverging ? barHeight / 2 : barHeight);
      const top = mark.fraction < 0 ? foot : foot - reach;
      const open = mark.isOpen
        ? { fill: "none", stroke: css(hue), "stroke-dasharray": "2 2" }
        : { fill: css(hue) };
      cell.append(
        makeSvg("rect", {
          x: x + 3,
          y: top,
          width: geometry.widths[i] - 6,
          height: reach,
          ...open,
        }),
      );
    }
    cell.append(
      text(x + 4, y + 15, tokens[i].shown, css(theme.foreground), theme.editorFont),
      text(x + 4, y + 45, mark.letter + mark.sign, css(theme.muted), theme.uiFont),
    );
    svg.append(cell);
  }
  return svg;
}
