/** Where the tokens of the strip stand: laid out like the words of a paragraph. Pure numbers, in pixels. */

export interface StripGeometry {
  readonly count: number;
  readonly lineHeight: number;
  readonly lines: number;
  readonly height: number;
  /** [count], left edge. */
  readonly lefts: Float32Array;
  readonly widths: Float32Array;
  /** [lines + 1], the first token of each line, `count` at the end. */
  readonly lineStarts: Int32Array;
}

/** `widths`: of the tokens as drawn. One that is wider than a line has a line of its own and is cut there. */
export function layStrip(
  widths: Float32Array,
  { width, gap, lineHeight }: { width: number; gap: number; lineHeight: number },
): StripGeometry {
  const count = widths.length;
  const lefts = new Float32Array(count);
  const starts: number[] = [];
  let left = 0;
  for (let i = 0; i < count; i++) {
    const own = Math.min(widths[i], width);
    if (i === 0 || left + own > width) {
      starts.push(i);
      left = 0;
    }
    lefts[i] = left;
    left += own + gap;
  }
  return {
    count,
    lineHeight,
    lines: starts.length,
    height: starts.length * lineHeight,
    lefts,
    widths: widths.map((own) => Math.min(own, width)),
    lineStarts: Int32Array.from([...starts, count]),
  };
}

export function lineOf({ lineStarts, lines }: StripGeometry, position: number): number {
  let low = 0;
  let high = lines - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Lines [first, end) that any part of a window `top` … `top + height` shows. */
export function linesWithin(
  { lines, lineHeight }: StripGeometry,
  top: number,
  height: number,
): { first: number; end: number } {
  const first = Math.min(lines, Math.max(0, Math.floor(top / lineHeight)));
  return { first, end: Math.min(lines, Math.ceil((top + height) / lineHeight)) };
}

/** The token at a point, −1 beside and between tokens. */
export function tokenAt(geometry: StripGeometry, x: number, y: number): number {
  const line = Math.floor(y / geometry.lineHeight);
  if (line < 0 || line >= geometry.lines) return -1;
  for (let i = geometry.lineStarts[line]; i < geometry.lineStarts[line + 1]; i++) {
    if (x >= geometry.lefts[i] && x < geometry.lefts[i] + geometry.widths[i]) return i;
  }
  return -1;
}

/** The token of the line above (−1) or below (1) that stands nearest; itself where there is no such line. */
export function neighbourLine(
  geometry: StripGeometry,
  position: number,
  direction: number,
): number {
  const line = lineOf(geometry, position) + direction;
  if (line < 0 || line >= geometry.lines) return position;
  const middle = geometry.lefts[position] + geometry.widths[position] / 2;
  let nearest = geometry.lineStarts[line];
  let least = Number.POSITIVE_INFINITY;
  for (let i = geometry.lineStarts[line]; i < geometry.lineStarts[line + 1]; i++) {
    const distance = Math.abs(geometry.lefts[i] + geometry.widths[i] / 2 - middle);
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
}
