/** The demo's text and models, made by compute threads of this process with bars for each. */
import { freemem } from "node:os";
import { fileURLToPath } from "node:url";
import { startComputePool } from "../engine/computePool.ts";
import { memoryShare } from "../pipeline/runResources.ts";
import { domains } from "../pipeline/zoo/corpusParts.ts";
import { makeZoo } from "../pipeline/zoo/makeZoo.ts";
import { onInterrupt } from "./interrupt.ts";
import { byteSize, type Progress } from "./terminal.ts";

/** Two trainings of one thread each are faster than one of two: models this small leave a second thread idle. */
const slots = 2;

export async function prepareZoo(folder: string, seed: number, progress: Progress): Promise<void> {
  const pool = await startComputePool({
    entry: new URL("./computeThread.js", import.meta.url),
    slots,
    threads: 1,
  });
  let stopped = false;
  const stopListening = onInterrupt(
    () => {
      stopped = true;
      pool.stop();
    },
    () => process.exit(130),
  );
  try {
    const { reports } = await makeZoo(folder, {
      root: fileURLToPath(new URL("..", import.meta.url)),
      seed,
      compute: pool,
      memoryLimit: (freemem() * memoryShare) / slots,
      onProgress: (what, done, of, note) => progress.update(what, done, of, note),
      stopped: () => stopped,
    });
    for (const domain of domains) {
      const { parts, heldOutOverlap } = reports[domain];
      const sizes = Object.entries(parts).map(([part, { bytes }]) => `${part} ${byteSize(bytes)}`);
      progress.say(
        `${domain}: ${sizes.join(", ")}; ${(100 * heldOutOverlap).toFixed(1)} % of the held-out 8-word sequences occur elsewhere`,
      );
    }
  } finally {
    stopListening();
    progress.end();
    await pool.close();
  }
}
