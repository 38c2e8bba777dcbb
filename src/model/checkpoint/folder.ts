/**
 * A model in the Hugging Face format, read as it is: configuration, tokenizer, and weights that are only
 * loaded when asked for. Opening reads and checks everything but the weights' values.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import { elementCount, type ModelConfig } from "../architecture/config.ts";
import { parametersOf } from "../architecture/parameters.ts";
import { readModelConfig } from "./config.ts";
import { fingerprintOf, tensorHash } from "./fingerprint.ts";
import { readLicence } from "./licence.ts";
import {
  type LocatedParameters,
  type LocatedTensor,
  locateParameters,
} from "./locateParameters.ts";
import { type JsonObject, readJsonObject } from "./outsideFile.ts";
import { type FloatType, isFloatType, readTensor } from "./safetensors.ts";
import { folderName, openTokenizer, requireFolder, smallFileLimit } from "./tokenizerFolder.ts";
import { openWeightFiles } from "./weightFiles.ts";

export interface ModelFolder {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly config: ModelConfig;
  /** config.json as it came. */
  readonly rawConfig: JsonObject;
  readonly tokenizer: TextTokenizer;
  /** The type of most of its numbers on disk. */
  readonly dtype: FloatType;
  /** The type of each parameter on disk: some 16-bit checkpoints keep a few in fp32. */
  readonly types: ReadonlyMap<string, FloatType>;
  /** How many numbers the model has; a tied table counts once. */
  readonly parameters: number;
  /** See fingerprint.ts. */
  readonly fingerprint: string;
  /** The Hub's identifier or the folder's own words; `undefined` where it states none. */
  readonly licence: string | undefined;
  /** Every parameter of `parametersOf(config)` by its name, widened to fp32. Reads the disk on every call. */
  loadWeights(): Promise<Map<string, Float32Array>>;
}

/** Opens a folder with a model. Throws a Problem that names the file, what is wrong with it and what to do. */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const place = path.resolve(folder);
  await requireFolder(place);
  const configFile = path.join(place, "config.json");
  const rawConfig = await readJsonObject(configFile, smallFileLimit);
  const config = readModelConfig(rawConfig, configFile);
  const tokenizer = await openTokenizer(place);
  requireRoom(config, tokenizer, place);
  const located = locateParameters(config, await openWeightFiles(place));
  await requireEqualTwin(located, configFile);

  const { parameters } = located;
  const types = new Map([...parameters].map(([name, tensor]) => [name, typeOf(tensor)]));
  const sizes = parametersOf(config).map(({ name, shape }) => ({
    name,
    count: elementCount(shape),
  }));
  return {
    path: place,
    name: folderName(place),
    config,
    rawConfig,
    tokenizer,
    dtype: mostUsed(sizes.map(({ name, count }) => ({ type: types.get(name)!, count }))),
    types,
    parameters: sizes.reduce((sum, { count }) => sum + count, 0),
    fingerprint: await fingerprintOf(config, parameters),
    licence: await readLicence(place, rawConfig),
    async loadWeights() {
      const weights = new Map<string, Float32Array>();
      for (const { name } of sizes) {
        const tensor = parameters.get(name)!;
        weights.set(name, await readTensor(tensor.source, tensor.name));
      }
      return weights;
    },
  };
}

/** A tokenizer may be narrower than its model, whose last rows then are no tokens, but never wider. */
function requireRoom(config: ModelConfig, { table }: TextTokenizer, folder: string): void {
  if (table.size <= config.vocabulary) return;
  const beyond = table.pieces.slice(config.vocabulary).filter((piece) => piece !== undefined);
  const examples = beyond.slice(0, 3).map((piece) => JSON.stringify(piece.slice(0, 40)));
  throw new Problem(
    "badInput",
    `The tokenizer of ${folderName(folder)} has ids up to ${table.size - 1}, the model has rows for ${config.vocabulary}: no row for ${examples.join(", ")}.`,
    {
      file: path.join(folder, "tokenizer.json"),
      next: `Take the tokenizer this model was trained with, or remove the tokens from id ${config.vocabulary} on from tokenizer.json and tokenizer_config.json.`,
    },
  );
}

/** transformers keeps both tables where they differ; then the model is not tied, whatever its configuration says. */
async function requireEqualTwin(
  { tiedTwin }: LocatedParameters,
  configFile: string,
): Promise<void> {
  if (tiedTwin === undefined) return;
  const { embedding, output } = tiedTwin;
  if ((await tensorHash(embedding)) === (await tensorHash(output))) return;
  throw new Problem(
    "badInput",
    `config.json ties the output to the embedding, but ${output.name} and ${embedding.name} differ.`,
    { file: configFile, next: 'Set "tie_word_embeddings" to false to use both.' },
  );
}

function typeOf({ source, name }: LocatedTensor): FloatType {
  const type = source.tensors.get(name)?.type ?? "";
  if (isFloatType(type)) return type;
  throw new Error(`${name} was located with the type ${type}`);
}

function mostUsed(
  tensors: readonly { readonly type: FloatType; readonly count: number }[],
): FloatType {
  const counts = { F32: 0, F16: 0, BF16: 0 };
  for (const { type, count } of tensors) counts[type] += count;
  const types: readonly FloatType[] = ["F32", "BF16", "F16"];
  return types.reduce((best, type) => (counts[type] > counts[best] ? type : best));
}
