/** The chosen position as separated text: what `y` copies, and the file of *Export this position*. */
import { csvText, tsvText } from "../shared/separated.ts";
import type { DetailRow } from "./detailRows.ts";
import type { ShowPiece } from "./pieces.ts";

type Line = (string | number | null)[];

const headOf = (letters: readonly string[]): string[] => [
  "id",
  "token",
  "true",
  "rank in fused",
  ...letters,
  "fused",
  "taught",
];

const lineOf = (row: DetailRow, show: ShowPiece): Line => [
  row.id,
  show(0, row.piece).whole,
  row.isTrue ? 1 : 0,
  row.rank,
  ...row.cells.map((cell) => cell?.p ?? null),
  row.fused,
  row.taught,
];

export const candidatesCsv = (
  rows: readonly DetailRow[],
  letters: readonly string[],
  show: ShowPiece,
): string =>
  csvText(
    headOf(letters),
    rows.map((row) => lineOf(row, show)),
  );

export const candidateTsv = (row: DetailRow, letters: readonly string[], show: ShowPiece): string =>
  tsvText([
    headOf(letters),
    lineOf(row, show).map((value) => (value === null ? "" : String(value))),
  ]);
