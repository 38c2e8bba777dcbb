/** What the alignment view says. Every count comes with what it is of, every figure with its unit. */
import type { MatrixLayer } from "../../src/protocol/alignmentView.ts";
import type { Outcome } from "./alignedText.ts";
import type { AnswerFacts, CellFacts, TokenFacts } from "./cellFacts.ts";
import type { PathStep } from "./geometry/path.ts";

export const count = (value: number): string => value.toLocaleString("en-US");

/** `412 of 493 (83.6 %)` */
export function shareText(part: number, whole: number): string {
  const share = whole === 0 ? "" : ` (${percent(part / whole)})`;
  return `${count(part)} of ${count(whole)}${share}`;
}

const percent = (share: number): string =>
  `${share === 1 || share === 0 ? (100 * share).toFixed(0) : (100 * share).toFixed(1)} %`;

export const edits = (value: number): string => `${count(value)} ${value === 1 ? "edit" : "edits"}`;

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export const outcomeSigns: Readonly<Record<Outcome, string>> = {
  same: "●",
  dtwOnly: "◐",
  bytesOnly: "◑",
  other: "◆",
  neither: "○",
};

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  same: "same row",
  dtwOnly: "DTW only",
  bytesOnly: "bytes only",
  other: "other row",
  neither: "neither",
};

export const layerNames: Readonly<Record<MatrixLayer, string>> = {
  detour: "detour",
  local: "local cost",
  cumulative: "cumulative cost",
};

export const layerTitles: Readonly<Record<MatrixLayer, string>> = {
  detour:
    "Detour: edits by which the cheapest path through a cell exceeds the cheapest of all; 0 lies on a best path",
  local: "Local cost: edits between what the two tokens say",
  cumulative: "Cumulative cost: edits of the cheapest path from the first cell up to this one",
};

const stepNames: Readonly<Record<PathStep, string>> = {
  first: "first cell of the path",
  diagonal: "diagonal step",
  "source only": "step of the source alone",
  "target only": "step of the target alone",
};

export const stepText = (step: PathStep | undefined): string =>
  step === undefined ? "not on the path" : stepNames[step];

export const named = ({ letter, index }: TokenFacts): string => `${letter}${index}`;

export const quoted = ({ said }: TokenFacts): string => `"${said.shown}"`;

export function detourText(detour: CellFacts["detour"], cap: number): string | undefined {
  if (detour === undefined) return undefined;
  return detour === "above" ? `over ${cap}` : count(detour);
}

export function bytesText({ span }: TokenFacts): string {
  return span.from === span.to
    ? `none, at ${count(span.to)}`
    : `${count(span.from)}–${count(span.to)}`;
}

/** The status line for a chosen cell. */
export function cellSentence(facts: CellFacts, cap: number): string {
  const { source, target, local, detour, step, dtw, outcome } = facts;
  const parts = [
    `source ${quoted(source)}, row ${source.index}`,
    `target ${quoted(target)}, column ${target.index}`,
  ];
  if (local !== undefined) parts.push(`cost ${count(local)}`);
  const beyond = detourText(detour, cap);
  if (beyond !== undefined) parts.push(`detour ${beyond}`);
  if (dtw !== undefined) parts.push(stepText(step));
  const off = dtw?.offText === true ? ", off text" : "";
  parts.push(`${outcome === undefined ? bytesAnswer(facts) : outcomeNames[outcome]}${off}`);
  return parts.join("; ");
}

const bytesAnswer = ({ bytes }: CellFacts): string =>
  bytes.source === undefined ? "bytes give no answer" : `bytes answer with ${named(bytes.source)}`;

/** The status line for a difference between the methods. */
export function differenceSentence(facts: CellFacts, index: number, of: number): string {
  const { target, dtw, bytes } = facts;
  return `Difference ${count(index + 1)} of ${count(of)}: ${dtwClause(target, dtw)}; ${bytesClause(bytes)}`;
}

function dtwClause(target: TokenFacts, dtw: AnswerFacts | undefined): string {
  const token = `${named(target)} ${quoted(target)}`;
  if (dtw?.source === undefined)
    return `DTW pairs ${token} with several tokens and gives no answer`;
  const from = `DTW takes ${token} from ${named(dtw.source)} ${quoted(dtw.source)}`;
  return dtw.offText ? `${from}, which shares no byte` : from;
}

const bytesClause = ({ source }: AnswerFacts): string =>
  source === undefined
    ? "bytes give no answer"
    : `bytes take it from ${named(source)} ${quoted(source)}`;

export const reasonText: Readonly<Record<NonNullable<AnswerFacts["reason"]>, string>> = {
  notOneToOne: "not one source token alone is paired with it",
  noSharedBoundary: "no source token ends where it ends",
};

export const identicalText = (letter: string): string =>
  `${letter}: same tokenizer as T, identity: every token answers for itself`;

export function refusedText(rows: number, columns: number, limit: number): string {
  const cells = rows * columns;
  const memory = (4 * cells) / 2 ** 20;
  return `${count(rows)} source tokens by ${count(columns)} target tokens are ${count(cells)} cells (${count(Math.round(memory))} MB at 4 bytes a cell). DTW is computed up to ${count(limit)} tokens a side; the setting fuselab.alignment.maxTokens names the limit.`;
}

export const undeterminedText = (share: number): string =>
  `The costs decide little here: ${percent(share)} of all cells lie on some cheapest path.`;
