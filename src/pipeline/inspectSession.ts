/** A text that models have read and that is fused again and again, under other settings, without asking them. */
import { Problem } from "../core/problem.ts";
import type { VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import {
  createTextFuser,
  type FusedText,
  type InspectSettings,
  tokensInView,
} from "./inspectFusion.ts";
import { createGrowingMap } from "./inspectMaps.ts";
import { type TextReading, tokenCount } from "./inspectReading.ts";

export interface InspectSession {
  readonly reading: TextReading;
  /** Probabilities that are kept: what it takes of memory, in numbers of eight bytes. */
  readonly entries: number;
  /** The widest top k that it can be fused at. */
  readonly topK: number;
  /** The figures at these settings rest on a tail whose shape is not known. */
  isApproximate(settings: InspectSettings): boolean;
  fuse(settings: InspectSettings, options?: FuseOptions): Promise<FusedText>;
}

export interface FuseOptions {
  /** Tokens of a source looked up in a map that is being made. */
  readonly onProgress?: (label: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface StoredWork {
  /** What aligned and fused rows of the reading were made with. */
  readonly settings: InspectSettings;
  /** Maps of whole vocabularies, used where method and mode are theirs. */
  readonly maps: readonly (VocabularyMap | undefined)[];
}

export function createInspectSession(reading: TextReading, stored?: StoredWork): InspectSession {
  const [target, ...sources] = reading.models;
  const fuser = createTextFuser(reading, stored?.settings);
  const maps = sources.map(({ tokenizer }) => createGrowingMap(tokenizer, target.tokenizer));
  const widths = reading.models.map((_, m) => widthOf(reading, m));
  const isWhole = reading.models.every(({ tokenizer }, m) => widths[m] >= tokenCount(tokenizer));
  let last: { readonly key: string; readonly fused: FusedText } | undefined;

  const mapOf = async (
    s: number,
    { mode, alignment, representation }: InspectSettings,
    { onProgress, signal }: FuseOptions,
  ): Promise<VocabularyMap> => {
    const method = alignment.vocabulary;
    const whole = stored?.maps[s];
    if (whole?.method === method && whole.mode === mode) return whole;
    return maps[s].covering({
      method,
      mode,
      ids: tokensInView(reading, s + 1, representation.topK),
      onProgress: onProgress && ((done, of) => onProgress(sources[s].label, done, of)),
      signal,
    });
  };

  const widest = Math.min(...widths);

  return {
    reading,
    entries: reading.chunks.reduce(
      (sum, { reads }) =>
        sum + reads.reduce((all, read) => all + (read?.representation.ids.length ?? 0), 0),
      0,
    ),
    topK: widest,
    isApproximate: ({ representation: { temperature } }) =>
      !isWhole && temperature !== 1 && temperature !== stored?.settings.representation.temperature,
    async fuse(settings, options = {}) {
      const key = JSON.stringify(settings);
      if (last?.key === key) return last.fused;
      requireKept(settings.representation.topK, widest);
      const used: VocabularyMap[] = [];
      for (const s of sources.keys()) used.push(await mapOf(s, settings, options));
      const fused = fuser.fuse(settings, used);
      last = { key, fused };
      return fused;
    },
  };
}

function requireKept(topK: number, widest: number): void {
  if (topK <= widest) return;
  throw new Problem("badInput", `A top ${topK} is asked of rows that hold a top ${widest}.`, {
    next: "Lower representation.topK.",
  });
}

/** The top k that the model's rows were kept at; no bound where it could read nothing. */
function widthOf({ chunks }: TextReading, model: number): number {
  return chunks.reduce(
    (least, { reads }) => Math.min(least, reads[model]?.representation.topK ?? least),
    Number.POSITIVE_INFINITY,
  );
}
