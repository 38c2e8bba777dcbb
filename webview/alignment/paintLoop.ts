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
