/**
 * Which target token a source token stands for, for a whole vocabulary. The methods stand beside this file:
 * exact.ts and minEditDistance.ts (FuseLLM), firstToken.ts (ours). What they share is here: the beginning and
 * the end of a text map by their role, other special tokens, which spell no bytes, map to nothing, and a map
 * knows what it was made from. In `published` mode special tokens are pieces like any other, as in the released code.
 */
import type { Mode } from "../mode.ts";
import { Problem } from "../problem.ts";
import type { TextTokenizer, TokenTable } from "../text/tokenizer.ts";
import { exactMapper } from "./exact.ts";
import { firstTokenMapper } from "./firstToken.ts";
import type { TokenMapper } from "./mapper.ts";
import { minEditDistanceMapper } from "./minEditDistance.ts";

export const vocabularyMethods = ["exact", "minEditDistance", "firstToken"] as const;
export type VocabularyMethod = (typeof vocabularyMethods)[number];

/**
 * How an id was mapped. `unused`: the id is no token; `none`: no target token stands for it; `role`: the
 * beginning or end of a text; `same`: the same bytes or piece; `distance`: the nearest piece; `firstToken`: the first of
 * several target tokens; `spaces`: a run of spaces, cut as before a word.
 */
export const mapKinds = [
  "unused",
  "none",
  "role",
  "same",
  "distance",
  "firstToken",
  "spaces",
] as const;
export type MapKind = (typeof mapKinds)[number];

/** Bump a method's number when a map would come out differently. */
export const vocabularyVersions: Readonly<Record<VocabularyMethod, number>> = {
  exact: 1,
  minEditDistance: 1,
  firstToken: 1,
};

export interface VocabularyMap {
  readonly method: VocabularyMethod;
  readonly mode: Mode;
  readonly version: number;
  readonly sourceFingerprint: string;
  readonly targetFingerprint: string;
  /** [source ids], −1 where there is no target token. */
  readonly targetOf: Int32Array;
  /** [source ids], index into `mapKinds`. */
  readonly how: Uint8Array;
  /** [source ids], edits between the two pieces; 0 where the kind is not `distance`. */
  readonly distance: Uint16Array;
}

export interface BuildOptions {
  readonly method: VocabularyMethod;
  readonly mode: Mode;
  /** Source ids done so far. An error thrown here ends the work. */
  readonly onProgress?: (done: number, of: number) => void;
}

const idsPerReport = 512;

/**
 * The map from `source` to `target`.
 * @throws Problem `unsupported` for firstToken in published mode, which has no such method.
 */
export function buildVocabularyMap(
  source: TextTokenizer,
  target: TextTokenizer,
  { method, mode, onProgress }: BuildOptions,
): VocabularyMap {
  const { size, pieces } = source.table;
  const targetOf = new Int32Array(size).fill(-1);
  const how = new Uint8Array(size);
  const distance = new Uint16Array(size);
  const roles = mode === "corrected" ? rolePairs(source.table, target.table) : new Map();
  const mapped = mapperOf(source, target, method, mode);

  for (let id = 0; id < size; id++) {
    if (id % idsPerReport === 0) onProgress?.(id, size);
    if (pieces[id] === undefined) continue;
    const role: number | undefined = roles.get(id);
    if (role !== undefined) {
      targetOf[id] = role;
      how[id] = codeOf.role;
      continue;
    }
    const found = mapped(id);
    targetOf[id] = found?.target ?? -1;
    how[id] = codeOf[found?.kind ?? "none"];
    distance[id] = found?.distance ?? 0;
  }
  onProgress?.(size, size);
  return {
    method,
    mode,
    version: vocabularyVersions[method],
    sourceFingerprint: source.fingerprint,
    targetFingerprint: target.fingerprint,
    targetOf,
    how,
    distance,
  };
}

const codeOf = Object.fromEntries(mapKinds.map((kind, code) => [kind, code])) as Readonly<
  Record<MapKind, number>
>;

function mapperOf(
  source: TextTokenizer,
  target: TextTokenizer,
  method: VocabularyMethod,
  mode: Mode,
): TokenMapper {
  switch (method) {
    case "exact":
      return exactMapper(source.table, target.table, mode);
    case "minEditDistance":
      return minEditDistanceMapper(source.table, target.table, mode);
    case "firstToken":
      requireCorrected(mode);
      return firstTokenMapper(source, target);
  }
}

function requireCorrected(mode: Mode): void {
  if (mode === "corrected") return;
  throw new Problem("unsupported", "The published code has no vocabulary method `firstToken`.", {
    next: "Choose minEditDistance or exact, or mode: corrected.",
  });
}

/**
 * The beginning and the end of a text by role. An id that is both (GPT-2's `<|endoftext|>`) is an end: that is
 * what predicting it means. A source's BOS has no counterpart in a target without one.
 */
function rolePairs(source: TokenTable, target: TokenTable): ReadonlyMap<number, number> {
  const roles = new Map<number, number>();
  if (source.bos !== undefined && target.bos !== undefined) roles.set(source.bos, target.bos);
  const sourceEnd = source.eos ?? source.bos;
  const targetEnd = target.eos ?? target.bos;
  if (sourceEnd !== undefined && targetEnd !== undefined) roles.set(sourceEnd, targetEnd);
  return roles;
}

/** How many source ids were mapped in which way. */
export function mapCounts(map: VocabularyMap): Record<MapKind, number> {
  const counts = Object.fromEntries(mapKinds.map((kind) => [kind, 0])) as Record<MapKind, number>;
  for (const code of map.how) counts[mapKinds[code]]++;
  return counts;
}

/** Ids that were mapped in one way, spread over the vocabulary: small ids are all short and frequent, large ones all long and rare. */
export function exampleIds({ how }: VocabularyMap, kind: MapKind, most: number): number[] {
  const code = mapKinds.indexOf(kind);
  const ids = Array.from(how.keys()).filter((id) => how[id] === code);
  const count = Math.min(most, ids.length);
  return Array.from({ length: count }, (_, i) => ids[Math.floor((i * ids.length) / count)]);
}

/**
 * @throws Problem `stale` where the map was made from other tokenizers, by another version of its method, or
 * names ids that they do not have.
 */
export function requireMatching(
  map: VocabularyMap,
  source: TextTokenizer,
  target: TextTokenizer,
): void {
  const expected = vocabularyVersions[map.method];
  if (map.version !== expected) {
    throw stale(`was made by version ${map.version} of ${map.method}, not by version ${expected}`);
  }
  requireFingerprint("source", map.sourceFingerprint, source);
  requireFingerprint("target", map.targetFingerprint, target);
  const { targetOf } = map;
  if (targetOf.length !== source.table.size || targetOf.some((id) => id >= target.table.size)) {
    throw stale(`does not fit the vocabularies of ${source.name} and ${target.name}`);
  }
}

function requireFingerprint(
  side: "source" | "target",
  made: string,
  { name, fingerprint }: TextTokenizer,
): void {
  if (made === fingerprint) return;
  throw stale(
    `was made for another ${side} tokenizer (${made.slice(0, 12)}) than ${name} (${fingerprint.slice(0, 12)})`,
  );
}

function stale(what: string): Problem {
  return new Problem("stale", `The vocabulary map ${what}.`, { next: "Build the map again." });
}
