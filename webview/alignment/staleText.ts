/** A text that changed under the picture: said, and for short texts done again by itself once the edits pause. */
import type { Frame } from "../shared/frame.ts";

const editPause = 400;
/** Target tokens up to which edits are followed. */
export const followedTokens = 1000;

export interface StaleText {
  readonly isStale: boolean;
  changed(isChanged: boolean, follow: boolean): void;
  /** Another text is taken up; what is drawn stays dimmed until its picture is there. */
  reset(): void;
  /** The picture of the text that was taken up is there, or will not come. */
  renewed(): void;
}

export function watchText(frame: Frame, again: () => void): StaleText {
  let isStale = false;
  let isRenewed = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    if (isStale) frame.stale({ verb: "Align again", again });
    else frame.stale(isRenewed ? null : "beingRenewed");
  };
  const set = (value: boolean): void => {
    clearTimeout(timer);
    if (value === isStale) return;
    isStale = value;
    draw();
  };
  return {
    get isStale() {
      return isStale;
    },
    changed(isChanged, follow) {
      set(isChanged);
      if (isChanged && follow) timer = setTimeout(again, editPause);
    },
    reset() {
      isRenewed &&= !isStale;
      set(false);
    },
    renewed() {
      if (isRenewed) return;
      isRenewed = true;
      draw();
    },
  };
}
