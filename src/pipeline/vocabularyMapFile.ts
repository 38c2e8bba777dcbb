/**
 * A vocabulary map on disk: one row a source token, what it was made from in the metadata. Whether it belongs
 * to two tokenizers is for `requireMatching` to say.
 */
import { type Mode, modes } from "../core/mode.ts";
import {
  mapKinds,
  type VocabularyMap,
  type VocabularyMethod,
  vocabularyMethods,
} from "../core/vocabulary/vocabularyMap.ts";
import { damaged, numberColumn, readShard, type ShardMetadata, writeShard } from "./shards.ts";

const format: ShardMetadata = { kind: "vocabulary map", layout: "1" };

/** Writes a map; answers the file's SHA-256. */
export function writeVocabularyMap(file: string, map: VocabularyMap): Promise<string> {
  const { targetOf, how, distance, version, ...made } = map;
  return writeShard(
    file,
    {
      targetOf: { kind: "numbers", type: "int32", values: targetOf },
      how: { kind: "numbers", type: "uint8", values: how },
      distance: { kind: "numbers", type: "uint16", values: distance },
    },
    { ...made, version: String(version), ...format },
  );
}

/** Reads a map. Throws a Problem as `readShard` does. */
export async function readVocabularyMap(file: string): Promise<VocabularyMap> {
  const shard = await readShard(file, format);
  const { method, mode, version, sourceFingerprint, targetFingerprint } = shard.metadata;
  const targetOf = numberColumn(shard, "targetOf", "int32");
  const how = numberColumn(shard, "how", "uint8");
  const distance = numberColumn(shard, "distance", "uint16");
  if (
    !isMethod(method) ||
    !isMode(mode) ||
    !/^\d{1,9}$/.test(version ?? "") ||
    sourceFingerprint === undefined ||
    targetFingerprint === undefined ||
    how.some((kind) => kind >= mapKinds.length) ||
    targetOf.some((id) => id < -1)
  ) {
    throw damaged(file);
  }
  return {
    method,
    mode,
    version: Number(version),
    sourceFingerprint,
    targetFingerprint,
    targetOf,
    how,
    distance,
  };
}

const isMethod = (word: string | undefined): word is VocabularyMethod =>
  vocabularyMethods.some((method) => method === word);

const isMode = (word: string | undefined): word is Mode => modes.some((mode) => mode === word);
