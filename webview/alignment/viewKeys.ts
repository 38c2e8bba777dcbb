/** The keys of the alignment view, all of them local to it. */
import type { KeyBinding } from "../shared/keys.ts";

export type Area = "matrix" | "ribbon" | "figures" | "table";

/** What keys do to the view. */
export interface ViewActs {
  readonly area: () => Area;
  readonly move: (dx: number, dy: number) => void;
  readonly toEdge: (direction: -1 | 1) => void;
  readonly page: (direction: -1 | 1) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly nextDifference: (direction: -1 | 1) => void;
  readonly chooseSource: (number: number) => void;
  readonly nextLayer: () => void;
  readonly toggleTable: () => void;
  readonly again: () => void;
  readonly copy: () => void;
  readonly toggleFollow: () => void;
  readonly nextArea: () => void;
  readonly reveal: () => void;
  readonly zoomToGroup: () => void;
}

const zoomStep = 1.5;

export function viewKeys(acts: ViewActs): readonly KeyBinding[] {
  const inDrawing = (): boolean => acts.area() !== "table";
  const inMatrix = (): boolean => acts.area() === "matrix";
  return [
    {
      keys: "Arrows",
      says: "move the cell; in the ribbon: token and line",
      run: ({ dx, dy }) => acts.move(dx, dy),
      when: inDrawing,
    },
    { keys: "Home", says: "first target token", run: () => acts.toEdge(-1), when: inDrawing },
    { keys: "End", says: "last target token", run: () => acts.toEdge(1), when: inDrawing },
    { keys: "PageUp", says: "a page back", run: () => acts.page(-1), when: inDrawing },
    { keys: "PageDown", says: "a page on", run: () => acts.page(1), when: inDrawing },
    { keys: ["+", "="], says: "zoom in", run: () => acts.zoom(zoomStep), when: inMatrix },
    { keys: "-", says: "zoom out", run: () => acts.zoom(1 / zoomStep), when: inMatrix },
    { keys: "0", says: "the whole matrix", run: () => acts.fit(), when: inMatrix },
    {
      keys: "z",
      says: "zoom to the byte group of the cell",
      run: () => acts.zoomToGroup(),
      when: inMatrix,
    },
    { keys: "n", says: "next difference", run: () => acts.nextDifference(1) },
    { keys: "p", says: "previous difference", run: () => acts.nextDifference(-1) },
    { keys: "Digits", says: "choose a source", run: ({ digit }) => acts.chooseSource(digit) },
    { keys: "l", says: "next layer of the matrix", run: () => acts.nextLayer() },
    {
      keys: "g",
      says: "follow the path: left and right go along it",
      run: () => acts.toggleFollow(),
    },
    { keys: "m", says: "matrix, ribbon, figures", run: () => acts.nextArea() },
    { keys: "t", says: "table", run: () => acts.toggleTable() },
    { keys: "y", says: "copy what is chosen", run: () => acts.copy() },
    { keys: "r", says: "align again", run: () => acts.again() },
    {
      keys: "Enter",
      says: "show the token in the editor",
      run: () => acts.reveal(),
      when: inDrawing,
    },
  ];
}
