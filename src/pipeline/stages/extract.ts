/**
 * extract: a model reads chunks in its own tokens and keeps, per position, its top k, the mass left over and
 * the nats of the true next token. One job a model.
 */
import path from "node:path";
import { narrowRepresentation } from "../../core/fusion/narrowRepresentation.ts";
import type { Representation } from "../../core/fusion/representation.ts";
import { Problem } from "../../core/problem.ts";
import { sequenceOf } from "../../core/text/sequence.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import { type ModelFolder, openModelFolder } from "../../model/checkpoint/folder.ts";
import { type LanguageModel, openLanguageModel } from "../../model/languageModel.ts";
import { type OfChunk, representationShards } from "../chunkShards.ts";
import { type Chunk, hashChunks, readChunks } from "../chunks.ts";
import type { JobContext } from "../jobContext.ts";
import type { ShardMetadata } from "../shards.ts";
import { chunksOfPlan } from "../trainingPlan.ts";
import { ensureShard, inShards, shardName } from "./ensureShard.ts";
import { readPlan } from "./pack.ts";

export interface ExtractSpec {
  readonly model: string;
  readonly chunks: string;
  /** The plan whose chunks are read; without one the held-out chunks are. */
  readonly plan?: string;
  /** Folder of the shards. */
  readonly out: string;
  /** The same folder of another run, to take matching shards from. */
  readonly reuse?: string;
  /** 0 keeps the true tokens' nats alone. */
  readonly topK: number;
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
}

export interface ExtractResult {
  readonly shards: number;
  readonly reused: number;
  readonly chunks: number;
  /** Chunks whose bytes the model's tokenizer cannot reproduce. */
  readonly textDiffers: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** Bump when a row would come out differently. */
const representationVersion = 1;

export async function extract(spec: ExtractSpec, context: JobContext): Promise<ExtractResult> {
  const started = performance.now();
  const folder = await openModelFolder(spec.model);
  const shards = inShards(await chunksToRead(spec));
  let model: LanguageModel | undefined;
  let reused = 0;
  let textDiffers = 0;
  let tokens = 0;
  try {
    for (const [i, chunks] of shards.entries()) {
      const metadata = metadataOf(folder, spec.topK, chunks);
      const reuse = spec.reuse === undefined ? undefined : path.join(spec.reuse, shardName(i));
      const shard = await ensureShard<Representation>(
        {
          kind: representationShards,
          stage: spec.topK === 0 ? "evaluate" : "extract",
          file: path.join(spec.out, shardName(i)),
          reuse,
          metadata,
          make: async () => {
            const narrowed = reuse && (await narrowedFrom(reuse, metadata, spec.topK));
            if (narrowed) return narrowed;
            model ??= await openForReading(folder, spec);
            return readAll(model, folder.tokenizer, chunks, spec.topK);
          },
        },
        context,
      );
      if (shard.reused) reused++;
      textDiffers += chunks.length - shard.entries.length;
      tokens += shard.entries.reduce((sum, { value }) => sum + value.rows, 0);
      context.progress(i + 1, shards.length);
    }
  } finally {
    await model?.dispose();
  }
  return {
    shards: shards.length,
    reused,
    chunks: shards.reduce((sum, chunks) => sum + chunks.length, 0),
    textDiffers,
    tokens,
    seconds: (performance.now() - started) / 1000,
  };
}

async function chunksToRead(spec: ExtractSpec): Promise<Chunk[]> {
  if (spec.plan === undefined) {
    return (await readChunks(spec.chunks)).filter(({ split }) => split === "heldOut");
  }
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  return chunksOfPlan(plan).map((i) => chunks[i]);
}

/** What a representation depends on; a shard with other metadata is another shard. */
export function metadataOf(
  folder: ModelFolder,
  topK: number,
  chunks: readonly Chunk[],
): ShardMetadata {
  return {
    method: `representation ${representationVersion}`,
    model: folder.fingerprint,
    tokenizer: folder.tokenizer.fingerprint,
    topK: String(topK),
    chunks: hashChunks(chunks),
  };
}

/** Another run that kept more candidates of the same reading has what is asked for here. */
async function narrowedFrom(
  file: string,
  { topK: _, ...others }: ShardMetadata,
  topK: number,
): Promise<OfChunk<Representation>[] | undefined> {
  const wide = await representationShards.find(file, others).catch((error: unknown) => {
    if (error instanceof Problem) return undefined; // made from something else
    throw error;
  });
  if (wide === undefined || wide.some(({ value }) => value.topK < topK)) return undefined;
  return wide.map((entry) => ({ ...entry, value: narrowRepresentation(entry.value, topK) }));
}

async function readAll(
  model: LanguageModel,
  tokenizer: TextTokenizer,
  chunks: readonly Chunk[],
  topK: number,
): Promise<OfChunk<Representation>[]> {
  const readable = chunks.flatMap((chunk) => {
    const encoding = tokenizer.encode(chunk.text);
    return "ids" in encoding ? [{ chunk, sequence: sequenceOf(tokenizer, encoding) }] : [];
  });
  const representations = await model.read(
    readable.map(({ sequence }) => sequence),
    topK,
  );
  return readable.map(({ chunk: { id, textHash } }, i) => ({
    chunkId: id,
    textHash,
    value: representations[i],
  }));
}

export async function openForReading(
  folder: ModelFolder,
  limits: Pick<ExtractSpec, "threads" | "memoryLimit">,
): Promise<LanguageModel> {
  return openLanguageModel(folder.config, await folder.loadWeights(), {
    threads: limits.threads,
    memoryLimit: limits.memoryLimit,
    vocabularyMask: vocabularyMask(folder),
  });
}

/** 0 for ids that stand for a token, −1e30 for the padding of the embedding and unused ids, which no top k may hold. */
function vocabularyMask({ config, tokenizer }: ModelFolder): Float32Array {
  const { pieces } = tokenizer.table;
  return Float32Array.from({ length: config.vocabulary }, (_, id) =>
    pieces[id] === undefined ? -1e30 : 0,
  );
}
