/** What fills the view where there is nothing to draw: no models, too large a one, nothing selected, not trusted. */
import type { DistributionsShow } from "../../src/protocol/distributionsView.ts";
import type { OpenAt } from "../../src/protocol/views.ts";
import type { FrameState } from "../shared/frame.ts";

/** `undefined`: there is something to draw. */
export function stateOf(
  show: DistributionsShow,
  openAt: (place: OpenAt) => void,
): FrameState | undefined {
  const chooseModels = { label: "Choose models", run: () => openAt({ what: "models" }) };
  if (show.restricted) {
    return {
      kind: "restricted",
      sentence:
        "This workspace is not trusted, so no model is opened. Tokenizers can still be aligned.",
    };
  }
  if (show.problem !== undefined) {
    return { kind: "failed", problem: show.problem, action: chooseModels };
  }
  if (show.documents.length === 0) {
    const sentence =
      "Nothing is selected. Select text in the editor and choose Show fused distributions.";
    return { kind: "empty", sentence };
  }
  if (show.models.length < 2) {
    const sentence = "A target and at least one source with weights are needed to fuse.";
    return { kind: "empty", sentence, action: chooseModels };
  }
  return undefined;
}
