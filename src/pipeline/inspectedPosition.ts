/**
 * One position of a text under inspection, in plain values: what each model says, what becomes of a source's
 * candidates one by one, what the fused row is made of, and what the target would be taught.
 */
import type { BoundaryCase, NoRowReason } from "../core/fusion/representation.ts";
import type { MapKind } from "../core/vocabulary/vocabularyMap.ts";

/** A token with a probability. */
export interface Entry {
  readonly id: number;
  readonly piece: string;
  readonly p: number;
}

/**
 * What becomes of a source's candidate. `kept`: its target token has its mass. `merged`: added to mass that is
 * there already. `goldPath`: the source's true next token, in whose place the true next target token has the
 * source's probability of its bytes. `leftOver`: not mapped, because only the gold path is wanted here. The
 * others are lost: `duplicateDropped`, `noTargetToken`.
 */
export type CandidateFate =
  | "kept"
  | "merged"
  | "goldPath"
  | "leftOver"
  | "duplicateDropped"
  | "noTargetToken";

export interface SourceCandidate extends Entry {
  /** How the vocabulary map came to its target token. */
  readonly kind: MapKind;
  readonly to: { readonly id: number; readonly piece: string } | null;
  /** Absent where the source has no row. */
  readonly becomes?: CandidateFate;
}

export interface SourcePosition {
  readonly source: string;
  /** Why there is no row; absent where there is one. */
  readonly reason?: NoRowReason;
  readonly case?: BoundaryCase;
  /** The source's own top k where it answers for this position, the likeliest first; empty where it does not. */
  readonly own: readonly SourceCandidate[];
  /** Over the target's vocabulary. */
  readonly row: readonly Entry[];
  readonly mass: {
    readonly leftOver: number;
    readonly noTargetToken: number;
    readonly duplicateDropped: number;
    readonly merged: number;
  };
  /** −ln of the source's probability of the true next token's bytes. */
  readonly goldNats: number | null;
}

export interface InspectedPosition {
  /** In the whole text. Every chunk begins with a position for BOS. */
  readonly index: number;
  /** What was read last. Its end is a byte of the whole text. */
  readonly token: { readonly id: number; readonly piece: string; readonly byteEnd: number };
  /** What comes next in truth, EOS last. */
  readonly next: { readonly id: number; readonly piece: string };
  readonly target: {
    readonly row: readonly Entry[];
    readonly leftOver: number;
    readonly nats: number;
  };
  readonly sources: readonly SourcePosition[];
  /** What each candidate's row weighs in the fused row, [target, sources …]; all 0 where there is none. */
  readonly weights: readonly number[];
  readonly fused: {
    /** The candidate whose row it is, `blended` or `none`. */
    readonly from: string;
    readonly row: readonly Entry[];
    readonly leftOver: number;
  };
  /** What the loss asks for: `label` times the true next token plus `fused` times the row, as one distribution. */
  readonly taught: {
    readonly label: number;
    readonly fused: number;
    readonly row: readonly Entry[];
    readonly leftOver: number;
  };
}
