/**
 * Vocabulary maps for a text under inspection: of the tokens in view alone, since the map of a whole vocabulary
 * by edit distance takes minutes. What is looked up is looked up as in a run; what is not in view counts as
 * unused.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Mode } from "../core/mode.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import {
  buildVocabularyMap,
  type VocabularyMap,
  type VocabularyMethod,
} from "../core/vocabulary/vocabularyMap.ts";

export interface MapRequest {
  readonly method: VocabularyMethod;
  readonly mode: Mode;
  /** Ids of the source that are looked up. */
  readonly ids: ReadonlySet<number>;
  /** Tokens looked up so far. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Tokens looked up before others are let in: a cancel is heard between two lots. */
const lot = 1024;

/** A map that grows with what is in view. */
export interface GrowingMap {
  /** @throws Problem `cancelled` after the signal; what was looked up by then is kept. */
  covering(request: MapRequest): Promise<VocabularyMap>;
}

export function createGrowingMap(source: TextTokenizer, target: TextTokenizer): GrowingMap {
  const known = new Map<string, { map: VocabularyMap; readonly ids: Set<number> }>();
  return {
    async covering({ method, mode, ids, onProgress, signal }) {
      const key = `${method} ${mode}`;
      let entry = known.get(key);
      const missing = [...ids].filter((id) => !entry?.ids.has(id));
      for (let from = 0; from < missing.length || entry === undefined; from += lot) {
        if (signal?.aborted) throw new Problem("cancelled", "The vocabulary map was cancelled.");
        const part = missing.slice(from, from + lot);
        const map = buildVocabularyMap(onlyTokens(source, part), target, { method, mode });
        entry = {
          map: entry === undefined ? map : withPart(entry.map, map, part),
          ids: new Set([...(entry?.ids ?? []), ...part]),
        };
        known.set(key, entry);
        onProgress?.(Math.min(missing.length, from + lot), missing.length);
        if (from + lot < missing.length) await nextTurn();
      }
      return (entry as { map: VocabularyMap }).map;
    },
  };
}

/** The tokenizer, as if it had no other tokens. */
function onlyTokens(tokenizer: TextTokenizer, ids: readonly number[]): TextTokenizer {
  const pieces: (string | undefined)[] = new Array(tokenizer.table.size).fill(undefined);
  for (const id of ids) pieces[id] = tokenizer.table.pieces[id];
  return { ...tokenizer, table: { ...tokenizer.table, pieces } };
}

function withPart(map: VocabularyMap, part: VocabularyMap, ids: readonly number[]): VocabularyMap {
  const [targetOf, how, distance] = [map.targetOf.slice(), map.how.slice(), map.distance.slice()];
  for (const id of ids) {
    targetOf[id] = part.targetOf[id];
    how[id] = part.how[id];
    distance[id] = part.distance[id];
  }
  return { ...map, targetOf, how, distance };
}
