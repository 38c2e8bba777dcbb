/** Which tokenizers get a lane of the ribbon, and in which order: the target in the middle of its neighbours. */

/** Above so many sources only those that are wanted keep a lane. */
export const mostLanes = 5;

export interface Lanes {
  /** Letters from top to bottom, the target's among them. */
  readonly shown: readonly string[];
  /** Letters that come to one density lane. */
  readonly others: readonly string[];
}

export function lanesOf(
  target: string,
  sources: readonly string[],
  chosen: string,
  pinned: ReadonlySet<string>,
): Lanes {
  const isShown = (letter: string): boolean =>
    sources.length <= mostLanes || letter === chosen || pinned.has(letter);
  const shown = sources.filter(isShown);
  const above = Math.ceil(shown.length / 2);
  return {
    shown: [...shown.slice(0, above), target, ...shown.slice(above)],
    others: sources.filter((letter) => !isShown(letter)),
  };
}
