/** What is chosen, in one sentence: the status line, which is also what a screen reader says. */
import type { DocumentFigures, FusedPosition } from "../../src/protocol/distributionsView.ts";
import type { DetailRow } from "./detailRows.ts";
import { atLeastBits, bits, chance } from "./numbers.ts";
import { modelsOf, reasonAt } from "./places.ts";
import { fateWords, reasonWords } from "./strings.ts";

/** As quoted in a sentence. */
const quoted = (token: string): string => `"${token}"`;

const order = (models: number): number[] => [
  ...Array.from({ length: models - 1 }, (_, s) => s + 1),
  0,
];

/**
 * `"·Val": fused 0.63 (0.67 bits); A 0.63, T 0.11; B has no row here: no shared boundary`. Everything in it is
 * known from the document's figures, so it need not wait for the row.
 */
export function positionSentence(
  figures: DocumentFigures,
  position: number,
  token: string,
  letters: readonly string[],
): string {
  const models = modelsOf(figures);
  const approximately = figures.approximate ? "≈ " : "";
  const known: string[] = [];
  const absent: string[] = [];
  for (const m of order(models)) {
    const own = figures.bits[position * models + m];
    const reason = reasonAt(figures, position, m);
    if (reason !== undefined) {
      absent.push(`${letters[m]} has no row here: ${reasonWords(reason)}`);
    } else if (!Number.isNaN(own)) known.push(`${letters[m]} ${chance(2 ** -own)}`);
  }
  const parts = [`${quoted(token)}: ${approximately}${fusedPart(figures, position)}`];
  if (known.length > 0) parts.push(known.join(", "));
  return [...parts, ...absent].join("; ");
}

function fusedPart({ fusedBits, fusedBound }: DocumentFigures, position: number): string {
  const loss = fusedBits[position];
  if (Number.isNaN(loss)) return "no fused row, it falls back";
  if (fusedBound[position] === 1) {
    return `fused at most ${chance(2 ** -loss)} (${atLeastBits(loss)} bits): beyond the candidates`;
  }
  return `fused ${chance(2 ** -loss)} (${bits(loss)} bits)`;
}

/** `candidate "·sh", 2 of 14: fused 0.07, taught 0.01; A 0.07 from "·ship"; T 0.01`. */
export function candidateSentence(
  row: DetailRow,
  place: number,
  of: number,
  position: FusedPosition,
  show: (model: number, piece: string) => string,
): string {
  const parts = [
    `candidate ${quoted(show(0, row.piece))}${row.isTrue ? ", the true one" : ""}, ${place + 1} of ${of}: ` +
      `fused ${row.fused === null ? "without it" : chance(row.fused)}, ` +
      `taught ${row.taught === null ? "without it" : chance(row.taught)}`,
  ];
  for (const m of order(row.cells.length)) {
    const cell = row.cells[m];
    if (cell === null) continue;
    const from = cell.own.map(({ piece }) => quoted(show(m, piece)));
    const shown = from.slice(0, 3).join(" and ");
    const more = from.length > 3 ? ` and ${from.length - 3} more` : "";
    const gold = cell.own.some(({ becomes }) => becomes === "goldPath") ? ", by the gold path" : "";
    parts.push(
      `${position.columns[m].letter} ${chance(cell.p)}${shown === "" ? "" : ` from ${shown}${more}`}${gold}`,
    );
  }
  return parts.join("; ");
}

/** What a hovered own candidate became. */
export const ownSentence = (own: string, to: string | null, p: number, becomes: string): string =>
  `${quoted(own)}${to === null ? "" : ` → ${quoted(to)}`} ${chance(p)}: ${fateWords(becomes)}`;
