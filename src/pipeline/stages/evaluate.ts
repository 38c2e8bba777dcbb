/**
 * evaluate: bits per UTF-8 byte of every model on the held-out chunks, the ensemble among them, with bootstrap
 * intervals and the paired differences. It reads the nats that `extract` kept; no model is opened here.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { noRows } from "../../core/fusion/alignRows.ts";
import {
  type EnsembleChunk,
  fitWeights,
  mixtureNats,
  oracleNats,
} from "../../core/fusion/ensemble.ts";
import type { Representation } from "../../core/fusion/representation.ts";
import { textNats } from "../../core/fusion/scores.ts";
import { sharedPositions } from "../../core/fusion/sharedPositions.ts";
import { Problem } from "../../core/problem.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import { openTokenizer } from "../../model/checkpoint/tokenizerFolder.ts";
import type { TrainingArm } from "../../protocol/runEvents.ts";
import { representationShards } from "../chunkShards.ts";
import { type Chunk, readChunks } from "../chunks.ts";
import { type Evaluation, type ScoredModel, summedScores } from "../evaluation.ts";
import type { JobContext } from "../jobContext.ts";
import { chunksOfPlan } from "../trainingPlan.ts";
import { readPlan } from "./pack.ts";

export interface ReadModel {
  readonly label: string;
  readonly folder: string;
  /** Folders of what it read: held-out chunks, and those of the plan. */
  readonly heldOut: string;
  readonly representation: string;
}

export interface EvaluateSpec {
  readonly chunks: string;
  readonly plan: string;
  readonly target: ReadModel;
  readonly sources: readonly ReadModel[];
  readonly arms: readonly { readonly arm: TrainingArm; readonly heldOut: string }[];
  readonly withSources: boolean;
  readonly withEnsemble: boolean;
  readonly seed: number;
}

/** What the claims of a run rest on. */
const comparedPairs: readonly (readonly [string, string])[] = [
  ["fused", "clm"],
  ["fused", "target"],
  ["clm", "target"],
  ["fused", "ensemble"],
];

/** Chunks of the training part on which the ensemble's weights are fitted: they change little with more. */
export const mostFittingChunks = 1024;

export async function evaluate(spec: EvaluateSpec, context: JobContext): Promise<Evaluation> {
  const all = (await readChunks(spec.chunks)).filter(({ split }) => split === "heldOut");
  const target = await readNats(spec.target.heldOut);
  const sources = await Promise.all(spec.sources.map(({ heldOut }) => readNats(heldOut)));
  // A chunk that one model cannot read would be scored by the others alone: it counts for none.
  const chunks = all.filter(({ id }) => [target, ...sources].every((read) => read.has(id)));
  if (chunks.length === 0) {
    throw new Problem("failed", "No held-out chunk can be read by every model.", {
      next: "Check the tokenizers with: fuselab align --text.",
    });
  }
  const rows: ScoredModel[] = [];
  if (spec.withSources) {
    for (const [i, source] of spec.sources.entries()) {
      rows.push({
        ...scoredModel(chunks, sources[i]),
        label: `source:${source.label}`,
        title: source.label,
        kind: "source",
        tokenizer: source.label,
      });
    }
  }
  const own = { tokenizer: spec.target.label };
  rows.push({
    ...scoredModel(chunks, target),
    ...own,
    label: "target",
    title: "target before",
    kind: "target",
  });
  if (spec.withEnsemble) rows.push(...(await ensembleRows(spec, chunks, target, sources)));
  for (const { arm, heldOut } of spec.arms) {
    const title = arm === "clm" ? "target, continued CLM" : "fused target";
    rows.push({
      ...scoredModel(chunks, await readNats(heldOut)),
      ...own,
      label: arm,
      title,
      kind: arm,
    });
  }
  context.progress(1, 1);
  return summedScores({
    chunks,
    leftOut: all.length - chunks.length,
    models: rows,
    pairs: comparedPairs,
    seed: spec.seed,
  });
}

export type Read = ReadonlyMap<string, Pick<Representation, "rows" | "nats">>;

/** What a model read, by chunk id: the nats of every shard in a folder. */
export async function readNats(folder: string): Promise<Read> {
  const names = (await readdir(folder)).filter((name) => /^shard-\d+\.arrow$/.test(name)).sort();
  const read = new Map<string, Pick<Representation, "rows" | "nats">>();
  for (const name of names) {
    for (const { chunkId, value } of await representationShards.read(path.join(folder, name), {})) {
      read.set(chunkId, { rows: value.rows, nats: value.nats.slice() });
    }
  }
  return read;
}

/** @throws Problem `stale` where a chunk was not read. */
export function scoredModel(
  chunks: readonly Chunk[],
  read: Read,
): Pick<ScoredModel, "nats" | "tokens"> {
  const found = chunks.map(({ id }) => {
    const chunk = read.get(id);
    if (chunk === undefined) throw new Problem("stale", `Held-out chunk ${id} was not read.`);
    return chunk;
  });
  return {
    nats: Float64Array.from(found, textNats),
    tokens: Float64Array.from(found, ({ rows }) => rows - 1),
  };
}

/** The mixture with weights fitted on the training part, and the choice by the scored text itself, labelled as an oracle. */
async function ensembleRows(
  spec: EvaluateSpec,
  chunks: readonly Chunk[],
  target: Read,
  sources: readonly Read[],
): Promise<ScoredModel[]> {
  const tokenizers = {
    target: await openTokenizer(spec.target.folder),
    sources: await Promise.all(spec.sources.map(({ folder }) => openTokenizer(folder))),
  };
  const weights = fitWeights(await fittingChunks(spec, tokenizers));
  const mixed = chunks.map((chunk) => {
    const nats = mixtureNats(goldPaths(chunk, target, sources, tokenizers), weights);
    return textNats({ rows: nats.length, nats });
  });
  const byModel = [target, ...sources].map((read) => scoredModel(chunks, read).nats);
  const shares = Array.from(weights, (weight) => weight.toFixed(2)).join(", ");
  return [
    {
      label: "ensemble",
      title: "ensemble",
      detail: `weights ${shares}, the target first`,
      kind: "ensemble",
      nats: Float64Array.from(mixed),
    },
    {
      label: "oracle",
      title: "best model per chunk (oracle)",
      kind: "oracle",
      nats: oracleNats(byModel).nats,
    },
  ];
}

interface Tokenizers {
  readonly target: TextTokenizer;
  readonly sources: readonly TextTokenizer[];
}

/** Each model's nats of the true next target token, where it has them. */
function goldPaths(
  chunk: Chunk,
  target: Read,
  sources: readonly Read[],
  tokenizers: Tokenizers,
): EnsembleChunk {
  const own = target.get(chunk.id);
  const encoding = tokenizers.target.encode(chunk.text);
  if (own === undefined || !("ids" in encoding)) {
    throw new Problem("stale", `Chunk ${chunk.id} was not read by the target.`);
  }
  return {
    target: own.nats,
    sources: sources.map((read, i) => {
      const found = read.get(chunk.id);
      const foreign = tokenizers.sources[i].encode(chunk.text);
      if (found === undefined || !("ids" in foreign))
        return noRows(own.rows, "textDiffers").goldNats;
      return sharedPositions(encoding, foreign, found).goldNats;
    }),
  };
}

async function fittingChunks(spec: EvaluateSpec, tokenizers: Tokenizers): Promise<EnsembleChunk[]> {
  const { plan, chunks } = await readPlan(spec.plan, spec.chunks);
  const chosen = chunksOfPlan(plan)
    .slice(0, mostFittingChunks)
    .map((i) => chunks[i]);
  const target = await readNats(spec.target.representation);
  const sources = await Promise.all(spec.sources.map((one) => readNats(one.representation)));
  return chosen.map((chunk) => goldPaths(chunk, target, sources, tokenizers));
}
