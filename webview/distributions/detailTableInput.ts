/** All that the table of a position is made from. */
import type { FusedPosition } from "../../src/protocol/distributionsView.ts";
import type { DetailRow } from "./detailRows.ts";
import type { ShowPiece } from "./pieces.ts";
import type { Taught } from "./taught.ts";

export interface DetailTableInput {
  readonly position: FusedPosition;
  readonly taught: Taught;
  /** Those that are shown. */
  readonly rows: readonly DetailRow[];
  readonly names: readonly string[];
  readonly lambda: number;
  /** Bits that the fused loss has at least, where the true next token lies beyond the fused row's candidates. */
  readonly bound: number | undefined;
  readonly show: ShowPiece;
  readonly candidateId: (index: number) => string;
}
