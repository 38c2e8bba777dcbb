/** What stands around the matrix: tokens or numbers along the axes, outcomes at the target's, and the overview ruler. */
import { css } from "../shared/colour.ts";
import type { Theme } from "../shared/theme.ts";
import { type Outcome, outcomeOf } from "./alignedText.ts";
import { sized, translucent } from "./colours.ts";
import { axisOf } from "./geometry/axes.ts";
import { overviewMarks, overviewX } from "./geometry/overview.ts";
import type { CellRange } from "./matrixLayers.ts";
import type { MatrixScene } from "./matrixScene.ts";
import { drawOutcome } from "./outcomeShapes.ts";
import { tokenCount } from "./tokenTrack.ts";

/** Pixels: between axis and pane where outcomes stand, of the ruler, and of letters. */
export const markRoom = 14;
export const overviewHeight = 14;
const labelSize = 11;
/** Cells from which a mark has room for its shape. */
const shapeFrom = 9;

/** The origin is the pane's corner. */
export function paintAxes(
  context: CanvasRenderingContext2D,
  scene: MatrixScene,
  visible: CellRange,
): void {
  const { theme } = scene;
  context.font = sized(theme.editorFont, labelSize);
  context.textBaseline = "middle";
  paintColumns(context, scene, visible);
  paintRows(context, scene, visible);
  paintMarks(context, scene, visible);
  paintOverview(context, scene, visible);
  paintCorner(context, scene);
}

function paintColumns(context: CanvasRenderingContext2D, scene: MatrixScene, visible: CellRange) {
  const { place, pair, theme, margins, frame } = scene;
  const axis = axisOf(
    { from: visible.column0, to: visible.column1 },
    place.k,
    place.x,
    pair.target.first,
  );
  for (const { index, at } of axis.entries) {
    if (at < 0 || at > frame.width) continue;
    context.fillStyle = labelColour(scene, "column", index);
    if (axis.kind === "numbers") {
      context.textAlign = at < 20 ? "left" : "center";
      const x = at < 20 ? Math.max(0, at - 4) : at;
      context.fillText(String(index + pair.target.first), x, -markRoom - 10);
      tick(context, theme, at, -markRoom - 3, at, -markRoom);
      continue;
    }
    context.save();
    context.translate(at, -markRoom - 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    const room = margins.top - markRoom - 8;
    context.fillText(fitting(context, scene.label("target", index), room), 0, 0);
    context.restore();
  }
}

function paintRows(context: CanvasRenderingContext2D, scene: MatrixScene, visible: CellRange) {
  const { place, pair, theme, margins, frame } = scene;
  const axis = axisOf(
    { from: visible.row0, to: visible.row1 },
    place.k,
    place.y,
    pair.source.first,
  );
  context.textAlign = "right";
  for (const { index, at } of axis.entries) {
    if (at < 0 || at > frame.height) continue;
    context.fillStyle = labelColour(scene, "row", index);
    if (axis.kind === "numbers") {
      context.fillText(String(index + pair.source.first), -7, Math.max(at, 6));
      tick(context, theme, -4, at, -1, at);
    } else {
      const room = margins.left - 22;
      context.fillText(fitting(context, scene.label("source", index), room), -5, at);
    }
  }
}

function labelColour(
  { theme, chosen, pointed }: MatrixScene,
  side: "row" | "column",
  index: number,
) {
  const isLit = chosen?.[side] === index || pointed?.[side] === index;
  return css(isLit ? theme.foreground : theme.muted);
}

function tick(
  context: CanvasRenderingContext2D,
  { muted }: Theme,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  context.strokeStyle = css(muted);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** Cut at the end to fit, isolated so that right-to-left text moves nothing beside it. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return isolated(text);
  const characters = Array.from(text);
  while (characters.length > 1) {
    characters.pop();
    const cut = `${characters.join("")}…`;
    if (context.measureText(cut).width <= room) return isolated(cut);
  }
  return "…";
}

const isolated = (text: string): string => `\u2068${text}\u2069`;

/** Outcomes over their columns: shapes where there is room, else ticks like those of the overview. */
function paintMarks(context: CanvasRenderingContext2D, scene: MatrixScene, visible: CellRange) {
  const { place, pair, theme, frame } = scene;
  const { outcome } = pair;
  if (outcome === undefined) return;
  const middle = -markRoom / 2;
  if (place.k < shapeFrom) {
    const seen = outcome.subarray(visible.column0, visible.column1);
    const from = place.x + visible.column0 * place.k;
    for (const mark of overviewMarks(seen, seen.length * place.k)) {
      const x = from + mark.x;
      if (x >= 0 && x < frame.width) outcomeTick(context, theme, mark.outcome, x, middle);
    }
    return;
  }
  for (let token = visible.column0; token < visible.column1; token++) {
    const kind = outcomeOf(pair, token);
    const x = place.x + (token + 0.5) * place.k;
    if (kind === undefined || kind === "same" || x < 0 || x > frame.width) continue;
    drawOutcome(context, kind, x, middle, 4, css(theme.foreground));
  }
}

/** The outcome by its height too: ◆ all of it, ◐ the upper half, ◑ the lower half, ○ the middle. */
const tickSpans: Readonly<Record<Outcome, readonly [number, number]>> = {
  same: [0, 0],
  other: [-5, 5],
  dtwOnly: [-5, 0],
  bytesOnly: [0, 5],
  neither: [-1.5, 1.5],
};

function outcomeTick(
  context: CanvasRenderingContext2D,
  { foreground, muted }: Theme,
  outcome: Outcome,
  x: number,
  middle: number,
): void {
  const [from, to] = tickSpans[outcome];
  context.fillStyle = css(outcome === "neither" ? muted : foreground);
  context.fillRect(x, middle + from, 1, to - from);
}

function paintOverview(context: CanvasRenderingContext2D, scene: MatrixScene, visible: CellRange) {
  const { frame, pair, theme, chosen } = scene;
  const tokens = tokenCount(pair.target);
  const top = frame.height + 6;
  context.fillStyle = translucent(theme.foreground, 0.06);
  context.fillRect(0, top, frame.width, overviewHeight);
  const middle = top + overviewHeight / 2;
  if (pair.outcome !== undefined)
    for (const { x, outcome } of overviewMarks(pair.outcome, frame.width))
      outcomeTick(context, theme, outcome, x, middle);
  const x0 = (visible.column0 / Math.max(1, tokens)) * frame.width;
  const x1 = (visible.column1 / Math.max(1, tokens)) * frame.width;
  const isWhole = x1 - x0 >= frame.width;
  context.strokeStyle = css(isWhole ? theme.border : theme.muted);
  context.lineWidth = 1;
  context.strokeRect(Math.round(x0) + 0.5, top + 0.5, Math.max(2, x1 - x0 - 1), overviewHeight - 1);
  if (chosen === undefined) return;
  context.fillStyle = css(theme.focus);
  context.fillRect(overviewX(chosen.column, tokens, frame.width) - 1, top, 3, overviewHeight);
}

/** Which way the two texts run. */
function paintCorner(context: CanvasRenderingContext2D, { pair, theme }: MatrixScene): void {
  context.font = `600 ${sized(theme.uiFont, labelSize)}`;
  context.fillStyle = css(theme.foreground);
  context.textAlign = "right";
  context.fillText(`${pair.target.letter} →`, -6, -markRoom - 10);
  context.fillText(`${pair.source.letter} ↓`, -6, -markRoom / 2);
}
