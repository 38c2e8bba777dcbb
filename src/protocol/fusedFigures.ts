/** What fusion makes of a text, in figures: what the inspector answers and the distributions view draws. */

/** How a tokenizer writes its pieces: see core/text/tokenizer.ts. */
export type TokenizerFamily = "byteLevel" | "sentencePiece" | "wordPiece" | "plain";

/** The keys of a recipe that the view can turn without a forward pass. */
export interface FusionControls {
  readonly mode: "corrected" | "published";
  readonly positions: "bytes" | "dtw";
  readonly vocabulary: "firstToken" | "exact" | "minEditDistance";
  readonly rule: "minCE" | "avgCE";
  readonly per: "chunk" | "token" | "block";
  readonly lambda: number;
  readonly temperature: number;
  readonly topK: number;
}

/** Models in columns: T, A, B, …. Arrays are over positions, or [positions * models] row-major. Losses are in bits. */
export interface DocumentFigures {
  readonly text: string;
  /** How each model's tokenizer writes pieces, so that they can be shown as text. */
  readonly families: readonly TokenizerFamily[];
  readonly positions: number;
  /** The true next token of each position: its piece and where it ends; its beginning is where the one before ends. */
  readonly tokens: readonly string[];
  readonly ids: Int32Array;
  readonly byteStarts: Int32Array;
  readonly byteEnds: Int32Array;
  /** Chunk of each position. A chunk's first position has nothing before it; its last predicts the end of the text. */
  readonly chunks: Int32Array;
  /**
   * −log2 p of the true next token, exact and at temperature 1 whatever the rows are read at. For T from the nats
   * kept of its own reading. For a source of the token's bytes along its gold path (core/fusion/sharedPositions.ts):
   * the product over those of its tokens that spell them, which where one of them spells more (`overshoot`) is too
   * likely by that much. NaN where the source has no row or shares no boundary there.
   */
  readonly bits: Float32Array;
  /**
   * −log2 fused(true) where the row has an entry for it. Where it has none and `fusedBound` is 1: −log2 of the mass
   * that is on no entry, below which the loss cannot lie. NaN without a fused row.
   */
  readonly fusedBits: Float32Array;
  readonly fusedBound: Uint8Array;
  /**
   * Of a model's row over the target's vocabulary, in bits, what no entry holds counting as one token: a lower
   * bound of the whole distribution's. NaN without a row. [positions * models], the fused row's apart.
   */
  readonly entropy: Float32Array;
  readonly fusedEntropy: Float32Array;
  /** [positions * models] */
  readonly weights: Float32Array;
  /** Mass lost in mapping (noTargetToken + duplicateDropped), [positions * models]; 0 for T. */
  readonly lost: Float32Array;
  /** Beyond the top k (leftOver less what was lost), [positions * models]. */
  readonly leftOver: Float32Array;
  /** 0: the model has a row; else 1 + index into the reasons without a row, [positions * models]. */
  readonly reasons: Uint8Array;
  readonly summary: {
    /**
     * Bits per byte by model, over the positions where all have a figure, the fused row included, so that they can
     * be compared; ends of text are left out, and so is a model that has none anywhere (null).
     */
    readonly models: readonly {
      readonly bitsPerByte: number | null;
      readonly positions: number;
      readonly bytes: number;
      /** Of the whole text in the model's own tokens: what a run scores it by. Null where it cannot read all of it. */
      readonly ownBitsPerByte?: number | null;
    }[];
    /** Over the same positions, of all that predict text. `atLeast`: some of them are bounds. */
    readonly fused: {
      readonly bitsPerByte: number | null;
      readonly atLeast: boolean;
      /** Of `positions`, those that are bounds. */
      readonly bounds?: number;
      readonly positions: number;
      readonly of: number;
    };
    /** Over the document where the rule weighs by chunk, the mean over its chunks by positions; null by token. */
    readonly weights: readonly (number | null)[];
    /** Positions of each source by reason. */
    readonly fallbacks: readonly Readonly<Record<string, number>>[];
  };
  /** Figures rest on rows cut to their top k, at another temperature than they were made with. */
  readonly approximate: boolean;
  readonly warnings: readonly string[];
}

export interface RowEntry {
  readonly id: number;
  /** As it stands in its vocabulary. */
  readonly piece: string;
  readonly p: number;
}

export interface OwnCandidate extends RowEntry {
  /** The target token it stands for; null where it is lost. */
  readonly to: { readonly id: number; readonly piece: string } | null;
  /** A `CandidateFate` of pipeline/inspectedPosition.ts; empty where the source has no row. */
  readonly becomes: string;
}

export interface FusedPosition {
  readonly position: number;
  /** The end of the chunk's text before the boundary, 80 characters at most, and the true next token. */
  readonly after: string;
  readonly next: { readonly id: number; readonly piece: string };
  /** T, A, B, … */
  readonly columns: readonly {
    readonly letter: string;
    readonly weight: number;
    readonly reason?: string;
    readonly case?: string;
    /** The source's own candidates before mapping, the likeliest first; for T none: they are `row`. */
    readonly own: readonly OwnCandidate[];
    /** Over the target's vocabulary. */
    readonly row: readonly RowEntry[];
    /**
     * Of 1, the source's mass before any of it is scaled away: `mapped`, `leftOver` (beyond the top k, and what
     * the gold path leaves), `noTargetToken` and `duplicateDropped` add up to 1; `merged` is a part of `mapped`.
     */
    readonly mass: {
      readonly mapped: number;
      readonly leftOver: number;
      readonly noTargetToken: number;
      readonly duplicateDropped: number;
      readonly merged: number;
    };
    /** Exact loss at the true next token (of its bytes), in bits. */
    readonly bits: number | null;
    /** Rank of the true next token in the model's own distribution, from 1, where it is known. */
    readonly trueRank?: number;
  }[];
  readonly fused: {
    /** The letter of the model whose row it is, `blended` or `none`. */
    readonly from: string;
    readonly row: readonly RowEntry[];
    readonly leftOver: number;
  };
  /** At the λ asked for. The view works it out anew for another λ; it needs the fall-back only where nothing is fused. */
  readonly taught: {
    readonly label: number;
    readonly fused: number;
    readonly row: readonly RowEntry[];
    readonly leftOver: number;
  };
}
