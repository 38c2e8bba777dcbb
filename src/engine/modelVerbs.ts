/** The inspector's verbs that need models: loading, what they say of a text, what fusion makes of it, and what a run would take. */
import { Problem } from "../core/problem.ts";
import { requireOpening, sequenceOf } from "../core/text/sequence.ts";
import type { RecipeCheck } from "../pipeline/check/recipeCheck.ts";
import { checkRecipeFile } from "../pipeline/checkRecipe.ts";
import { inspectedChunks } from "../pipeline/inspectReading.ts";
import type { InspectedChunk } from "../pipeline/inspectText.ts";
import { thisMachine } from "../pipeline/runResources.ts";
import type { Offered } from "../port/port.ts";
import type {
  InspectorProgress,
  InspectorVerbs,
  ModelSummary,
  RepresentAnswer,
} from "../protocol/inspector.ts";
import type { FolderShelf } from "./folderShelf.ts";
import { createFuseVerb } from "./fuseVerb.ts";
import type { Body } from "./inspectorBodies.ts";
import { createModelShelf, type LoadedModel } from "./modelShelf.ts";

export const modelVerbs = ["loadModel", "unload", "represent", "fuse", "estimate"] as const;
export type ModelVerb = (typeof modelVerbs)[number];

/** The verbs with the shapes that only this floor knows. */
export type FullInspectorVerbs = InspectorVerbs<InspectedChunk, RecipeCheck>;

/** Bodies have been checked by the time they are here. */
export function offerModelVerbs(
  options: { readonly threads: number; readonly memoryLimit: number },
  tell: (progress: InspectorProgress) => void,
): Offered<Pick<FullInspectorVerbs, ModelVerb>> {
  const models = createModelShelf(options);
  const fuse = createFuseVerb(models, tell);
  return {
    async loadModel(body) {
      return modelSummary(await models.get((body as Body<"loadModel">).folder));
    },
    async unload(body) {
      return { unloaded: await models.drop((body as Body<"unload">).folder) };
    },
    represent: (body, signal) => represent(models, body as Body<"represent">, signal),
    fuse: (body, signal) => fuse(body as Body<"fuse">, signal),
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
    settings: { length: length ?? config.context },
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
