/** The alignment view and its host: how two or more tokenizers cut the same text, and what answers for what. */
import type { AlignAnswer, TokenisedAnswer } from "./inspector.ts";
import type { CommonAsks, ViewDocument, ViewEvents, ViewHeader, ViewModel } from "./views.ts";
import type { ProblemBody } from "./wire.ts";

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
      readonly aligned: Omit<AlignAnswer, "target" | "costs">;
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

/** Local cost is a function of two pieces: cell (i, j) costs `table[sourceKinds[i] * targetLabels.length + targetKinds[j]]` edits. */
export interface CostTable {
  readonly sourceLabels: readonly string[];
  readonly targetLabels: readonly string[];
  readonly sourceKinds: Int32Array;
  readonly targetKinds: Int32Array;
  readonly table: Uint16Array;
}

/**
 * Detours of at most `cap`, in edits. `fine`: row i holds columns `first[i] …` with `cells[offsets[i] … offsets[i + 1]]`;
 * cells above the cap, which may lie between, are 255. `coarse`: the least detour of each square of `square` x `square`
 * cells, 255 above the cap, row-major; sent where the fine band would not fit a message.
 */
export type DetourBand = {
  readonly rows: number;
  readonly columns: number;
  readonly cap: number;
} & (
  | {
      readonly kind: "fine";
      readonly first: Int32Array;
      readonly offsets: Int32Array;
      readonly cells: Uint8Array;
    }
  | { readonly kind: "coarse"; readonly square: number; readonly cells: Uint8Array }
);

/** Every `step`-th cell of `rows` x `columns` cells from (`row`, `column`). */
export interface MatrixTile {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly step: number;
}

export interface CumulativeTile extends MatrixTile {
  /** [ceil(rows / step) * ceil(columns / step)], cost of the cheapest path to the cell, in edits. */
  readonly cells: Float32Array;
}
