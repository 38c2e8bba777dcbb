/** The alignment view and its host: how two or more tokenizers cut the same text, and what answers for what. */
import type {
  AlignAnswer,
  CostTable,
  CumulativeTile,
  DetourBand,
  MatrixTile,
  TokenisedAnswer,
} from "./alignedPair.ts";
import type { CommonAsks, ViewDocument, ViewEvents, ViewHeader, ViewModel } from "./views.ts";
import type { ProblemBody } from "./wire.ts";

export type { CostTable, CumulativeTile, DetourBand, MatrixTile };

export const matrixLayers = ["detour", "local", "cumulative"] as const;
export type MatrixLayer = (typeof matrixLayers)[number];

export interface AlignmentShow extends ViewHeader {
  /** The target first. */
  readonly tokenizers: readonly ViewModel[];
  readonly documents: readonly ViewDocument[];
  /** What the warping is like: tie order, first token, marker handling. */
  readonly mode: "corrected" | "published";
  /** Tokens of a side above which no square is computed (setting fuselab.alignment.maxTokens). */
  readonly maxTokens: number;
  readonly layer: MatrixLayer;
  /** Follow edits of up to 1,000 tokens by itself (setting fuselab.alignment.followEdits). */
  readonly followEdits: boolean;
  /** Every tokenizer that could be taken instead, those shown included. */
  readonly known?: readonly { readonly name: string; readonly folder: string }[];
}

export interface AlignmentAsks extends CommonAsks {
  /**
   * One document, every source against the target. `bytes` needs no square and is quick; `both` adds the DTW path.
   * `range` (bytes): only the tokens that lie in it; offsets in the answer stay those of the document.
   */
  align(body: {
    readonly document: number;
    readonly positions: "bytes" | "both";
    readonly range?: { readonly from: number; readonly to: number };
  }): AlignedDocument;
  costTable(body: PairOfDocument): CostTable;
  detourBand(body: PairOfDocument & { readonly cap: number }): DetourBand;
  cumulativeTile(body: PairOfDocument & MatrixTile): CumulativeTile;
  /** Another target or other sources, by folder; `show` follows. */
  setTokenizers(body: { readonly target: string; readonly sources: readonly string[] }): null;
  /** Takes the text as it stands in the editor now; `show` with another revision follows. */
  alignAgain(body: null): null;
}

export type AlignmentEvents = ViewEvents<AlignmentShow>;

export interface AlignedDocument {
  readonly text: string;
  readonly target: TokenisedAnswer;
  /** In the order of the sources. */
  readonly pairs: readonly AlignedPair[];
}

export type AlignedPair = {
  /** The source's tokenizer is the target's: nothing is aligned. */
  readonly identical: boolean;
} & (
  | {
      readonly aligned: Omit<AlignAnswer, "target" | "costs" | "equalPieces" | "warpProblem">;
      /** DTW's answers that say the same as the target token (`stats.dtw.equalPieces` of core/alignment). */
      readonly equalPieces?: number;
      readonly warpProblem?: ProblemBody;
    }
  /** This tokenizer cannot read the text. */
  | { readonly problem: ProblemBody }
);

export interface PairOfDocument {
  readonly document: number;
  /** Index of the source, from 0. */
  readonly source: number;
  readonly range?: { readonly from: number; readonly to: number };
}
