/** The five outcomes as shapes, in path data that canvas and SVG both read: half and whole circles and a diamond. */
import type { Outcome } from "./alignedText.ts";

export interface OutcomeShape {
  /** Filled with the mark's colour. */
  readonly fill: string;
  /** Outlined with it. */
  readonly outline: string;
}

/** Around (x, y), `r` pixels from middle to edge. */
export function outcomeShape(outcome: Outcome, x: number, y: number, r: number): OutcomeShape {
  const arc = (sweep: 0 | 1): string => `M${x} ${y - r}A${r} ${r} 0 0 ${sweep} ${x} ${y + r}`;
  const circle = `${arc(0)}${arc(1)}`;
  switch (outcome) {
    case "same":
      return { fill: `${arc(0)}Z${arc(1)}Z`, outline: "" };
    case "dtwOnly":
      return { fill: `${arc(0)}Z`, outline: circle };
    case "bytesOnly":
      return { fill: `${arc(1)}Z`, outline: circle };
    case "other":
      return { fill: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`, outline: "" };
    case "neither":
      return { fill: "", outline: circle };
  }
}

export function drawOutcome(
  context: CanvasRenderingContext2D,
  outcome: Outcome,
  x: number,
  y: number,
  r: number,
  colour: string,
): void {
  const { fill, outline } = outcomeShape(outcome, x, y, r);
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1.2;
  if (fill !== "") context.fill(new Path2D(fill));
  if (outline !== "") context.stroke(new Path2D(outline));
}
