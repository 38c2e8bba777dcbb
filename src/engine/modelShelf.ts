/** Models that stay loaded between two questions, within the memory they may take. */
import { freemem } from "node:os";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { readModelConfig } from "../model/checkpoint/config.ts";
import { type ModelFolder, openModelFolder } from "../model/checkpoint/folder.ts";
import { readJsonObject } from "../model/checkpoint/outsideFile.ts";
import { requireFolder, smallFileLimit } from "../model/checkpoint/tokenizerFolder.ts";
import type { LanguageModel } from "../model/languageModel.ts";
import { estimateReading, parameterCount, requireMemory } from "../model/memory.ts";
import { openForReading } from "../pipeline/stages/extract.ts";
import { createFolderShelf, type FolderShelf } from "./folderShelf.ts";

export interface LoadedModel {
  readonly folder: ModelFolder;
  readonly model: LanguageModel;
  /** Bytes, with the work of reading. */
  readonly memory: number;
}

/** Beyond this a look at a few lines takes minutes on a CPU. */
const mostParameters = 150e6;
const mostModels = 4;
/** Of the free memory. */
const memoryShare = 0.5;
/** A look that has to fit: longer texts may be refused when they are read. */
const usualRead = { rows: 1, length: 512, topK: 64 };

/**
 * Opening throws a Problem `tooLarge`, with the figures and before any weights are read, for a model of more
 * than 150M parameters or one that takes more than half of the free memory or than `memoryLimit` bytes.
 */
export function createModelShelf(options: {
  readonly threads: number;
  readonly memoryLimit: number;
}): FolderShelf<LoadedModel> {
  const limitNow = (): number => Math.min(freemem() * memoryShare, options.memoryLimit);

  const open = async (place: string): Promise<LoadedModel> => {
    await requireFolder(place);
    const file = path.join(place, "config.json");
    const config = readModelConfig(await readJsonObject(file, smallFileLimit), file);
    requireSmall(parameterCount(config), file);
    const length = Math.min(usualRead.length, config.context);
    const memory = estimateReading(config, { ...usualRead, length });
    while (memory > limitNow() && (await shelf.dropOldest()));
    const memoryLimit = limitNow();
    requireMemory(memory, memoryLimit, `Loading ${path.basename(place)}`);
    const folder = await openModelFolder(place);
    const model = await openForReading(folder, { threads: options.threads, memoryLimit });
    return { folder, model, memory };
  };

  const shelf = createFolderShelf({
    keep: mostModels,
    open,
    close: ({ model }) => model.dispose(),
  });
  return shelf;
}

function requireSmall(parameters: number, file: string): void {
  if (parameters <= mostParameters) return;
  const [has, most] = [parameters, mostParameters].map((count) => `${(count / 1e6).toFixed(1)}M`);
  throw new Problem("tooLarge", `The model has ${has} parameters; up to ${most} are looked into.`, {
    file,
    next: "Take a smaller model. Its tokenizer can be looked at all the same.",
  });
}
