/** A vocabulary map on disk: one Arrow row a source id, with both tokenizers' fingerprints, method, mode and version. */
import { modes } from "../core/mode.ts";
import {
  type VocabularyMap,
  vocabularyMethods,
} from "../core/vocabulary/vocabularyMap.ts";
import { damaged, numberColumn, readShard, writeShard } from "./shards.ts";

const kind = "vocabulary map";
const layout = "1";

/** Writes the map and answers its SHA-256. */
export function writeVocabularyMap(file: string, map: VocabularyMap): Promise<string> {
  const { targetOf, how, distance } = map;
  return writeShard(
    file,
    {
      target: { kind: "numbers", type: "int32", values: targetOf },
      how: { kind: "numbers", type: "uint8", values: how },
      distance: { kind: "numbers", type: "uint16", values: distance },
    },
    {
      kind,
      layout,
      method: map.method,
      mode: map.mode,
      version: String(map.version),
      source: map.sourceFingerprint,
      target: map.targetFingerprint,
    },
  );
}

/**
 * Reads a map. Whether it belongs to two tokenizers is `requireMatching`'s question.
 * @throws Problem `missing`, `failed` where the file is damaged, `stale` where it is no map.
 */
export async function readVocabularyMap(file: string): Promise<VocabularyMap> {
  const shard = await readShard(file, { kind, layout });
  const { metadata } = shard;
  const method = vocabularyMethods.find((name) => name === metadata.method);
  const mode = modes.find((name) => name === metadata.mode);
  const { version, source, target } = metadata;
  if (method === undefined || mode === undefined || !source || !target) throw damaged(file);
  return {
    method,
    mode,
    version: Number(version),
    sourceFingerprint: source,
    targetFingerprint: target,
    targetOf: numberColumn(shard, "target", "int32"),
    how: numberColumn(shard, "how", "uint8"),
    distance: numberColumn(shard, "distance", "uint16"),
  };
}
