/** `fuselab stop`: asks a run to stop, and ends its process where it does not. */
import path from "node:path";
import type { Command } from "commander";
import { askToStop } from "../pipeline/runFolder.ts";
import { type StopOutcome, stopRun } from "../pipeline/runStop.ts";
import { withoutControls } from "./failure.ts";
import { print } from "./output.ts";
import { findLiveRun, findRun, runsOption } from "./runArgument.ts";

interface StopOptions {
  readonly runs: string;
  readonly wait: boolean;
}

const outcomes: Readonly<Record<StopOutcome, string>> = {
  stopped: "has stopped. Go on with: fuselab resume",
  ended:
    "did not stop in time and was ended. What it had finished is kept; go on with: fuselab resume",
  asked:
    "was asked to stop, which it does within one step; its process is on another host or has not started yet",
};

export function registerStop(program: Command): void {
  program
    .command("stop")
    .summary("stop a run; it can be resumed")
    .description(
      "Asks a run to stop, which it does within one step, keeping everything it has made. If it has not stopped after 15 seconds and runs on this machine, its process is ended. Either way it can be resumed.",
    )
    .argument(
      "[run]",
      "a run: its folder, its name, or a part of the name; the one that is running if not given",
    )
    .addOption(runsOption())
    .option("--no-wait", "only ask, and return at once")
    .action(async (word: string | undefined, { runs, wait }: StopOptions) => {
      const folder = word === undefined ? await findLiveRun(runs) : await findRun(word, runs);
      const name = path.basename(folder);
      if (!wait) await askToStop(folder);
      const what = wait ? outcomes[await stopRun(folder)] : "was asked to stop";
      print(withoutControls(`${name} ${what}.`));
    });
}
