/**
 * A text in the tokens of two tokenizers: their alignment, and what its square is drawn from. The costs of a pair
 * are the dear part, so the last few pairs keep theirs; nothing else does, and no answer depends on it.
 */
import { type Accumulation, accumulate } from "../core/alignment/accumulation.ts";
import { alignTokens, localCosts, type TokenisedText } from "../core/alignment/alignTokens.ts";
import { cumulativeTile } from "../core/alignment/cumulativeTile.ts";
import { detourBand } from "../core/alignment/detour.ts";
import { type PieceCosts, pairCost } from "../core/alignment/pieceCosts.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { type Offered, problemBody } from "../port/port.ts";
import type { InspectorProgress, InspectorVerbs } from "../protocol/inspector.ts";
import type { Body } from "./inspectorBodies.ts";
import { tokenised, tokenisedAnswer, tokensWithin } from "./tokenisedText.ts";

export const pairVerbs = ["align", "costTable", "detourBand", "cumulativeTile"] as const;
export type PairVerb = (typeof pairVerbs)[number];

/** The pair that is looked at and some that were asked about in between. Each has a few megabytes. */
const pairsKept = 4;
/** What a message can carry of cells beside what goes with them. */
const mostBandBytes = 4_000_000;
const mostTileCells = 512 * 512;
/** Milliseconds between two words about how far a call is; the first comes as late. */
const betweenProgress = 150;

interface Pair {
  readonly target: TokenisedText;
  readonly source: TokenisedText;
  readonly mode: "corrected" | "published";
  costs?: PieceCosts;
  sums?: Accumulation;
}

interface KeptPair {
  readonly body: PairFields;
  readonly tokenizers: readonly TextTokenizer[];
  readonly pair: Pair;
}

type PairFields = Body<"costTable">;

/** Bodies have been checked by the time they are here. `open`: a tokenizer that stays the same while its folder does. */
export function offerPairVerbs(
  open: (folder: string) => Promise<TextTokenizer>,
  tell: (progress: InspectorProgress) => void,
): Offered<Pick<InspectorVerbs, PairVerb>> {
  const pairOf = keepPairs(open);
  return {
    async align(body) {
      const asked = body as Body<"align">;
      const pair = await pairOf(asked);
      return alignPair(pair, asked, progressOf("align", tell));
    },
    async costTable(body) {
      const asked = body as Body<"costTable">;
      return costsOf(await pairOf(asked), asked);
    },
    async detourBand(body) {
      const { cap, ...asked } = body as Body<"detourBand">;
      const onRows = progressOf("detourBand", tell);
      const sums = sumsOf(await pairOf(asked), asked);
      return detourBand(sums, { cap, mostBytes: mostBandBytes, onRows });
    },
    async cumulativeTile(body) {
      const { row, column, rows, columns, step, ...asked } = body as Body<"cumulativeTile">;
      if (Math.ceil(rows / step) * Math.ceil(columns / step) > mostTileCells)
        throw new Problem("tooLarge", `A tile has at most ${mostTileCells} cells.`);
      const sums = sumsOf(await pairOf(asked), asked);
      return cumulativeTile(sums, { row, column, rows, columns, step });
    },
  };
}

function alignPair(
  pair: Pair,
  { positions = "both", costs: withCosts, maxTokens }: Body<"align">,
  onRows: (done: number, of: number) => void,
): ReturnType<InspectorVerbs["align"]> {
  const { target, source, mode } = pair;
  const refusal = positions === "bytes" ? undefined : squareRefusal(pair, maxTokens);
  if (positions === "dtw" && refusal !== undefined) throw refusal;
  const alignment = alignTokens(target, source, {
    mode,
    onRows,
    positions: refusal === undefined ? positions : "bytes",
    ...cellLimit(maxTokens),
  });
  const { path, cost, groups, answers, outcome, offText, costs, stats } = alignment;
  if (costs !== undefined) pair.costs = costs;
  return {
    target: tokenisedAnswer(target),
    source: tokenisedAnswer(source),
    path,
    cost,
    groups,
    answers,
    outcome,
    offText,
    costs: withCosts === true ? costs : undefined,
    equalPieces: stats.dtw?.equalPieces,
    warpProblem: refusal && problemBody(refusal),
  };
}

function costsOf(pair: Pair, { maxTokens }: PairFields): PieceCosts {
  const refusal = squareRefusal(pair, maxTokens);
  if (refusal !== undefined) throw refusal;
  const { target, source, mode } = pair;
  pair.costs ??= localCosts(target, source, { mode, ...cellLimit(maxTokens) });
  return pair.costs;
}

function sumsOf(pair: Pair, asked: PairFields): Accumulation {
  const costs = costsOf(pair, asked);
  const { sourceKinds, targetKinds } = costs;
  pair.sums ??= accumulate(sourceKinds.length, targetKinds.length, pairCost(costs));
  return pair.sums;
}

const cellLimit = (maxTokens: number | undefined): { maxCells?: number } =>
  maxTokens === undefined ? {} : { maxCells: maxTokens * maxTokens };

/** The matrix is never held whole, but its size says what the refusal is about: 4 bytes a cell. */
function squareRefusal(
  { target, source }: Pair,
  maxTokens = Number.POSITIVE_INFINITY,
): Problem | undefined {
  const [rows, columns] = [source.encoding.ids.length, target.encoding.ids.length];
  if (Math.max(rows, columns) <= maxTokens) return undefined;
  const [s, t, cells, limit] = [rows, columns, rows * columns, maxTokens].map((number) =>
    number.toLocaleString("en"),
  );
  const memory = ((4 * rows * columns) / 1e6).toLocaleString("en", { maximumFractionDigits: 0 });
  return new Problem(
    "tooLarge",
    `Warping ${s} source tokens to ${t} target tokens takes a square of ${cells} cells (${memory} MB), over the limit of ${limit} tokens a side.`,
    {
      next: "Align the visible part or a shorter text, or raise the setting fuselab.alignment.maxTokens.",
    },
  );
}

/** The same pair for the same question, as long as it is among the last. */
function keepPairs(
  open: (folder: string) => Promise<TextTokenizer>,
): (body: PairFields) => Promise<Pair> {
  let kept: readonly KeptPair[] = [];
  return async (body) => {
    const tokenizers = [await open(body.target), await open(body.source)] as const;
    const known = kept.find((one) => isSamePair(one, body, tokenizers));
    const pair = known?.pair ?? newPair(body, tokenizers);
    const latest = known ?? { body, tokenizers, pair };
    kept = [latest, ...kept.filter((one) => one !== known)].slice(0, pairsKept);
    return pair;
  };
}

function isSamePair(
  { body, tokenizers }: KeptPair,
  asked: PairFields,
  asTokenizers: readonly TextTokenizer[],
): boolean {
  return (
    tokenizers.every((tokenizer, i) => tokenizer === asTokenizers[i]) &&
    body.mode === asked.mode &&
    body.range?.from === asked.range?.from &&
    body.range?.to === asked.range?.to &&
    body.text === asked.text
  );
}

function newPair(
  { text, range, mode = "corrected" }: PairFields,
  [target, source]: readonly [TextTokenizer, TextTokenizer],
): Pair {
  const whole = [tokenised(target, text), tokenised(source, text)] as const;
  if (range === undefined) return { target: whole[0], source: whole[1], mode };
  return {
    target: tokensWithin(whole[0], range),
    source: tokensWithin(whole[1], range),
    mode,
  };
}

function progressOf(
  verb: PairVerb,
  tell: (progress: InspectorProgress) => void,
): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    const now = performance.now();
    if (now - last < betweenProgress) return;
    last = now;
    tell({ verb, done, of });
  };
}
