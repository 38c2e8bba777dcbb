/**
 * How long the stages between reading and training take, found by doing a little of them: a vocabulary map as far
 * as it comes in the time given, then aligned and fused rows of a few chunks. Vocabularies and texts are the real
 * ones; what the models would say is made up, since it does not change how long its rewriting takes.
 */
import { alignRows } from "../../core/fusion/alignRows.ts";
import type { AlignedRepresentation, Representation } from "../../core/fusion/representation.ts";
import { fuseChunk } from "../../core/fusion/rules.ts";
import { sequenceOf } from "../../core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../../core/text/tokenizer.ts";
import {
  buildVocabularyMap,
  type VocabularyMap,
  type VocabularyMethod,
  vocabularyVersions,
} from "../../core/vocabulary/vocabularyMap.ts";
import type { Recipe } from "../recipe.ts";

export type FusionSettings = Pick<Recipe, "representation" | "alignment" | "fusion" | "mode">;

export interface TimedMap {
  /** Absent where it takes longer than the time given. */
  readonly map?: VocabularyMap;
  /** Seconds for the whole of it, drawn out from what was done. */
  readonly seconds: number;
}

/** Makes the map, or gives up after `budget` seconds. */
export function timeMap(
  source: TextTokenizer,
  target: TextTokenizer,
  { alignment, mode }: Pick<FusionSettings, "alignment" | "mode">,
  budget: number,
): TimedMap {
  const started = performance.now();
  const spent = (): number => (performance.now() - started) / 1000;
  let share = 0;
  const outOfTime = new Error("out of time");
  try {
    const map = buildVocabularyMap(source, target, {
      method: alignment.vocabulary,
      mode,
      onProgress: (done, of) => {
        share = done / Math.max(1, of);
        if (spent() > budget && done < of) throw outOfTime;
      },
    });
    return { map, seconds: spent() };
  } catch (error) {
    if (error !== outOfTime) throw error;
    return { seconds: spent() / Math.max(share, 1e-3) };
  }
}

/** A chunk that every model can read, by model, the target first. */
export type ReadableChunk = readonly Encoding[];

export interface FusionSpeed {
  /** By source: seconds for the rows of one target token. */
  readonly alignPerToken: readonly number[];
  readonly fusePerToken: number;
  /** By source: target positions that were tried, and those that got a row. Absent where there is no map. */
  readonly rows: readonly ({ readonly count: number; readonly of: number } | undefined)[];
}

/** Aligns and fuses chunks for about `budget` seconds, one at least. */
export function timeFusion(
  tokenizers: readonly TextTokenizer[],
  maps: readonly TimedMap[],
  chunks: readonly ReadableChunk[],
  settings: FusionSettings,
  budget: number,
): FusionSpeed {
  const [target, ...sources] = tokenizers;
  const used = maps.map(
    ({ map }, s) => map ?? emptyMap(sources[s], target, settings.alignment.vocabulary, settings),
  );
  const timed: TimedChunk[] = [];
  const started = performance.now();
  for (const chunk of chunks) {
    if (timed.length > 0 && performance.now() - started > 1000 * budget) break;
    timed.push(timeChunk(tokenizers, used, chunk, settings));
  }
  // Code that has just begun to run is several times slower: the first half is not counted.
  const counted = timed.slice(timed.length >> 1);
  const positionsOf = (part: readonly TimedChunk[]): number =>
    sum(part, ({ positions }) => positions);
  const perToken = (value: (chunk: TimedChunk) => number): number =>
    sum(counted, value) / Math.max(1, positionsOf(counted));
  return {
    alignPerToken: sources.map((_, s) => perToken(({ aligning }) => aligning[s])),
    fusePerToken: perToken(({ fusing }) => fusing),
    rows: maps.map(({ map }, s) =>
      map === undefined
        ? undefined
        : { count: sum(timed, ({ rows }) => rows[s]), of: positionsOf(timed) },
    ),
  };
}

/** Seconds of one chunk. */
interface TimedChunk {
  readonly positions: number;
  /** By source. */
  readonly aligning: readonly number[];
  readonly rows: readonly number[];
  readonly fusing: number;
}

function timeChunk(
  [target, ...sources]: readonly TextTokenizer[],
  maps: readonly VocabularyMap[],
  [own, ...foreign]: ReadableChunk,
  settings: FusionSettings,
): TimedChunk {
  const { alignment, fusion, mode, representation } = settings;
  const { temperature } = representation;
  const read = { tokenizer: target, encoding: own };
  const aligned = sources.map((tokenizer, s) => {
    const said = madeUp(tokenizer, foreign[s], settings);
    return timeOf(() =>
      alignRows({
        target: read,
        source: { tokenizer, encoding: foreign[s] },
        representation: said,
        map: maps[s],
        positions: alignment.positions,
        shorterRows: alignment.shorterRows,
        mode,
        temperature,
      }),
    );
  });
  const frozen = { ...read, representation: madeUp(target, own, settings) };
  const fused = timeOf(() =>
    fuseChunk({
      target: frozen,
      aligned: aligned.map(({ result }) => result),
      // A source that wins has more to be rewritten than the target.
      scores: [2, ...sources.map((_, s) => 1 + s / 10)],
      ...fusion,
      softness: fusion.temperature,
      temperature,
      mode,
    }),
  );
  return {
    positions: own.ids.length + 1,
    aligning: aligned.map(({ seconds }) => seconds),
    rows: aligned.map(({ result }) => rowsOf(result)),
    fusing: fused.seconds,
  };
}

function timeOf<Result>(work: () => Result): { result: Result; seconds: number } {
  const started = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

const rowsOf = ({ outcome }: AlignedRepresentation): number =>
  outcome.reduce((count, code) => (code === 0 ? count + 1 : count), 0);

/** Rows of falling probability. Where the true next token is not among them it is almost impossible. */
function madeUp(
  tokenizer: TextTokenizer,
  encoding: Encoding,
  { representation }: FusionSettings,
): Representation {
  const { size } = tokenizer.table;
  const { labels } = sequenceOf(tokenizer, encoding);
  const topK = Math.min(representation.topK, size);
  const rows = labels.length;
  const falling = Array.from({ length: topK }, (_, k) => 1 / (k + 2));
  const whole = falling.reduce((sum, share) => sum + share, 0);
  const logOf = (k: number): number => Math.log((0.8 * falling[k]) / whole);
  const ids = Int32Array.from({ length: rows * topK }, (_, i) => i % size);
  return {
    rows,
    topK,
    ids,
    logProbs: Float32Array.from(ids, (_, i) => logOf(i % topK)),
    leftOver: new Float32Array(rows).fill(0.2),
    nats: Float32Array.from(labels, (label, row) => {
      const slot = ids.subarray(row * topK, (row + 1) * topK).indexOf(label);
      return slot < 0 ? 20 : -logOf(slot);
    }),
  };
}

/** Stands in for a map that would take too long: rows come out empty, their positions are still sought. */
function emptyMap(
  source: TextTokenizer,
  target: TextTokenizer,
  method: VocabularyMethod,
  { mode }: Pick<FusionSettings, "mode">,
): VocabularyMap {
  const { size } = source.table;
  return {
    method,
    mode,
    version: vocabularyVersions[method],
    sourceFingerprint: source.fingerprint,
    targetFingerprint: target.fingerprint,
    targetOf: new Int32Array(size).fill(-1),
    how: new Uint8Array(size),
    distance: new Uint16Array(size),
  };
}
