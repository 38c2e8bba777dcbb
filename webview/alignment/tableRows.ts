/** The table twin: a row for each target token, with what both methods answer for the shown source. */
import type { Column } from "../shared/table.ts";
import { type AlignedText, noAnswer, type Outcome, outcomeOf, type Pair } from "./alignedText.ts";
import { said } from "./cellFacts.ts";
import { outcomeNames, outcomeSigns } from "./strings.ts";
import { type Span, type TokenTrack, tokenCount, tokenSpan } from "./tokenTrack.ts";

export interface AnswerRow {
  /** Index among the pair's target tokens. */
  readonly token: number;
  /** Index in the whole text. */
  readonly index: number;
  readonly said: string;
  readonly piece: string;
  readonly id: number;
  readonly span: Span;
  readonly dtw: AnswerCell | undefined;
  readonly bytes: AnswerCell | undefined;
  readonly offText: boolean;
  readonly outcome: Outcome | undefined;
}

export interface AnswerCell {
  readonly index: number;
  readonly said: string;
}

export function answerRows(pair: Pair, bytes: Uint8Array): AnswerRow[] {
  const { source, target, dtw } = pair;
  return Array.from({ length: tokenCount(target) }, (_, token) => ({
    token,
    index: target.first + token,
    said: said(target, token, bytes).whole,
    piece: target.pieces[token],
    id: target.ids[token],
    span: tokenSpan(target, token),
    dtw: answerCell(source, dtw?.answers[token] ?? noAnswer, bytes),
    bytes: answerCell(source, pair.bytes[token], bytes),
    offText: dtw?.offText[token] === 1,
    outcome: outcomeOf(pair, token),
  }));
}

function answerCell(source: TokenTrack, token: number, bytes: Uint8Array): AnswerCell | undefined {
  if (token === noAnswer) return undefined;
  return { index: source.first + token, said: said(source, token, bytes).whole };
}

/** Those without an answer come last. */
const placeOf = (cell: AnswerCell | undefined): number => cell?.index ?? Number.NaN;

export function answerColumns(letter: string): readonly Column<AnswerRow>[] {
  const named = (cell: AnswerCell | undefined): string =>
    cell === undefined ? "–" : `${letter}${cell.index}`;
  return [
    {
      label: "T",
      kind: "number",
      text: ({ index }) => `${index}`,
      sortBy: ({ index }) => index,
      title: "Target token, from 0",
    },
    { label: "token", kind: "token", text: ({ said }) => said },
    {
      label: "piece",
      kind: "token",
      text: ({ piece }) => piece,
      title: "As it stands in the vocabulary",
    },
    { label: "id", kind: "number", text: ({ id }) => `${id}`, sortBy: ({ id }) => id },
    {
      label: "bytes of text",
      kind: "number",
      text: ({ span }) => `${span.from}–${span.to}`,
      sortBy: ({ span }) => span.from,
    },
    {
      label: `DTW: ${letter}`,
      kind: "number",
      text: ({ dtw }) => named(dtw),
      sortBy: ({ dtw }) => placeOf(dtw),
    },
    { label: "its token", kind: "token", text: ({ dtw }) => dtw?.said ?? "" },
    { label: "off text", text: ({ offText }) => (offText ? "off text" : "") },
    {
      label: `bytes: ${letter}`,
      kind: "number",
      text: ({ bytes }) => named(bytes),
      sortBy: ({ bytes }) => placeOf(bytes),
    },
    { label: "its token", kind: "token", text: ({ bytes }) => bytes?.said ?? "" },
    {
      label: "outcome",
      text: ({ outcome }) =>
        outcome === undefined ? "" : `${outcomeSigns[outcome]} ${outcomeNames[outcome]}`,
    },
  ];
}

export const csvHead = [
  "document",
  "source",
  "target_token",
  "piece",
  "id",
  "from_byte",
  "to_byte",
  "dtw_source_token",
  "dtw_off_text",
  "bytes_source_token",
  "outcome",
] as const;

/** All sources of a document under each other; what is not known is left empty. */
export function* csvRows(
  text: AlignedText,
  document: string,
): Generator<(string | number | null)[]> {
  for (const source of text.sources) {
    if (source.kind !== "aligned") continue;
    const { pair, letter } = source;
    for (const row of answerRows(pair, text.bytes)) {
      const { index, piece, id, span, dtw, bytes, offText, outcome } = row;
      const off = pair.dtw === undefined ? null : Number(offText);
      const answers = [dtw?.index ?? null, off, bytes?.index ?? null];
      yield [document, letter, index, piece, id, span.from, span.to, ...answers, outcome ?? null];
    }
  }
}
