/**
 * Where source and target stand at the same byte, and what the source says there of the target's true next
 * token: the gold path (ours). Both next tokens begin at that byte, so they are the same, or the source's is
 * longer, or it is shorter and the tokens after it are read on until the target token's last byte is reached
 * (`shorter`) or passed (`overshoot`, an upper bound of the probability).
 */
import { rowEnds, sharedBoundaries } from "../alignment/byteSpans.ts";
import type { Encoding } from "../text/tokenizer.ts";
import {
  type BoundaryCase,
  boundaryCases,
  noBoundaryCase,
  type Representation,
} from "./representation.ts";

export interface SharedPositions {
  /** [target rows], the source row at the same byte, −1 where there is none. */
  readonly sourceRow: Int32Array;
  /** [target rows], index into `boundaryCases`, `noBoundaryCase` where no boundary is shared or the chain is cut off. */
  readonly boundaryCase: Uint8Array;
  /** [target rows], −ln of the source's probability of the true next target token's bytes; NaN where not known. */
  readonly goldNats: Float32Array;
  /** [target rows], the gold path reads the source rows from `sourceRow` up to here, this one excluded. */
  readonly chainEnd: Int32Array;
}

/**
 * For two encodings of one text and the source's nats. A representation with fewer rows than its encoding was
 * cut off: what needs the missing rows is not known.
 */
export function sharedPositions(
  target: Encoding,
  source: Encoding,
  { rows, nats }: Pick<Representation, "rows" | "nats">,
): SharedPositions {
  const targetEnds = rowEnds(target.ends);
  const sourceEnds = rowEnds(source.ends);
  const sourceRow = sharedBoundaries(targetEnds, sourceEnds);
  const boundaryCase = new Uint8Array(targetEnds.length).fill(noBoundaryCase);
  const goldNats = new Float32Array(targetEnds.length).fill(Number.NaN);
  const chainEnd = new Int32Array(targetEnds.length);

  for (let i = 0; i < targetEnds.length; i++) {
    const first = sourceRow[i];
    if (first < 0) continue;
    const { end, kind } = chainFrom(first, i, sourceEnds, targetEnds);
    if (end > rows) continue;
    let sum = 0;
    for (let j = first; j < end; j++) sum += nats[j];
    boundaryCase[i] = boundaryCases.indexOf(kind);
    goldNats[i] = sum;
    chainEnd[i] = end;
  }
  return { sourceRow, boundaryCase, goldNats, chainEnd };
}

/** Row `first` predicts the source token that ends at row `first + 1`, and so on; the last rows predict EOS. */
function chainFrom(
  first: number,
  targetRow: number,
  sourceEnds: Int32Array,
  targetEnds: Int32Array,
): { end: number; kind: BoundaryCase } {
  // Past the last end of the text both sides have only EOS before them.
  if (targetRow === targetEnds.length - 1) return { end: first + 1, kind: "same" };
  const wanted = targetEnds[targetRow + 1];
  let end = first + 1;
  if (sourceEnds[end] > wanted) return { end, kind: "longer" };
  if (sourceEnds[end] === wanted) return { end, kind: "same" };
  while (sourceEnds[end] < wanted) end++;
  return { end, kind: sourceEnds[end] === wanted ? "shorter" : "overshoot" };
}
