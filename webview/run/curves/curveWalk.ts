/** Where the keys go along the curves: steps, checkpoints and events, nearer and farther. */

export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The step `by` points away from `current`, held at the ends. Without a current one it is the last, or the first
 * where the way is forward. Undefined where there are no steps.
 */
export function walkSteps(
  steps: ArrayLike<number>,
  current: number | null,
  by: number,
): number | undefined {
  if (steps.length === 0) return undefined;
  if (current === null) return steps[by < 0 ? steps.length - 1 : 0];
  let at = 0;
  while (at < steps.length - 1 && steps[at] < current) at++;
  if (steps[at] > current && by > 0) at--; // between two points: the next one is one away
  return steps[Math.min(steps.length - 1, Math.max(0, at + by))];
}

/** The next mark after the chosen one along the time line; the nearest beyond `current` where none is chosen. Round at the ends. */
export function walkMarks(
  marks: readonly { readonly step: number }[],
  { chosen, current }: { readonly chosen: number | null; readonly current: number | null },
  direction: 1 | -1,
): number | undefined {
  if (marks.length === 0) return undefined;
  if (chosen !== null) return (chosen + direction + marks.length) % marks.length;
  if (current === null) return direction > 0 ? 0 : marks.length - 1;
  const found =
    direction > 0
      ? marks.findIndex(({ step }) => step > current)
      : marks.findLastIndex(({ step }) => step < current);
  if (found >= 0) return found;
  return direction > 0 ? 0 : marks.length - 1;
}

/** Nearer (`factor` below 1) or farther around a step, within all steps; null where that is all of them. */
export function zoomed(range: StepRange, all: StepRange, around: number, factor: number) {
  const span = Math.max(4, Math.round((range.to - range.from) * factor));
  if (span >= all.to - all.from) return null;
  const share = (around - range.from) / Math.max(1, range.to - range.from);
  const from = Math.round(around - share * span);
  const held = Math.min(Math.max(from, all.from), all.to - span);
  return { from: held, to: held + span };
}
