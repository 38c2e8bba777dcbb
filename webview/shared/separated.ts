/** Tables as text: CSV (RFC 4180) for files, TSV for the clipboard. Figures are written as they are, never rounded. */

export type Cell = string | number | null;

export function csvText(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = "";
  for (const row of [head, ...rows]) text += `${row.map(csvCell).join(",")}\r\n`;
  return text;
}

export function tsvText(rows: Iterable<readonly Cell[]>): string {
  return Array.from(rows, (row) => row.map(tsvCell).join("\t")).join("\n");
}

function csvCell(cell: Cell): string {
  const text = plain(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A tab or line end would begin another cell. */
const tsvCell = (cell: Cell): string => plain(cell).replace(/[\t\r\n]+/g, " ");

/** What is not there (NaN, null) is an empty cell. */
function plain(cell: Cell): string {
  if (cell === null || Number.isNaN(cell)) return "";
  const text = String(cell);
  // A spreadsheet takes these beginnings for a formula; tokens may hold anything.
  return typeof cell === "string" && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))
    ? `'${text}`
    : text;
}
