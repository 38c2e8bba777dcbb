/** What all charts of a view share: the axis, the stretch in sight, the step that is pointed at and the one that is chosen. */
import type { XAxis } from "./curve.ts";
import type { StepRange } from "./curveWalk.ts";

export interface DeckState {
  readonly axis: XAxis;
  readonly y: "linear" | "log";
  /** Null: all steps. */
  readonly range: StepRange | null;
  readonly hover: number | null;
  readonly chosen: number | null;
  /** Keys of lines that are not drawn. */
  readonly hidden: readonly string[];
}

export interface Deck {
  readonly state: DeckState;
  change(part: Partial<DeckState>): void;
  onChange(listener: (before: DeckState) => void): void;
}

export function makeDeck(first: Partial<DeckState>): Deck {
  let state: DeckState = {
    axis: "step",
    y: "linear",
    range: null,
    hover: null,
    chosen: null,
    hidden: [],
    ...first,
  };
  const listeners: ((before: DeckState) => void)[] = [];
  return {
    get state() {
      return state;
    },
    change(part) {
      const before = state;
      state = { ...state, ...part };
      for (const listener of listeners) listener(before);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
