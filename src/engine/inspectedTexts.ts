/**
 * Texts that models have read, kept so that other settings ask the models nothing: the latest few within a bound
 * of memory. Also the latest run that was opened. Questions name all they are about, so what is kept is only a
 * saving.
 */
import { stat } from "node:fs/promises";
import { Problem } from "../core/problem.ts";
import { requireOpening } from "../core/text/sequence.ts";
import {
  type InspectedModel,
  inspectedChunks,
  readTexts,
  tokenCount,
} from "../pipeline/inspectReading.ts";
import { openRunTexts, type RunTexts } from "../pipeline/inspectRun.ts";
import { createInspectSession, type InspectSession } from "../pipeline/inspectSession.ts";
import { modelLabels, runPaths } from "../pipeline/runPaths.ts";
import { type FolderShelf, folderState } from "./folderShelf.ts";
import type { LoadedModel } from "./modelShelf.ts";

export interface AskedText {
  readonly target: string;
  readonly sources: readonly string[];
  readonly text: string;
  /** The most target tokens of a chunk, BOS included. */
  readonly length: number;
}

export interface Asking {
  readonly signal: AbortSignal;
  readonly onRead: (model: string, done: number, of: number) => void;
}

export interface InspectedTexts {
  /** @throws Problem as models and tokenizers do; `tooLarge` for a text of too many positions. */
  read(asked: AskedText, asking: Asking): Promise<InspectSession>;
  run(folder: string): Promise<RunTexts>;
  /** A document of a run. */
  document(run: RunTexts, id: string, signal: AbortSignal): Promise<InspectSession>;
}

/** A vocabulary up to here is kept whole, so that a temperature can be turned exactly. */
const wholeVocabulary = 4096;
/** The tops of rows that are kept, where a whole one is too much: none below what a recipe may ask for. */
const widths = [512, 256];
/** Probabilities of one text, and of all that are kept: eight bytes each. */
const mostEntries = 16e6;
const mostKept = 32e6;
const mostTexts = 8;

export function createInspectedTexts(models: FolderShelf<LoadedModel>): InspectedTexts {
  const sessions = createSessionShelf();
  let latestRun: { readonly state: string; readonly run: RunTexts } | undefined;
  return {
    async read(asked, asking) {
      const { target, sources, text, length } = asked;
      const states = await Promise.all([target, ...sources].map(folderState));
      const key = JSON.stringify([target, sources, text, length, states]);
      return sessions.get(key, () => readText(models, asked, asking));
    },
    async run(folder) {
      const { chunks, plan, recipe } = runPaths(folder);
      const state = JSON.stringify([
        folder,
        await Promise.all([chunks, plan, recipe].map(fileState)),
      ]);
      if (latestRun?.state === state) return latestRun.run;
      latestRun = undefined;
      const run = await openRunTexts(folder);
      latestRun = { state, run };
      return run;
    },
    async document(run, id, signal) {
      const { representation, aligned, fused } = runPaths(run.folder);
      const folders = [
        ...run.models.map(({ label }) => representation(label)),
        ...run.models.slice(1).map(({ label }) => aligned(label)),
        fused,
      ];
      const states = await Promise.all(folders.map(folderState));
      return sessions.get(JSON.stringify([run.folder, id, states]), () => run.open(id, signal));
    },
  };
}

const fileState = (file: string): Promise<string> =>
  stat(file).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => "gone",
  );

/** For one caller at a time. The newest always stays. */
function createSessionShelf() {
  const kept = new Map<string, InspectSession>();
  const makeRoom = (): void => {
    let entries = [...kept.values()].reduce((sum, session) => sum + session.entries, 0);
    for (const [key, session] of kept) {
      if (kept.size <= 1 || (kept.size <= mostTexts && entries <= mostKept)) return;
      kept.delete(key);
      entries -= session.entries;
    }
  };
  return {
    async get(key: string, make: () => Promise<InspectSession>): Promise<InspectSession> {
      const known = kept.get(key);
      kept.delete(key);
      const session = known ?? (await make());
      kept.set(key, session); // the latest used stands last
      makeRoom();
      return session;
    },
  };
}

async function readText(
  models: FolderShelf<LoadedModel>,
  { target, sources, text, length }: AskedText,
  { signal, onRead }: Asking,
): Promise<InspectSession> {
  const places = [target, ...sources];
  const folders: LoadedModel["folder"][] = [];
  for (const place of places) folders.push((await models.get(place)).folder);
  const labels = modelLabels(folders.map(({ name }) => name));
  const read = folders.map(({ tokenizer, config }, i): InspectedModel => {
    requireOpening(tokenizer);
    return {
      label: labels[i]!,
      tokenizer,
      context: config.context,
      // Another one's loading may have closed it meanwhile.
      read: async (sequences, topK, onProgress) =>
        (await models.get(places[i]!)).model.read(sequences, topK, onProgress, signal),
    };
  });
  const texts = inspectedChunks({
    text,
    target: read[0]!,
    sources: read.slice(1),
    settings: { length },
  });
  const width = widthFor(read, texts);
  const topKOf = ({ tokenizer }: InspectedModel): number => Math.min(width, tokenCount(tokenizer));
  return createInspectSession(await readTexts({ texts, models: read, topKOf, onProgress: onRead }));
}

/** How much of each row is kept. */
function widthFor(models: readonly InspectedModel[], texts: readonly string[]): number {
  const counts = models.map(({ tokenizer }) => tokenCount(tokenizer));
  const whole = Math.max(...counts);
  const positions = texts.reduce((sum, text) => sum + positionsOf(models, text), 0);
  const fits = (width: number): boolean => positions * Math.min(width, whole) <= mostEntries;
  const width = [...(whole <= wholeVocabulary ? [whole] : []), ...widths].find(fits);
  if (width !== undefined) return width;
  throw new Problem(
    "tooLarge",
    `A text of ${positions} positions is too long to be looked at at once.`,
    {
      next: "Select a part of it, or fewer models.",
    },
  );
}

/** Of all models together. */
function positionsOf(models: readonly InspectedModel[], text: string): number {
  return models.reduce((sum, { tokenizer }) => {
    const encoding = tokenizer.encode(text);
    return sum + ("ids" in encoding ? encoding.ids.length + 1 : 0);
  }, 0);
}
