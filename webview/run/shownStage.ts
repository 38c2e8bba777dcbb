/** A stage as it is shown: one that nobody works on any more does not look alive, whatever its last event says. */

import type { ShownRunState } from "../../src/protocol/runState.ts";
import type { RunShow, RunStage } from "../../src/protocol/runView.ts";

export interface ShownStage extends Omit<RunStage, "state"> {
  readonly state: RunStage["state"] | "halted";
}

const liveStates: ReadonlySet<ShownRunState> = new Set(["running", "stopping", "elsewhere"]);

export function shownStages({ state, stages }: Pick<RunShow, "state" | "stages">): ShownStage[] {
  if (liveStates.has(state)) return [...stages];
  return stages.map((stage) => (stage.state === "running" ? { ...stage, state: "halted" } : stage));
}
