/**
 * One paint a frame at most, and none while nothing is asked or the view is hidden. Every paint is measured, so that
 * tests (and the browser's own profile) can read how long they took.
 */

export interface PaintLoop {
  /** Paints in the next frame. */
  ask(): void;
}

/** `paint` answers whether all is painted; else it is called again in the next frame. */
export function paintLoop(paint: () => boolean, isVisible: () => boolean): PaintLoop {
  let waits = false;
  const frame = (): void => {
    waits = false;
    if (!isVisible()) return;
    const start = performance.now();
    const isComplete = paint();
    performance.measure("fuselab.paint", { start, end: performance.now() });
    if (!isComplete) ask();
  };
  const ask = (): void => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(frame);
  };
  return { ask };
}

/** The parts that a picture is made of. */
type Part = "matrix" | "ribbon";

export interface PaintedMark {
  (part: Part): void;
  /** Another picture is begun. */
  reset(): void;
}

/** Marks the moment at which a picture was whole for the first time: for tests of how long that takes. */
export function makePaintedMark(awaitsMatrix: () => boolean): PaintedMark {
  const seen = new Set<Part>();
  let isDone = false;
  const mark = (part: Part): void => {
    seen.add(part);
    if (isDone || !seen.has("ribbon") || (awaitsMatrix() && !seen.has("matrix"))) return;
    isDone = true;
    performance.mark("fuselab.painted");
  };
  const reset = (): void => {
    seen.clear();
    isDone = false;
  };
  return Object.assign(mark, { reset });
}
