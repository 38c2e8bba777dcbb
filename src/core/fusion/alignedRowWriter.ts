/** A row writer that also keeps, row by row, why there is no row and what became of the mass. */
import {
  type AlignedRepresentation,
  type NoRowReason,
  noRowReasons,
  type SparseRows,
} from "./representation.ts";
import { createRowWriter } from "./rowWriter.ts";
import type { Tail } from "./settings.ts";
import type { SharedPositions } from "./sharedPositions.ts";

export interface AlignedRowWriter {
  /** Gives mass to a target id; what joins mass already there is counted as merged. */
  give(id: number, mass: number): void;
  /** Gives mass to a target id unless it has some, in which case the mass is dropped and counted. */
  giveFirst(id: number, mass: number): void;
  /** Leaves mass over for want of a target token. */
  lose(mass: number): void;
  close(tail: Tail): void;
  closeWithout(reason: NoRowReason): void;
  finish(shared: SharedPositions): AlignedRepresentation;
}

export function createAlignedRowWriter(
  rows: number,
  capacity: number,
  vocabulary: number,
): AlignedRowWriter {
  const writer = createRowWriter(rows, capacity, vocabulary);
  const outcome = new Uint8Array(rows);
  const noTargetToken = new Float32Array(rows);
  const duplicateDropped = new Float32Array(rows);
  const merged = new Float32Array(rows);
  let row = 0;

  return {
    give(id, mass) {
      if (writer.add(id, mass)) merged[row] += mass;
    },
    giveFirst(id, mass) {
      if (writer.has(id)) duplicateDropped[row] += mass;
      else writer.add(id, mass);
    },
    lose(mass) {
      noTargetToken[row] += mass;
    },
    close(tail) {
      writer.close(tail);
      row++;
    },
    closeWithout(reason) {
      outcome[row] = noRowReasons.indexOf(reason) + 1;
      writer.close("bucket");
      row++;
    },
    finish({ boundaryCase, goldNats }) {
      const sparse: SparseRows = writer.finish();
      return {
        ...sparse,
        outcome,
        boundaryCase,
        goldNats,
        noTargetToken,
        duplicateDropped,
        merged,
      };
    },
  };
}
