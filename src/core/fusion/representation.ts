/**
 * Next-token distributions, cut to their top k, in the three shapes they take on their way to the loss:
 * as a model gives them (Representation), rewritten over the target's positions and vocabulary
 * (AlignedRepresentation), and fused (FusedRows).
 *
 * A chunk of n tokens is read as [BOS, t0 … t(n-1)] and has n + 1 rows. Row i is the prediction of what
 * comes after element i of that sequence; row n predicts EOS. Row 0's position ends at byte 0, row i + 1's at
 * the end of token i.
 */

/** Why a target position has no row from a source. Closed list; index + 1 is the code in `outcome`. */
export const noRowReasons = [
  "nothingBefore",
  "notOneToOne",
  "piecesDiffer",
  "noSharedBoundary",
  "textDiffers",
  "truncated",
] as const;
export type NoRowReason = (typeof noRowReasons)[number];

/** How the true next tokens of source and target relate where a boundary is shared. Index is the code in `boundaryCase`. */
export const boundaryCases = ["same", "longer", "shorter", "overshoot"] as const;
export type BoundaryCase = (typeof boundaryCases)[number];
export const noBoundaryCase = 255;

/** One model's distributions over one chunk, in its own tokens. */
export interface Representation {
  readonly rows: number;
  readonly topK: number;
  /** [rows * topK], descending probability within a row. */
  readonly ids: Int32Array;
  /** [rows * topK], nats. */
  readonly logProbs: Float32Array;
  /** [rows], probability outside the top k. */
  readonly leftOver: Float32Array;
  /** [rows], −ln p(true next token). The last row's is EOS's. */
  readonly nats: Float32Array;
}

/** Sparse distributions over the target's vocabulary: row i holds entries offsets[i] … offsets[i + 1]. Ids are unique within a row. */
export interface SparseRows {
  readonly rows: number;
  /** [rows + 1] */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly probs: Float32Array;
  /** [rows], 1 − Σ probs of the row: what no id carries. */
  readonly leftOver: Float32Array;
}

/** A source's representation rewritten over the target's positions and vocabulary. */
export interface AlignedRepresentation extends SparseRows {
  /** [rows], 0 where there is a row, else 1 + index into `noRowReasons`. */
  readonly outcome: Uint8Array;
  /** [rows], index into `boundaryCases`, `noBoundaryCase` where it does not apply. */
  readonly boundaryCase: Uint8Array;
  /** [rows], −ln of the source's probability of the true next target token's bytes; NaN where it is not known. */
  readonly goldNats: Float32Array;
  /** [rows], mass by what became of it. `noTargetToken` and `duplicateDropped` are part of `leftOver`; `merged` is kept. */
  readonly noTargetToken: Float32Array;
  readonly duplicateDropped: Float32Array;
  readonly merged: Float32Array;
}

/** The distributions the target is taught, after fusion. */
export interface FusedRows extends SparseRows {
  /** [rows], which candidate the row is from: 0 the target, 1 … the sources in recipe order, `blendedRow` a mixture, `noFusedRow` none. */
  readonly from: Int8Array;
}
export const blendedRow = -2;
export const noFusedRow = -1;
