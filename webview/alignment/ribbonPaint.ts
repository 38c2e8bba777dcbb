/**
 * Paints the lines of the ribbon that are in sight: a box per token, boundaries as lines between the lanes (through
 * all of them where all share it, half of the way where it is shared with the target, a notch where it stands alone),
 * and links for answers that boundaries do not show.
 */
import { css } from "../shared/colour.ts";
import { colourOf, type Theme, textTint } from "../shared/theme.ts";
import { shownSlice } from "../shared/visibleText.ts";
import type { Pair } from "./alignedText.ts";
import { said } from "./cellFacts.ts";
import { sized, translucent } from "./colours.ts";
import {
  boundaryRoom,
  isInsideCharacter,
  isRoom,
  lineCount,
  type RibbonLayout,
} from "./geometry/ribbon.ts";
import {
  type BoundaryKind,
  boundaryDensity,
  boundaryKind,
  boundaryX,
  laneTop,
  lineHeight,
  lineTokens,
  type RibbonLink,
  type RibbonSizes,
  ribbonLinks,
  type TokenBox,
  tokenBox,
} from "./geometry/ribbonLines.ts";
import { drawOutcome } from "./outcomeShapes.ts";
import { type TokenTrack, tokenSpan } from "./tokenTrack.ts";

/** Pixels left of the lanes, for their letters. */
export const gutter = 34;

export interface RibbonScene {
  readonly layout: RibbonLayout;
  readonly sizes: RibbonSizes;
  readonly bytes: Uint8Array;
  /** By letter, sources that are aligned to the target. */
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly others: readonly TokenTrack[];
  readonly theme: Theme;
  readonly ratio: number;
  /** Pixels scrolled, and the height that is seen. */
  readonly top: number;
  readonly height: number;
  /** Tokens by letter. */
  readonly chosen: ReadonlyMap<string, number>;
  readonly pointed: ReadonlyMap<string, number>;
}

export function paintRibbon(context: CanvasRenderingContext2D, scene: RibbonScene): void {
  const { theme, ratio, layout, sizes, top, height } = scene;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, gutter * ratio, -top * ratio);
  context.textBaseline = "middle";
  const each = lineHeight(layout.lanes.length, sizes);
  const first = Math.max(0, Math.floor(top / each));
  const last = Math.min(lineCount(layout), Math.ceil((top + height) / each));
  for (let line = first; line < last; line++) paintLine(context, scene, line);
}

function paintLine(context: CanvasRenderingContext2D, scene: RibbonScene, line: number): void {
  const { layout, sizes, theme } = scene;
  const lanes = layout.lanes.length;
  for (const [i, lane] of layout.lanes.entries()) {
    const y = laneTop(line, i, lanes, sizes);
    paintLetter(context, theme, lane.letter, y + sizes.lane / 2);
    const tokens = lineTokens(layout, lane, line);
    for (let token = tokens.from; token < tokens.to; token++) {
      const box = tokenBox(layout, lane, token, line);
      if (box !== undefined) paintToken(context, scene, lane, box, y);
    }
  }
  for (let i = 0; i < lanes; i++) if (i !== layout.target) paintGap(context, scene, line, i);
  if (sizes.density > 0) paintDensity(context, scene, line);
}

function paintLetter(context: CanvasRenderingContext2D, theme: Theme, letter: string, y: number) {
  context.font = `600 ${sized(theme.uiFont, 11)}`;
  context.textAlign = "center";
  context.fillStyle = css(colourOf(theme, letter));
  context.fillText(letter, -gutter / 2 - 2, y);
}

function paintToken(
  context: CanvasRenderingContext2D,
  { layout, sizes, bytes, theme, chosen, pointed }: RibbonScene,
  lane: TokenTrack,
  box: TokenBox,
  y: number,
): void {
  const colour = colourOf(theme, lane.letter);
  const half = boundaryRoom / 2;
  const [x, width] = [box.x - half + 1, box.width - 2];
  const isChosen = chosen.get(lane.letter) === box.token;
  const isPointed = pointed.get(lane.letter) === box.token;
  context.beginPath();
  context.roundRect(x, y, Math.max(2, width), sizes.lane, [
    box.starts ? 3 : 0,
    box.ends ? 3 : 0,
    box.ends ? 3 : 0,
    box.starts ? 3 : 0,
  ]);
  context.fillStyle = css(textTint(theme, colour, isPointed ? 1 : 0.45));
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.isHighContrast ? css(colour) : translucent(colour, 0.45);
  context.stroke();
  if (isChosen || (isPointed && theme.isHighContrast)) {
    context.lineWidth = 2;
    context.strokeStyle = css(isChosen ? theme.focus : theme.foreground);
    context.stroke();
  }
  context.font = theme.editorFont;
  context.textAlign = "left";
  context.fillStyle = css(theme.foreground);
  const middle = y + sizes.lane / 2 + 0.5;
  for (const part of textParts(layout, bytes, lane, box))
    context.fillText(part.text, part.x, middle);
}

/** What is written where: atoms side by side, but whole characters where another lane cuts them. */
export function textParts(
  layout: RibbonLayout,
  bytes: Uint8Array,
  lane: TokenTrack,
  { token, atoms, x }: TokenBox,
): { readonly text: string; readonly x: number }[] {
  const span = tokenSpan(lane, token);
  if (span.from === span.to) return [{ text: said(lane, token, bytes).whole, x }];
  const parts: { text: string; x: number }[] = [];
  for (let i = atoms.from; i < atoms.to; ) {
    const from = i;
    do i++;
    while (i < atoms.to && isInsideCharacter(bytes, layout.from[i]));
    if (isRoom(layout, from)) continue;
    parts.push({
      text: `\u2068${shownSlice(bytes, layout.from[from], layout.to[i - 1]).whole}\u2069`,
      x: layout.x[from],
    });
  }
  return parts;
}

/** Between a source's lane and the next one towards the target. */
function paintGap(
  context: CanvasRenderingContext2D,
  scene: RibbonScene,
  line: number,
  index: number,
): void {
  const { layout, sizes, theme, pairs } = scene;
  const lanes = layout.lanes.length;
  const isAbove = index < layout.target;
  const edge = laneTop(line, index, lanes, sizes) + (isAbove ? sizes.lane : 0);
  const far = edge + (isAbove ? sizes.gap : -sizes.gap);
  const ends = (kind: BoundaryKind): number =>
    kind === "all" ? far : edge + (far - edge) * (kind === "target" ? 0.5 : 0.2);
  const lane = layout.lanes[index];
  const tokens = lineTokens(layout, lane, line);
  for (let token = tokens.from; token < tokens.to; token++) {
    const box = tokenBox(layout, lane, token, line);
    if (box === undefined || !box.ends) continue;
    const atom = box.atoms.to - 1;
    const kind = isRoom(layout, atom) ? "alone" : boundaryKind(layout, atom);
    const x = Math.round(isRoom(layout, atom) ? box.x + box.width : boundaryX(layout, atom)) + 0.5;
    stroke(
      context,
      css(kind === "all" ? theme.muted : theme.foreground),
      1,
      x,
      edge,
      x,
      ends(kind),
    );
  }
  const pair = pairs.get(lane.letter);
  if (pair === undefined) return;
  for (const link of ribbonLinks(layout, pair, line)) paintLink(context, theme, link, edge, far);
}

function paintLink(
  context: CanvasRenderingContext2D,
  theme: Theme,
  { kind, outcome, sourceX, targetX }: RibbonLink,
  edge: number,
  far: number,
): void {
  const colour = css(theme.foreground);
  const middle = (edge + far) / 2;
  if (kind === "answer" || kind === "offText") {
    context.setLineDash(kind === "offText" ? [3, 2.5] : []);
    stroke(context, colour, 1.3, sourceX, edge, targetX, far);
    context.setLineDash([]);
  }
  const sign = kind === "none" ? "neither" : outcome;
  if (sign === undefined) return;
  const x = (sourceX + targetX) / 2;
  context.fillStyle = css(theme.background);
  context.beginPath();
  context.arc(x, middle, 5.5, 0, 2 * Math.PI);
  context.fill();
  drawOutcome(context, sign, x, middle, 4, colour);
}

function paintDensity(context: CanvasRenderingContext2D, scene: RibbonScene, line: number): void {
  const { layout, sizes, others, theme } = scene;
  const lanes = layout.lanes.length;
  const bottom = laneTop(line, lanes, lanes, sizes) + sizes.density;
  for (const { x, count } of boundaryDensity(layout, others, line)) {
    const height = (count / others.length) * sizes.density;
    stroke(context, css(theme.muted), 2, x, bottom, x, bottom - height);
  }
  context.font = sized(theme.uiFont, 11);
  context.textAlign = "center";
  context.fillStyle = css(theme.muted);
  context.fillText(`+${others.length}`, -gutter / 2 - 2, bottom - sizes.density / 2);
}

function stroke(
  context: CanvasRenderingContext2D,
  colour: string,
  width: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
