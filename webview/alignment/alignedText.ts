/**
 * A document's answer made ready to be drawn: the text in bytes, a track per tokenizer, and for every source what
 * aligns it to the target, or why nothing does. Plain data, made once an answer.
 */
import { utf8Encode } from "../../src/core/text/bytes.ts";
import type { TokenisedAnswer } from "../../src/protocol/alignedPair.ts";
import type { AlignedDocument, AlignedPair } from "../../src/protocol/alignmentView.ts";
import type { ViewModel } from "../../src/protocol/views.ts";
import type { ProblemBody } from "../../src/protocol/wire.ts";
import { type Span, shareBytes, type TokenTrack, tokenSpan, tokensBefore } from "./tokenTrack.ts";

/** How the answers for a target token compare; the index is the code in `outcome`. As in core/alignment. */
export const outcomes = ["same", "dtwOnly", "bytesOnly", "other", "neither"] as const;
export type Outcome = (typeof outcomes)[number];

export const noAnswer = -1;

export interface AlignedText {
  readonly bytes: Uint8Array;
  readonly target: TokenTrack;
  readonly sources: readonly SourceText[];
}

/** `identical`: cut by the target's own tokenizer. */
export type SourceText = { readonly letter: string; readonly name: string } & (
  | { readonly kind: "aligned"; readonly pair: Pair }
  | { readonly kind: "identical" }
  | { readonly kind: "unreadable"; readonly problem: ProblemBody }
);

/** A source's tokens against the target's. Indices count the tokens of the two tracks. */
export interface Pair {
  readonly source: TokenTrack;
  readonly target: TokenTrack;
  /** What DTW says; `undefined` where it was not asked, or refused. */
  readonly dtw: DtwAnswers | undefined;
  /** Why there is no DTW. */
  readonly warpProblem: ProblemBody | undefined;
  /** Quadruples s0, s1, t0, t1. */
  readonly groups: Int32Array;
  /** For every target token the source token that ends at the same byte, or −1. */
  readonly bytes: Int32Array;
  /** For every target token an index into `outcomes`, where both were asked. */
  readonly outcome: Uint8Array | undefined;
}

export interface DtwAnswers {
  /** Pairs source token, target token, from the first cell to the last. */
  readonly path: Int32Array;
  readonly cost: number;
  readonly answers: Int32Array;
  readonly offText: Uint8Array;
  readonly equalPieces: number | undefined;
}

/** `whole`: the tracks of the whole text, where the answer is for a part of it. */
export function alignedText(
  answer: AlignedDocument,
  models: readonly ViewModel[],
  whole?: AlignedText,
  part?: Span,
): AlignedText {
  const [targetModel, ...sourceModels] = models;
  const target = track(answer.target, targetModel, whole?.target, part);
  const sources = sourceModels.map((model, i): SourceText => {
    const { letter, name } = model;
    const pair = answer.pairs[i];
    if (pair === undefined) return { letter, name, kind: "unreadable", problem: unanswered };
    if (pair.identical) return { letter, name, kind: "identical" };
    if ("problem" in pair) return { letter, name, kind: "unreadable", problem: pair.problem };
    const known = whole?.sources[i];
    const wholeSource = known?.kind === "aligned" ? known.pair.source : undefined;
    const source = track(pair.aligned.source, model, wholeSource, part);
    return { letter, name, kind: "aligned", pair: pairOf(pair, source, target) };
  });
  return { bytes: whole?.bytes ?? utf8Encode(answer.text), target, sources };
}

const unanswered: ProblemBody = {
  code: "failed",
  message: "There is no answer for this tokenizer.",
};

function track(
  answer: TokenisedAnswer,
  { letter }: ViewModel,
  whole: TokenTrack | undefined,
  part: Span | undefined,
): TokenTrack {
  const { name, tokens, ids, byteEnds } = answer;
  const first = whole === undefined ? 0 : tokensBefore(whole.ends, byteEnds);
  const from = first > 0 && whole !== undefined ? whole.ends[first - 1] : 0;
  return { letter, name, pieces: tokens, ids, ends: byteEnds, from: part ? from : 0, first };
}

function pairOf(
  { aligned, equalPieces, warpProblem }: Extract<AlignedPair, { aligned: unknown }>,
  source: TokenTrack,
  target: TokenTrack,
): Pair {
  const { path, cost = 0, answers, offText } = aligned;
  const count = target.ends.length;
  const dtw =
    path === undefined || answers.dtw === undefined
      ? undefined
      : {
          path,
          cost,
          answers: answers.dtw,
          offText: offText ?? offTextOf(answers.dtw, source, target),
          equalPieces,
        };
  return {
    source,
    target,
    dtw,
    warpProblem,
    groups: aligned.groups ?? new Int32Array(0),
    bytes: answers.bytes ?? new Int32Array(count).fill(-1),
    outcome: dtw === undefined ? undefined : aligned.outcome,
  };
}

function offTextOf(answers: Int32Array, source: TokenTrack, target: TokenTrack): Uint8Array {
  return Uint8Array.from(answers, (s, t) =>
    s >= 0 && !shareBytes(tokenSpan(source, s), tokenSpan(target, t)) ? 1 : 0,
  );
}

/** The outcome for a target token; with bytes alone `undefined`. */
export function outcomeOf({ outcome }: Pair, token: number): Outcome | undefined {
  return outcome === undefined ? undefined : outcomes[outcome[token]];
}

/** The pair of a source's letter, where there is one to draw. */
export function pairOfLetter(text: AlignedText, letter: string): Pair | undefined {
  const source = text.sources.find((one) => one.letter === letter);
  return source?.kind === "aligned" ? source.pair : undefined;
}
