import { letterBadge } from "../shared/chips.ts";
import { make } from "../shared/dom.ts";
import { tokenElement } from "../shared/tokenElement.ts";
import { type DetailRow, lostOf } from "./detailRows.ts";
import type { DetailTableInput } from "./detailTableInput.ts";
import { fusedFigure, taughtFigures, trueBeyond } from "./figureCells.ts";
import { massOf, massOfRow } from "./mass.ts";
import { massCell } from "./massCell.ts";
import { count, probability, weight } from "./numbers.ts";
import { probabilityFigure } from "./probabilityCell.ts";
import { lostList, sourceCell } from "./sourceCell.ts";
import { caseWords, fallbackWords, reasonWords, taughtFormula } from "./strings.ts";

/** Models as they stand in columns: the sources, then T. */
export const columnOrder = (models: number): number[] => [
  ...Array.from({ length: models - 1 }, (_, s) => s + 1),
  0,
];

/** Of every column, so that their bars can be compared. */
const massWidth = 104;

export function detailTable(input: DetailTableInput): HTMLTableElement {
  const { position, rows } = input;
  const order = columnOrder(position.columns.length);
  const body = make("tbody");
  body.append(...rows.map((row, i) => tableRow(input, row, i, order)));
  const table = make(
    "table",
    "detail-table",
    make("thead", "", headRow(input, order)),
    body,
    make("tfoot", "", ...lostRow(input, order), massRow(input, order)),
  );
  table.setAttribute("aria-label", "Candidates at the chosen position");
  return table;
}

function headRow({ position, names, lambda, taught }: DetailTableInput, order: readonly number[]) {
  const first = head("col-token", make("span", "", "target token"));
  const models = order.map((m) => {
    const { letter, weight: own, reason, case: boundary, row } = position.columns[m];
    const sub = m === 0 ? `top ${row.length}` : reason === undefined ? "own → as T" : "no row here";
    const cell = head(
      modelColumn(m),
      letterBadge(letter),
      make("span", "head-name", names[m]),
      make("span", "head-weight number", `w ${weight(own)}`),
      make("span", "head-sub muted small", sub),
    );
    cell.dataset.letter = letter;
    cell.dataset.weight = own.toPrecision(9);
    if (boundary !== undefined) cell.title = `${names[m]}: ${caseWords(boundary)}`;
    cell.classList.toggle("has-no-weight", own === 0);
    return cell;
  });
  const { from } = position.fused;
  const origin = from === "none" ? "no row" : from === "blended" ? "blended" : `from ${from}`;
  const fused = head(
    "col-fused",
    make("b", "", "FUSED"),
    make("span", "head-sub muted small", origin),
  );
  const formula = taught.fallback === undefined ? taughtFormula : "fall-back";
  const last = head(
    "col-taught",
    make("b", "", "TAUGHT"),
    make("span", "head-sub muted small", `λ ${weight(lambda)}`),
  );
  last.title = taught.fallback === undefined ? formula : fallbackWords[taught.fallback];
  return make("tr", "", first, ...models, fused, last);
}

function head(column: string, ...content: readonly HTMLElement[]): HTMLTableCellElement {
  const cell = make("th", column, make("div", "head", ...content));
  cell.scope = "col";
  return cell;
}

function tableRow(
  input: DetailTableInput,
  row: DetailRow,
  index: number,
  order: readonly number[],
): HTMLTableRowElement {
  const { position, show, candidateId } = input;
  const line = make("tr", lineClass(row, index), tokenCell(input, row));
  line.dataset.tokenId = String(row.id);
  line.dataset.index = String(index);
  line.id = candidateId(index);
  for (const m of order) {
    const column = position.columns[m];
    if (column.reason !== undefined) {
      if (index === 0) line.append(emptySlot(input, m));
      continue;
    }
    const cell = make("td", modelColumn(m));
    cell.dataset.letter = column.letter;
    cell.classList.toggle("has-no-weight", column.weight === 0);
    const given = row.cells[m];
    if (given === null) cell.append(...trueBeyond(input, row, m));
    else if (m === 0) cell.append(probabilityFigure(given.p, column.letter));
    else cell.append(sourceCell(given, m, column.letter, show));
    if (row.isTrue && column.trueRank !== undefined) {
      const rank = make("span", "p-rank muted small", `its rank ${count(column.trueRank)}`);
      rank.title = `Where ${column.letter}'s own true next token stands in its own order`;
      (cell.querySelector(".p") ?? cell).append(rank);
    }
    line.append(cell);
  }
  line.append(
    make("td", "col-fused", ...fusedFigure(input, row)),
    make("td", "col-taught", ...taughtFigures(input, row)),
  );
  return line;
}

/** The target has no pieces of another vocabulary to show: its column is narrower. */
const modelColumn = (m: number): string => (m === 0 ? "col-model col-target" : "col-model");

/** `is-far`: lines between it and the one above are left out. */
export function lineClass({ isTrue, place }: DetailRow, index: number): string {
  if (!isTrue) return "";
  return place === index ? "is-true" : "is-true is-far";
}

function tokenCell({ position, show }: DetailTableInput, row: DetailRow): HTMLTableCellElement {
  const cell = make("th", "col-token");
  cell.scope = "row";
  const mark = make("span", "check", row.isTrue ? "✓" : "");
  if (row.isTrue) mark.title = "the true next token";
  const inner = make("div", "token-cell", mark, tokenElement(show(0, row.piece)));
  if (row.isTrue && position.fused.from !== "none") {
    const rank = row.rank === null ? `beyond ${position.fused.row.length}` : `rank ${row.rank}`;
    const note = make("span", "rank muted small", rank);
    note.title = "Where the true next token stands in FUSED";
    inner.append(note);
  }
  cell.append(inner);
  return cell;
}

/** No row is not a row of zeroes: one empty slot down the column, with its reason in words. */
function emptySlot({ position, rows, names }: DetailTableInput, m: number): HTMLTableCellElement {
  const { reason = "", letter } = position.columns[m];
  const cell = make(
    "td",
    `${modelColumn(m)} empty-slot`,
    make("div", "empty-words", make("span", "empty-sign", "∅"), reasonWords(reason)),
  );
  cell.rowSpan = rows.length;
  cell.dataset.letter = letter;
  cell.dataset.reason = reason;
  cell.title = `${names[m]} has no row here: ${reasonWords(reason)} (${reason}). It has no say.`;
  return cell;
}

/** Candidates lost on the way, where there are any. */
function lostRow({ position, show }: DetailTableInput, order: readonly number[]): HTMLElement[] {
  const lists = order.map((m) => {
    const { reason, own } = position.columns[m];
    return reason === undefined ? lostList(lostOf(own), m, show) : undefined;
  });
  if (lists.every((list) => list === undefined)) return [];
  const title = make("th", "col-token muted", "lost in mapping");
  title.scope = "row";
  const cells = lists.map((list, i) => {
    const cell = make("td", modelColumn(order[i]), ...(list === undefined ? [] : [list]));
    cell.dataset.letter = position.columns[order[i]].letter;
    return cell;
  });
  return [
    make("tr", "lost-row", title, ...cells, make("td", "col-fused"), make("td", "col-taught")),
  ];
}

function massRow({ position, taught }: DetailTableInput, order: readonly number[]): HTMLElement {
  const title = make("th", "col-token muted", "mass");
  title.scope = "row";
  const cells = order.map((m) => {
    const { letter, reason, mass } = position.columns[m];
    const cell = make("td", modelColumn(m));
    if (reason === undefined) cell.append(massCell(massOf(mass), letter, massWidth));
    return cell;
  });
  const fused = make("td", "col-fused");
  if (position.fused.from !== "none") {
    const { row, leftOver } = position.fused;
    fused.append(massCell(massOfRow(row, leftOver), "", massWidth));
  }
  const last = make("td", "col-taught");
  if (taught.fallback === "skip") {
    last.append(make("div", "small muted", `weighs ${probability(taught.label)} in all`));
  } else last.append(massCell(massOfRow(taught.row, taught.leftOver), "", massWidth));
  return make("tr", "mass-row", title, ...cells, fused, last);
}
