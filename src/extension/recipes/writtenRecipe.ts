/** A recipe made of answers, as a person would write it. Knows no editor. */
import path from "node:path";
import { stringify } from "yaml";

export interface RecipeAnswers {
  readonly name: string;
  readonly target: string;
  readonly sources: readonly string[];
  readonly corpus: readonly { readonly domain: string; readonly files: string }[];
  readonly mode: "corrected" | "published";
}

/** The recipe as a person would write it: what is the default is not said, but for what is usually turned. */
export function writeRecipe({ name, target, sources, corpus, mode }: RecipeAnswers): string {
  const head = stringify(
    { version: 1, name, target, sources: [...sources], corpus: [...corpus], mode },
    { lineWidth: 0 },
  );
  const training = stringify({ training: { lambda: mode === "published" ? 0.9 : 0.4, epochs: 1 } });
  return `${head}${training}`;
}

/** `./models/x` where that is shorter to read than the absolute path. */
export function pathFrom(folder: string, place: string): string {
  const relative = path.relative(folder, place).split(path.sep).join("/");
  const climbs = relative.split("/").filter((part) => part === "..").length;
  if (path.isAbsolute(relative) || climbs > 2) return place;
  return relative.startsWith(".") ? relative : `./${relative}`;
}

/** What a domain may be called: pipeline/recipeSchema.ts. */
export function domainOf(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, " ").replace(/^[^\p{L}\p{N}]+/u, "");
  return plain.slice(0, 40).trim() || "text";
}
