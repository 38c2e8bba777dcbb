/**
 * What can be known of a recipe before hours are spent on it: whether it would run, how its models fit together,
 * and what it would take of text, memory, disk and time. Nothing is written and no weights are loaded: models
 * are opened, their tokenizers cut a sample of the text, and a little reading and training is timed. What two
 * models know is not asked: that a source has something to teach only a run can show.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import {
  diskFindings,
  licenceFindings,
  memoryFindings,
  modelFindings,
  sourceFindings,
  textFindings,
} from "./check/findings.ts";
import { checkedModel, findingOf, type OpenedModels, openModels } from "./check/models.ts";
import type { CheckedSource, Finding, RecipeCheck } from "./check/recipeCheck.ts";
import { timeRun } from "./check/runSpeed.ts";
import { shareOf } from "./check/sourceFit.ts";
import { checkText, type TextCheck } from "./check/textCheck.ts";
import { type RecipeTexts, readTexts } from "./check/texts.ts";
import { estimateDisk, estimateMemory, type ModelShape } from "./estimate.ts";
import { checkRecipe, type ParsedRecipe, type Recipe } from "./recipe.ts";
import { missingFiles } from "./recipeFiles.ts";
import type { RecipeProblem } from "./recipeProblems.ts";
import { type Machine, runResources } from "./runResources.ts";

export type {
  CheckedModel,
  Finding,
  FindingSubject,
  RecipeCheck,
} from "./check/recipeCheck.ts";

export interface CheckOptions {
  readonly machine: Machine;
  /** A smaller sample, and nothing is timed. */
  readonly quick?: boolean;
  /** What is being looked at. */
  readonly onProgress?: (what: string) => void;
}

type Figures = Omit<RecipeCheck, "file" | "fails" | "findings" | "machine" | "recipe">;

/** @throws Problem `missing` where the recipe itself cannot be read; everything else is a finding. */
export async function checkRecipeFile(file: string, options: CheckOptions): Promise<RecipeCheck> {
  const place = path.resolve(file);
  const text = await readFile(place, "utf8").catch((cause: unknown) => {
    throw new Problem("missing", "The recipe cannot be read.", {
      file,
      cause,
      next: "Check the path.",
    });
  });
  const { parsed, problems } = checkRecipe(text, place);
  const findings = problems.map(ofRecipe);
  const figures =
    parsed === undefined ? { models: [], sources: [] } : await look(parsed, options, findings);
  return {
    file: place,
    fails: findings.some(({ severity }) => severity === "error"),
    findings,
    machine: options.machine,
    ...(parsed === undefined ? {} : { recipe: summaryOf(parsed.recipe) }),
    ...figures,
  };
}

const ofRecipe = ({ severity, message, next, file, line }: RecipeProblem): Finding => ({
  severity,
  about: "recipe",
  message,
  next,
  file,
  line,
});

const summaryOf = ({ name, mode, training }: Recipe) => ({
  name,
  mode,
  steps: training.steps ?? null,
  batch: training.batch,
  length: training.length,
});

/** Goes as far as what is found allows; `findings` grow on the way. */
async function look(
  parsed: ParsedRecipe,
  options: CheckOptions,
  findings: Finding[],
): Promise<Figures> {
  const { recipe } = parsed;
  const { onProgress = () => undefined } = options;
  const missing = await missingFiles(parsed);
  findings.push(...missing.map(ofRecipe));
  onProgress("models");
  const opened = await openModels(parsed, new Set(missing.map(({ key }) => key)));
  const models = opened.models.map(checkedModel);
  findings.push(...opened.findings, ...modelFindings(models, recipe), ...licenceFindings(models));
  onProgress("text");
  const textsMissing = missing.some(({ key }) => /^(corpus|evaluation)\b/.test(key));
  const texts = textsMissing ? undefined : await textsOf(parsed, findings);
  const usable = withOpening(opened);
  if (texts === undefined || usable.models[0]?.role !== "target") return { models, sources: [] };
  const check = checkText(recipe, usable.models, texts, options.quick === true);
  findings.push(...textFindings(check.text, recipe));
  const resources = await resourceFigures(recipe, usable, check, options, findings);
  const sources = check.sources.map((source, s): CheckedSource => {
    const rows = resources.rows?.[s];
    return rows === undefined ? source : { ...source, rows };
  });
  findings.push(...sourceFindings(sources, recipe));
  const { rows: _, ...figures } = resources;
  return { models, text: check.text, sources, ...figures };
}

async function textsOf(
  parsed: ParsedRecipe,
  findings: Finding[],
): Promise<RecipeTexts | undefined> {
  try {
    return await readTexts(parsed);
  } catch (error) {
    findings.push(findingOf(error, "text"));
    return undefined;
  }
}

/** Models that have a token to open a text with: without one nothing can be cut or read. */
function withOpening({
  models,
  complete,
}: OpenedModels): Pick<OpenedModels, "models" | "complete"> {
  const usable = models.filter((model) => checkedModel(model).tokenizer.opening !== "none");
  return { models: usable, complete: complete && usable.length === models.length };
}

/** What the run takes; nothing where a model is missing, since it would be left out of every figure. */
async function resourceFigures(
  recipe: Recipe,
  { models, complete }: Pick<OpenedModels, "models" | "complete">,
  check: TextCheck,
  { machine, quick, onProgress = () => undefined }: CheckOptions,
  findings: Finding[],
) {
  const resources = runResources(recipe.training, machine);
  if (!complete) return { resources };
  const shapes = models.map(
    ({ label, folder: { config, dtype, tokenizer } }, m): ModelShape => ({
      label,
      config,
      dtype,
      ids: tokenizer.table.size,
      longest: check.longest[m],
    }),
  );
  const memory = estimateMemory(recipe, shapes, check.text, resources);
  const ends = check.sources.map(({ sharedEnds }) => shareOf(sharedEnds));
  const disk = estimateDisk(recipe, shapes, check.text, ends);
  findings.push(
    ...memoryFindings(memory, recipe, machine.freeMemory),
    ...diskFindings(disk, machine.freeDisk),
  );
  const fails = findings.some(({ severity }) => severity === "error");
  if (quick === true || fails) return { resources, memory, disk };
  const { time, rows } = await timeRun(recipe, models, check, memory, resources, onProgress);
  return { resources, memory, disk, time, rows };
}
