/** `fuselab resume`: goes on with a run that was stopped, that failed, or whose process is gone. */
import type { Command } from "commander";
import { resumeRun } from "../engine/startRun.ts";
import { endOfEvents } from "./followRun.ts";
import { answer } from "./run.ts";
import { findRun, runsOption } from "./runArgument.ts";
import { watchRun } from "./watchRun.ts";

interface ResumeOptions {
  readonly runs: string;
  readonly json?: true;
}

export function registerResume(program: Command): void {
  program
    .command("resume")
    .summary("go on with a run that ended early")
    .description(
      "Goes on with a run that was stopped, that failed, or whose process is gone. What it has finished is kept: shards by their hashes, the training from its newest checkpoint, with the losses it would have had.",
    )
    .argument("<run>", "a run: its folder, its name, or a part of the name")
    .addOption(runsOption())
    .option("--json", "print the run's folder and evaluation as JSON at the end")
    .action(async (word: string, { runs, json }: ResumeOptions) => {
      const folder = await findRun(word, runs);
      const fromOffset = await endOfEvents(folder);
      await resumeRun(folder);
      await watchRun(folder, { fromOffset });
      await answer(folder, json === true);
    });
}
