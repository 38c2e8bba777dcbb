/**
 * Describes the positions of a chunk from what alignment, fusion and training weights came to. Computes none of
 * it again but the fate of single candidates, which rows do not keep.
 */
import {
  type AlignedRepresentation,
  type BoundaryCase,
  blendedRow,
  boundaryCases,
  type FusedRows,
  noBoundaryCase,
  noFusedRow,
  noRowReasons,
  type Representation,
  type SparseRows,
} from "../core/fusion/representation.ts";
import { readRowMass } from "../core/fusion/rowMass.ts";
import type { TrainingWeights } from "../core/fusion/trainingWeights.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../core/text/tokenizer.ts";
import { mapKinds, type VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import type {
  CandidateFate,
  Entry,
  InspectedPosition,
  SourceCandidate,
  SourcePosition,
} from "./inspectedPosition.ts";
import type { Recipe } from "./recipe.ts";

/** A candidate's name and tokenizer. */
export interface NamedTokenizer {
  readonly label: string;
  readonly tokenizer: TextTokenizer;
}

/** A source that read the chunk. `undefined` parts: its tokenizer refuses the text. */
export interface ReadSource extends NamedTokenizer {
  readonly map: VocabularyMap;
  readonly encoding: Encoding | undefined;
  readonly representation: Representation | undefined;
  readonly aligned: AlignedRepresentation;
  /** [target rows], the source's row that stands for it, −1 where none does; it may be refused all the same. */
  readonly answering: Int32Array;
}

export interface ReadChunk {
  readonly target: NamedTokenizer & {
    readonly encoding: Encoding;
    readonly representation: Representation;
  };
  readonly sources: readonly ReadSource[];
  /** [rows * candidates], of `fuseChunk`. */
  readonly rowWeights: Float64Array;
  readonly fused: FusedRows;
  readonly taught: TrainingWeights;
  readonly settings: Pick<Recipe, "representation" | "alignment" | "mode">;
  /** Where the chunk begins in the text. */
  readonly firstPosition: number;
  readonly firstByte: number;
}

export function describePositions(chunk: ReadChunk): InspectedPosition[] {
  const describe = positionDescriber(chunk);
  return Array.from({ length: chunk.fused.rows }, (_, row) => describe(row));
}

/** Describes single positions of a chunk, by row. */
export function positionDescriber(chunk: ReadChunk): (row: number) => InspectedPosition {
  const { target, sources, rowWeights, fused, taught, settings } = chunk;
  const candidates = 1 + sources.length;
  const { tokens, labels } = sequenceOf(target.tokenizer, target.encoding);
  const token = (id: number) => ({ id, piece: pieceOf(target.tokenizer, id) });
  const describeSources = sources.map((source) => sourceDescriber(chunk, source, labels));
  return (row) => {
    const own = topOf(target, row, labels[row], settings);
    return {
      index: chunk.firstPosition + row,
      token: {
        ...token(tokens[row]),
        byteEnd: chunk.firstByte + (row === 0 ? 0 : target.encoding.ends[row - 1]),
      },
      next: token(labels[row]),
      target: {
        row: own.entries,
        leftOver: own.leftOver,
        nats: target.representation.nats[row],
      },
      sources: describeSources.map((describe) => describe(row)),
      weights: [...rowWeights.subarray(row * candidates, (row + 1) * candidates)],
      fused: {
        from: giverOf(fused.from[row], [target, ...sources]),
        row: entriesOf(fused, row, target.tokenizer),
        leftOver: fused.from[row] === noFusedRow ? 0 : fused.leftOver[row],
      },
      taught: taughtAt(taught, row, labels[row], target.tokenizer),
    };
  };
}

function giverOf(code: number, candidates: readonly NamedTokenizer[]): string {
  if (code === noFusedRow) return "none";
  if (code === blendedRow) return "blended";
  return candidates[code].label;
}

/** λ · one-hot + (1 − λ) · row, or what the fall-back makes of it. */
function taughtAt(
  { labelWeight, fusedWeight, rows }: TrainingWeights,
  row: number,
  trueNext: number,
  tokenizer: TextTokenizer,
): InspectedPosition["taught"] {
  const label = labelWeight[row];
  const fused = fusedWeight[row];
  const mixed = new Map<number, number>(label > 0 ? [[trueNext, label]] : []);
  if (fused > 0) {
    for (const { id, p } of entriesOf(rows, row, tokenizer)) {
      mixed.set(id, (mixed.get(id) ?? 0) + fused * p);
    }
  }
  const entries = [...mixed].map(([id, p]) => ({ id, piece: pieceOf(tokenizer, id), p }));
  return {
    label,
    fused,
    row: entries.sort(likeliestFirst),
    leftOver: fused > 0 ? fused * rows.leftOver[row] : 0,
  };
}

function sourceDescriber(
  chunk: ReadChunk,
  source: ReadSource,
  targetLabels: Int32Array,
): (row: number) => SourcePosition {
  const { aligned, label, answering } = source;
  const sourceLabels = source.encoding && sequenceOf(source.tokenizer, source.encoding).labels;
  return (row) => {
    const reason = aligned.outcome[row] === 0 ? undefined : noRowReasons[aligned.outcome[row] - 1];
    const boundary = boundaryAt(aligned, row);
    const gold = aligned.goldNats[row];
    const at = answering[row];
    const trueNext = { target: targetLabels[row], source: sourceLabels?.[at] ?? 0 };
    return {
      source: label,
      ...(reason === undefined ? {} : { reason }),
      ...(boundary === undefined ? {} : { case: boundary }),
      own: at < 0 ? [] : candidatesOf(chunk, source, { row, at, trueNext }),
      row: entriesOf(aligned, row, chunk.target.tokenizer),
      mass: {
        leftOver: aligned.leftOver[row],
        noTargetToken: aligned.noTargetToken[row],
        duplicateDropped: aligned.duplicateDropped[row],
        merged: aligned.merged[row],
      },
      goldNats: Number.isNaN(gold) ? null : gold,
    };
  };
}

interface SourcePlace {
  readonly row: number;
  /** Of the source. */
  readonly at: number;
  readonly trueNext: { readonly target: number; readonly source: number };
}

function candidatesOf(
  { target, settings }: ReadChunk,
  source: ReadSource,
  { row, at, trueNext }: SourcePlace,
): SourceCandidate[] {
  const { map, aligned } = source;
  const hasRow = aligned.outcome[row] === 0;
  const goldPath = map.method === "firstToken";
  const boundary = boundaryAt(aligned, row);
  const goldOnly =
    goldPath &&
    settings.alignment.shorterRows === "goldOnly" &&
    (boundary === "shorter" || boundary === "overshoot");
  const taken = new Set(goldPath ? [trueNext.target] : []);

  const fateOf = (id: number, mapped: number): { to: number; becomes: CandidateFate } => {
    if (goldPath && id === trueNext.source) return { to: trueNext.target, becomes: "goldPath" };
    if (goldOnly) return { to: -1, becomes: "leftOver" };
    if (mapped < 0) return { to: -1, becomes: "noTargetToken" };
    const known = taken.has(mapped);
    taken.add(mapped);
    if (!known) return { to: mapped, becomes: "kept" };
    return { to: mapped, becomes: settings.mode === "published" ? "duplicateDropped" : "merged" };
  };
  return topOf(source, at, trueNext.source, settings).entries.map((entry) => {
    const mapped = map.targetOf[entry.id];
    const fate = hasRow ? fateOf(entry.id, mapped) : { to: mapped };
    const to = fate.to < 0 ? null : { id: fate.to, piece: pieceOf(target.tokenizer, fate.to) };
    const kind = mapKinds[map.how[entry.id]];
    return { ...entry, kind, to, ...("becomes" in fate ? { becomes: fate.becomes } : {}) };
  });
}

function boundaryAt(
  { boundaryCase }: AlignedRepresentation,
  row: number,
): BoundaryCase | undefined {
  return boundaryCase[row] === noBoundaryCase ? undefined : boundaryCases[boundaryCase[row]];
}

/** A model's own top k at one of its rows, at the temperature of the representations. */
function topOf(
  { representation, tokenizer }: Pick<ReadSource, "representation" | "tokenizer">,
  row: number,
  trueNext: number,
  settings: ReadChunk["settings"],
): { entries: Entry[]; leftOver: number } {
  if (representation === undefined || row >= representation.rows) {
    return { entries: [], leftOver: 1 };
  }
  const { temperature } = settings.representation;
  const { ids, probs } = readRowMass(representation, row, trueNext, temperature);
  const entries = Array.from(ids, (id, k) => ({
    id,
    piece: pieceOf(tokenizer, id),
    p: probs[k],
  }));
  const sum = entries.reduce((mass, { p }) => mass + p, 0);
  return { entries, leftOver: Math.max(0, 1 - sum) };
}

/** A row's entries, the likeliest first. */
function entriesOf(
  { offsets, ids, probs }: SparseRows,
  row: number,
  tokenizer: TextTokenizer,
): Entry[] {
  const entries: Entry[] = [];
  for (let i = offsets[row]; i < offsets[row + 1]; i++) {
    const id = ids[i];
    entries.push({ id, piece: pieceOf(tokenizer, id), p: probs[i] });
  }
  return entries.sort(likeliestFirst);
}

const likeliestFirst = (a: Entry, b: Entry): number => b.p - a.p;

function pieceOf(tokenizer: TextTokenizer, id: number): string {
  return tokenizer.table.pieces[id] ?? `<${id}>`;
}
