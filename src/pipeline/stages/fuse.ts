/**
 * fuse: scores the candidates, weighs them and adds their rows up, shard by shard; and keeps the account of
 * what fusion did. The frozen target is the first candidate.
 */
import path from "node:path";
import type {
  AlignedRepresentation,
  FusedRows,
  Representation,
} from "../../core/fusion/representation.ts";
import { fuseChunk } from "../../core/fusion/rules.ts";
import { candidateScores, type ScoredChunk } from "../../core/fusion/scores.ts";
import type { FusionPer, FusionRule, ScoreUnit, Tail } from "../../core/fusion/settings.ts";
import { addTally, type FusionTally } from "../../core/fusion/tally.ts";
import type { Mode } from "../../core/mode.ts";
import { Problem } from "../../core/problem.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import { openTokenizer } from "../../model/checkpoint/tokenizerFolder.ts";
import { alignedShards, fusedShards, type OfChunk, representationShards } from "../chunkShards.ts";
import { type Chunk, hashChunks } from "../chunks.ts";
import type { JobContext } from "../jobContext.ts";
import { chunksOfPlan, type TrainingPlan } from "../trainingPlan.ts";
import { ensureShard, inShards, shardName } from "./ensureShard.ts";
import { readPlan } from "./pack.ts";

export interface FuseSpec {
  readonly chunks: string;
  readonly plan: string;
  readonly target: { readonly folder: string; readonly representation: string };
  readonly sources: readonly {
    readonly label: string;
    readonly representation: string;
    readonly aligned: string;
  }[];
  readonly fusion: {
    readonly rule: FusionRule;
    readonly per: FusionPer;
    readonly unit: ScoreUnit;
    readonly tail: Tail;
    /** τ of avgCE. */
    readonly temperature: number;
  };
  /** Of the target's representation. */
  readonly temperature: number;
  readonly mode: Mode;
  readonly out: string;
}

/** `fusion.json`: what fusion did, over all chunks of the plan. Candidates in the order [target, sources …]. */
export interface FuseResult {
  readonly candidates: readonly string[];
  readonly tally: FusionTally;
}

/** Bump when a fused row would come out differently. */
const fusionVersion = 1;

export async function fuse(spec: FuseSpec, context: JobContext): Promise<FuseResult> {
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  const tokenizer = await openTokenizer(spec.target.folder);
  const shards = inShards(chunksOfPlan(plan).map((i) => chunks[i]));
  const scores = await allScores(spec, plan, chunks, shards, context);
  const tallies: FusionTally[] = [];
  if (spec.fusion.per === "token") {
    context.event({
      t: "warning",
      stage: "fuse",
      message:
        "Fusion per token chooses by the loss on the true next token: it looks at the label.",
    });
  }
  for (const [i, part] of shards.entries()) {
    // The tally is of the whole run, so rows are always fused anew; a shard that is there stays as it is.
    const inputs = await shardInputs(spec, i, part);
    const fused = part.map((chunk) => fuseOne(spec, chunk, inputs, scores, tokenizer));
    tallies.push(...fused.map(({ tally }) => tally));
    await ensureShard<FusedRows>(
      {
        kind: fusedShards,
        stage: "fuse",
        file: path.join(spec.out, shardName(i)),
        metadata: {
          method: `fusion ${fusionVersion}`,
          settings: JSON.stringify([spec.mode, spec.fusion, spec.temperature]),
          target: tokenizer.fingerprint,
          chunks: hashChunks(part),
        },
        make: () => fused.map(({ entry }) => entry),
      },
      context,
    );
    context.progress(i + 1, shards.length);
  }
  return {
    candidates: ["target", ...spec.sources.map(({ label }) => label)],
    tally: tallies.reduce((sum, tally) => addTally(sum, tally)),
  };
}

/** One shard of everything that fusion reads, by chunk id. */
interface ShardInputs {
  readonly target: ReadonlyMap<string, Representation>;
  readonly aligned: readonly ReadonlyMap<string, AlignedRepresentation>[];
}

async function shardInputs(
  spec: FuseSpec,
  index: number,
  chunks: readonly Chunk[],
): Promise<ShardInputs> {
  const metadata = { chunks: hashChunks(chunks) };
  const name = shardName(index);
  const target = await representationShards.read(
    path.join(spec.target.representation, name),
    metadata,
  );
  const aligned = await Promise.all(
    spec.sources.map((source) => alignedShards.read(path.join(source.aligned, name), metadata)),
  );
  return { target: byChunk(target), aligned: aligned.map(byChunk) };
}

function byChunk<Value>(entries: readonly OfChunk<Value>[]): Map<string, Value> {
  return new Map(entries.map(({ chunkId, value }) => [chunkId, value]));
}

function fuseOne(
  spec: FuseSpec,
  chunk: Chunk,
  { target, aligned }: ShardInputs,
  scores: ReadonlyMap<string, Float64Array>,
  tokenizer: TextTokenizer,
): { entry: OfChunk<FusedRows>; tally: FusionTally } {
  const encoding = tokenizer.encode(chunk.text);
  const representation = target.get(chunk.id);
  if (!("ids" in encoding) || representation === undefined)
    throw missing(chunk, spec.target.representation);
  const { rows, tally } = fuseChunk({
    target: { tokenizer, encoding, representation },
    aligned: aligned.map((source, i) => {
      const found = source.get(chunk.id);
      if (found === undefined) throw missing(chunk, spec.sources[i].aligned);
      return found;
    }),
    scores: scores.get(chunk.id) ?? [],
    rule: spec.fusion.rule,
    per: spec.fusion.per,
    unit: spec.fusion.unit,
    tail: spec.fusion.tail,
    softness: spec.fusion.temperature,
    temperature: spec.temperature,
    mode: spec.mode,
  });
  return { entry: { chunkId: chunk.id, textHash: chunk.textHash, value: rows }, tally };
}

function missing(chunk: Chunk, file: string): Problem {
  return new Problem("stale", `Chunk ${chunk.id} is missing.`, {
    file,
    next: "Delete the folder and resume the run; it is made again.",
  });
}

/** Scores by chunk id; the chunks of a block share theirs where fusion is per block. */
async function allScores(
  spec: FuseSpec,
  plan: TrainingPlan,
  chunks: readonly Chunk[],
  shards: readonly (readonly Chunk[])[],
  context: JobContext,
): Promise<Map<string, Float64Array>> {
  if (spec.fusion.per === "token") return new Map();
  const scored = new Map<string, ScoredChunk>();
  const folders = [spec.target.representation, ...spec.sources.map((one) => one.representation)];
  for (const [i, part] of shards.entries()) {
    const read = await Promise.all(
      folders.map((folder) =>
        representationShards.read(path.join(folder, shardName(i)), { chunks: hashChunks(part) }),
      ),
    );
    const nats = read.map((entries) => byChunk(entries.map(withNatsOnly)));
    for (const { id, bytes } of part) {
      scored.set(id, { bytes, candidates: nats.map((model) => model.get(id)) });
    }
    if (context.stopped()) throw new Problem("cancelled", "Stopped while candidates were scored.");
  }
  const scores = new Map<string, Float64Array>();
  for (const block of plan.blocks) {
    const ids = block.map((i) => chunks[i].id);
    const together = spec.fusion.per === "block" ? [ids] : ids.map((id) => [id]);
    for (const group of together) {
      const score = candidateScores(
        group.map((id) => scored.get(id) as ScoredChunk),
        spec.fusion.unit,
      );
      for (const id of group) scores.set(id, score);
    }
  }
  return scores;
}

/** A copy without the rows, whose shard can then be let go. */
function withNatsOnly({ value, ...entry }: OfChunk<Representation>) {
  return { ...entry, value: { rows: value.rows, nats: value.nats.slice() } };
}
