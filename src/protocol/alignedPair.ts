/** A text in the tokens of two tokenizers: what may be asked of their alignment, and the matrix it is drawn from. */
import type { ProblemBody } from "./wire.ts";

type Mode = "corrected" | "published";

/** A text in a tokenizer's tokens, as they stand in its vocabulary. */
export interface TokenisedAnswer {
  readonly name: string;
  readonly fingerprint: string;
  readonly tokens: readonly string[];
  readonly ids: Int32Array;
  /** UTF-8 offsets in the text at which tokens end. */
  readonly byteEnds: Int32Array;
}

/** A text in the tokens of two tokenizers. */
export interface PairBody {
  readonly target: string;
  readonly source: string;
  readonly text: string;
  readonly mode?: Mode;
  /** Only the tokens that lie wholly in these bytes: indices are those of the tokens left, offsets stay the text's. */
  readonly range?: { readonly from: number; readonly to: number };
  /** Tokens of a side above which no square is computed. Without it 100 million cells are the limit. */
  readonly maxTokens?: number;
}

export interface AlignBody extends PairBody {
  /** Where `both` would take too large a square, the bytes are answered and `warpProblem` says why DTW is not. */
  readonly positions?: "bytes" | "dtw" | "both";
  /** Also the table of local costs; it grows with the square of the text's distinct tokens. */
  readonly costs?: boolean;
}

/** The alignment as core/alignment/alignTokens.ts has it, but for what its path already says. */
export interface AlignAnswer {
  readonly target: TokenisedAnswer;
  readonly source: TokenisedAnswer;
  /** Pairs source token, target token. */
  readonly path: Int32Array | undefined;
  readonly cost: number | undefined;
  /** Quadruples s0, s1, t0, t1. */
  readonly groups: Int32Array | undefined;
  readonly answers: {
    readonly dtw: Int32Array | undefined;
    readonly bytes: Int32Array | undefined;
  };
  readonly outcome: Uint8Array | undefined;
  readonly offText: Uint8Array | undefined;
  readonly costs: CostTable | undefined;
  /** DTW's answers that say the same as the target token. */
  readonly equalPieces?: number | undefined;
  readonly warpProblem?: ProblemBody | undefined;
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
