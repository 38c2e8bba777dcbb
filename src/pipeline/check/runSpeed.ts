/** The speeds a run would have, measured: every model reads a little, the target trains a little, rows are rewritten. */
import { createRandom } from "../../core/random.ts";
import type { Encoding } from "../../core/text/tokenizer.ts";
import { measureReading, measureTraining, type SecondsRange } from "../../model/speed.ts";
import { armsOf, type MemoryEstimate, widestRow } from "../estimate.ts";
import { estimateTime, type RunSpeeds, type TimeEstimate } from "../estimateTime.ts";
import type { Recipe } from "../recipe.ts";
import { type RunResources, threadsPerTraining } from "../runResources.ts";
import type { OpenedModel } from "./models.ts";
import type { Part } from "./sourceFit.ts";
import { type FusionSpeed, timeFusion } from "./stageSpeed.ts";
import type { TextCheck } from "./textCheck.ts";

/** Seconds, about, for each model that reads, for training, and for aligning and fusing. */
const budgets = { reading: 1, training: 1.5, fusion: 0.6 } as const;

export interface TimedRun {
  readonly time: TimeEstimate;
  /** By source: target positions that were tried, and those that got a row. */
  readonly rows: readonly (Part | undefined)[];
}

/** Models with the target first; all of them fit the memory. `onProgress` names what is timed. */
export async function timeRun(
  recipe: Recipe,
  models: readonly OpenedModel[],
  check: TextCheck,
  memory: MemoryEstimate,
  resources: RunResources,
  onProgress: (what: string) => void,
): Promise<TimedRun> {
  const arms = armsOf(recipe).length;
  const { microBatch, limit: memoryLimit } = memory;
  let rough = false;
  const readPerToken: SecondsRange[] = [];
  for (const [m, { label, folder }] of models.entries()) {
    onProgress(`reading ${label}`);
    const speed = await measureReading(folder.config, {
      lengths: typicalLengths(check, m),
      topK: recipe.representation.topK,
      threads: resources.threadsPerJob,
      memoryLimit,
      budget: budgets.reading,
    });
    readPerToken.push(speed.perToken);
    rough ||= speed.rough;
  }
  onProgress(`training ${models[0].label}`);
  const training = await measureTraining(models[0].folder.config, {
    microBatch,
    length: recipe.training.length,
    topK: Math.min(widestRow(recipe, models.length), models[0].folder.config.vocabulary),
    threads: threadsPerTraining(arms, resources),
    memoryLimit,
    budget: budgets.training,
  });
  onProgress("aligning");
  const fusion = fusionSpeed(recipe, models, check);
  const speeds: RunSpeeds = {
    open: models.map(({ seconds }) => seconds),
    encoding: check.sampling.speed.encoding,
    cutPerByte: check.sampling.speed.cut,
    readPerToken,
    map: check.maps.map(({ seconds }) => constant(seconds)),
    alignPerToken: fusion.alignPerToken.map(constant),
    fusePerToken: constant(fusion.fusePerToken),
    training,
    rough: rough || training.rough,
  };
  const layout = {
    slots: resources.slots,
    batch: recipe.training.batch,
    microBatch,
    arms,
    withEnsemble: recipe.baselines.includes("ensemble"),
  };
  const time = estimateTime(check.text, speeds, layout);
  return { time, rows: fusion.rows };
}

const constant = (seconds: number): SecondsRange => ({ fewest: seconds, most: seconds });

/** Tokens that are enough to see how fast a model reads: about one full batch. */
const trialTokens = 1024;

/** Lengths of the sample's chunks in a model's tokens, as many as make up the trial. */
function typicalLengths({ sampling }: TextCheck, model: number): number[] {
  const all = sampling.texts.flatMap(({ chunks }) =>
    chunks.flatMap(({ encodings }) => {
      const encoding = encodings[model];
      return "ids" in encoding ? [encoding.ids.length + 1] : [];
    }),
  );
  if (all.length === 0) return [1];
  const lengths: number[] = [];
  const stride = Math.max(1, Math.floor(all.length / 64));
  for (let i = 0, tokens = 0; tokens < trialTokens; i += stride) {
    const next = all[i % all.length];
    lengths.push(next);
    tokens += next;
  }
  return lengths;
}

function fusionSpeed(
  recipe: Recipe,
  models: readonly OpenedModel[],
  { maps, sampling }: TextCheck,
): FusionSpeed {
  const readable = sampling.texts.flatMap(({ chunks, side }) =>
    side === "training"
      ? chunks.flatMap(({ encodings }) =>
          encodings.every((one): one is Encoding => "ids" in one) ? [encodings as Encoding[]] : [],
        )
      : [],
  );
  // Time may be up before the last: each domain should have had its turn.
  createRandom(1).shuffle(readable);
  const tokenizers = models.map(({ folder }) => folder.tokenizer);
  return timeFusion(tokenizers, maps, readable, recipe, budgets.fusion);
}
