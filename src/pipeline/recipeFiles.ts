/** Whether what a recipe names is there: models and texts, each problem with the line that names it. */
import { access } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { filesOfEntry } from "./corpusFiles.ts";
import type { ParsedRecipe } from "./recipe.ts";
import { keyName, type RecipeProblem } from "./recipeProblems.ts";

/** Everything a recipe names that is not there, in the order of the file. */
export async function missingFiles(parsed: ParsedRecipe): Promise<RecipeProblem[]> {
  const { recipe, folder } = parsed;
  const faults = await Promise.all([
    modelFault(parsed, ["target"], recipe.target),
    ...recipe.sources.map((source, i) => modelFault(parsed, ["sources", i], source)),
    ...(["corpus", "evaluation"] as const).flatMap((key) =>
      recipe[key].map(async (entry, i) => {
        const fault = await filesOfEntry(entry, folder).then(() => undefined, problemOrThrow);
        return fault && placed(parsed, [key, i, "files"], fault);
      }),
    ),
  ]);
  return faults.filter((fault) => fault !== undefined).sort((a, b) => a.from - b.from);
}

async function modelFault(
  parsed: ParsedRecipe,
  where: readonly PropertyKey[],
  written: string,
): Promise<RecipeProblem | undefined> {
  const folder = path.resolve(parsed.folder, written);
  const [hasFolder, hasConfig] = await Promise.all([
    isThere(folder),
    isThere(path.join(folder, "config.json")),
  ]);
  if (hasConfig) return undefined;
  const message = hasFolder
    ? `${written} is not a model: it has no config.json.`
    : `The folder ${written} is not there.`;
  const next = `Write the path of a Hugging Face folder, from ${parsed.folder}.`;
  return placed(parsed, where, new Problem("missing", message, { next }));
}

function placed(
  { file, locate }: ParsedRecipe,
  where: readonly PropertyKey[],
  { message, next = "" }: Problem,
): RecipeProblem {
  return { ...locate(where, "value"), file, severity: "error", key: keyName(where), message, next };
}

function problemOrThrow(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

const isThere = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );
