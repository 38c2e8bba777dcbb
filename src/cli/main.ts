/** The `fuselab` command. Each command stands in a file of its own; this one lists them. */
import { Command, CommanderError } from "commander";
import { version } from "../engine/version.ts";
import { registerAlign } from "./align.ts";
import { registerCheck } from "./check.ts";
import { registerDemo } from "./demo.ts";
import { registerEvaluate } from "./evaluate.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import { registerInspect } from "./inspect.ts";
import { registerResume } from "./resume.ts";
import { registerRun } from "./run.ts";
import { registerStatus } from "./status.ts";
import { registerStop } from "./stop.ts";
import { registerVocab } from "./vocab.ts";
import { registerZoo } from "./zoo.ts";

const program = new Command("fuselab")
  .description("Fuse what several language models know into one of them.")
  .version(version)
  .showHelpAfterError("(fuselab --help, or fuselab COMMAND --help)")
  .exitOverride();

for (const register of [
  registerAlign,
  registerVocab,
  registerInspect,
  registerCheck,
  registerRun,
  registerResume,
  registerStop,
  registerStatus,
  registerEvaluate,
  registerZoo,
  registerDemo,
]) {
  register(program);
}

// exitOverride is not inherited: without this a command's own usage errors would exit with 1.
for (const command of program.commands) command.exitOverride();

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version come here too, with exit code 0; Commander has printed what there is to say.
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.badInput;
  } else {
    process.exitCode = reportFailure(error);
  }
}
