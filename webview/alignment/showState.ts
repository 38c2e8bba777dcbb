/** What fills the view where there is nothing to draw, and how the reader gets out of it. */
import type { AlignmentShow } from "../../src/protocol/alignmentView.ts";
import type { ProblemBody } from "../../src/protocol/wire.ts";
import type { Action, FrameState } from "../shared/frame.ts";
import { isUnreadable } from "../shared/unreadable.ts";

export interface Ways {
  readonly chooseTokenizers: () => void;
  readonly again: () => void;
}

/** `undefined`: there is something to draw. */
export function stateOf(show: AlignmentShow, ways: Ways): FrameState | undefined {
  if (show.problem !== undefined) {
    return { kind: "failed", problem: show.problem, action: chooseTokenizers(ways) };
  }
  if (show.documents.length === 0) {
    return { kind: "empty", sentence: "Select text in an editor and align it." };
  }
  if (show.tokenizers.length < 2) {
    const sentence = "Two tokenizers are needed: one is the target.";
    return { kind: "empty", sentence, action: chooseTokenizers(ways) };
  }
  return undefined;
}

export const wayOut = (problem: ProblemBody, ways: Ways): Action =>
  isUnreadable(problem) ? chooseTokenizers(ways) : alignAgain(ways);

export const alignAgain = ({ again }: Ways): Action => ({ label: "Align again", run: again });

const chooseTokenizers = (ways: Ways): Action => ({
  label: "Choose tokenizers",
  run: ways.chooseTokenizers,
});
