/** `fuselab evaluate`: bits per byte of any models on any texts. */
import { availableParallelism, freemem } from "node:os";
import type { Command } from "commander";
import { measureModels } from "../pipeline/measure.ts";
import { memoryShare } from "../pipeline/runResources.ts";
import { positiveInteger } from "./arguments.ts";
import { evaluationTable } from "./evaluationTable.ts";
import { print, printJson } from "./output.ts";
import { createProgress } from "./terminal.ts";

interface EvaluateOptions {
  readonly text: readonly string[];
  readonly length: number;
  readonly threads: number;
  readonly seed: number;
  readonly json?: true;
}

export function registerEvaluate(program: Command): void {
  program
    .command("evaluate")
    .summary("measure models on texts, in bits per byte")
    .description(
      "Measures models on texts in bits per UTF-8 byte, which compares models of different tokenizers, with 95 % bootstrap intervals over chunks. Every text is a column of its own. Perplexities per token stand beside; compare them only between models of one tokenizer.",
    )
    .argument("<models...>", "Hugging Face folders")
    .requiredOption("--text <files...>", "UTF-8 text files")
    .option("--length <tokens>", "the longest chunk in tokens of any model", positiveInteger, 512)
    .option("--threads <count>", "threads to compute with", positiveInteger, availableParallelism())
    .option("--seed <number>", "of the bootstrap", positiveInteger, 1)
    .option("--json", "print everything as JSON")
    .action(async (models: string[], { text, json, ...options }: EvaluateOptions) => {
      const progress = createProgress();
      const evaluation = await measureModels({
        ...options,
        models,
        texts: text,
        memoryLimit: freemem() * memoryShare,
        onProgress: (model, done, of) => progress.update(model, done, of, "", "chunks"),
      });
      progress.end();
      if (json === true) return printJson(evaluation);
      print(evaluationTable(evaluation));
      if (evaluation.leftOut > 0) {
        print(
          `${evaluation.leftOut} chunks are left out: not every model can reproduce their bytes.`,
        );
      }
    });
}
