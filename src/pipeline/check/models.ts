/** Opening the models of a recipe that is checked: what can be used, what cannot and why. */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { openingId } from "../../core/text/tokenizer.ts";
import { type ModelFolder, openModelFolder } from "../../model/checkpoint/folder.ts";
import { requireTrainable } from "../../model/memory.ts";
import type { ParsedRecipe } from "../recipe.ts";
import { modelLabels } from "../runPaths.ts";
import type { CheckedModel, Finding } from "./recipeCheck.ts";

export interface OpenedModel {
  readonly role: "target" | "source";
  /** 0 is the target, then the sources in the recipe's order. */
  readonly index: number;
  readonly label: string;
  readonly folder: ModelFolder;
  /** Seconds it took. */
  readonly seconds: number;
}

export interface OpenedModels {
  /** In the recipe's order, the target first, without those that could not be opened. */
  readonly models: readonly OpenedModel[];
  /** Whether all could be. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
}

/** `missing`: keys of the recipe of which it is known already that nothing is there. */
export async function openModels(
  parsed: ParsedRecipe,
  missing: ReadonlySet<string>,
): Promise<OpenedModels> {
  const { recipe, folder: base } = parsed;
  const named = [
    { role: "target" as const, written: recipe.target, path: ["target"], key: "target" },
    ...recipe.sources.map((written, i) => {
      return { role: "source" as const, written, path: ["sources", i], key: `sources[${i}]` };
    }),
  ];
  const folders = named.map(({ written }) => path.resolve(base, written));
  const labels = modelLabels(folders);
  const models: OpenedModel[] = [];
  const findings: Finding[] = [];
  for (const [i, { role, path: where, key }] of named.entries()) {
    if (missing.has(key)) continue;
    const place = { file: parsed.file, line: parsed.locate(where, "value").line };
    const started = performance.now();
    try {
      const folder = await openModelFolder(folders[i]);
      const seconds = (performance.now() - started) / 1000;
      models.push({ role, index: i, label: labels[i], folder, seconds });
      if (role === "target") requireTrainable(folder.config);
    } catch (error) {
      findings.push({ ...findingOf(error, "models"), ...place });
    }
  }
  return { models, complete: models.length === named.length, findings };
}

/** A Problem as what it means for a run. Everything else is thrown on. */
export function findingOf(error: unknown, about: Finding["about"]): Finding {
  if (!(error instanceof Problem)) throw error;
  const { message, next, file, line } = error;
  return {
    severity: "error",
    about,
    message,
    ...(next === undefined ? {} : { next }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}

export function checkedModel({ role, index, label, folder }: OpenedModel): CheckedModel {
  const { config, tokenizer, parameters, dtype, licence } = folder;
  const { table, family, fingerprint } = tokenizer;
  return {
    role,
    index,
    label,
    path: folder.path,
    architecture: config.architecture,
    parameters,
    layers: config.layers,
    hidden: config.hidden,
    vocabulary: config.vocabulary,
    context: config.context,
    dtype,
    tokenizer: {
      family,
      tokens: table.pieces.reduce((count, piece) => (piece === undefined ? count : count + 1), 0),
      opening: openingOf(table),
      fingerprint,
    },
    licence: licence ?? null,
  };
}

function openingOf(table: ModelFolder["tokenizer"]["table"]) {
  if (openingId(table) === undefined) return "none";
  return table.bos === undefined ? "EOS" : "BOS";
}
