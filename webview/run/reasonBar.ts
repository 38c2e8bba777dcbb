/** What became of a source's positions, as parts of one bar: those with a row, then each reason for none. */

export interface SourceAlignment {
  readonly answered: number;
  readonly positions: number;
  readonly reasons: Readonly<Record<string, number>>;
}

export interface BarPart {
  /** `answered`, a reason, or `unknown`: positions that no reason accounts for. */
  readonly part: string;
  readonly positions: number;
  readonly x: number;
  readonly width: number;
}

/**
 * The whole width is all positions; a part that would be thinner than a pixel is drawn as one, at the cost of
 * the largest. Reasons by number, the most frequent first.
 */
export function reasonBar(source: SourceAlignment, width: number): BarPart[] {
  const { answered, positions, reasons } = source;
  const named = Object.entries(reasons)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a);
  const explained = named.reduce((sum, [, number]) => sum + number, answered);
  const parts: [part: string, positions: number][] = [["answered", answered], ...named];
  if (explained < positions) parts.push(["unknown", positions - explained]);
  const present = parts.filter(([, number]) => number > 0);
  const widths = present.map(([, number]) => Math.max(1, (number / positions) * width));
  const largest = widths.indexOf(Math.max(...widths));
  widths[largest] -= widths.reduce((sum, one) => sum + one, 0) - width;
  let x = 0;
  return present.map(([part, number], i) => {
    const bar = { part, positions: number, x, width: widths[i] };
    x += widths[i];
    return bar;
  });
}
