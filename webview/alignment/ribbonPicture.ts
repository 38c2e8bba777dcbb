/** The ribbon as SVG, all of its lines: tokens with what they stand for in data attributes, boundaries and links as drawn. */
import { css } from "../shared/colour.ts";
import { makeSvg } from "../shared/dom.ts";
import { colourOf, type Theme, textTint } from "../shared/theme.ts";
import { type AlignedText, pairOfLetter } from "./alignedText.ts";
import { boundaryRoom, lineCount, type RibbonLayout } from "./geometry/ribbon.ts";
import {
  boundaryKind,
  boundaryX,
  laneTop,
  lineHeight,
  lineTokens,
  type RibbonSizes,
  ribbonLinks,
  tokenBox,
} from "./geometry/ribbonLines.ts";
import { outcomeShape } from "./outcomeShapes.ts";
import { gutter, textParts } from "./ribbonPaint.ts";
import type { RibbonView } from "./ribbonView.ts";
import { tokenSpan } from "./tokenTrack.ts";

/** Tokens above which the picture ends, and says so: more could not be opened anywhere. */
const mostTokens = 20_000;

export function ribbonPicture(
  { layout, sizes }: Pick<RibbonView, "layout" | "sizes">,
  text: AlignedText | undefined,
  theme: Theme,
): SVGSVGElement {
  if (layout === undefined || text === undefined) return makeSvg("svg", { width: 1, height: 1 });
  const tokens = layout.lanes.reduce((sum, { ends }) => sum + ends.length, 0);
  const all = lineCount(layout);
  const lines = Math.max(1, Math.min(all, Math.floor((all * mostTokens) / Math.max(1, tokens))));
  const right = Math.max(0, ...layout.x.map((x, atom) => x + layout.width[atom]));
  const width = gutter + right + 8;
  const height = lines * lineHeight(layout.lanes.length, sizes) + 2 * sizes.line;
  const svg = makeSvg("svg", { width, height, viewBox: `${-gutter} 0 ${width} ${height}` });
  for (let line = 0; line < lines; line++) svg.append(lineMarks(layout, sizes, text, theme, line));
  if (lines < all) {
    const rest = `… ${all - lines} of ${all} lines left out`;
    svg.append(
      makeSvg("text", { x: 0, y: height - 6, "font-size": 11, fill: css(theme.muted) }, rest),
    );
  }
  return svg;
}

function lineMarks(
  layout: RibbonLayout,
  sizes: RibbonSizes,
  text: AlignedText,
  theme: Theme,
  line: number,
): SVGElement {
  const group = makeSvg("g", { "data-line": line });
  const ink = css(theme.foreground);
  const lanes = layout.lanes.length;
  const family = theme.editorFont.replace(/^[\d.]+px\s*/, "");
  const size = Number.parseFloat(theme.editorFont);
  for (const [index, lane] of layout.lanes.entries()) {
    const y = laneTop(line, index, lanes, sizes);
    const colour = css(colourOf(theme, lane.letter));
    const middle = y + sizes.lane / 2 + 0.36 * size;
    const letter = { x: -gutter / 2 - 2, y: middle, "text-anchor": "middle", "font-size": 11 };
    group.append(makeSvg("text", { ...letter, "font-weight": 600, fill: colour }, lane.letter));
    const tokens = lineTokens(layout, lane, line);
    for (let token = tokens.from; token < tokens.to; token++) {
      const box = tokenBox(layout, lane, token, line);
      if (box === undefined) continue;
      const { from, to } = tokenSpan(lane, token);
      group.append(
        makeSvg("rect", {
          x: box.x - boundaryRoom / 2 + 1,
          y,
          width: Math.max(2, box.width - 2),
          height: sizes.lane,
          rx: 3,
          fill: css(textTint(theme, colourOf(theme, lane.letter), 0.45)),
          stroke: colour,
          "stroke-opacity": 0.45,
          "data-letter": lane.letter,
          "data-token": lane.first + token,
          "data-bytes": `${from} ${to}`,
        }),
      );
      for (const part of textParts(layout, text.bytes, lane, box))
        group.append(
          makeSvg(
            "text",
            { x: part.x, y: middle, fill: ink, "font-family": family, "font-size": size },
            part.text,
          ),
        );
      if (index !== layout.target && box.ends)
        group.append(boundaryMark(layout, sizes, line, index, box.atoms.to - 1, ink));
    }
    const pair = pairOfLetter(text, lane.letter);
    if (index === layout.target || pair === undefined) continue;
    const { edge, far } = gapOf(layout, sizes, line, index);
    for (const link of ribbonLinks(layout, pair, line)) {
      if (link.kind === "answer" || link.kind === "offText")
        group.append(
          makeSvg("line", {
            x1: link.sourceX,
            y1: edge,
            x2: link.targetX,
            y2: far,
            stroke: ink,
            "stroke-width": 1.3,
            "stroke-dasharray": link.kind === "offText" ? "3 2.5" : "none",
          }),
        );
      const outcome = link.kind === "none" ? "neither" : link.outcome;
      if (outcome === undefined) continue;
      const x = (link.sourceX + link.targetX) / 2;
      const shape = outcomeShape(outcome, x, (edge + far) / 2, 4);
      const mark = { stroke: ink, "data-letter": lane.letter, "data-outcome": outcome };
      group.append(
        makeSvg("path", { d: shape.outline || shape.fill, fill: css(theme.background), ...mark }),
        ...(shape.fill === "" ? [] : [makeSvg("path", { d: shape.fill, fill: ink })]),
      );
    }
  }
  return group;
}

function boundaryMark(
  layout: RibbonLayout,
  sizes: RibbonSizes,
  line: number,
  index: number,
  atom: number,
  ink: string,
): SVGElement {
  const { edge, far } = gapOf(layout, sizes, line, index);
  const kind = boundaryKind(layout, atom);
  const share = kind === "all" ? 1 : kind === "target" ? 0.5 : 0.2;
  const x = boundaryX(layout, atom);
  const ends = { x1: x, y1: edge, x2: x, y2: edge + (far - edge) * share };
  return makeSvg("line", { ...ends, stroke: ink, "data-boundary": kind });
}

/** From a source's lane to the next one towards the target. */
function gapOf(layout: RibbonLayout, sizes: RibbonSizes, line: number, index: number) {
  const isAbove = index < layout.target;
  const edge = laneTop(line, index, layout.lanes.length, sizes) + (isAbove ? sizes.lane : 0);
  return { edge, far: edge + (isAbove ? sizes.gap : -sizes.gap) };
}
