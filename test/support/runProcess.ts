/**
 * A process that executes a run, as far as its folder shows: takes it, writes an event, and then does what its
 * second argument says: `hold` until SIGTERM, `obey` the file stop, be `deaf` to both, or `crash` at once.
 */
import { writeSync } from "node:fs";
import { claimRun } from "../../src/pipeline/runClaim.ts";
import { openEventLog } from "../../src/pipeline/runEvents.ts";
import { stopAsked } from "../../src/pipeline/runFolder.ts";

const [folder, what] = process.argv.slice(2);

const say = (word: string): void => {
  writeSync(1, `${word}\n`);
};

try {
  const claim = await claimRun(folder);
  const log = openEventLog(folder);
  const end = async (): Promise<void> => {
    log.append({ t: "done", outcome: "stopped", seconds: 1 });
    await claim.release("stopped");
    process.exit(0);
  };
  log.append({ t: "warning", message: `from ${process.pid}` });
  say("claimed");
  if (what === "crash") process.kill(process.pid, "SIGKILL");
  process.on("SIGTERM", () => void (what === "deaf" ? undefined : end()));
  setInterval(async () => {
    if (what === "obey" && (await stopAsked(folder))) await end();
  }, 50);
} catch (error) {
  say(error instanceof Error ? `refused: ${error.message}` : String(error));
}
