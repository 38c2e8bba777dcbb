/**
 * An alignment for people: how much each method answers, how the answers compare, and the two tokenizations
 * under each other where they part. Target T, source A; a mark stands under each target token for which the
 * methods do not say the same.
 */
import {
  type AlignmentOutcome,
  alignmentOutcomes,
  noAnswer,
  type TokenAlignment,
} from "../core/alignment/alignTokens.ts";
import type { Mode } from "../core/mode.ts";
import { alignmentRuns, differingStretches, outcomeAt, type Run } from "./alignmentRuns.ts";
import { alignedLines, cutTo, padBefore } from "./columns.ts";
import { type Block, ribbonLines } from "./ribbon.ts";
import { shareText } from "./shareText.ts";
import { visibleName } from "./visibleText.ts";

/** A side by name, its tokens as they are shown. */
export interface ShownSide {
  /** `undefined` where pieces alone were given. */
  readonly name: string | undefined;
  readonly tokens: readonly string[];
}

export interface ShownAlignment {
  readonly alignment: TokenAlignment;
  readonly target: ShownSide;
  readonly source: ShownSide;
  /** `undefined` where pieces alone were aligned. */
  readonly text: string | undefined;
  readonly mode: Mode;
}

export interface ListingSize {
  /** Of the terminal. */
  readonly columns: number;
  /** The most lines of each side, and the most answers that are listed. */
  readonly ribbon: number;
  readonly answers: number;
}

const marks: Readonly<Record<AlignmentOutcome, string>> = {
  same: "",
  dtwOnly: "◐",
  bytesOnly: "◑",
  other: "◆",
  neither: "○",
};

/** Runs alike that are shown beside those that differ. */
const context = 2;

export function alignmentText(shown: ShownAlignment, size: ListingSize): string {
  const sections = [
    sideLines(shown),
    figureLines(shown.alignment),
    ribbonSection(shown, size),
    answerSection(shown, size),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const count = (value: number): string => value.toLocaleString("en-US");

function sideLines({ alignment, target, source, text, mode }: ShownAlignment): string[] {
  const { targetTokens, sourceTokens } = alignment.stats;
  const bytes = alignment.target.byteEnds?.at(-1) ?? 0;
  return [
    ...alignedLines(
      [{}, {}, { align: "right" }],
      [
        ["T", nameOf(target), `${count(targetTokens)} tokens`],
        ["A", nameOf(source), `${count(sourceTokens)} tokens`],
      ],
    ),
    `${text === undefined ? "no text" : `${count(bytes)} bytes of text`}, mode ${mode}`,
  ];
}

const nameOf = ({ name }: ShownSide): string => visibleName(name ?? "pieces");

function figureLines({ stats }: TokenAlignment): string[] {
  const { dtw, bytes, outcomes, targetTokens } = stats;
  const rows: string[][] = [];
  if (dtw !== undefined) {
    const off = dtw.offText === undefined ? "" : `, no byte in common ${count(dtw.offText)}`;
    rows.push([
      "dtw answers",
      shareText(dtw.answers, targetTokens),
      `cost ${count(dtw.cost)}, equal tokens ${count(dtw.equalPieces)}${off}`,
    ]);
  }
  if (bytes !== undefined) {
    rows.push([
      "bytes answer",
      shareText(bytes.answers, targetTokens),
      `groups ${count(bytes.groups)}`,
    ]);
  }
  const lines = alignedLines([{}, { align: "right" }, {}], rows);
  if (outcomes === undefined) return lines;
  const counts = alignmentOutcomes.map((name) =>
    `${marks[name]} ${name} ${count(outcomes[name])}`.trim(),
  );
  return [...lines, counts.join("   ")];
}

function ribbonSection(shown: ShownAlignment, size: ListingSize): string[] {
  const { alignment, target, source, text } = shown;
  const runs = alignmentRuns(alignment, text, { target: target.tokens, source: source.tokens });
  const stretches = differingStretches(runs, context);
  if (stretches.length === 0) {
    return runs.length === 0 ? [] : ["The two sides cut this text alike and answer alike."];
  }
  const gutter = count(runs.at(-1)?.place ?? 0).length;
  const side = (place: string, letter: string, line: string): string =>
    `${padBefore(place, gutter)}  ${letter}  ${line}`.trimEnd();
  const markOf = (token: number): string => marks[outcomeAt(alignment, token)];
  const width = Math.max(24, size.columns - gutter - 5);
  const lines: string[] = [];
  let drawn = 0;
  let shownTo = 0;
  for (const { from, to } of stretches) {
    lines.push(...alikeLines(runs.slice(shownTo, from), gutter));
    for (const line of ribbonLines(blocksOf(runs, from, to), width, markOf)) {
      if (drawn === size.ribbon) {
        const next = runs.findIndex(({ place }) => place >= line.place);
        return [...lines, ...leftOutLines(runs.slice(next), text)];
      }
      lines.push(side(count(line.place), "T", line.target), side("", "A", line.source));
      if (line.marks !== "") lines.push(side("", " ", line.marks));
      drawn++;
    }
    shownTo = to;
  }
  return [...lines, ...alikeLines(runs.slice(shownTo), gutter)];
}

function* blocksOf(runs: readonly Run[], from: number, to: number): Generator<Block> {
  for (const run of runs.slice(from, to)) yield run.block();
}

function alikeLines(runs: readonly Run[], gutter: number): string[] {
  if (runs.length === 0) return [];
  return [`${" ".repeat(gutter)}  … ${tokens(runs)} alike`];
}

function leftOutLines(runs: readonly Run[], text: string | undefined): string[] {
  const differing = runs.filter(({ differs }) => differs).length;
  const from = `${text === undefined ? "token" : "byte"} ${count(runs[0]?.place ?? 0)}`;
  return [
    `Left out from ${from} on: ${tokens(runs)}, ${count(differing)} places that differ. --all shows them.`,
  ];
}

function tokens(runs: readonly Run[]): string {
  const sum = runs.reduce((total, { target }) => total + target.to - target.from, 0);
  return `${count(sum)} target ${sum === 1 ? "token" : "tokens"}`;
}

/** The answers where both methods were asked and do not agree. */
function answerSection({ alignment, target, source }: ShownAlignment, size: ListingSize): string[] {
  const { dtw, bytes } = alignment.answers;
  if (dtw === undefined || bytes === undefined) return [];
  const differing = target.tokens
    .map((_, token) => token)
    .filter((token) => !["same", "neither"].includes(outcomeAt(alignment, token)));
  if (differing.length === 0) return [];
  const named = (names: readonly string[], token: number | undefined): string =>
    token === undefined || token === noAnswer
      ? "–"
      : `${count(token)} ${cutTo(names[token] ?? "", 20)}`;
  const rows = differing
    .slice(0, size.answers)
    .map((token) => [
      marks[outcomeAt(alignment, token)],
      named(target.tokens, token),
      `${named(source.tokens, dtw[token])}${alignment.offText?.[token] === 1 ? " *" : ""}`,
      named(source.tokens, bytes[token]),
    ]);
  const left = differing.length - rows.length;
  return [
    ...alignedLines(
      [{}, {}, {}, {}],
      [["", "target token", "dtw: source", "bytes: source"], ...rows],
    ),
    ...(rows.some((row) => row[2]?.endsWith(" *"))
      ? ["* has no byte in common with the target token"]
      : []),
    ...(left > 0 ? [`Left out: ${count(left)} more. --all shows them.`] : []),
  ];
}
