/** `fuselab zoo`: makes the demo's text, tokenizers and models. */
import path from "node:path";
import type { Command } from "commander";
import { positiveInteger } from "./arguments.ts";
import { print } from "./output.ts";
import { prepareZoo } from "./prepareZoo.ts";
import { createProgress } from "./terminal.ts";

interface ZooOptions {
  readonly seed: number;
}

export function registerZoo(program: Command): void {
  program
    .command("zoo")
    .summary("make the demo's tokenizers and models")
    .description(
      "Collects prose, code and declarations from the installed packages, without repetitions and in three disjoint parts, trains three tokenizers of different families and four models of about a million parameters on them. What is there already is kept.",
    )
    .argument("<folder>", "where corpora/ and zoo/ are made")
    .option("--seed <number>", "decides the parts and the models' beginnings", positiveInteger, 1)
    .action(async (folder: string, { seed }: ZooOptions) => {
      await prepareZoo(path.resolve(folder), seed, createProgress());
      print(path.resolve(folder, "zoo"));
    });
}
