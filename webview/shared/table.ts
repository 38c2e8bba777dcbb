/**
 * The table twin of a drawing: every figure as words, sortable, to be copied. Only the rows in sight are built; the
 * grid says how many there are. One tab stop; the focus stays on the grid and points at the cell it stands on
 * (aria-activedescendant), so that a cell may go away when it is scrolled out of sight.
 */
import { freshId, make } from "./dom.ts";
import { csvText, tsvText } from "./separated.ts";
import { rowWindow, scrollToRow } from "./tableGeometry.ts";

export interface Column<Row> {
  readonly label: string;
  /** As it is read, and copied. */
  readonly text: (row: Row) => string;
  /** What rows are ordered by; without it, their text. NaN comes last either way. */
  readonly sortBy?: (row: Row) => number | string;
  readonly kind?: "number" | "token";
  /** What the column means. */
  readonly title?: string;
}

export interface TableOptions<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly onChoose?: (row: Row) => void;
  /** Given TSV. */
  readonly onCopy?: (text: string) => void;
}

export interface TableTwin<Row> {
  readonly element: HTMLElement;
  setRows(rows: readonly Row[]): void;
  /** Marks a row and scrolls to it; tells nobody. */
  choose(row: Row | undefined): void;
  focus(): void;
  /** The whole table in the order shown. */
  csv(): string;
  tsv(): string;
  /** The chosen row under the head; empty where none is chosen. */
  chosenTsv(): string;
}

const rowHeight = 24;
const widestColumn = 44;

export function tableTwin<Row>({
  name,
  columns,
  rows: given,
  onChoose,
  onCopy,
}: TableOptions<Row>): TableTwin<Row> {
  const id = freshId("table");
  const table = make("table");
  table.setAttribute("role", "presentation");
  const sizes = make("colgroup", "", ...columns.map(() => make("col")));
  const head = headOf(columns, id, (column) => sortBy(column));
  const above = spacer(columns.length);
  const below = spacer(columns.length);
  const rowsBody = make("tbody");
  for (const group of [head, above, rowsBody, below]) group.setAttribute("role", "rowgroup");
  above.setAttribute("role", "presentation");
  below.setAttribute("role", "presentation");
  table.append(sizes, head, above, rowsBody, below);
  const element = make("div", "grid", table);
  element.setAttribute("role", "grid");
  element.setAttribute("aria-label", name);
  element.setAttribute("aria-colcount", String(columns.length));
  element.tabIndex = 0;

  let original = given;
  let rows: readonly Row[] = given;
  let order: { readonly column: number; readonly down: boolean } | undefined;
  let chosen: Row | undefined;
  let isAll = false;
  /** Row −1 is the head. */
  let at = { row: given.length > 0 ? 0 : -1, column: 0 };

  const render = (): void => {
    const inSight = element.clientHeight - rowHeight;
    const { from, to } = rowWindow(rows.length, rowHeight, element.scrollTop, Math.max(0, inSight));
    setHeight(above, from * rowHeight);
    setHeight(below, (rows.length - to) * rowHeight);
    rowsBody.replaceChildren(...rows.slice(from, to).map((row, i) => rowOf(row, from + i)));
    pointAt();
  };
  const rowOf = (row: Row, index: number): HTMLElement => {
    const cells = columns.map((column, c) => {
      const cell = make("td", column.kind === "number" ? "number" : "");
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", String(c + 1));
      cell.id = `${id}-${index}-${c}`;
      const text = column.text(row);
      cell.append(column.kind === "token" ? make("bdi", "token", text) : text);
      if (text.length > widestColumn) cell.title = text;
      return cell;
    });
    const line = make("tr", "", ...cells);
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", String(index + 2));
    line.setAttribute("aria-selected", String(isAll || row === chosen));
    line.dataset.row = String(index);
    return line;
  };
  const pointAt = (): void => {
    for (const cell of table.querySelectorAll(".at")) cell.classList.remove("at");
    const cellId = at.row < 0 ? `${id}-head-${at.column}` : `${id}-${at.row}-${at.column}`;
    const cell = document.getElementById(cellId);
    cell?.classList.add("at");
    if (cell === null) element.removeAttribute("aria-activedescendant");
    else element.setAttribute("aria-activedescendant", cellId);
  };
  const arrange = (): void => {
    rows = order === undefined ? original : sorted(original, columns[order.column], order.down);
    columns.forEach((_, c) => {
      const sort = order?.column === c ? (order.down ? "descending" : "ascending") : "none";
      head.querySelectorAll("th")[c].setAttribute("aria-sort", sort);
    });
    element.setAttribute("aria-rowcount", String(rows.length + 1));
    at = { ...at, row: Math.min(at.row, rows.length - 1) };
    render();
  };
  /** First up, then down, then as it was. */
  const sortBy = (column: number): void => {
    if (order?.column !== column) order = { column, down: false };
    else order = order.down ? undefined : { column, down: true };
    arrange();
  };
  const moveTo = (row: number, column: number): void => {
    at = {
      row: Math.max(-1, Math.min(rows.length - 1, row)),
      column: Math.max(0, Math.min(columns.length - 1, column)),
    };
    reveal(at.row);
    render();
    table.querySelector(".at")?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  };
  const reveal = (row: number): void => {
    if (row < 0) return;
    const height = element.clientHeight - rowHeight;
    element.scrollTop = scrollToRow(row, rowHeight, element.scrollTop, height);
  };
  const take = (row: number): void => {
    isAll = false;
    chosen = rows[row];
    render();
    if (chosen !== undefined) onChoose?.(chosen);
  };
  const texts = (row: Row): string[] => columns.map(({ text }) => text(row));
  const labels = columns.map(({ label }) => label);
  const tsv = (): string => tsvText([labels, ...rows.map(texts)]);
  const chosenTsv = (): string => (chosen === undefined ? "" : tsvText([labels, texts(chosen)]));

  element.addEventListener("scroll", render, { passive: true });
  new ResizeObserver(render).observe(element);
  rowsBody.addEventListener("click", ({ target }) => {
    const cell = target instanceof Element ? target.closest("td") : null;
    const row = Number(cell?.parentElement?.dataset.row);
    if (cell === null || Number.isNaN(row)) return;
    at = { row, column: Number(cell.getAttribute("aria-colindex")) - 1 };
    take(row);
  });
  element.addEventListener("keydown", (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((element.clientHeight - rowHeight) / rowHeight) - 1);
    const by = event.shiftKey ? 10 : 1;
    const acts: Readonly<Record<string, () => void>> = isCommand
      ? {
          a: () => {
            isAll = true;
            render();
          },
          c: () => onCopy?.(isAll || chosen === undefined ? tsv() : chosenTsv()),
          Home: () => moveTo(0, 0),
          End: () => moveTo(rows.length - 1, columns.length - 1),
        }
      : {
          ArrowUp: () => moveTo(at.row - by, at.column),
          ArrowDown: () => moveTo(at.row + by, at.column),
          ArrowLeft: () => moveTo(at.row, at.column - 1),
          ArrowRight: () => moveTo(at.row, at.column + 1),
          PageUp: () => moveTo(Math.max(0, at.row - page), at.column),
          PageDown: () => moveTo(at.row + page, at.column),
          Home: () => moveTo(0, at.column),
          End: () => moveTo(rows.length - 1, at.column),
          Enter: () => (at.row < 0 ? sortBy(at.column) : take(at.row)),
        };
    // With Caps Lock a letter comes as a capital.
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = event.altKey ? undefined : acts[key];
    const isOfPage = isCommand && key === "c" && getSelection()?.isCollapsed === false;
    if (act === undefined || isOfPage) return;
    event.preventDefault();
    act();
  });

  // The editor answers "select all" by selecting the whole page, and would then copy that.
  document.addEventListener("selectstart", (event) => {
    const isOwn = event.target instanceof Node && element.contains(event.target);
    if (document.activeElement === element && !isOwn) event.preventDefault();
  });

  const measure = (): void => {
    [...sizes.children].forEach((size, c) => {
      (size as HTMLElement).style.width = `${widthOf(columns[c], original)}ch`;
    });
    const total = columns.reduce((sum, column) => sum + widthOf(column, original), 0);
    table.style.width = `${total}ch`;
  };
  measure();
  arrange();
  return {
    element,
    setRows(next) {
      original = next;
      chosen = undefined;
      isAll = false;
      if (at.row < 0 && next.length > 0) at = { row: 0, column: 0 };
      measure();
      arrange();
    },
    choose(row) {
      chosen = row;
      isAll = false;
      const index = row === undefined ? -1 : rows.indexOf(row);
      if (index >= 0) {
        at = { row: index, column: at.column };
        reveal(index);
      }
      render();
    },
    focus: () => element.focus(),
    csv: () => csvText(labels, rows.map(texts)),
    tsv,
    chosenTsv,
  };
}

function headOf<Row>(
  columns: readonly Column<Row>[],
  id: string,
  onSort: (column: number) => void,
): HTMLTableSectionElement {
  const cells = columns.map(({ label, kind, title }, c) => {
    const cell = make("th", kind === "number" ? "number" : "", label);
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-colindex", String(c + 1));
    cell.scope = "col";
    cell.id = `${id}-head-${c}`;
    if (title !== undefined) cell.title = title;
    cell.addEventListener("click", () => onSort(c));
    return cell;
  });
  const row = make("tr", "", ...cells);
  row.setAttribute("role", "row");
  row.setAttribute("aria-rowindex", "1");
  return make("thead", "", row);
}

/** Stands for the rows that are not built. */
function spacer(columns: number): HTMLTableSectionElement {
  const cell = make("td");
  cell.colSpan = columns;
  const row = make("tr", "spacer", cell);
  row.setAttribute("role", "presentation");
  cell.setAttribute("role", "presentation");
  const body = make("tbody", "", row);
  body.setAttribute("aria-hidden", "true");
  return body;
}

function setHeight(space: HTMLElement, height: number): void {
  space.hidden = height === 0;
  const cell = space.querySelector("td");
  if (cell !== null) cell.style.height = `${height}px`;
}

/** Stable; what has no figure comes last, whichever way. */
function sorted<Row>(rows: readonly Row[], column: Column<Row>, down: boolean): readonly Row[] {
  const sign = down ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: column.sortBy?.(row) ?? column.text(row) }));
  keyed.sort((a, b) => {
    if (typeof a.key === "number" && typeof b.key === "number") {
      if (Number.isNaN(a.key) || Number.isNaN(b.key)) {
        return Number(Number.isNaN(a.key)) - Number(Number.isNaN(b.key));
      }
      return sign * (a.key - b.key);
    }
    return sign * collator.compare(String(a.key), String(b.key));
  });
  return keyed.map(({ row }) => row);
}

const collator = new Intl.Collator("en", { numeric: true });

/** In characters, from the longest of the first thousand rows. */
function widthOf<Row>({ label, text, kind }: Column<Row>, rows: readonly Row[]): number {
  let most = label.length + 2;
  for (const row of rows.slice(0, 1000)) most = Math.max(most, text(row).length);
  return Math.min(widestColumn, most * (kind === "token" ? 1.15 : 1)) + 3;
}
