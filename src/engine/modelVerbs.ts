/** The inspector's verbs that need models: loading, what they say of a text, what fusion makes of it, and what a run would take. */
import { Problem } from "../core/problem.ts";
import { requireOpening, sequenceOf } from "../core/text/sequence.ts";
import { buildVocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import type { RecipeCheck } from "../pipeline/check/recipeCheck.ts";
import { checkRecipeFile } from "../pipeline/checkRecipe.ts";
import {
  type InspectedChunk,
  type InspectedModel,
  type InspectSettings,
  inspectedChunks,
  inspectText,
} from "../pipeline/inspectText.ts";
import { fillDefaults } from "../pipeline/recipeDefaults.ts";
import { checkRules } from "../pipeline/recipeRules.ts";
import type { WrittenRecipe } from "../pipeline/recipeSchema.ts";
import { modelLabels } from "../pipeline/runPaths.ts";
import { thisMachine } from "../pipeline/runResources.ts";
import type { Offered } from "../port/port.ts";
import type { InspectorVerbs, ModelSummary, RepresentAnswer } from "../protocol/inspector.ts";
import type { FolderShelf } from "./folderShelf.ts";
import type { Body } from "./inspectorBodies.ts";
import { createModelShelf, type LoadedModel } from "./modelShelf.ts";

export const modelVerbs = ["loadModel", "unload", "represent", "fuse", "estimate"] as const;
export type ModelVerb = (typeof modelVerbs)[number];

/** The verbs with the shapes that only this floor knows. */
export type FullInspectorVerbs = InspectorVerbs<InspectedChunk, RecipeCheck>;

/** Probabilities a look may hold, all rows together: some 300 MB of objects. */
const mostEntries = 2_000_000;

/** Bodies have been checked by the time they are here. */
export function offerModelVerbs(options: {
  readonly threads: number;
  readonly memoryLimit: number;
}): Offered<Pick<FullInspectorVerbs, ModelVerb>> {
  const models = createModelShelf(options);
  const fused = createFusedTexts(models);
  return {
    async loadModel(body) {
      return modelSummary(await models.get((body as Body<"loadModel">).folder));
    },
    async unload(body) {
      return { unloaded: await models.drop((body as Body<"unload">).folder) };
    },
    represent: (body, signal) => represent(models, body as Body<"represent">, signal),
    async fuse(body, signal) {
      const { first = 0, count = Number.POSITIVE_INFINITY, ...asked } = body as Body<"fuse">;
      const { labels, chunks, warnings } = await fused(asked, signal);
      const wanted = chunks.map((chunk) => ({
        ...chunk,
        positions: chunk.positions.filter(({ index }) => index >= first && index < first + count),
      }));
      return {
        labels,
        positions: chunks.reduce((sum, { positions }) => sum + positions.length, 0),
        chunks: wanted.filter(({ positions }) => positions.length > 0),
        warnings,
      };
    },
    async estimate(body, signal) {
      const { file, runsFolder, quick } = body as Body<"estimate">;
      const machine = await thisMachine(runsFolder);
      const onProgress = (): void => {
        if (signal.aborted) throw new Problem("cancelled", "The estimate was cancelled.");
      };
      return checkRecipeFile(file, { machine, quick: quick === true, onProgress });
    },
  };
}

function modelSummary({ folder, memory }: LoadedModel): ModelSummary {
  const { path, name, fingerprint, config, parameters } = folder;
  const { architecture, context, vocabulary } = config;
  return { folder: path, name, fingerprint, architecture, parameters, context, vocabulary, memory };
}

async function represent(
  models: FolderShelf<LoadedModel>,
  { folder: place, text, topK, length }: Body<"represent">,
  signal: AbortSignal,
): Promise<RepresentAnswer> {
  const { folder, model } = await models.get(place);
  const { tokenizer, config } = folder;
  requireOpening(tokenizer);
  const chunks = inspectedChunks({
    text,
    target: { tokenizer, context: config.context },
    sources: [],
    settings: {
      ...settingsOf({ target: place, sources: [] }).settings,
      length: length ?? config.context,
    },
  });
  const encodings = chunks.map((chunk) => {
    const encoding = tokenizer.encode(chunk);
    if ("ids" in encoding) return encoding;
    throw new Problem("badInput", encoding.detail, {
      next: "Take out what its tokenizer changes.",
    });
  });
  const read = await model.read(
    encodings.map((encoding) => sequenceOf(tokenizer, encoding)),
    topK,
    undefined,
    signal,
  );
  return {
    name: folder.name,
    chunks: read.map((representation, i) => {
      const { ids, ends } = encodings[i]!;
      return { text: chunks[i]!, ids, byteEnds: ends, representation };
    }),
  };
}

type FuseAsked = Omit<Body<"fuse">, "first" | "count">;

interface FusedText {
  readonly labels: readonly string[];
  readonly chunks: readonly InspectedChunk[];
  readonly warnings: readonly string[];
}

/** The last text fused is kept: its positions are asked for a few at a time. */
function createFusedTexts(models: FolderShelf<LoadedModel>) {
  let last: { readonly key: string; readonly fused: FusedText } | undefined;
  return async (asked: FuseAsked, signal: AbortSignal): Promise<FusedText> => {
    const places = [asked.target, ...asked.sources];
    const opened: LoadedModel[] = [];
    for (const place of places) opened.push(await models.get(place));
    const key = JSON.stringify([asked, opened.map(({ folder }) => folder.fingerprint)]);
    if (last?.key === key) return last.fused;
    last = undefined;
    const labels = modelLabels(opened.map(({ folder }) => folder.name));
    const [target, ...sources] = opened.map(({ folder }, i): InspectedModel => {
      requireOpening(folder.tokenizer);
      return {
        label: labels[i]!,
        tokenizer: folder.tokenizer,
        context: folder.config.context,
        // Another one's loading may have closed it meanwhile.
        read: async (sequences, topK, onProgress) =>
          (await models.get(places[i]!)).model.read(sequences, topK, onProgress, signal),
      };
    });
    const { settings, warnings } = settingsOf(asked);
    const input = { text: asked.text, target: target!, sources, settings };
    refuseEndless(input);
    const maps = sources.map(({ tokenizer }) =>
      buildVocabularyMap(tokenizer, target!.tokenizer, {
        method: settings.alignment.vocabulary,
        mode: settings.mode,
      }),
    );
    const fused = { labels, chunks: await inspectText({ ...input, maps }), warnings };
    last = { key, fused };
    return fused;
  };
}

/** The rules of a recipe hold here too. */
function settingsOf({
  target,
  sources,
  settings: { lambda, length, ...sections } = {},
}: Omit<FuseAsked, "text">): { settings: InspectSettings; warnings: string[] } {
  const written: WrittenRecipe = {
    version: 1,
    name: "inspect",
    target,
    sources: [...sources],
    corpus: [],
    ...sections,
    training: { lambda, length },
  };
  const recipe = fillDefaults(written);
  const findings = checkRules(written, recipe);
  for (const { severity, message, next } of findings) {
    if (severity === "error") throw new Problem("badInput", message, { next });
  }
  return {
    settings: { ...recipe, lambda: recipe.training.lambda, length: recipe.training.length },
    warnings: findings.map(({ message }) => message),
  };
}

function refuseEndless(input: Parameters<typeof inspectedChunks>[0]): void {
  const { target, sources, settings } = input;
  let positions = 0;
  for (const chunk of inspectedChunks(input)) {
    const encoding = target.tokenizer.encode(chunk);
    positions += "ids" in encoding ? encoding.ids.length + 1 : 0;
  }
  const rows = 2 * sources.length + 4;
  if (positions * rows * settings.representation.topK <= mostEntries) return;
  throw new Problem(
    "tooLarge",
    `A text of ${positions} positions is too long to be fused at once.`,
    {
      next: "Select a part of it, or lower representation.topK.",
    },
  );
}
