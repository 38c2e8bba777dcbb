/** What the pointer rests on: lit in all parts and said on a small card, after a moment in which it may pass over. */
import type { CellFacts } from "./cellFacts.ts";
import { costCap } from "./costScale.ts";
import type { HoverCard } from "./detailPane.ts";
import type { Cell } from "./geometry/matrix.ts";

const restTime = 150;

export interface Hover {
  readonly element: HTMLElement;
  /** `undefined`: at nothing. */
  point(cell: Cell | undefined, x: number, y: number): void;
}

export function makeHover(
  card: HoverCard,
  {
    facts,
    onPoint,
  }: {
    readonly facts: (cell: Cell) => CellFacts | undefined;
    readonly onPoint: (cell: Cell | undefined) => void;
  },
): Hover {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isShown = false;
  const show = (cell: Cell, x: number, y: number): void => {
    isShown = true;
    onPoint(cell);
    const known = facts(cell);
    if (known !== undefined) card.show(known, costCap, x, y);
  };
  return {
    element: card.element,
    point(cell, x, y) {
      clearTimeout(timer);
      if (cell === undefined) {
        if (isShown) onPoint(undefined);
        isShown = false;
        card.hide();
      } else if (isShown) show(cell, x, y);
      else timer = setTimeout(() => show(cell, x, y), restTime);
    },
  };
}
