/** A target and its sources, by folder: which models fit, how they are called, whether a choice still holds. */
import path from "node:path";
import type { ViewModel } from "../protocol/views.ts";
import type { KnownModel } from "./models/modelStore.ts";

/** What is chosen: tokenizers alone, or models with weights. */
export type ChoiceOf = "tokenizers" | "models";

export interface ModelChoice {
  /** Absolute folders. */
  readonly target: string;
  readonly sources: readonly string[];
}

/** As many as there are letters. */
export const mostSources = 26;

export function fittingModels(known: readonly KnownModel[], of: ChoiceOf): readonly KnownModel[] {
  return known.filter(
    ({ hasTokenizer, hasWeights }) => hasTokenizer && (of === "tokenizers" || hasWeights),
  );
}

/** The models that the package carries, as its demo fuses them: the target first. */
export const carriedModels = ["generalist-llama", "prose-gpt2", "code-neox", "declarations-llama"];

/** Of the models that the package carries: two tokenizers to compare, or all models to fuse. */
export function carriedChoice(known: readonly KnownModel[], of: ChoiceOf): ModelChoice | undefined {
  const carried = known.filter(({ builtIn }) => builtIn);
  const [target, ...sources] = carriedModels.flatMap((name) =>
    carried.filter((model) => model.name === name).map(({ folder }) => folder),
  );
  if (target === undefined || sources.length === 0) return undefined;
  return { target, sources: of === "tokenizers" ? sources.slice(0, 1) : sources };
}

/** What was stored, from outside like any other input. */
export function storedChoice(stored: unknown): ModelChoice | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { target, sources } = stored as Readonly<Record<string, unknown>>;
  const isFolder = (value: unknown): value is string =>
    typeof value === "string" && path.isAbsolute(value);
  if (!isFolder(target) || !Array.isArray(sources)) return undefined;
  if (sources.length === 0 || sources.length > mostSources || !sources.every(isFolder)) {
    return undefined;
  }
  return { target, sources };
}

/** The choice, if each of its folders is known. */
export function stillKnown(
  choice: ModelChoice | undefined,
  known: readonly KnownModel[],
): ModelChoice | undefined {
  if (choice === undefined || choice.sources.length === 0) return undefined;
  const folders = new Set(known.map(({ folder }) => folder));
  const holds = [choice.target, ...choice.sources].every((folder) => folders.has(folder));
  return holds ? choice : undefined;
}

/** The folder's name; with the folder above it where two are called the same. */
export function modelNames(
  known: readonly Pick<KnownModel, "folder" | "name" | "builtIn">[],
): ReadonlyMap<string, string> {
  const times = new Map<string, number>();
  for (const { name } of known) times.set(name, (times.get(name) ?? 0) + 1);
  return new Map(
    known.map(({ folder, name, builtIn }) => {
      const long = path.join(path.basename(path.dirname(folder)), name);
      return [folder, times.get(name) === 1 || builtIn ? name : long];
    }),
  );
}

/** The target is T, sources are A, B, … in order. A folder that is not known goes by its own name. */
export function viewModels(
  { target, sources }: ModelChoice,
  names: ReadonlyMap<string, string>,
): readonly ViewModel[] {
  return [target, ...sources].map((folder, i) => ({
    letter: i === 0 ? "T" : String.fromCharCode(64 + i),
    name: names.get(folder) ?? path.basename(folder),
    folder,
  }));
}
