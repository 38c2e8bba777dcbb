/** The document as a table: a line a position, every figure of it. The twin of the strip, and what CSV holds. */
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { csvText } from "../shared/separated.ts";
import type { Column } from "../shared/table.ts";
import type { ShownText } from "../shared/visibleText.ts";
import { atLeastBits, bits, probability, weight } from "./numbers.ts";
import { type Places, reasonAt } from "./places.ts";

export interface DocumentInput {
  readonly figures: DocumentFigures;
  readonly places: Places;
  readonly tokens: readonly ShownText[];
  readonly letters: readonly string[];
}

/** Lines are positions. */
export function documentColumns({
  figures,
  places,
  tokens,
  letters,
}: DocumentInput): readonly Column<number>[] {
  const models = letters.length;
  const columns: Column<number>[] = [
    { label: "position", text: (i) => String(i), sortBy: (i) => i, kind: "number" },
    { label: "token", text: (i) => tokens[i].whole, kind: "token" },
    {
      label: "bytes",
      text: (i) => `${figures.byteStarts[i]}–${figures.byteEnds[i]}`,
      sortBy: (i) => figures.byteStarts[i],
      kind: "number",
    },
  ];
  for (const [m, letter] of letters.entries()) {
    columns.push({
      label: `${letter} bits`,
      title: `−log2 of ${letter}'s probability of the true next token`,
      text: (i) => bits(figures.bits[i * models + m]),
      sortBy: (i) => sortable(figures.bits[i * models + m]),
      kind: "number",
    });
  }
  columns.push(
    {
      label: "fused bits",
      text: (i) => fusedText(figures, i),
      sortBy: (i) => sortable(figures.fusedBits[i]),
      kind: "number",
    },
    {
      label: "best",
      title: "The model with the lowest loss at this token",
      text: (i) => (places.best[i] < 0 ? "–" : letters[places.best[i]]),
    },
  );
  for (const [m, letter] of letters.entries()) {
    columns.push({
      label: `w ${letter}`,
      title: `Weight of ${letter}'s row in the fused row`,
      text: (i) => weight(figures.weights[i * models + m]),
      sortBy: (i) => figures.weights[i * models + m],
      kind: "number",
    });
  }
  for (const [m, letter] of letters.entries()) {
    if (m === 0) continue;
    columns.push(
      {
        label: `${letter} lost`,
        title: "Mass lost in mapping",
        text: (i) =>
          reasonAt(figures, i, m) === undefined ? probability(figures.lost[i * models + m]) : "",
        sortBy: (i) => figures.lost[i * models + m],
        kind: "number",
      },
      {
        label: `${letter} no row`,
        title: `Why ${letter} has no row`,
        text: (i) => reasonAt(figures, i, m) ?? "",
        sortBy: (i) => reasonAt(figures, i, m) ?? "",
      },
    );
  }
  return columns;
}

function fusedText({ fusedBits, fusedBound }: DocumentFigures, i: number): string {
  return fusedBound[i] === 1 ? atLeastBits(fusedBits[i]) : bits(fusedBits[i]);
}

/** Missing figures come last when the highest come first. */
const sortable = (value: number): number =>
  Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;

/** All positions with figures as they are, not as they are rounded for the eye. Bounds have a column of their own. */
export function documentCsv({ figures, places, tokens, letters }: DocumentInput): string {
  const models = letters.length;
  const head = [
    "position",
    "token",
    "id",
    "byteStart",
    "byteEnd",
    "chunk",
    ...letters.map((letter) => `bits ${letter}`),
    "bits fused",
    "fused is a lower bound",
    "entropy fused",
    "best",
    ...letters.map((letter) => `weight ${letter}`),
    ...letters.slice(1).flatMap((letter) => [`lost ${letter}`, `no row ${letter}`]),
  ];
  const value = (figure: number): number | null => (Number.isFinite(figure) ? figure : null);
  const line = (i: number): (string | number | null)[] => [
    i,
    tokens[i].whole,
    figures.ids[i],
    figures.byteStarts[i],
    figures.byteEnds[i],
    figures.chunks[i],
    ...letters.map((_, m) => value(figures.bits[i * models + m])),
    value(figures.fusedBits[i]),
    figures.fusedBound[i],
    value(figures.fusedEntropy[i]),
    places.best[i] < 0 ? "" : letters[places.best[i]],
    ...letters.map((_, m) => value(figures.weights[i * models + m])),
    ...letters
      .slice(1)
      .flatMap((_, s) => [
        value(figures.lost[i * models + s + 1]),
        reasonAt(figures, i, s + 1) ?? "",
      ]),
  ];
  return csvText(
    head,
    Array.from({ length: figures.positions }, (_, i) => line(i)),
  );
}
