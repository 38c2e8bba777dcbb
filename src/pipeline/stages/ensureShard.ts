/**
 * A shard that is there and was made from the same things is not computed again; one of another run is taken
 * over where it matches; else it is made. The one place where a stage decides what is left to do.
 */
import { copyFile, link, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { StageName } from "../../protocol/runEvents.ts";
import type { ChunkShards, OfChunk } from "../chunkShards.ts";
import type { JobContext } from "../jobContext.ts";
import type { ShardMetadata } from "../shards.ts";

export interface ShardOrder<Value> {
  readonly kind: ChunkShards<Value>;
  readonly stage: StageName;
  readonly file: string;
  /** The same shard of another run. */
  readonly reuse?: string | undefined;
  readonly metadata: ShardMetadata;
  make(): Promise<OfChunk<Value>[]> | OfChunk<Value>[];
}

/** Chunks of one shard. The same for every stage, so that shard i of each holds the same chunks. */
const chunksPerShard = 256;

export function inShards<Item>(items: readonly Item[]): Item[][] {
  const shards: Item[][] = [];
  for (let i = 0; i < items.length; i += chunksPerShard) {
    shards.push(items.slice(i, i + chunksPerShard));
  }
  return shards;
}

export function shardName(index: number): string {
  return `shard-${String(index).padStart(5, "0")}.arrow`;
}

/** @throws Problem `stale` where the file is there but was made from something else; it is named, never overwritten. */
export async function ensureShard<Value>(
  order: ShardOrder<Value>,
  context: JobContext,
): Promise<{ entries: OfChunk<Value>[]; reused: boolean }> {
  const { kind, file, metadata, stage } = order;
  if (context.stopped()) throw new Problem("cancelled", `Stopped before ${path.basename(file)}.`);
  const found = (await kind.find(file, metadata)) ?? (await takeOver(order));
  const entries = found ?? (await order.make());
  if (found === undefined) await kind.write(file, entries, metadata);
  const { size } = await stat(file);
  const reused = found !== undefined;
  context.event({ t: "shard", stage, path: file, bytes: size, chunks: entries.length, reused });
  return { entries, reused };
}

/** Links the shard of another run, or copies it where the disk cannot link. */
async function takeOver<Value>(order: ShardOrder<Value>): Promise<OfChunk<Value>[] | undefined> {
  const { kind, file, reuse, metadata } = order;
  if (reuse === undefined) return undefined;
  const entries = await kind.find(reuse, metadata).catch((error: unknown) => {
    if (error instanceof Problem) return undefined; // made from something else: ours is computed
    throw error;
  });
  if (entries === undefined) return undefined;
  await mkdir(path.dirname(file), { recursive: true });
  await rm(file, { force: true });
  await link(reuse, file).catch(() => copyFile(reuse, file));
  return entries;
}
