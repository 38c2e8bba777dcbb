/**
 * The texts of a run as its models read them: chunks, representations, aligned and fused rows from the run's
 * shards. No model is opened, only tokenizers. Everything here was written by a run and is read with suspicion:
 * bounded, checked against the hashes of the chunks and the fingerprints of the tokenizers.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import type { AlignedRepresentation, Representation } from "../core/fusion/representation.ts";
import { textNats } from "../core/fusion/scores.ts";
import { bitsPerByte } from "../core/metrics/bitsPerByte.ts";
import { Problem } from "../core/problem.ts";
import { requireOpening } from "../core/text/sequence.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import {
  alignedShards,
  type ChunkShards,
  fusedShards,
  representationShards,
} from "./chunkShards.ts";
import { type Chunk, hashChunks } from "./chunks.ts";
import type { InspectSettings } from "./inspectFusion.ts";
import type { ChunkReading, ReadText, TextReading } from "./inspectReading.ts";
import { readRunChunks } from "./inspectRunChunks.ts";
import { createInspectSession, type InspectSession } from "./inspectSession.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { recipeSchema, type WrittenRecipe } from "./recipeSchema.ts";
import { modelLabels, type RunPaths, runPaths } from "./runPaths.ts";
import { readRunRecord } from "./runRecord.ts";
import type { ShardMetadata } from "./shards.ts";
import { inShards, shardName } from "./stages/ensureShard.ts";
import { readVocabularyMap } from "./vocabularyMapFile.ts";

export interface RunModel {
  readonly label: string;
  readonly folder: string;
  readonly tokenizer: TextTokenizer;
}

export interface RunDocument {
  /** The chunk's: it is what is read, fused and shown as a whole. */
  readonly id: string;
  readonly bytes: number;
  /** Of the target as it was before training, where its shard was looked into. */
  readonly bitsPerByte?: number;
}

export interface RunDocuments {
  /** The target's worst first, those not looked into last. */
  readonly documents: readonly RunDocument[];
  /** The top k at which rows were kept; the recipe's where no shard was looked into. */
  readonly topK: number;
}

export interface RunTexts {
  readonly folder: string;
  readonly name: string;
  readonly recipe: Recipe;
  readonly written: WrittenRecipe;
  /** The target first. */
  readonly models: readonly RunModel[];
  /** @throws Problem `cancelled` */
  documents(signal?: AbortSignal): Promise<RunDocuments>;
  /** @throws Problem `badInput` where there is no such chunk, `missing` where its shards are not there. */
  open(id: string, signal?: AbortSignal): Promise<InspectSession>;
}

const largestRecipe = 1024 * 1024;
/** Bytes of the target's shards that are looked into for the list of documents. */
const mostRanked = 256 * 2 ** 20;

/** @throws Problem where the folder is no run, or one that has not got as far as to have read something. */
export async function openRunTexts(folder: string): Promise<RunTexts> {
  const record = await readRunRecord(folder);
  const paths = runPaths(folder);
  const text = new TextDecoder().decode(await readLimited(paths.recipe, largestRecipe));
  const { recipe, document } = parseRecipe(text, paths.recipe, record.recipeFolder);
  const written = recipeSchema.parse(document.toJS({ maxAliasCount: 0 }));
  const models = await openModels(recipe, record.recipeFolder);
  const { chunks, blocks } = await readRunChunks(paths);
  const places = placesOf(blocks.flat().map((i) => chunks[i]));
  const run: OpenRun = { paths, recipe, models, chunks, blocks, places };
  return {
    folder,
    name: record.name,
    recipe,
    written,
    models,
    documents: (signal) => rankedDocuments(run, signal),
    open: (id, signal) => openChunk(run, id, signal),
  };
}

interface OpenRun {
  readonly paths: RunPaths;
  readonly recipe: Recipe;
  readonly models: readonly RunModel[];
  readonly chunks: readonly Chunk[];
  /** Indices of chunks. */
  readonly blocks: readonly (readonly number[])[];
  /** By chunk id. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Where a chunk lies in the shards of every stage. */
interface Place {
  readonly chunk: Chunk;
  readonly shard: string;
  /** Of all chunks in the shard. */
  readonly hash: string;
}

async function openModels(recipe: Recipe, base: string): Promise<RunModel[]> {
  const folders = [recipe.target, ...recipe.sources].map((folder) => path.resolve(base, folder));
  const labels = modelLabels(folders);
  const models: RunModel[] = [];
  for (const [i, folder] of folders.entries()) {
    const tokenizer = await openTokenizer(folder);
    requireOpening(tokenizer);
    models.push({ label: labels[i], folder, tokenizer });
  }
  return models;
}

function placesOf(chunks: readonly Chunk[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [i, part] of inShards(chunks).entries()) {
    const [shard, hash] = [shardName(i), hashChunks(part)];
    for (const chunk of part) places.set(chunk.id, { chunk, shard, hash });
  }
  return places;
}

async function rankedDocuments(run: OpenRun, signal?: AbortSignal): Promise<RunDocuments> {
  const [target] = run.models;
  const folder = run.paths.representation(target.label);
  const bits = new Map<string, number>();
  let { topK } = run.recipe.representation;
  let read = 0;
  for (const { shard, hash } of distinctShards(run.places)) {
    if (signal?.aborted)
      throw new Problem("cancelled", "The run's documents are no longer wanted.");
    const file = path.join(folder, shard);
    const size = await stat(file).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined || read + size > mostRanked) continue;
    read += size;
    for (const { chunkId, value } of await representationShards.read(file, { chunks: hash })) {
      topK = Math.min(topK, value.topK);
      const place = run.places.get(chunkId);
      if (place !== undefined) {
        bits.set(chunkId, bitsPerByte(textNats(value), place.chunk.bytes));
      }
    }
  }
  const documents = [...run.places.values()].map(({ chunk: { id, bytes } }): RunDocument => {
    const bitsOfChunk = bits.get(id);
    return { id, bytes, ...(bitsOfChunk === undefined ? {} : { bitsPerByte: bitsOfChunk }) };
  });
  documents.sort((a, b) => (b.bitsPerByte ?? -1) - (a.bitsPerByte ?? -1));
  return { documents, topK };
}

function distinctShards(places: ReadonlyMap<string, Place>): Place[] {
  return [...new Map(Array.from(places.values(), (place) => [place.shard, place])).values()];
}

async function openChunk(run: OpenRun, id: string, signal?: AbortSignal): Promise<InspectSession> {
  const { paths, recipe, models, places } = run;
  const place = places.get(id);
  if (place === undefined) {
    throw new Problem("badInput", `The run trains on no chunk ${id.slice(0, 200)}.`, {
      next: "Choose one of the list.",
    });
  }
  const requireWanted = (): void => {
    if (signal?.aborted) throw new Problem("cancelled", "The chunk is no longer wanted.");
  };
  const [target, ...sources] = models;
  const reads: ReadText[] = [];
  for (const model of models) {
    requireWanted();
    reads.push(await readOf(run, model, place));
  }
  if (reads[0] === undefined) {
    throw new Problem("stale", `Chunk ${id} was not cut with the target's tokenizer.`, {
      next: "Start a new run: the target's tokenizer has changed since.",
    });
  }
  const aligned: (AlignedRepresentation | undefined)[] = [];
  for (const { label, tokenizer } of sources) {
    requireWanted();
    const metadata = { source: tokenizer.fingerprint, target: target.tokenizer.fingerprint };
    aligned.push(await kept(alignedShards, paths.aligned(label), place, metadata));
  }
  const fused = await kept(fusedShards, paths.fused, place, {
    target: target.tokenizer.fingerprint,
  });
  const chunk: ChunkReading = {
    text: place.chunk.text,
    firstPosition: 0,
    firstByte: 0,
    reads,
    ...(recipe.fusion.per === "block" ? { block: await scoredBlock(run, place) } : {}),
    stored: {
      aligned: aligned.every((rows) => rows !== undefined) ? aligned : undefined,
      fused,
    },
  };
  const maps = await Promise.all(
    sources.map(({ label }) => savedMap(paths.vocabularyMap(label, target.label))),
  );
  const reading = { models, chunks: [chunk] };
  return createInspectSession(reading, { settings: keptSettings(recipe, reading), maps });
}

/** What is written for everyone need not be what was kept: a default may have changed since. */
function keptSettings(recipe: Recipe, { chunks }: TextReading): InspectSettings {
  const settings = settingsOfRun(recipe);
  const widths = chunks.flatMap(({ reads }) => reads.map((read) => read?.representation.topK));
  const topK = Math.min(
    settings.representation.topK,
    ...widths.filter((width) => width !== undefined),
  );
  return { ...settings, representation: { ...settings.representation, topK } };
}

export function settingsOfRun(recipe: Recipe): InspectSettings {
  const { mode, representation, alignment, fusion, training } = recipe;
  const { lambda, length } = training;
  return { mode, representation, alignment, fusion, lambda, length };
}

/** @throws Problem `missing` where the model has not read the chunk yet. */
async function readOf(
  { paths }: OpenRun,
  { label, tokenizer }: RunModel,
  place: Place,
): Promise<ReadText> {
  const encoding = tokenizer.encode(place.chunk.text);
  if (!("ids" in encoding)) return undefined;
  const folder = paths.representation(label);
  const metadata = { tokenizer: tokenizer.fingerprint };
  const file = path.join(folder, place.shard);
  try {
    const representation = await valueIn(representationShards, file, place, metadata);
    return representation && { encoding, representation: copied(representation) };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "missing") throw error;
    throw new Problem("missing", `The run has not kept what ${label} says of this chunk.`, {
      file,
      next: "Wait until its stage extract is done, or resume the run.",
      cause: error,
    });
  }
}

/** What a later stage made of the chunk; `undefined` where it has not got there yet. */
async function kept<Value extends object>(
  kind: ChunkShards<Value>,
  folder: string,
  place: Place,
  metadata: ShardMetadata,
): Promise<Value | undefined> {
  try {
    const value = await valueIn(kind, path.join(folder, place.shard), place, metadata);
    return value && copied(value);
  } catch (error) {
    if (error instanceof Problem && error.code === "missing") return undefined;
    throw error;
  }
}

async function valueIn<Value>(
  kind: ChunkShards<Value>,
  file: string,
  { chunk, hash }: Place,
  metadata: ShardMetadata,
): Promise<Value | undefined> {
  const entries = await kind.read(file, { ...metadata, chunks: hash });
  return entries.find(({ chunkId }) => chunkId === chunk.id)?.value;
}

/** Without the rest of the shard, whose columns its arrays are parts of. */
function copied<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      ArrayBuffer.isView(part) ? sliced(part) : part,
    ]),
  ) as Value;
}

const sliced = (part: ArrayBufferView): unknown =>
  (part as ArrayBufferView & { slice(): unknown }).slice();

/** The chunks of the block in which the chunk is trained on, as all models read them. */
async function scoredBlock(
  { paths, models, chunks, blocks, places }: OpenRun,
  { chunk }: Place,
): Promise<NonNullable<ChunkReading["block"]>> {
  const block = blocks.find((one) => one.some((i) => chunks[i].id === chunk.id)) ?? [];
  const members = block.map((i) => places.get(chunks[i].id) as Place);
  const nats = new Map<string, Map<string, Pick<Representation, "rows" | "nats">>>();
  for (const { label } of models) {
    const read = new Map<string, Pick<Representation, "rows" | "nats">>();
    for (const { shard, hash } of distinctShards(new Map(members.map((m) => [m.chunk.id, m])))) {
      const file = path.join(paths.representation(label), shard);
      for (const { chunkId, value } of await representationShards.read(file, { chunks: hash })) {
        read.set(chunkId, { rows: value.rows, nats: value.nats.slice() });
      }
    }
    nats.set(label, read);
  }
  return members.map((member) => ({
    bytes: member.chunk.bytes,
    candidates: models.map(({ label }) => nats.get(label)?.get(member.chunk.id)),
  }));
}

/** The run's own map; where it cannot be read, the tokens in view are looked up instead. */
async function savedMap(file: string) {
  return readVocabularyMap(file).catch((error: unknown) => {
    if (error instanceof Problem) return undefined;
    throw error;
  });
}
