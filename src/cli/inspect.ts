/** `fuselab inspect`: what each model says at every token of a text, and what fusion makes of it. */
import { availableParallelism, freemem } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Mode, modes } from "../core/mode.ts";
import { Problem } from "../core/problem.ts";
import { buildVocabularyMap, vocabularyMethods } from "../core/vocabulary/vocabularyMap.ts";
import { type ModelFolder, openModelFolder } from "../model/checkpoint/folder.ts";
import {
  type InspectedChunk,
  type InspectedModel,
  type InspectInput,
  type InspectSettings,
  inspectedChunks,
  inspectText,
} from "../pipeline/inspectText.ts";
import { fillDefaults, type Recipe } from "../pipeline/recipeDefaults.ts";
import { checkRules } from "../pipeline/recipeRules.ts";
import type { WrittenRecipe } from "../pipeline/recipeSchema.ts";
import { modelLabels } from "../pipeline/runPaths.ts";
import { memoryShare } from "../pipeline/runResources.ts";
import { openForReading } from "../pipeline/stages/extract.ts";
import { terminalColumns } from "./columns.ts";
import { readInputText } from "./inputText.ts";
import { inspectionText, type ShownInspection, settingsText } from "./inspectionText.ts";
import { createLateProgress } from "./lateProgress.ts";
import { print, printJson } from "./output.ts";
import { positionText } from "./positionText.ts";
import type { Progress } from "./terminal.ts";
import { visibleToken } from "./visibleText.ts";

interface InspectOptions {
  readonly target: string;
  readonly source: readonly string[];
  readonly text?: string;
  readonly mode: Mode;
  readonly positions?: Recipe["alignment"]["positions"];
  readonly vocabulary?: Recipe["alignment"]["vocabulary"];
  readonly fallback?: Recipe["alignment"]["fallback"];
  readonly rule?: Recipe["fusion"]["rule"];
  readonly per?: Recipe["fusion"]["per"];
  readonly unit?: Recipe["fusion"]["unit"];
  readonly tail?: Recipe["fusion"]["tail"];
  readonly lambda?: number;
  readonly topK?: number;
  readonly length?: number;
  readonly position?: number;
  readonly threads: number;
  readonly json?: true;
}

/** Probabilities an answer may hold, all rows together: some 300 MB of JSON. */
const mostEntries = 2_000_000;

export function registerInspect(program: Command): void {
  const setting = (name: string, description: string, choices: readonly string[]): Option =>
    new Option(`--${name} <word>`, description).choices(choices);
  program
    .command("inspect")
    .summary("see per token what each model says and what fusion makes of it")
    .description(
      "Lets the target and the sources read a text and shows, for every token of the target, what each model says of the next one, what becomes of it over the target's vocabulary, how the candidates are weighed, the fused row, what the target would be taught, and what is lost on the way and why. Settings that are not given are those of the mode, as in a recipe.",
    )
    .requiredOption("--target <folder>", "the target's Hugging Face folder")
    .requiredOption("--source <folders...>", "the sources' folders")
    .option("--text <file>", "a UTF-8 text; - for standard input, which is the default")
    .addOption(
      new Option("--mode <mode>", "gives the settings below").choices(modes).default("corrected"),
    )
    .addOption(setting("positions", "how positions are paired", ["bytes", "dtw"]))
    .addOption(setting("vocabulary", "how source tokens are mapped", vocabularyMethods))
    .addOption(
      setting("fallback", "what is taught where no candidate has a row", [
        "nextToken",
        "skip",
        "currentToken",
      ]),
    )
    .addOption(setting("rule", "how candidates become one", ["minCE", "avgCE"]))
    .addOption(setting("per", "over what candidates are scored", ["chunk", "token", "block"]))
    .addOption(setting("unit", "of the scores", ["byte", "token"]))
    .addOption(setting("tail", "what becomes of mass beyond the top k", ["bucket", "renormalise"]))
    .option("--lambda <share>", "weight of the true next token in what is taught", shareOf)
    .option("--top-k <count>", "tokens kept of a distribution, up to 256", wholeNumber(1, 256))
    .option("--length <tokens>", "the longest chunk, in target tokens", wholeNumber(8, 131_072))
    .option("--position <number>", "show one position in full", wholeNumber(0, 1e9))
    .option(
      "--threads <count>",
      "threads to compute with",
      wholeNumber(1, 1024),
      availableParallelism(),
    )
    .option("--json", "print everything as JSON")
    .action(inspect);
}

async function inspect(options: InspectOptions): Promise<void> {
  const progress = createLateProgress();
  const recipe = checkedRecipe(options, progress);
  const settings: InspectSettings = {
    ...recipe,
    lambda: recipe.training.lambda,
    length: recipe.training.length,
  };
  const folders = await Promise.all(
    [options.target, ...options.source].map((folder) => openModelFolder(folder)),
  );
  const text = await readInputText(options.text);
  const labels = modelLabels(folders.map(({ name }) => name));
  const [target, ...sources] = folders.map((folder, i) =>
    readableModel(folder, labels[i] ?? folder.name, options.threads),
  );
  if (target === undefined) throw new Error("no target");
  const input = { text, target, sources, settings };
  refuseUnfit(input, options.position);
  const maps = sources.map((source) =>
    buildVocabularyMap(source.tokenizer, target.tokenizer, {
      method: settings.alignment.vocabulary,
      mode: settings.mode,
      onProgress: (done, of) => progress.update(`map ${source.label}`, done, of),
    }),
  );
  const chunks = await inspectText({
    ...input,
    maps,
    onProgress: (label, done, of) => progress.update(`read ${label}`, done, of),
  });
  progress.end();
  const shown: ShownInspection = {
    settings,
    labels,
    names: { target: tokenNames(target), sources: sources.map(tokenNames) },
    chunks: options.position === undefined ? chunks : onlyPosition(chunks, options.position),
  };
  if (options.json === true) printJson(inspectionDocument(shown, folders));
  else print(answerText(shown, options.position));
}

function onlyPosition(chunks: readonly InspectedChunk[], wanted: number): InspectedChunk[] {
  return chunks.flatMap((chunk) => {
    const positions = chunk.positions.filter(({ index }) => index === wanted);
    return positions.length === 0 ? [] : [{ ...chunk, positions }];
  });
}

function tokenNames({ tokenizer }: InspectedModel): (id: number) => string {
  return (id) => visibleToken(tokenizer.table, id);
}

function answerText(shown: ShownInspection, position: number | undefined): string {
  const columns = terminalColumns();
  if (position === undefined) return inspectionText(shown, columns);
  const blocks = shown.chunks.flatMap((chunk) =>
    chunk.positions.map((one) => positionText(shown, chunk, one)),
  );
  return [settingsText(shown), ...blocks].join("\n\n");
}

function inspectionDocument(
  { settings, labels, chunks }: ShownInspection,
  folders: readonly ModelFolder[],
) {
  const [target, ...sources] = folders.map(({ path }, i) => ({ label: labels[i], folder: path }));
  const { mode, representation, alignment, fusion, lambda, length } = settings;
  return {
    target,
    sources,
    settings: { mode, representation, alignment, fusion, lambda, length },
    chunks,
  };
}

/** The rules of a recipe hold here too: the same combinations are refused, the same are warned of. */
function checkedRecipe(options: InspectOptions, progress: Progress): Recipe {
  const { mode, positions, vocabulary, fallback, rule, per, unit, tail } = options;
  const written: WrittenRecipe = {
    version: 1,
    name: "inspect",
    target: options.target,
    sources: [...options.source],
    corpus: [],
    mode,
    representation: { topK: options.topK },
    alignment: { positions, vocabulary, fallback },
    fusion: { rule, per, unit, tail },
    training: { lambda: options.lambda, length: options.length },
  };
  const recipe = fillDefaults(written);
  for (const { severity, message, next } of checkRules(written, recipe)) {
    if (severity === "error") throw new Problem("badInput", message, { next });
    progress.say(`warning: ${message}`);
  }
  return recipe;
}

/** Opened when it is asked to read and closed again, so that one model at a time is in memory. */
function readableModel(folder: ModelFolder, label: string, threads: number): InspectedModel {
  return {
    label,
    tokenizer: folder.tokenizer,
    context: folder.config.context,
    read: async (...request) => {
      const limits = { threads, memoryLimit: freemem() * memoryShare };
      const model = await openForReading(folder, limits);
      try {
        return await model.read(...request);
      } finally {
        await model.dispose();
      }
    },
  };
}

/** What would come to nothing is refused before models are read. */
function refuseUnfit(
  input: Pick<InspectInput, "text" | "target" | "sources" | "settings">,
  position: number | undefined,
): void {
  let positions = 0;
  for (const chunk of inspectedChunks(input)) {
    const encoding = input.target.tokenizer.encode(chunk);
    positions += "ids" in encoding ? encoding.ids.length + 1 : 0;
  }
  const rows = 2 * input.sources.length + 4;
  if (positions * rows * input.settings.representation.topK > mostEntries) {
    throw new Problem("tooLarge", `A text of ${positions} positions is too long to be shown.`, {
      next: "Inspect a part of it, or lower --top-k.",
    });
  }
  if (position === undefined || position < positions) return;
  throw new Problem("badInput", `There is no position ${position}.`, {
    next: `The positions of this text are 0 to ${positions - 1}.`,
  });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function shareOf(text: string): number {
  const value = Number(text);
  if (/^[\d.eE+-]+$/.test(text) && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 1.");
}
