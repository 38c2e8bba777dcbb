/** A host for the alignment view that answers from src/core: real alignments of real tokenizers, in the test's process. */
import { accumulate } from "../../src/core/alignment/accumulation.ts";
import { alignTokens, type TokenAlignment } from "../../src/core/alignment/alignTokens.ts";
import { cumulativeTile } from "../../src/core/alignment/cumulativeTile.ts";
import { detourBand } from "../../src/core/alignment/detour.ts";
import { pairCost, pieceCosts } from "../../src/core/alignment/pieceCosts.ts";
import { textWording } from "../../src/core/alignment/tokenWording.ts";
import { Problem } from "../../src/core/problem.ts";
import { utf8Length } from "../../src/core/text/bytes.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";
import type { TokenisedAnswer } from "../../src/protocol/alignedPair.ts";
import type {
  AlignedDocument,
  AlignedPair,
  AlignmentShow,
  MatrixTile,
  PairOfDocument,
} from "../../src/protocol/alignmentView.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface AlignmentWorld {
  readonly tokenizers: readonly TextTokenizer[];
  readonly texts: readonly string[];
}

/** What is shown of texts cut by tokenizers, the target first. */
export function alignmentShow(
  { tokenizers, texts }: AlignmentWorld,
  more: Partial<AlignmentShow> = {},
): AlignmentShow {
  const letters = tokenizers.map((_, i) => (i === 0 ? "T" : String.fromCharCode(64 + i)));
  return {
    revision: "1",
    title: "draft.md 12–31",
    kept: false,
    restricted: false,
    restore: {},
    tokenizers: tokenizers.map(({ name }, i) => ({
      letter: letters[i],
      name,
      folder: `/models/${name}`,
    })),
    documents: texts.map((text, i) => ({ title: `part ${i + 1}`, bytes: utf8Length(text) })),
    mode: "corrected",
    maxTokens: 4000,
    layer: "detour",
    followEdits: true,
    ...more,
  };
}

/** The verbs of the alignment view. */
export function alignmentVerbs({ tokenizers, texts }: AlignmentWorld) {
  const [target, ...sources] = tokenizers;
  const pairOf = ({ document, source, range }: PairOfDocument) => {
    const both = [target, sources[source]].map((tokenizer) =>
      inRange(encoded(tokenizer, texts[document]), range),
    );
    const [t, s] = both.map((encoding, i) => ({
      ids: encoding.ids,
      table: [target, sources[source]][i].table,
    }));
    const { targetLabels, sourceLabels } = textWording(t, s);
    return pieceCosts(sourceLabels, targetLabels);
  };
  const sumsOf = (body: PairOfDocument) => {
    const costs = pairOf(body);
    return accumulate(costs.sourceKinds.length, costs.targetKinds.length, pairCost(costs));
  };
  return {
    align: (body: {
      readonly document: number;
      readonly positions: "bytes" | "both";
      readonly range?: Span;
    }): AlignedDocument => {
      const { document, positions, range } = body;
      const text = texts[document];
      const own = inRange(encoded(target, text), range);
      const pairs = sources.map((tokenizer): AlignedPair => {
        const identical = tokenizer.fingerprint === target.fingerprint;
        const encoding = tokenizer.encode(text);
        if (!("ids" in encoding))
          return { identical, problem: { code: "badInput", message: encoding.detail } };
        const source = { tokenizer, encoding: inRange(encoding, range) };
        const alignment = alignTokens({ tokenizer: target, encoding: own }, source, {
          mode: "corrected",
          positions,
        });
        return { identical, ...pairAnswer(alignment, tokenised(tokenizer, source.encoding)) };
      });
      return { text, target: tokenised(target, own), pairs };
    },
    costTable: (body: PairOfDocument) => pairOf(body),
    detourBand: (body: PairOfDocument & { readonly cap: number }) =>
      detourBand(sumsOf(body), { cap: body.cap, mostBytes: 3_500_000 }),
    cumulativeTile: (body: PairOfDocument & MatrixTile) => cumulativeTile(sumsOf(body), body),
    setTokenizers: () => null,
    alignAgain: () => null,
  };
}

function pairAnswer(alignment: TokenAlignment, source: TokenisedAnswer) {
  const { path, cost, groups, answers, outcome, offText, stats } = alignment;
  const equalPieces = stats.dtw?.equalPieces;
  return {
    aligned: { source, path, cost, groups, answers, outcome, offText },
    ...(equalPieces === undefined ? {} : { equalPieces }),
  };
}

/** @throws Problem where the tokenizer cannot read the text. */
export function encoded(tokenizer: TextTokenizer, text: string): Encoding {
  const encoding = tokenizer.encode(text);
  if ("ids" in encoding) return encoding;
  throw new Problem("badInput", encoding.detail);
}

function inRange({ ids, ends }: Encoding, range: Span | undefined): Encoding {
  if (range === undefined) return { ids, ends };
  const within = Array.from(ends.keys()).filter(
    (i) => (ends[i - 1] ?? 0) >= range.from && ends[i] <= range.to,
  );
  return {
    ids: Int32Array.from(within, (i) => ids[i]),
    ends: Int32Array.from(within, (i) => ends[i]),
  };
}

function tokenised(
  { name, fingerprint, table }: TextTokenizer,
  { ids, ends }: Encoding,
): TokenisedAnswer {
  const tokens = Array.from(ids, (id) => table.pieces[id] ?? `<${id}>`);
  return { name, fingerprint, tokens, ids, byteEnds: ends };
}
