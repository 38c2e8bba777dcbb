/**
 * From what the models read to what the target would be taught: alignment, scores, weights, fused rows, chunk by
 * chunk, by the same functions as in a run. No model is asked here, so settings can be turned as often as one
 * likes; what of the work still holds under the new ones is kept.
 */
import { alignRows, noRows } from "../core/fusion/alignRows.ts";
import { dtwAnswers } from "../core/fusion/dtwAnswers.ts";
import type {
  AlignedRepresentation,
  FusedRows,
  Representation,
} from "../core/fusion/representation.ts";
import { fuseChunk } from "../core/fusion/rules.ts";
import { candidateScores } from "../core/fusion/scores.ts";
import { sharedPositions } from "../core/fusion/sharedPositions.ts";
import type { FusionTally } from "../core/fusion/tally.ts";
import { trainingWeights } from "../core/fusion/trainingWeights.ts";
import { type Mode, modes } from "../core/mode.ts";
import { utf8Length } from "../core/text/bytes.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import type { VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import { narrowedAt } from "./inspectNarrowing.ts";
import type { ChunkReading, ReadText, TextReading } from "./inspectReading.ts";
import type { ReadChunk, ReadSource } from "./positionDescription.ts";
import type { Recipe } from "./recipe.ts";

export type InspectSettings = Pick<Recipe, "representation" | "alignment" | "fusion" | "mode"> & {
  readonly lambda: number;
  /** The most target tokens of a chunk, BOS included. */
  readonly length: number;
};

/** A fused chunk, with all that a description of its positions needs. */
export interface FusedChunk extends ReadChunk {
  readonly reading: ChunkReading;
  readonly settings: InspectSettings;
  /** By model, what follows each of its rows in truth; empty where it cannot read the chunk. */
  readonly labels: readonly Int32Array[];
  /** By candidate, in the unit of the settings; NaN where the model cannot read the chunk. */
  readonly scores: Float64Array;
  /** Over the chunk; absent where weights are by token. */
  readonly weights: Float64Array | undefined;
  readonly tally: FusionTally;
}

export interface FusedText {
  readonly reading: TextReading;
  readonly settings: InspectSettings;
  readonly chunks: readonly FusedChunk[];
  /** The fused rows that a run kept, which are those shown, are not what its settings come to today. */
  readonly storedDiffer: boolean;
}

export interface TextFuser {
  /** A map for each source; it may be of those tokens alone that `tokensInView` names. */
  fuse(settings: InspectSettings, maps: readonly VocabularyMap[]): FusedText;
}

/** Settings whose aligned and fused rows are kept, the latest used. */
const alignmentsKept = 4;

/** `stored`: what the reading's stored rows were made with; at these settings they are taken as they are. */
export function createTextFuser(reading: TextReading, stored?: InspectSettings): TextFuser {
  const labels = reading.chunks.map(({ reads }) => labelsOf(reading, reads));
  const narrowed = createMemo<Representation[][]>(alignmentsKept);
  const aligned = createMemo<ReadSource[][]>(alignmentsKept);
  const fused = createMemo<FusedParts[]>(alignmentsKept);
  const warped = createMemo<Int32Array[][]>(modes.length);
  const storedKeys = stored && { alignment: alignmentKey(stored), fusion: fusionKey(stored) };
  return {
    fuse(settings, maps) {
      const { topK, temperature } = settings.representation;
      const representations = narrowed(`${topK} ${temperature}`, () =>
        reading.chunks.map(({ reads }, c) => narrowedReads(reads, labels[c], settings)),
      );
      const key = alignmentKey(settings);
      const answers = needsWarping(settings)
        ? warped(settings.mode, () =>
            reading.chunks.map((chunk) => chunkAnswers(reading, chunk, settings.mode)),
          )
        : undefined;
      const sources = aligned(key, () =>
        reading.chunks.map((chunk, c) =>
          readSources(reading, chunk, representations[c], {
            settings,
            maps,
            answers: answers?.[c],
            stored: key === storedKeys?.alignment ? chunk.stored?.aligned : undefined,
          }),
        ),
      );
      const asStored = fusionKey(settings) === storedKeys?.fusion;
      const parts = fused(fusionKey(settings), () =>
        reading.chunks.map((chunk, c) =>
          fusedParts(reading, chunk, {
            labels: labels[c],
            representations: representations[c],
            sources: sources[c],
            settings,
            stored: asStored ? chunk.stored?.fused : undefined,
          }),
        ),
      );
      const chunks = parts.map((part) => taughtChunk(part, settings));
      const storedDiffer = parts.some((part) => part.differs);
      return { reading, settings, chunks, storedDiffer };
    },
  };
}

/** What aligned rows depend on besides the reading. */
const alignmentKey = ({ mode, representation, alignment }: InspectSettings): string => {
  const { positions, vocabulary, shorterRows } = alignment;
  const { topK, temperature } = representation;
  return [mode, positions, vocabulary, shorterRows, topK, temperature].join(" ");
};

/** What fused rows depend on besides the reading: all but λ and the fall-back. */
const fusionKey = (settings: InspectSettings): string =>
  `${alignmentKey(settings)} ${JSON.stringify(settings.fusion)}`;

const sameRows = (a: FusedRows, b: FusedRows): boolean =>
  isSame(a.from, b.from) &&
  isSame(a.offsets, b.offsets) &&
  isSame(a.ids, b.ids) &&
  isSame(a.probs, b.probs);

const isSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);

function labelsOf({ models }: TextReading, reads: readonly ReadText[]): Int32Array[] {
  return reads.map((read, m) =>
    read === undefined ? new Int32Array(0) : sequenceOf(models[m].tokenizer, read.encoding).labels,
  );
}

function narrowedReads(
  reads: readonly ReadText[],
  labels: readonly Int32Array[],
  { representation }: InspectSettings,
): Representation[] {
  return reads.map((read, m) =>
    read === undefined
      ? noRepresentation
      : narrowedAt(read.representation, labels[m], representation),
  );
}

/** In the place of a model that cannot read the chunk; nothing looks at it. */
const noRepresentation: Representation = {
  rows: 0,
  topK: 0,
  ids: new Int32Array(0),
  logProbs: new Float32Array(0),
  leftOver: new Float32Array(0),
  nats: new Float32Array(0),
};

function readSources(
  { models }: TextReading,
  { reads }: ChunkReading,
  representations: readonly Representation[],
  using: {
    readonly settings: InspectSettings;
    readonly maps: readonly VocabularyMap[];
    readonly answers: readonly Int32Array[] | undefined;
    readonly stored: readonly AlignedRepresentation[] | undefined;
  },
): ReadSource[] {
  const { settings, maps, answers, stored } = using;
  const own = requireRead(reads[0]);
  const target = { tokenizer: models[0].tokenizer, encoding: own.encoding };
  return models.slice(1).map(({ label, tokenizer }, s): ReadSource => {
    const named = { label, tokenizer, map: maps[s] };
    const read = reads[s + 1];
    const { rows } = own.representation;
    if (read === undefined) {
      return {
        ...named,
        encoding: undefined,
        representation: undefined,
        aligned: stored?.[s] ?? noRows(rows, "textDiffers"),
        answering: new Int32Array(rows).fill(-1),
      };
    }
    const source = { tokenizer, encoding: read.encoding };
    const representation = representations[s + 1];
    return {
      ...named,
      encoding: read.encoding,
      representation,
      aligned:
        stored?.[s] ??
        alignRows({
          target,
          source,
          representation,
          map: maps[s],
          positions: settings.alignment.positions,
          shorterRows: settings.alignment.shorterRows,
          mode: settings.mode,
          temperature: settings.representation.temperature,
          answers: answers?.[s],
        }),
      answering:
        settings.mode === "corrected"
          ? sharedPositions(target.encoding, source.encoding, representation).sourceRow
          : answeringRows(answers?.[s] ?? new Int32Array(0)),
    };
  });
}

const needsWarping = ({ mode, alignment }: InspectSettings): boolean =>
  mode === "published" || alignment.positions === "dtw";

/** By source, the token that warping pairs with each target token; empty where it cannot read the chunk. */
function chunkAnswers({ models }: TextReading, { reads }: ChunkReading, mode: Mode): Int32Array[] {
  const [target, ...sources] = models;
  const own = { tokenizer: target.tokenizer, encoding: requireRead(reads[0]).encoding };
  return sources.map(({ tokenizer }, s) => {
    const read = reads[s + 1];
    if (read === undefined) return new Int32Array(0);
    return dtwAnswers(own, { tokenizer, encoding: read.encoding }, mode);
  });
}

/** The rows of the released code: those of the tokens that answer, and of BOS. */
function answeringRows(answers: Int32Array): Int32Array {
  const rows = new Int32Array(answers.length + 1);
  for (const [i, answer] of answers.entries()) rows[i + 1] = answer < 0 ? -1 : answer + 1;
  return rows;
}

/** A fused chunk before it is said what is taught: λ and the fall-back act only there. */
interface FusedParts {
  readonly chunk: Omit<FusedChunk, "taught" | "settings">;
  readonly differs: boolean;
}

function fusedParts(
  { models }: TextReading,
  reading: ChunkReading,
  using: {
    readonly labels: readonly Int32Array[];
    readonly representations: readonly Representation[];
    readonly sources: readonly ReadSource[];
    readonly settings: InspectSettings;
    readonly stored: FusedRows | undefined;
  },
): FusedParts {
  const { labels, representations, sources, settings, stored } = using;
  const { encoding } = requireRead(reading.reads[0]);
  const target = { ...models[0], encoding, representation: representations[0] };
  const alone = {
    bytes: utf8Length(reading.text),
    candidates: reading.reads.map((read) => read?.representation),
  };
  const together = settings.fusion.per === "block" ? reading.block : undefined;
  const scores = candidateScores(together ?? [alone], settings.fusion.unit);
  const {
    rows: computed,
    rowWeights,
    tally,
    weights,
  } = fuseChunk({
    target,
    aligned: sources.map(({ aligned }) => aligned),
    scores,
    ...settings.fusion,
    softness: settings.fusion.temperature,
    temperature: settings.representation.temperature,
    mode: settings.mode,
  });
  const { firstPosition, firstByte } = reading;
  const chunk = {
    reading,
    labels,
    target,
    sources,
    rowWeights,
    fused: stored ?? computed,
    firstPosition,
    firstByte,
    scores,
    weights,
    tally,
  };
  return { chunk, differs: stored !== undefined && !sameRows(stored, computed) };
}

function taughtChunk({ chunk }: FusedParts, settings: InspectSettings): FusedChunk {
  const taught = trainingWeights({
    rows: chunk.fused,
    fallback: settings.alignment.fallback,
    lambda: settings.lambda,
    targetIds: chunk.target.encoding.ids,
  });
  return { ...chunk, taught, settings };
}

function requireRead(read: ReadText): NonNullable<ReadText> {
  if (read === undefined) throw new Error("the target has not read the chunk");
  return read;
}

/**
 * Ids of a source whose target tokens are looked up under these settings: candidates, true next tokens, and
 * the first one with the marker that the published rule gives it.
 */
export function tokensInView(
  { models, chunks }: TextReading,
  source: number,
  topK: number,
): Set<number> {
  const { tokenizer } = models[source];
  const { pieces, idByPiece, marker } = tokenizer.table;
  const seen = new Set<number>();
  for (const { reads } of chunks) {
    const read = reads[source];
    if (read === undefined) continue;
    const { rows, topK: width, ids } = read.representation;
    for (let row = 0; row < rows; row++) {
      for (let k = row * width; k < row * width + topK; k++) seen.add(ids[k]);
    }
    const { labels } = sequenceOf(tokenizer, read.encoding);
    for (const id of labels) seen.add(id);
    const marked = idByPiece.get((marker ?? "") + pieces[labels[0]]);
    if (marked !== undefined) seen.add(marked);
  }
  return seen;
}

/** A function that remembers its latest `keep` results by key. */
function createMemo<Value>(keep: number): (key: string, make: () => Value) => Value {
  const kept = new Map<string, Value>();
  return (key, make) => {
    const known = kept.get(key);
    kept.delete(key);
    const value = known ?? make();
    kept.set(key, value);
    if (kept.size > keep) kept.delete(kept.keys().next().value as string);
    return value;
  };
}
