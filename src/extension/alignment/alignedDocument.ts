/**
 * One document, every source against the target, out of answers of the inspector. What one tokenizer cannot read
 * is its pair's problem; the whole is refused only where nothing is left to show. Knows nothing of the editor.
 */
import { Problem } from "../../core/problem.ts";
import { problemBody } from "../../port/port.ts";
import type { AlignAnswer, TokenisedAnswer } from "../../protocol/alignedPair.ts";
import type { AlignedDocument, AlignedPair } from "../../protocol/alignmentView.ts";
import type { InspectorVerbs } from "../../protocol/inspector.ts";
import { maxMessageBytes, messageBytes } from "../../protocol/wire.ts";

/** The inspector, as far as it is asked here. */
export type AskInspector = <Verb extends "align" | "tokenize">(
  verb: Verb,
  body: Parameters<InspectorVerbs[Verb]>[0],
) => Promise<ReturnType<InspectorVerbs[Verb]>>;

export interface DocumentQuestion {
  readonly target: string;
  readonly sources: readonly string[];
  readonly text: string;
  readonly positions: "bytes" | "both";
  readonly range?: { readonly from: number; readonly to: number };
  readonly maxTokens: number;
}

export interface DocumentOptions {
  readonly signal: AbortSignal;
  /** Before each source is asked about. */
  readonly onPair?: (source: number) => void;
  /** What is said of a source whose tokens no longer fit the message. */
  readonly tooLarge: () => Problem;
}

/** Reasons that lie with a tokenizer or a text, and not with the process that was asked. */
const ownReasons = ["badInput", "missing", "unsupported", "tooLarge"];
/** Kept free for the envelope. */
const slack = 4096;

/** @throws Problem where the target cannot be read, the process ended, or `signal` was heard. */
export async function alignDocument(
  ask: AskInspector,
  question: DocumentQuestion,
  { signal, onPair, tooLarge }: DocumentOptions,
): Promise<AlignedDocument> {
  const { text, sources, ...asked } = question;
  const answers: (AlignAnswer | Problem)[] = [];
  for (const [i, source] of sources.entries()) {
    onPair?.(i);
    answers.push(await ask("align", { ...asked, text, source }).catch(asProblem));
    if (signal.aborted) throw new Problem("cancelled", "The alignment was cancelled.");
  }
  const first = answers.find((answer): answer is AlignAnswer => !(answer instanceof Problem));
  const target =
    first?.target ?? (await targetAlone(ask, question, answers as Problem[], tooLarge));
  const document = { text, target: ownArrays(target), pairs: [] };
  let room = maxMessageBytes - slack - messageBytes(document);
  if (room < 0) throw tooLarge();
  const pairs = answers.map((answer): AlignedPair => {
    const pair = pairOf(answer);
    const bytes = messageBytes(pair);
    if (bytes > room) return { identical: false, problem: problemBody(tooLarge()) };
    room -= bytes;
    return pair;
  });
  return { ...document, pairs };
}

function pairOf(answer: AlignAnswer | Problem): AlignedPair {
  if (answer instanceof Problem) return { identical: false, problem: problemBody(answer) };
  const { target, costs, equalPieces, warpProblem, ...aligned } = answer;
  return {
    identical: target.fingerprint === aligned.source.fingerprint,
    aligned: ownArrays(aligned),
    ...(equalPieces === undefined ? {} : { equalPieces }),
    ...(warpProblem === undefined ? {} : { warpProblem }),
  };
}

/** No source could be read: the target's own tokens are still worth showing. */
async function targetAlone(
  ask: AskInspector,
  { target: folder, text, range }: DocumentQuestion,
  refusals: readonly Problem[],
  tooLarge: () => Problem,
): Promise<TokenisedAnswer> {
  const [first] = refusals;
  if (first !== undefined && !refusals.some(({ code }) => ownReasons.includes(code))) throw first;
  if (range === undefined && refusals.every(({ code }) => code === "tooLarge")) throw tooLarge();
  const whole = await ask("tokenize", { folder, text });
  return range === undefined ? whole : answerWithin(whole, range);
}

/** The tokens that lie wholly in the range, as the inspector cuts them. */
function answerWithin(
  { tokens, ids, byteEnds, ...rest }: TokenisedAnswer,
  { from, to }: { readonly from: number; readonly to: number },
): TokenisedAnswer {
  const inside = (end: number, i: number): boolean => (byteEnds[i - 1] ?? 0) >= from && end <= to;
  const first = byteEnds.findIndex(inside);
  const end = first < 0 ? 0 : byteEnds.findLastIndex(inside) + 1;
  const start = Math.max(0, first);
  return {
    ...rest,
    tokens: tokens.slice(start, end),
    ids: ids.slice(start, end),
    byteEnds: byteEnds.slice(start, end),
  };
}

/**
 * The same values in arrays with buffers of their own: what came from the process lies in one buffer with
 * everything else of its message, and a buffer travels to a webview as a whole.
 */
export function ownArrays<Value>(value: Value): Value {
  if (ArrayBuffer.isView(value)) {
    return (value as unknown as Uint8Array).slice() as unknown as Value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, ownArrays(part)] as const);
  return Object.fromEntries(entries) as Value;
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
