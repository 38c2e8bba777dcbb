/**
 * Which files of a Hugging Face folder hold the weights: model.safetensors, or the shards that
 * model.safetensors.index.json names. Only headers are read here.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { fileExists, isJsonObject, readJsonObject } from "./outsideFile.ts";
import { readHeader, type SafetensorsFile } from "./safetensors.ts";

export const weightsName = "model.safetensors";
const indexName = `${weightsName}.index.json`;
const indexLimit = 64 * 2 ** 20;
const mostShards = 1024;

/** The weight files with their headers. Throws a Problem where one is missing, broken or outside the folder. */
export async function openWeightFiles(folder: string): Promise<readonly SafetensorsFile[]> {
  const single = path.join(folder, weightsName);
  // As in transformers: where both are there, the whole file is read and the index is not.
  if (await fileExists(single)) return [await readHeader(single)];
  const index = path.join(folder, indexName);
  if (!(await fileExists(index))) throw await withoutWeights(folder);

  const shards = await readIndex(index);
  const files: SafetensorsFile[] = [];
  for (const [shard, names] of shards) {
    const file = path.join(folder, shard);
    if (!(await fileExists(file))) {
      throw new Problem("missing", `${indexName} names ${shard}, which is not there.`, {
        file,
        next: "Download the missing part of the model.",
      });
    }
    const opened = await readHeader(file);
    const absent = names.find((name) => !opened.tensors.has(name));
    if (absent !== undefined) {
      throw new Problem(
        "badInput",
        `${indexName} looks for "${absent}" in ${shard}, which lacks it.`,
        {
          file,
          next: "Download the model again: its parts do not belong together.",
        },
      );
    }
    files.push(opened);
  }
  return files;
}

/** The tensors of each shard by the index. */
async function readIndex(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const fail = (what: string) =>
    new Problem("badInput", `${indexName} ${what}.`, {
      file,
      next: "Download the model's index again.",
    });
  const { weight_map: map } = await readJsonObject(file, indexLimit);
  if (!isJsonObject(map)) throw fail("has no weight_map");
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== "string" || !isPlainName(shard)) {
      throw fail(`names ${JSON.stringify(shard)}, which is no safetensors file of this folder`);
    }
    const names = shards.get(shard);
    if (names === undefined) shards.set(shard, [name]);
    else names.push(name);
  }
  if (shards.size > mostShards)
    throw fail(`names ${shards.size} files; at most ${mostShards} are read`);
  return shards;
}

/** A file directly in the folder: no separator of any system, no drive, no parent. */
function isPlainName(name: string): boolean {
  return /^[^/\\:\0]{1,255}$/.test(name) && name.endsWith(".safetensors") && !name.startsWith("..");
}

async function withoutWeights(folder: string): Promise<Problem> {
  const names = await readdir(folder);
  const file = path.join(folder, weightsName);
  if (names.includes("adapter_config.json")) {
    return new Problem("unsupported", "The folder holds an adapter, not a model.", {
      file,
      next: "Merge the adapter into its base model with peft (merge_and_unload) and save that.",
    });
  }
  if (names.some((name) => /^(pytorch_model.*\.bin|.*\.(h5|msgpack|gguf|pth))$/.test(name))) {
    return new Problem("unsupported", `The weights are not in the safetensors format.`, {
      file,
      next: "Convert them once with transformers: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder).",
    });
  }
  return new Problem("missing", `The folder has no ${weightsName}.`, {
    file,
    next: "Download the model's weights into the folder.",
  });
}
