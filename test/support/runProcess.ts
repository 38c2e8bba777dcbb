/**
 * A process that executes a run, as far as its folder shows: takes it, writes events, and then does what its
 * second argument says. `node --import tsx test/support/runProcess.ts <folder> hold|crash|race`
 */
import { writeSync } from "node:fs";
import { claimRun } from "../../src/pipeline/runClaim.ts";
import { openEventLog } from "../../src/pipeline/runEvents.ts";

const [folder, what] = process.argv.slice(2);

const say = (word: string): void => {
  writeSync(1, `${word}\n`);
};

try {
  const claim = await claimRun(folder);
  const log = openEventLog(folder);
  log.append({ t: "warning", message: `from ${process.pid}` });
  say("claimed");
  if (what === "crash") process.kill(process.pid, "SIGKILL");
  process.once("SIGTERM", () => void claim.release("stopped").then(() => process.exit(0)));
  setInterval(() => undefined, 1000);
} catch (error) {
  say(error instanceof Error ? `refused: ${error.message}` : String(error));
}
