/**
 * An alignment cut into its smallest runs: tokens of both sides between two common boundaries of the text, or,
 * where pieces alone were aligned, tokens that the warping path connects. And the stretches of runs that are
 * worth looking at, with a little of what stands around them.
 */
import {
  type AlignmentOutcome,
  alignmentOutcomes,
  noAnswer,
  type TokenAlignment,
} from "../core/alignment/alignTokens.ts";
import { byteGroups } from "../core/alignment/byteSpans.ts";
import { pairCost } from "../core/alignment/pieceCosts.ts";
import { utf8Encode } from "../core/text/bytes.ts";
import { type Block, pairedCells, textCells } from "./ribbon.ts";

/** Tokens `from` … `to` − 1. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Run {
  /** A byte of the text, or the number of a target token where there is no text. */
  readonly place: number;
  readonly target: Span;
  readonly source: Span;
  /** The two sides part here, or the methods' answers do. */
  readonly differs: boolean;
  readonly block: () => Block;
}

/** Tokens as they are shown. */
export interface ShownTokens {
  readonly target: readonly string[];
  readonly source: readonly string[];
}

/** The outcome for a target token; where one method was asked, `neither` where it has no answer. */
export function outcomeAt({ outcome, answers }: TokenAlignment, token: number): AlignmentOutcome {
  if (outcome !== undefined) return alignmentOutcomes[outcome[token] ?? 0] ?? "same";
  const asked = answers.dtw ?? answers.bytes;
  return asked?.[token] === noAnswer ? "neither" : "same";
}

/** The runs in the order of the text. `text` is `undefined` where pieces alone were aligned. */
export function alignmentRuns(
  alignment: TokenAlignment,
  text: string | undefined,
  shown: ShownTokens,
): Run[] {
  return text === undefined ? pairedRuns(alignment, shown) : textRuns(alignment, text, shown);
}

function textRuns(alignment: TokenAlignment, text: string, shown: ShownTokens): Run[] {
  const bytes = utf8Encode(text);
  const targetEnds = alignment.target.byteEnds ?? new Int32Array(0);
  const sourceEnds = alignment.source.byteEnds ?? new Int32Array(0);
  const groups = alignment.groups ?? byteGroups(targetEnds, sourceEnds);
  const runs: Run[] = [];
  let [place, s0, t0] = [0, 0, 0];
  for (let i = 0; i < groups.length; i += 4) {
    const [s1, t1] = [groups[i + 1] ?? 0, groups[i + 3] ?? 0];
    const end = targetEnds[t1 - 1] ?? 0;
    // Both sides may end a token inside a character, which is shown whole.
    if (((bytes[end] ?? 0) & 0xc0) === 0x80) continue;
    const [start, target, source] = [place, { from: t0, to: t1 }, { from: s0, to: s1 }];
    runs.push({
      place: start,
      target,
      source,
      differs: !oneToOne(target, source) || answersDiffer(alignment, target),
      block: () => ({
        place: start,
        cells: textCells(
          new TextDecoder().decode(bytes.subarray(start, end)),
          start,
          { ...target, names: shown.target, ends: targetEnds },
          { ...source, names: shown.source, ends: sourceEnds },
        ),
      }),
    });
    [place, s0, t0] = [end, s1, t1];
  }
  return runs;
}

/** The path is monotone, so tokens it connects follow each other on both sides. */
function pairedRuns(alignment: TokenAlignment, shown: ShownTokens): Run[] {
  const { path = new Int32Array(0), costs } = alignment;
  const cost = costs === undefined ? () => 0 : pairCost(costs);
  const runs: Run[] = [];
  let [s0, t0] = [0, 0];
  for (let i = 0; i < path.length; i += 2) {
    const [s, t] = [path[i] ?? 0, path[i + 1] ?? 0];
    const next = { s: path[i + 2], t: path[i + 3] };
    if (next.s === s || next.t === t) continue;
    const [target, source] = [
      { from: t0, to: t + 1 },
      { from: s0, to: s + 1 },
    ];
    runs.push({
      place: target.from,
      target,
      source,
      differs: !oneToOne(target, source) || cost(s, t) > 0,
      block: () => ({
        place: target.from,
        cells: pairedCells({ ...target, names: shown.target }, { ...source, names: shown.source }),
      }),
    });
    [s0, t0] = [s + 1, t + 1];
  }
  return runs;
}

const oneToOne = (target: Span, source: Span): boolean =>
  target.to - target.from === 1 && source.to - source.from === 1;

function answersDiffer(alignment: TokenAlignment, { from, to }: Span): boolean {
  for (let token = from; token < to; token++) {
    if (outcomeAt(alignment, token) !== "same") return true;
  }
  return false;
}

/** Runs that differ with up to `context` others on either side; stretches that touch are one. */
export function differingStretches(runs: readonly Run[], context: number): Span[] {
  const stretches: { from: number; to: number }[] = [];
  for (const [i, { differs }] of runs.entries()) {
    if (!differs) continue;
    const from = Math.max(0, i - context);
    const to = Math.min(runs.length, i + context + 1);
    const last = stretches.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else stretches.push({ from, to });
  }
  return stretches;
}
