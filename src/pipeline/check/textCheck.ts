/** What the models' tokenizers make of the text, and of each other: estimates and fits over one sample. */
import type { Encoding } from "../../core/text/tokenizer.ts";
import { type ChunkSize, estimateText, type TextSample } from "../estimateText.ts";
import type { Recipe } from "../recipe.ts";
import { type SampledText, type Sampling, sampleText } from "./corpusSample.ts";
import type { OpenedModel } from "./models.ts";
import type { CheckedSource, CheckedText } from "./recipeCheck.ts";
import { sourceFit } from "./sourceFit.ts";
import type { TimedMap } from "./stageSpeed.ts";
import { timeMap } from "./stageSpeed.ts";
import type { RecipeTexts } from "./texts.ts";

export interface TextCheck {
  readonly text: CheckedText;
  readonly sources: readonly CheckedSource[];
  readonly sampling: Sampling;
  /** By source. */
  readonly maps: readonly TimedMap[];
  /** By model, tokens of the longest chunk, BOS included. */
  readonly longest: readonly number[];
}

/** Characters that are cut on each side, and seconds a vocabulary map may take. */
const thorough = { characters: { training: 160_000, heldOut: 80_000 }, mapSeconds: 2 };
const hasty = { characters: { training: 50_000, heldOut: 30_000 }, mapSeconds: 0.5 };

/** Models with the target first, each with a token to open a text. */
export function checkText(
  recipe: Recipe,
  models: readonly OpenedModel[],
  texts: RecipeTexts,
  quick: boolean,
): TextCheck {
  const { characters, mapSeconds } = quick ? hasty : thorough;
  const { length } = recipe.training;
  const limits = models.map(({ folder: { tokenizer, config }, role }) => ({
    tokenizer,
    tokens: role === "target" ? Math.min(length, config.context) : config.context,
  }));
  const sampling = sampleText(texts.sides, limits, characters);
  const [target, ...sources] = models.map(({ folder }) => folder.tokenizer);
  const maps = sources.map((source) => timeMap(source, target, recipe, mapSeconds));
  const chunks = sampling.texts.flatMap((sampled) => sampled.chunks);
  return {
    text: textOf(recipe, models.length, texts, sampling.texts),
    sources: sources.map((source, s) => ({
      label: models[s + 1].label,
      ...sourceFit(
        target,
        source,
        chunks.map(({ id, encodings }) => ({
          id,
          target: encodings[0] as Encoding,
          source: encodings[s + 1],
        })),
        maps[s].map,
      ),
      tooLong: tooLongOf(sampling.texts, s + 1),
    })),
    sampling,
    maps,
    longest: models.map((_, m) =>
      chunks.reduce((most, { encodings }) => Math.max(most, tokensOf(encodings[m])), 1),
    ),
  };
}

function textOf(
  recipe: Recipe,
  models: number,
  { files, copies }: RecipeTexts,
  sampled: readonly SampledText[],
): CheckedText {
  const weights = new Map(recipe.corpus.map(({ domain, weight }) => [domain, weight]));
  const samples = (side: SampledText["side"]): TextSample[] =>
    sampled
      .filter((text) => text.side === side)
      .map(({ domain, bytes, sections, sampledBytes, chunks }) => ({
        domain,
        weight: weights.get(domain) ?? 1,
        bytes,
        sections,
        sampledBytes,
        chunks: chunks.map(sizeOf),
      }));
  const { steps, epochs, length, batch, seed } = recipe.training;
  const heldOut = sampled.flatMap(({ side, chunks }) => (side === "heldOut" ? chunks : []));
  const sum = (value: (text: SampledText) => number): number =>
    sampled.reduce((all, text) => all + value(text), 0);
  const first = sampled.find(({ leftOut }) => leftOut.first !== undefined)?.leftOut.first;
  return {
    ...estimateText(samples("training"), samples("heldOut"), models, {
      length,
      batch,
      seed,
      ...(steps === undefined ? { epochs: epochs ?? 1 } : { steps }),
    }),
    sampled: { count: sum((text) => text.sampledBytes), of: sum((text) => text.bytes) },
    files,
    leftOut: {
      count: sum((text) => text.leftOut.chunks),
      of: sum((text) => text.leftOut.chunks + text.chunks.length),
      ...(first === undefined ? {} : { first }),
    },
    heldOutReadable: {
      count: heldOut.filter(({ encodings }) => encodings.every((one) => "ids" in one)).length,
      of: heldOut.length,
    },
    copies,
  };
}

const sizeOf = ({ bytes, encodings }: SampledText["chunks"][number]): ChunkSize => ({
  bytes,
  tokens: encodings.map(tokensOf),
});

const tokensOf = (encoding: SampledText["chunks"][number]["encodings"][number]): number =>
  "ids" in encoding ? encoding.ids.length + 1 : 0;

function tooLongOf(sampled: readonly SampledText[], model: number) {
  return {
    count: sampled.reduce((sum, { own }) => sum + own.tooLong[model], 0),
    of: sampled.reduce((sum, { own }) => sum + own.chunks, 0),
  };
}
