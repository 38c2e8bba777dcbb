/**
 * Text in columns of a terminal. Widths follow Unicode's East Asian Width in the blocks where it is wide;
 * terminals differ on emoji of several code points.
 */

/** Of the terminal that answers go to; 80 where it is none, or does not say. */
export const terminalColumns = (): number => process.stdout.columns || 80;

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u;
const narrow = /[\p{Mn}\p{Me}\u1160-\u11FF]/u;

/** Columns of a terminal that `text` takes; it holds no control characters. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character < "\u0300") columns++;
    else if (!narrow.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

/** Cut to `columns`, with an ellipsis where something is missing. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

export const padTo = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - columnsOf(text)));

export const padBefore = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - columnsOf(text))) + text;

/** A column of a table: to the left, or to the right as numbers stand. */
export interface Column {
  readonly align?: "right";
}

/** Rows of visible text as lines, every column as wide as its widest cell. */
export function alignedLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map((_, c) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(row[c] ?? "")), 0),
  );
  return rows.map((row) =>
    columns
      .map(({ align }, c) => (align === "right" ? padBefore : padTo)(row[c] ?? "", widths[c] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar that fills `share` of `columns`, to eighths of one. */
export function barText(share: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * columns * 8);
  return "█".repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? "");
}
