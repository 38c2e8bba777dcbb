/**
 * The chosen position as a matrix: candidates of anybody down, models across, probability as a bar in the cell.
 * Says nothing of own pieces; it is for comparing three and more sources at a glance.
 */
import { letterBadge } from "../shared/chips.ts";
import { make } from "../shared/dom.ts";
import { tokenElement } from "../shared/tokenElement.ts";
import type { DetailRow } from "./detailRows.ts";
import { columnOrder, lineClass } from "./detailTable.ts";
import type { DetailTableInput } from "./detailTableInput.ts";
import { fusedFigure, taughtFigures, trueBeyond } from "./figureCells.ts";
import { weight } from "./numbers.ts";
import { probabilityFigure } from "./probabilityCell.ts";
import { reasonWords } from "./strings.ts";

export function matrixTable(input: DetailTableInput): HTMLTableElement {
  const { position, names, rows, candidateId } = input;
  const order = columnOrder(position.columns.length);
  const heads = order.map((m) => {
    const { letter, weight: own, reason } = position.columns[m];
    const cell = make(
      "th",
      "col-matrix",
      letterBadge(letter),
      make("span", "head-weight number", `w ${weight(own)}`),
    );
    cell.scope = "col";
    cell.dataset.letter = letter;
    cell.dataset.weight = own.toPrecision(9);
    cell.title =
      reason === undefined ? names[m] : `${names[m]} has no row here: ${reasonWords(reason)}`;
    cell.classList.toggle("has-no-weight", own === 0);
    return cell;
  });
  const last = ["FUSED", "TAUGHT"].map((name) => {
    const cell = make("th", `col-matrix col-${name.toLowerCase()}`, make("b", "", name));
    cell.scope = "col";
    return cell;
  });
  const first = make("th", "col-token", "target token");
  first.scope = "col";
  const body = make("tbody");
  rows.forEach((row, i) => {
    const line = make("tr", lineClass(row, i), rowHead(input, row));
    line.dataset.tokenId = String(row.id);
    line.dataset.index = String(i);
    line.id = candidateId(i);
    line.append(
      ...order.map((m) => modelCell(input, row, m, i)),
      make("td", "col-matrix col-fused", ...fusedFigure(input, row)),
      make("td", "col-matrix col-taught", ...taughtFigures(input, row)),
    );
    body.append(line);
  });
  const table = make(
    "table",
    "detail-table matrix-table",
    make("thead", "", make("tr", "", first, ...heads, ...last)),
    body,
  );
  table.setAttribute("aria-label", "Candidates at the chosen position by model");
  return table;
}

function rowHead({ show }: DetailTableInput, row: DetailRow): HTMLElement {
  const cell = make("th", "col-token");
  cell.scope = "row";
  cell.append(
    make(
      "div",
      "token-cell",
      make("span", "check", row.isTrue ? "✓" : ""),
      tokenElement(show(0, row.piece)),
    ),
  );
  return cell;
}

function modelCell(input: DetailTableInput, row: DetailRow, m: number, index: number): HTMLElement {
  const { letter, reason, weight: own } = input.position.columns[m];
  const cell = make("td", "col-matrix");
  cell.dataset.letter = letter;
  cell.classList.toggle("has-no-weight", own === 0);
  const given = row.cells[m];
  if (reason !== undefined) {
    cell.classList.add("empty-slot");
    cell.dataset.reason = reason;
    cell.title = `No row here: ${reasonWords(reason)}`;
    if (index === 0) cell.append(make("span", "empty-sign", "∅"));
  } else if (given !== null) cell.append(probabilityFigure(given.p, letter));
  else cell.append(...trueBeyond(input, row, m));
  return cell;
}
