/** `fuselab check`: what can be known of a recipe before hours are spent on it. */
import type { Command } from "commander";
import { checkRecipeFile } from "../pipeline/checkRecipe.ts";
import { thisMachine } from "../pipeline/runResources.ts";
import { checkPage } from "./checkPage.ts";
import { exitCodes } from "./failure.ts";
import { print, printJson } from "./output.ts";

interface CheckOptions {
  readonly out: string;
  readonly quick?: true;
  readonly json?: true;
}

export function registerCheck(program: Command): void {
  program
    .command("check")
    .summary("see whether a recipe would run, and what it would take")
    .description(
      "Looks at a recipe before hours are spent on it: whether every model and text can be used, how well the tokenizers fit together, special tokens, contexts and licences, and what the run would take of memory, disk and time. Text is sampled, and a little reading and training is timed. Nothing is written.",
    )
    .argument("<recipe>", "a *.fusion.yaml file")
    .option("--out <folder>", "the folder in which the run folder would be made", "runs")
    .option("--quick", "take a smaller sample and time nothing")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      "\nExits with 2 where the run would fail, with 0 otherwise. ✗ would fail, ! probably is not what you mean, · is good to know.",
    )
    .action(async (file: string, { out, quick, json }: CheckOptions) => {
      const said = currentWork(process.stderr);
      const check = await checkRecipeFile(file, {
        machine: await thisMachine(out),
        quick: quick === true,
        onProgress: said.show,
      }).finally(said.clear);
      if (json === true) printJson(check);
      else print(checkPage(check));
      if (check.fails) process.exitCode = exitCodes.badInput;
    });
}

/** One line of a terminal that says what is being done. Elsewhere nothing is said: it takes seconds. */
function currentWork(stream: NodeJS.WriteStream) {
  const write = (text: string): void => {
    if (stream.isTTY === true) stream.write(`\r\x1b[K${text}`);
  };
  return { show: (what: string): void => write(`looking at ${what} …`), clear: () => write("") };
}
