/**
 * What is chosen: one cell of the matrix, that is a source token and a target token. Everything else that can be
 * pointed at (a token in the ribbon, a row of the table, a place in the text) comes to a cell here.
 */
import { noAnswer, type Pair } from "./alignedText.ts";
import type { Cell } from "./geometry/matrix.ts";
import { nearestOnPath } from "./geometry/path.ts";
import { tokenAt, tokenCount, tokenSpan } from "./tokenTrack.ts";

/** A target token with the source token that answers for it, or that is nearest to doing so. */
export function cellOfTarget(pair: Pair, column: number): Cell {
  const { dtw, bytes, source, target } = pair;
  const answer = dtw?.answers[column] ?? noAnswer;
  if (answer !== noAnswer) return { row: answer, column };
  if (bytes[column] !== noAnswer) return { row: bytes[column], column };
  return { row: Math.max(0, tokenAt(source, tokenSpan(target, column).from)), column };
}

export function cellOfSource({ dtw, source, target }: Pair, row: number): Cell {
  const answered = dtw?.answers.indexOf(row) ?? -1;
  if (answered >= 0) return { row, column: answered };
  return { row, column: Math.max(0, tokenAt(target, tokenSpan(source, row).from)) };
}

export function cellOfByte(pair: Pair, byte: number): Cell {
  return cellOfTarget(pair, Math.max(0, tokenAt(pair.target, byte)));
}

export function movedCell(pair: Pair, cell: Cell, dx: number, dy: number): Cell {
  const within = (index: number, count: number): number =>
    Math.min(Math.max(0, count - 1), Math.max(0, index));
  return {
    row: within(cell.row + dy, tokenCount(pair.source)),
    column: within(cell.column + dx, tokenCount(pair.target)),
  };
}

/** The cell `steps` further on the path, from the place on it that is nearest. */
export function alongPath(path: Int32Array, cell: Cell, steps: number): Cell {
  const count = path.length / 2;
  const at = Math.min(count - 1, Math.max(0, nearestOnPath(path, cell) + steps));
  return count === 0 ? cell : { row: path[2 * at], column: path[2 * at + 1] };
}
