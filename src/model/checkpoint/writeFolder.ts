/**
 * Writes a model as a Hugging Face folder that transformers loads: config.json, model.safetensors, the
 * tokenizer's files and a model card. The folder appears whole or not at all. A tied table is written once.
 */
import { copyFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createTokenizer } from "../../core/text/textTokenizer.ts";
import type { ModelConfig, Weights } from "../architecture/config.ts";
import { parametersOf } from "../architecture/parameters.ts";
import { placeFolder } from "./atomicPlace.ts";
import { composeConfig, withDtype } from "./configJson.ts";
import type { ModelFolder } from "./folder.ts";
import { licenceFile } from "./licence.ts";
import { type ModelCard, renderModelCard } from "./modelCard.ts";
import { fileExists, type JsonObject } from "./outsideFile.ts";
import { type FloatType, type TensorToWrite, writeSafetensors } from "./safetensors.ts";
import { specialTokensOf } from "./specialTokens.ts";
import { weightsName } from "./weightFiles.ts";

/** Files that go with the model as they are: its tokenizer in every format, and how it is used. */
const companions = new Set([
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "tokenizer.model",
  "spiece.model",
  "vocab.json",
  "merges.txt",
  "vocab.txt",
  "chat_template.jinja",
  "chat_template.json",
  "generation_config.json",
]);

/** Licences ask that their text goes along. */
const legalFile = /^(notice|use_policy)(\.(txt|md))?$/i;

/**
 * Writes `weights` as the model `from` continued: its configuration, tokenizer and licence files as they
 * came, every parameter in the type it had on disk. Throws a Problem where `out` is there already, or where
 * a number does not fit its 16-bit type.
 */
export function writeModelFolder(
  out: string,
  {
    from,
    weights,
    card,
  }: {
    readonly from: ModelFolder;
    readonly weights: Weights;
    readonly card: ModelCard;
  },
): Promise<void> {
  return placeFolder(out, async (folder) => {
    for (const name of await readdir(from.path)) {
      if (!companions.has(name) && !licenceFile.test(name) && !legalFile.test(name)) continue;
      const file = path.join(from.path, name);
      if (await fileExists(file)) await copyFile(file, path.join(folder, name));
    }
    const tensors = tensorsOf(from.config, weights, from.types);
    await writeModel(folder, withDtype(from.rawConfig, from.dtype), tensors, from.dtype, card);
  });
}

/** Writes a model made from scratch. Throws a Problem where the tokenizer is broken or `out` is there already. */
export function writeNewModelFolder(
  out: string,
  {
    config,
    weights,
    tokenizer,
    card,
    dtype,
  }: {
    readonly config: ModelConfig;
    readonly weights: Weights;
    /** What becomes tokenizer.json and tokenizer_config.json. */
    readonly tokenizer: { readonly json: JsonObject; readonly config: JsonObject };
    readonly card: ModelCard;
    readonly dtype: FloatType;
  },
): Promise<void> {
  return placeFolder(out, async (folder) => {
    const special = specialTokensOf({ tokenizer: tokenizer.json, config: tokenizer.config }, out);
    const { table } = createTokenizer(
      { tokenizer: tokenizer.json, specialTokens: special },
      { name: path.basename(out), fingerprint: "" },
    );
    if (table.size > config.vocabulary) {
      throw new Error(`a tokenizer of ${table.size} ids for a model of ${config.vocabulary} rows`);
    }
    await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizer.json));
    await writeJson(path.join(folder, "tokenizer_config.json"), {
      // Any other class may rebuild the tokenizer in its own way instead of taking tokenizer.json.
      tokenizer_class: "PreTrainedTokenizerFast",
      ...tokenizer.config,
    });
    const tensors = tensorsOf(config, weights);
    await writeModel(folder, composeConfig(config, special, dtype), tensors, dtype, card);
  });
}

async function writeModel(
  folder: string,
  config: JsonObject,
  tensors: readonly TensorToWrite[],
  dtype: FloatType,
  card: ModelCard,
): Promise<void> {
  await writeJson(path.join(folder, "config.json"), config);
  await writeFile(path.join(folder, "README.md"), renderModelCard(card));
  await writeSafetensors(path.join(folder, weightsName), tensors, { dtype });
}

/** Exactly the model's parameters; anything else among the weights is a mistake of the caller. */
function tensorsOf(
  config: ModelConfig,
  weights: Weights,
  types?: ReadonlyMap<string, FloatType>,
): TensorToWrite[] {
  const parameters = parametersOf(config);
  if (weights.size !== parameters.length) {
    throw new Error(`${weights.size} weights for a model of ${parameters.length} parameters`);
  }
  return parameters.map(({ name, shape }) => {
    const data = weights.get(name);
    if (data === undefined) throw new Error(`no weights for ${name}`);
    const type = types?.get(name);
    return { name, shape, data, ...(type === undefined ? {} : { type }) };
  });
}

async function writeJson(file: string, value: JsonObject): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
