/**
 * An inspected text for people: what each candidate is worth on every chunk and what was lost, then one line a
 * token: how likely each model and the fused row hold the true next token, and what else the fused row says.
 */
import { boundaryCases, noRowReasons } from "../core/fusion/representation.ts";
import type { AlignmentTally } from "../core/fusion/tally.ts";
import type { Entry, InspectedPosition, SourcePosition } from "../pipeline/inspectedPosition.ts";
import type { InspectedChunk, InspectSettings } from "../pipeline/inspectText.ts";
import { alignedLines, columnsOf, cutTo } from "./columns.ts";
import { shareText } from "./shareText.ts";
import { visibleName } from "./visibleText.ts";

/** How tokens of the target and of each source look. */
export interface TokenNames {
  readonly target: (id: number) => string;
  readonly sources: readonly ((id: number) => string)[];
}

export interface ShownInspection {
  readonly settings: InspectSettings;
  /** The target's name and the sources'. */
  readonly labels: readonly string[];
  readonly names: TokenNames;
  readonly chunks: readonly InspectedChunk[];
}

/** The target is T, sources are A, B, C … in their order, as in every view. */
export function candidateLetter(candidate: number): string {
  if (candidate === 0) return "T";
  const letter = String.fromCharCode(65 + ((candidate - 1) % 26));
  return candidate <= 26 ? letter : `A${letter}`;
}

/** Who takes part, and by which settings. */
export function settingsText({ settings, labels }: ShownInspection): string {
  const { alignment, fusion, representation, mode, lambda } = settings;
  const softness = fusion.rule === "avgCE" ? ` (τ ${fusion.temperature})` : "";
  const block = fusion.per === "block" ? " (here a chunk is a block)" : "";
  return [
    ...labels.map((label, m) => `${candidateLetter(m)}  ${visibleName(label)}`),
    `mode ${mode}, top ${representation.topK}, λ ${lambda}`,
    `positions ${alignment.positions}, vocabulary ${alignment.vocabulary}, fall-back ${alignment.fallback}`,
    `${fusion.rule}${softness} per ${fusion.per}${block}, tail ${fusion.tail}`,
  ].join("\n");
}

export function inspectionText(shown: ShownInspection, columns: number): string {
  const { chunks } = shown;
  const sections = chunks.map((chunk, i) => {
    const place = chunks.length === 1 ? "" : `chunk ${i + 1} of ${chunks.length}, `;
    return [
      `${place}from byte ${chunk.firstByte}, ${chunk.positions.length} positions`,
      ...scoreLines(shown, chunk),
      ...tallyLines(chunk),
      "",
      ...tokenLines(shown, chunk.positions, columns),
    ].join("\n");
  });
  return [settingsText(shown), ...sections, legend(shown)].join("\n\n");
}

/** The candidates' scores and weights over a chunk. */
export function scoreLines({ settings, labels }: ShownInspection, chunk: InspectedChunk): string[] {
  const unit = settings.fusion.unit === "byte" ? "bits per byte" : "nats per token";
  return alignedLines(
    [{}, {}, { align: "right" }, { align: "right" }],
    [
      ["", "", unit, "weight"],
      ...chunk.candidates.map(({ score, weight }, m) => [
        candidateLetter(m),
        cutTo(visibleName(labels[m] ?? ""), 40),
        score === null ? "cannot read it" : score.toFixed(4),
        weight === null ? "by token" : weight.toFixed(3),
      ]),
    ],
  );
}

function tallyLines({ tally }: InspectedChunk): string[] {
  const { fused, positions, blended, fellBack, sources } = tally;
  const several = blended > 0 ? `; of several rows ${blended}` : "";
  return [
    ...sources.flatMap((source, s) => sourceLines(source, candidateLetter(s + 1))),
    `fused         ${shareText(fused, positions)}${several}; fall-back ${fellBack}`,
  ];
}

function sourceLines(tally: AlignmentTally, letter: string): string[] {
  const { rows, positions, noRow, cases, mass } = tally;
  const missing = counted(noRowReasons, noRow, String);
  const mean = (sum: number): string => (sum / rows).toFixed(3);
  return [
    `${letter} has a row   ${shareText(rows, positions)}${missing === "" ? "" : `; none: ${missing}`}`,
    `  cases       ${counted(boundaryCases, cases, String) || "none"}`,
    ...(rows === 0 ? [] : [`  mass a row  ${counted(masses, mass, mean) || "all mapped"}`]),
  ];
}

const masses = ["leftOver", "noTargetToken", "duplicateDropped", "merged"] as const;

/** `same 62, longer 32`: the words that have a count. */
function counted<Word extends string>(
  words: readonly Word[],
  counts: Readonly<Record<Word, number>>,
  text: (count: number) => string,
): string {
  return words
    .filter((word) => counts[word] > 0)
    .map((word) => `${word} ${text(counts[word])}`)
    .join(", ");
}

/** Why there is no row, in a column's width. */
export const noRowMarks: Readonly<Record<(typeof noRowReasons)[number], string>> = {
  nothingBefore: "first",
  notOneToOne: "n:m",
  piecesDiffer: "≠",
  noSharedBoundary: "–",
  textDiffers: "text",
  truncated: "cut",
};

/** How the source's true next token compares with the target's. */
const caseMarks: Readonly<Record<(typeof boundaryCases)[number], string>> = {
  same: "=",
  longer: ">",
  shorter: "<",
  overshoot: "»",
};

function tokenLines(
  { names, labels }: ShownInspection,
  positions: readonly InspectedPosition[],
  columns: number,
): string[] {
  const letters = labels.map((_, m) => candidateLetter(m));
  const right = { align: "right" } as const;
  const lines = alignedLines(
    [right, {}, ...letters.map(() => right), right, {}],
    [
      ["#", "next token", ...letters, "fused", "from"],
      ...positions.map((position) => [
        String(position.index),
        cutTo(names.target(position.next.id), 14),
        chanceText(Math.exp(-position.target.nats)),
        ...position.sources.map(sourceChance),
        fusedChance(position),
        giverText(position, labels),
      ]),
    ],
  );
  const width = lines.reduce((most, line) => Math.max(most, columnsOf(line)), 0);
  const [head = "", ...rows] = lines;
  return [
    `${head.padEnd(width)}  fused row`,
    ...rows.map((line, i) => {
      const row = positions[i]?.fused.row ?? [];
      const padded = line + " ".repeat(width - columnsOf(line));
      return `${padded}  ${rowText(row, names.target, columns - width - 2)}`.trimEnd();
    }),
  ];
}

function sourceChance({ reason, case: boundary, goldNats }: SourcePosition): string {
  if (reason !== undefined) return noRowMarks[reason];
  const chance = goldNats === null ? "?" : chanceText(Math.exp(-goldNats));
  return chance + (boundary === undefined ? " " : caseMarks[boundary]);
}

/** The true next token may stand outside the row: then it has at most what is left over. */
function fusedChance({ fused, next }: InspectedPosition): string {
  if (fused.from === "none") return "–";
  const entry = fused.row.find(({ id }) => id === next.id);
  if (entry !== undefined) return chanceText(entry.p);
  return fused.leftOver < 0.0005 ? ".000" : `≤${chanceText(fused.leftOver)}`;
}

/** Share of a blend below which a candidate is not named. */
const leastPart = 0.01;

/** Whose row it is; of a blend those who have a part in it, the largest first. */
export function giverText(
  { fused, weights }: Pick<InspectedPosition, "fused" | "weights">,
  labels: readonly string[],
): string {
  if (fused.from === "none") return "–";
  if (fused.from !== "blended") return candidateLetter(labels.indexOf(fused.from));
  return weights
    .map((weight, m) => ({ weight, letter: candidateLetter(m) }))
    .filter(({ weight }) => weight >= leastPart)
    .sort((a, b) => b.weight - a.weight)
    .map(({ letter }) => letter)
    .join("");
}

/** As many of a row's tokens as there is room for. */
function rowText(row: readonly Entry[], nameOf: (id: number) => string, columns: number): string {
  let text = "";
  for (const { id, p } of row) {
    const next = `${text}${text === "" ? "" : "  "}${cutTo(nameOf(id), 14)} ${chanceText(p)}`;
    if (columnsOf(next) > columns) break;
    text = next;
  }
  return text;
}

/** Three digits behind the point: `.630`, `1.00`, `<.001`. */
export function chanceText(p: number): string {
  if (p >= 0.9995) return "1.00";
  if (p > 0 && p < 0.0005) return "<.001";
  return p.toFixed(3).slice(1);
}

/** What the columns hold, and the marks that occur. */
function legend({ chunks }: ShownInspection): string {
  const sources = chunks.flatMap(({ positions }) => positions.flatMap((one) => one.sources));
  const found = new Set(sources.map(({ reason, case: boundary }) => reason ?? boundary));
  const marks = [
    ...boundaryCases.filter((word) => found.has(word)).map((word) => `${caseMarks[word]} ${word}`),
    ...noRowReasons.filter((word) => found.has(word)).map((word) => `${noRowMarks[word]} ${word}`),
  ];
  return [
    "Probabilities of the true next token: each model's for its bytes, then the fused",
    "row's. Behind a source's, how its own true next token compares; or why no row:",
    ...(marks.length === 0 ? [] : [marks.join("   ")]),
    "--position <number> shows one in full.",
  ].join("\n");
}
