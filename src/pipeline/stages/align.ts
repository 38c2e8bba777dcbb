/** align: one source's representation over the target's positions and vocabulary, shard by shard. */
import path from "node:path";
import { alignRows, noRows } from "../../core/fusion/alignRows.ts";
import type { AlignedRepresentation, Representation } from "../../core/fusion/representation.ts";
import type { Positions, ShorterRows } from "../../core/fusion/settings.ts";
import type { Mode } from "../../core/mode.ts";
import { Problem } from "../../core/problem.ts";
import type { Encoding, TextTokenizer } from "../../core/text/tokenizer.ts";
import type { VocabularyMap } from "../../core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../../model/checkpoint/tokenizerFolder.ts";
import { alignedShards, type OfChunk, representationShards } from "../chunkShards.ts";
import { type Chunk, hashChunks } from "../chunks.ts";
import type { JobContext } from "../jobContext.ts";
import { chunksOfPlan } from "../trainingPlan.ts";
import { readVocabularyMap } from "../vocabularyMapFile.ts";
import { ensureShard, inShards, shardName } from "./ensureShard.ts";
import { readPlan } from "./pack.ts";

export interface AlignSpec {
  readonly source: string;
  readonly target: string;
  readonly chunks: string;
  readonly plan: string;
  /** Folder of the source's representation. */
  readonly representation: string;
  readonly map: string;
  readonly out: string;
  readonly positions: Positions;
  readonly shorterRows: ShorterRows;
  readonly temperature: number;
  readonly mode: Mode;
}

export interface AlignResult {
  /** Target positions, and those that have a row. */
  readonly positions: number;
  readonly rows: number;
}

/** Bump when an aligned row would come out differently. */
const alignmentVersion = 1;

export async function align(spec: AlignSpec, context: JobContext): Promise<AlignResult> {
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  const [source, target] = await Promise.all([
    openTokenizer(spec.source),
    openTokenizer(spec.target),
  ]);
  const map = await readVocabularyMap(spec.map);
  const shards = inShards(chunksOfPlan(plan).map((i) => chunks[i]));
  let positions = 0;
  let rows = 0;
  for (const [i, part] of shards.entries()) {
    const { entries } = await ensureShard(
      {
        kind: alignedShards,
        stage: "align",
        file: path.join(spec.out, shardName(i)),
        metadata: {
          method: `alignment ${alignmentVersion}`,
          settings: [
            spec.mode,
            spec.positions,
            map.method,
            map.version,
            spec.shorterRows,
            spec.temperature,
          ].join(" "),
          source: source.fingerprint,
          target: target.fingerprint,
          chunks: hashChunks(part),
        },
        make: () => alignShard(spec, i, part, { source, target, map }),
      },
      context,
    );
    for (const { value } of entries) {
      positions += value.rows;
      for (const outcome of value.outcome) if (outcome === 0) rows++;
    }
    context.progress(i + 1, shards.length);
  }
  return { positions, rows };
}

interface Tools {
  readonly source: TextTokenizer;
  readonly target: TextTokenizer;
  readonly map: VocabularyMap;
}

async function alignShard(
  spec: AlignSpec,
  index: number,
  chunks: readonly Chunk[],
  tools: Tools,
): Promise<OfChunk<AlignedRepresentation>[]> {
  const file = path.join(spec.representation, shardName(index));
  const read = await representationShards.read(file, { chunks: hashChunks(chunks) });
  const byChunk = new Map(read.map((entry) => [entry.chunkId, entry.value]));
  return chunks.map((chunk) => ({
    chunkId: chunk.id,
    textHash: chunk.textHash,
    value: alignChunk(spec, chunk, byChunk.get(chunk.id), tools),
  }));
}

function alignChunk(
  spec: AlignSpec,
  chunk: Chunk,
  representation: Representation | undefined,
  { source, target, map }: Tools,
): AlignedRepresentation {
  const targetEncoding = encodingOf(target, chunk);
  if (targetEncoding === undefined) {
    throw new Problem("stale", `Chunk ${chunk.id} was not cut with the target's tokenizer.`);
  }
  const sourceEncoding = encodingOf(source, chunk);
  if (sourceEncoding === undefined || representation === undefined) {
    return noRows(targetEncoding.ids.length + 1, "textDiffers");
  }
  return alignRows({
    target: { tokenizer: target, encoding: targetEncoding },
    source: { tokenizer: source, encoding: sourceEncoding },
    representation,
    map,
    positions: spec.positions,
    shorterRows: spec.shorterRows,
    mode: spec.mode,
    temperature: spec.temperature,
  });
}

function encodingOf(tokenizer: TextTokenizer, chunk: Chunk): Encoding | undefined {
  const encoding = tokenizer.encode(chunk.text);
  return "ids" in encoding ? encoding : undefined;
}
