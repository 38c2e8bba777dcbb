/** Progress that keeps silent about what is done before anybody has begun to wait. */
import { createProgress, type Progress } from "./terminal.ts";

const patience = 1_500;

/** Tasks are shown once `patience` milliseconds have passed; what is said is said at once. */
export function createLateProgress(): Progress {
  const progress = createProgress();
  const started = performance.now();
  return {
    ...progress,
    update(...task) {
      if (performance.now() - started > patience) progress.update(...task);
    },
  };
}
