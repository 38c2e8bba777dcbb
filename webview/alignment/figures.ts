/** How much each method answers for a source, by document and in sum. Counts only: shares are for the reader's eye. */
import { type AlignedText, type Outcome, outcomes, type Pair } from "./alignedText.ts";
import { tokenCount } from "./tokenTrack.ts";

export interface SourceFigures {
  readonly letter: string;
  readonly name: string;
  /** How many documents these are the figures of. */
  readonly documents: number;
  readonly targetTokens: number;
  readonly sourceTokens: number;
  readonly bytes: { readonly answers: number; readonly groups: number };
  readonly dtw: DtwFigures | undefined;
  readonly outcomes: Readonly<Record<Outcome, number>> | undefined;
}

export interface DtwFigures {
  readonly answers: number;
  /** `undefined` where it was not counted. */
  readonly equalPieces: number | undefined;
  readonly offText: number;
  /** Edits. */
  readonly cost: number;
}

export function pairFigures(pair: Pair): SourceFigures {
  const { source, target, dtw, outcome } = pair;
  return {
    letter: source.letter,
    name: source.name,
    documents: 1,
    targetTokens: tokenCount(target),
    sourceTokens: tokenCount(source),
    bytes: { answers: given(pair.bytes), groups: pair.groups.length / 4 },
    dtw: dtw && {
      answers: given(dtw.answers),
      equalPieces: dtw.equalPieces,
      offText: dtw.offText.reduce((sum, off) => sum + off, 0),
      cost: dtw.cost,
    },
    outcomes: outcome && countOutcomes(outcome),
  };
}

/** Sources that are aligned, in their order. */
export function textFigures({ sources }: AlignedText): SourceFigures[] {
  return sources.flatMap((source) => (source.kind === "aligned" ? [pairFigures(source.pair)] : []));
}

/** Sums by letter over documents; DTW's and the outcomes only where every document has them. */
export function sumFigures(documents: readonly (readonly SourceFigures[])[]): SourceFigures[] {
  const sums = new Map<string, SourceFigures>();
  for (const figures of documents.flat()) {
    const sum = sums.get(figures.letter);
    sums.set(figures.letter, sum === undefined ? figures : added(sum, figures));
  }
  return [...sums.values()].sort((a, b) => a.letter.localeCompare(b.letter));
}

function added(a: SourceFigures, b: SourceFigures): SourceFigures {
  return {
    letter: a.letter,
    name: a.name,
    documents: a.documents + b.documents,
    targetTokens: a.targetTokens + b.targetTokens,
    sourceTokens: a.sourceTokens + b.sourceTokens,
    bytes: {
      answers: a.bytes.answers + b.bytes.answers,
      groups: a.bytes.groups + b.bytes.groups,
    },
    dtw: a.dtw && b.dtw && addedDtw(a.dtw, b.dtw),
    outcomes: a.outcomes && b.outcomes && addedOutcomes(a.outcomes, b.outcomes),
  };
}

function addedDtw(a: DtwFigures, b: DtwFigures): DtwFigures {
  const both = a.equalPieces !== undefined && b.equalPieces !== undefined;
  return {
    answers: a.answers + b.answers,
    equalPieces: both ? a.equalPieces + b.equalPieces : undefined,
    offText: a.offText + b.offText,
    cost: a.cost + b.cost,
  };
}

type OutcomeCounts = Readonly<Record<Outcome, number>>;

function addedOutcomes(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  const sum = { ...a };
  for (const name of outcomes) sum[name] += b[name];
  return sum;
}

function countOutcomes(codes: Uint8Array): OutcomeCounts {
  const counts = { same: 0, dtwOnly: 0, bytesOnly: 0, other: 0, neither: 0 };
  for (const code of codes) counts[outcomes[code]]++;
  return counts;
}

const given = (answers: Int32Array): number =>
  answers.reduce((sum, answer) => (answer < 0 ? sum : sum + 1), 0);
