/**
 * Fusion under the glass: for a text, per target position, what each source says in its own tokens, what
 * becomes of it over the target's vocabulary, how the candidates are weighed, the fused row, and what the
 * target would be taught. The same functions as in a run, on models that are held open.
 */
import { alignRows, noRows } from "../core/fusion/alignRows.ts";
import {
  type AlignedRepresentation,
  type BoundaryCase,
  blendedRow,
  boundaryCases,
  type FusedRows,
  type NoRowReason,
  noBoundaryCase,
  noFusedRow,
  noRowReasons,
  type Representation,
  type SparseRows,
} from "../core/fusion/representation.ts";
import { fuseChunk } from "../core/fusion/rules.ts";
import { candidateScores } from "../core/fusion/scores.ts";
import type { FusionTally } from "../core/fusion/tally.ts";
import { trainingWeights } from "../core/fusion/trainingWeights.ts";
import { Problem } from "../core/problem.ts";
import { utf8Length } from "../core/text/bytes.ts";
import { cutIntoChunks } from "../core/text/chunking.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../core/text/tokenizer.ts";
import type { VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import type { LanguageModel } from "../model/languageModel.ts";
import type { Recipe } from "./recipe.ts";

/** A model that is open, with its name. */
export interface OpenModel {
  readonly label: string;
  readonly tokenizer: TextTokenizer;
  readonly context: number;
  readonly model: LanguageModel;
}

export type InspectSettings = Pick<Recipe, "representation" | "alignment" | "fusion" | "mode"> & {
  readonly lambda: number;
  /** The most target tokens of a chunk, BOS included. */
  readonly length: number;
};

/** A token with a probability. */
export interface Entry {
  readonly id: number;
  readonly piece: string;
  readonly p: number;
}

export interface SourcePosition {
  readonly source: string;
  /** Why there is no row; absent where there is one. */
  readonly reason?: NoRowReason;
  readonly case?: BoundaryCase;
  /** The source's own top k at the same byte, with the target token each maps to. */
  readonly own: readonly (Entry & { readonly mapsTo: string | null })[];
  /** Over the target's vocabulary. */
  readonly row: readonly Entry[];
  readonly mass: {
    readonly leftOver: number;
    readonly noTargetToken: number;
    readonly duplicateDropped: number;
    readonly merged: number;
  };
  /** −ln of the source's probability of the true next token's bytes. */
  readonly goldNats: number | null;
}

export interface InspectedPosition {
  /** 0 is BOS. */
  readonly index: number;
  readonly token: { readonly id: number; readonly piece: string; readonly byteEnd: number };
  readonly next: { readonly id: number; readonly piece: string };
  readonly target: {
    readonly row: readonly Entry[];
    readonly leftOver: number;
    readonly nats: number;
  };
  readonly sources: readonly SourcePosition[];
  readonly fused: {
    /** `target`, a source, `blended`, or `none`. */
    readonly from: string;
    readonly row: readonly Entry[];
    readonly leftOver: number;
  };
  /** λ on the true next token and 1 − λ on the row; what a fall-back makes of it. */
  readonly taught: {
    readonly label: number;
    readonly fused: number;
    readonly row: readonly Entry[];
  };
}

export interface InspectedChunk {
  readonly text: string;
  /** Candidates in the order [target, sources …]. */
  readonly candidates: readonly {
    readonly label: string;
    readonly score: number | null;
    readonly weight: number | null;
  }[];
  readonly tally: FusionTally;
  readonly positions: readonly InspectedPosition[];
}

export async function inspectText(input: {
  readonly text: string;
  readonly target: OpenModel;
  readonly sources: readonly OpenModel[];
  readonly maps: readonly VocabularyMap[];
  readonly settings: InspectSettings;
}): Promise<InspectedChunk[]> {
  const { target, sources, settings } = input;
  const limits = [
    { tokenizer: target.tokenizer, tokens: Math.min(settings.length, target.context) - 1 },
    ...sources.map(({ tokenizer, context }) => ({ tokenizer, tokens: context - 1 })),
  ];
  const chunks: InspectedChunk[] = [];
  for (const text of cutIntoChunks(input.text.normalize("NFC"), limits)) {
    chunks.push(await inspectChunk({ ...input, text }));
  }
  return chunks;
}

type ChunkInput = Parameters<typeof inspectText>[0];

async function inspectChunk(input: ChunkInput): Promise<InspectedChunk> {
  const { text, target, sources, settings } = input;
  const encoding = encodingOf(target, text);
  if (encoding === undefined) {
    throw new Problem("badInput", `${target.label} cannot reproduce the bytes of this text.`, {
      next: "fuselab align shows what its tokenizer changes.",
    });
  }
  const own = await read(target, encoding, settings);
  const foreign = await Promise.all(sources.map((source) => readForeign(source, text, settings)));
  const aligned = foreign.map((found, i) =>
    found === undefined
      ? noRows(own.rows, "textDiffers")
      : alignRows({
          target: { tokenizer: target.tokenizer, encoding },
          source: { tokenizer: sources[i].tokenizer, encoding: found.encoding },
          representation: found.representation,
          map: input.maps[i],
          positions: settings.alignment.positions,
          shorterRows: settings.alignment.shorterRows,
          mode: settings.mode,
          temperature: settings.representation.temperature,
        }),
  );
  const candidates = [own, ...foreign.map((found) => found?.representation)];
  const scores = candidateScores([{ bytes: utf8Length(text), candidates }], settings.fusion.unit);
  const { rows, tally, weights } = fuseChunk({
    target: { tokenizer: target.tokenizer, encoding, representation: own },
    aligned,
    scores,
    ...settings.fusion,
    softness: settings.fusion.temperature,
    temperature: settings.representation.temperature,
    mode: settings.mode,
  });
  const parts = { input, encoding, own, foreign, aligned, rows };
  return {
    text,
    candidates: [target, ...sources].map(({ label }, m) => ({
      label,
      score: Number.isNaN(scores[m]) ? null : scores[m],
      weight: weights?.[m] ?? null,
    })),
    tally,
    positions: positionsOf(parts),
  };
}

interface ForeignText {
  readonly encoding: Encoding;
  readonly representation: Representation;
}

async function readForeign(
  source: OpenModel,
  text: string,
  settings: InspectSettings,
): Promise<ForeignText | undefined> {
  const encoding = encodingOf(source, text);
  if (encoding === undefined) return undefined;
  return { encoding, representation: await read(source, encoding, settings) };
}

async function read(
  { model, tokenizer }: OpenModel,
  encoding: Encoding,
  settings: InspectSettings,
): Promise<Representation> {
  const [representation] = await model.read(
    [sequenceOf(tokenizer, encoding)],
    settings.representation.topK,
  );
  return representation;
}

function encodingOf({ tokenizer }: OpenModel, text: string): Encoding | undefined {
  const encoding = tokenizer.encode(text);
  return "ids" in encoding ? encoding : undefined;
}

interface Parts {
  readonly input: ChunkInput;
  readonly encoding: Encoding;
  readonly own: Representation;
  readonly foreign: readonly (ForeignText | undefined)[];
  readonly aligned: readonly AlignedRepresentation[];
  readonly rows: FusedRows;
}

function positionsOf({ input, encoding, own, foreign, aligned, rows }: Parts): InspectedPosition[] {
  const { target, sources, maps, settings } = input;
  const { tokens, labels } = sequenceOf(target.tokenizer, encoding);
  const piece = (id: number): string => pieceOf(target.tokenizer, id);
  const taught = trainingWeights({
    rows,
    fallback: settings.alignment.fallback,
    lambda: settings.lambda,
    targetIds: encoding.ids,
  });
  const fromName = (code: number): string => {
    if (code === noFusedRow) return "none";
    if (code === blendedRow) return "blended";
    return [target, ...sources][code].label;
  };
  return Array.from(tokens, (id, i) => {
    const byteEnd = i === 0 ? 0 : encoding.ends[i - 1];
    return {
      index: i,
      token: { id, piece: piece(id), byteEnd },
      next: { id: labels[i], piece: piece(labels[i]) },
      target: {
        row: topRow(own, i).map((entry) => ({ ...entry, piece: piece(entry.id) })),
        leftOver: own.leftOver[i],
        nats: own.nats[i],
      },
      sources: sources.map((source, s) =>
        sourcePosition(source, aligned[s], foreign[s], maps[s], target.tokenizer, i, byteEnd),
      ),
      fused: {
        from: fromName(rows.from[i]),
        row: entriesOf(rows, i, target.tokenizer),
        leftOver: rows.from[i] === noFusedRow ? 0 : rows.leftOver[i],
      },
      taught: {
        label: taught.labelWeight[i],
        fused: taught.fusedWeight[i],
        row: entriesOf(taught.rows, i, target.tokenizer),
      },
    };
  });
}

function sourcePosition(
  source: OpenModel,
  aligned: AlignedRepresentation,
  foreign: ForeignText | undefined,
  map: VocabularyMap,
  target: TextTokenizer,
  row: number,
  byteEnd: number,
): SourcePosition {
  const reason = aligned.outcome[row] === 0 ? undefined : noRowReasons[aligned.outcome[row] - 1];
  const code = aligned.boundaryCase[row];
  const gold = aligned.goldNats[row];
  return {
    source: source.label,
    ...(reason === undefined ? {} : { reason }),
    ...(code === noBoundaryCase ? {} : { case: boundaryCases[code] }),
    own: foreign === undefined ? [] : ownTop(source, foreign, map, target, byteEnd),
    row: entriesOf(aligned, row, target),
    mass: {
      leftOver: aligned.leftOver[row],
      noTargetToken: aligned.noTargetToken[row],
      duplicateDropped: aligned.duplicateDropped[row],
      merged: aligned.merged[row],
    },
    goldNats: Number.isNaN(gold) ? null : gold,
  };
}

/** The source's top k where one of its tokens ends at the same byte; the last such. */
function ownTop(
  { tokenizer }: OpenModel,
  { encoding, representation }: ForeignText,
  map: VocabularyMap,
  target: TextTokenizer,
  byteEnd: number,
): SourcePosition["own"] {
  const row = byteEnd === 0 ? 0 : encoding.ends.lastIndexOf(byteEnd) + 1;
  if (row === 0 && byteEnd > 0) return [];
  return topRow(representation, row).map(({ id, p }) => {
    const mapped = map.targetOf[id];
    return {
      id,
      p,
      piece: pieceOf(tokenizer, id),
      mapsTo: mapped < 0 ? null : pieceOf(target, mapped),
    };
  });
}

function topRow({ topK, ids, logProbs }: Representation, row: number): { id: number; p: number }[] {
  return Array.from({ length: topK }, (_, k) => ({
    id: ids[row * topK + k],
    p: Math.exp(logProbs[row * topK + k]),
  }));
}

/** A row's entries, the likeliest first. */
function entriesOf(
  { offsets, ids, probs }: SparseRows,
  row: number,
  tokenizer: TextTokenizer,
): Entry[] {
  const entries: Entry[] = [];
  for (let i = offsets[row]; i < offsets[row + 1]; i++) {
    entries.push({ id: ids[i], piece: pieceOf(tokenizer, ids[i]), p: probs[i] });
  }
  return entries.sort((a, b) => b.p - a.p);
}

function pieceOf(tokenizer: TextTokenizer, id: number): string {
  return tokenizer.table.pieces[id] ?? `<${id}>`;
}
