/** map: the vocabulary map from one source to the target, made once a run and kept with both fingerprints. */
import type { Mode } from "../../core/mode.ts";
import { Problem } from "../../core/problem.ts";
import {
  buildVocabularyMap,
  mapCounts,
  requireMatching,
  type VocabularyMap,
  type VocabularyMethod,
} from "../../core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../../model/checkpoint/tokenizerFolder.ts";
import type { JobContext } from "../jobContext.ts";
import { readVocabularyMap, writeVocabularyMap } from "../vocabularyMapFile.ts";

export interface MapVocabularySpec {
  readonly source: string;
  readonly target: string;
  readonly method: VocabularyMethod;
  readonly mode: Mode;
  readonly out: string;
}

export interface MapVocabularyResult {
  readonly tokens: number;
  /** Source tokens that some target token stands for. */
  readonly mapped: number;
  readonly counts: Readonly<Record<string, number>>;
}

export async function mapVocabulary(
  spec: MapVocabularySpec,
  context: JobContext,
): Promise<MapVocabularyResult> {
  const [source, target] = await Promise.all([
    openTokenizer(spec.source),
    openTokenizer(spec.target),
  ]);
  let map = await existingMap(spec.out);
  if (map === undefined) {
    map = buildVocabularyMap(source, target, {
      method: spec.method,
      mode: spec.mode,
      onProgress: (done, of) => {
        context.progress(done, of);
        if (context.stopped())
          throw new Problem("cancelled", "Stopped while a vocabulary map was made.");
      },
    });
    await writeVocabularyMap(spec.out, map);
  }
  requireMatching(map, source, target);
  const counts = mapCounts(map);
  const tokens = map.targetOf.length - counts.unused;
  return { tokens, mapped: tokens - counts.none, counts };
}

async function existingMap(file: string): Promise<VocabularyMap | undefined> {
  try {
    return await readVocabularyMap(file);
  } catch (error) {
    if (error instanceof Problem && (error.code === "missing" || error.code === "failed"))
      return undefined;
    throw error;
  }
}
