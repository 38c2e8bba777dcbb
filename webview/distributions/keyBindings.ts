/** The keys of this view, in the order in which `?` lists them. */
import type { KeyBinding } from "../shared/keys.ts";

export interface Acts {
  readonly isTable: () => boolean;
  move(by: number): void;
  moveCandidate(by: number): void;
  moveLines(by: number): void;
  goTo(end: "first" | "last"): void;
  step(direction: 1 | -1): void;
  toggleForm(): void;
  toggleTable(): void;
  nextMeasure(): void;
  openAlignment(): void;
  goToSource(number: number): void;
  copy(): void;
  again(): void;
}

/** Lines of the strip that PageUp and PageDown go. */
const page = 4;

export function keyBindings(acts: Acts): readonly KeyBinding[] {
  const drawn = (): boolean => !acts.isTable();
  return [
    {
      keys: "Left/Right",
      says: "previous and next token",
      run: ({ dx }) => acts.move(dx),
      when: drawn,
    },
    {
      keys: "Up/Down",
      says: "candidates of the detail",
      run: ({ dy }) => acts.moveCandidate(dy),
      when: drawn,
    },
    {
      keys: ["PageUp", "PageDown"],
      says: "lines of the strip",
      run: ({ key }) => acts.moveLines(key === "PageUp" ? -page : page),
      when: drawn,
    },
    {
      keys: ["Home", "End"],
      says: "first and last token",
      run: ({ key }) => acts.goTo(key === "Home" ? "first" : "last"),
      when: drawn,
    },
    {
      keys: "n",
      says: "next place, as chosen: fall-back, highest loss, T and fused disagree",
      run: () => acts.step(1),
    },
    { keys: "p", says: "previous place", run: () => acts.step(-1) },
    { keys: "x", says: "matrix or columns", run: () => acts.toggleForm() },
    {
      keys: "Digits",
      says: "to a source: 1 is A",
      run: ({ digit }) => acts.goToSource(digit),
      when: drawn,
    },
    { keys: "l", says: "next colour", run: () => acts.nextMeasure() },
    { keys: "t", says: "the document as a table, and back", run: () => acts.toggleTable() },
    { keys: "o", says: "the alignment view at this place", run: () => acts.openAlignment() },
    { keys: "y", says: "copy what is chosen, as TSV", run: () => acts.copy() },
    { keys: "r", says: "read the text again as it is now", run: () => acts.again() },
  ];
}
