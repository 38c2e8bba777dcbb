/** Which rows of a long table are built: those in sight and a few beyond, so that scrolling shows no gap. */

export interface RowWindow {
  /** First row built, and one after the last. */
  readonly from: number;
  readonly to: number;
}

const margin = 8;

/** `height` is that of the part in sight without the head, in pixels. */
export function rowWindow(
  rows: number,
  rowHeight: number,
  scrollTop: number,
  height: number,
): RowWindow {
  const first = Math.floor(scrollTop / rowHeight) - margin;
  const count = Math.ceil(height / rowHeight) + 2 * margin + 1;
  const from = Math.max(0, Math.min(first, rows - count));
  return { from, to: Math.min(rows, from + count) };
}

/** Where to scroll so that a row is in sight; as little as possible. */
export function scrollToRow(
  row: number,
  rowHeight: number,
  scrollTop: number,
  height: number,
): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}
