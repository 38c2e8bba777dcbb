/**
 * Reads a recipe: YAML text to checked, complete settings, or to a list of everything that is wrong with it,
 * each with line, column and what to write instead. Whether the files it names exist is another question:
 * recipeFiles.ts.
 */
import path from "node:path";
import type { Document } from "yaml";
import { fillDefaults, type Recipe, type Training } from "./recipeDefaults.ts";
import {
  explainIssue,
  keyName,
  problemOf,
  type RecipeFinding,
  type RecipeProblem,
} from "./recipeProblems.ts";
import { checkRules } from "./recipeRules.ts";
import { recipeSchema } from "./recipeSchema.ts";
import { type RecipeSource, readRecipeSource } from "./recipeSource.ts";

export type { Recipe, RecipeProblem, Training };

export interface ParsedRecipe {
  readonly recipe: Recipe;
  readonly text: string;
  readonly file: string;
  /** Where the recipe's relative paths start. */
  readonly folder: string;
  /** The YAML as written, comments included. */
  readonly document: Document;
  readonly warnings: readonly RecipeProblem[];
  /** Where a key or value stands in the file. */
  readonly locate: RecipeSource["locate"];
}

/** What a recipe's text comes to. `parsed` is there exactly where no problem is an error. */
export interface RecipeReading {
  readonly parsed: ParsedRecipe | undefined;
  /** In the order of the file. */
  readonly problems: readonly RecipeProblem[];
}

/**
 * Reads a recipe and finds all its problems. `file` is named in them; relative paths start from its folder
 * unless another is given, as for the copy in a run folder.
 */
export function checkRecipe(
  text: string,
  file: string,
  folder: string = path.dirname(file),
): RecipeReading {
  const source = readRecipeSource(text);
  const place = (finding: RecipeFinding): RecipeProblem => placed(finding, source, file);
  if (source.faults.length > 0) {
    const faults = source.faults.map(({ range, message, next }): RecipeProblem => {
      return { ...range, file, severity: "error", key: "", message, next };
    });
    return { parsed: undefined, problems: inOrder(faults) };
  }
  const written = recipeSchema.safeParse(source.data);
  if (!written.success) {
    const findings = written.error.issues.flatMap((issue) => explainIssue(issue, source.data));
    return { parsed: undefined, problems: inOrder(findings.map(place)) };
  }
  const recipe = fillDefaults(written.data);
  const problems = inOrder(checkRules(written.data, recipe).map(place));
  if (problems.some((problem) => problem.severity === "error")) {
    return { parsed: undefined, problems };
  }
  const { document, locate } = source;
  const parsed = {
    recipe,
    text,
    file,
    folder: path.resolve(folder),
    document,
    warnings: problems,
    locate,
  };
  return { parsed, problems };
}

/** Reads a recipe that is to be run. Throws one Problem that says everything that is wrong. */
export function parseRecipe(text: string, file: string, folder?: string): ParsedRecipe {
  const { parsed, problems } = checkRecipe(text, file, folder);
  if (parsed === undefined) throw problemOf(problems);
  return parsed;
}

function placed(finding: RecipeFinding, source: RecipeSource, file: string): RecipeProblem {
  const { path: where, part, severity, message, next } = finding;
  return { ...source.locate(where, part), file, severity, key: keyName(where), message, next };
}

const inOrder = (problems: readonly RecipeProblem[]): RecipeProblem[] =>
  [...problems].sort((a, b) => a.from - b.from);
