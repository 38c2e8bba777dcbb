/** What `run`, `resume` and `demo` share: a run is followed to its end, and the first Ctrl-C stops it cleanly. */
import { Problem } from "../core/problem.ts";
import { askToStop } from "../pipeline/runFolder.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import { stopRun } from "../pipeline/runStop.ts";
import { type FollowOptions, followRun } from "./followRun.ts";
import { onInterrupt } from "./interrupt.ts";
import { createProgress } from "./terminal.ts";

/**
 * Follows a run whose worker was just started.
 * @throws Problem `cancelled` where it was stopped, `failed` where it failed or its process is gone.
 */
export async function watchRun(folder: string, options: FollowOptions): Promise<void> {
  const { progress = createProgress() } = options;
  const stopListening = onInterrupt(
    () => {
      progress.say("stopping after the unit of work in hand; Ctrl-C again ends it at once");
      void askToStop(folder);
    },
    () => void stopRun(folder, { patience: 0 }),
  );
  try {
    const state = await followRun(folder, { ...options, progress });
    if (state === "done") return;
    if (state === "stopped") {
      throw new Problem("cancelled", "The run has stopped; what it has made is kept.", {
        next: `Go on with: fuselab resume ${folder}`,
      });
    }
    if (state === "lost") {
      throw new Problem("failed", "The run's process has ended without a word.", {
        file: `${folder}/worker.log`,
        next: `Go on with: fuselab resume ${folder}`,
      });
    }
    const { problem } = await readRunRecord(folder);
    throw new Problem(problem?.code ?? "failed", problem?.message ?? `The run is ${state}.`, {
      file: folder,
      ...(problem?.next === undefined ? {} : { next: problem.next }),
    });
  } finally {
    stopListening();
  }
}
