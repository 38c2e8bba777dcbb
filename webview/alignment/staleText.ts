/** A text that changed under the picture: said, and for short texts done again by itself once the edits pause. */
import type { Frame } from "../shared/frame.ts";

const editPause = 400;
/** Target tokens up to which edits are followed. */
export const followedTokens = 1000;

export interface StaleText {
  readonly isStale: boolean;
  changed(isChanged: boolean, follow: boolean): void;
  /** Another text is shown. */
  reset(): void;
}

export function watchText(frame: Frame, again: () => void): StaleText {
  let isStale = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const set = (value: boolean): void => {
    clearTimeout(timer);
    if (value === isStale) return;
    isStale = value;
    frame.stale(value ? { verb: "Align again", again } : null);
  };
  return {
    get isStale() {
      return isStale;
    },
    changed(isChanged, follow) {
      set(isChanged);
      if (isChanged && follow) timer = setTimeout(again, editPause);
    },
    reset: () => set(false),
  };
}
