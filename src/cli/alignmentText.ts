/**
 * An alignment for people: how much each method answers, how the answers compare, and the two tokenizations
 * under each other where they part. Target T, source A; a mark stands under each target token for which the
 * methods do not say the same.
 */
import { byteGroups } from "../core/alignment/byteSpans.ts";
import {
  type AlignedSide,
  type AlignmentOutcome,
  alignmentOutcomes,
  type TokenAlignment,
} from "../core/alignment/alignTokens.ts";
import { pairCost } from "../core/alignment/pieceCosts.ts";
import { alignedLines, cutTo, padBefore } from "./columns.ts";
import { type Block, pairedBlocks, ribbonLines, textBlocks } from "./ribbon.ts";
import { shareText } from "./shareText.ts";

/** Names and tokens as they are shown. */
export interface ShownSide {
  readonly name: string;
  readonly tokens: readonly string[];
}

export interface ShownAlignment {
  readonly alignment: TokenAlignment;
  readonly target: ShownSide;
  readonly source: ShownSide;
  /** `undefined` where pieces alone were aligned. */
  readonly text: string | undefined;
  readonly mode: string;
}

export interface ListingSize {
  readonly columns: number;
  /** The most lines of the ribbon and of the list of answers. */
  readonly ribbonLines: number;
  readonly answers: number;
}

const marks: Readonly<Record<AlignmentOutcome, string>> = {
  same: "",
  dtwOnly: "◐",
  bytesOnly: "◑",
  other: "◆",
  neither: "○",
};

export function alignmentText(shown: ShownAlignment, size: ListingSize): string {
  const parts = [figureLines(shown), ribbonText(shown, size), answerLines(shown, size)];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function figureLines({ alignment, target, source, text, mode }: ShownAlignment): string[] {
  const { stats } = alignment;
  const bytes = target.tokens.length > 0 ? alignment.target.byteEnds?.at(-1) : undefined;
  const what = text === undefined ? "pieces" : `${count(bytes ?? 0)} bytes`;
  const { dtw, bytes: byBytes, outcomes } = stats;
  return [
    ...alignedLines(
      [{}, {}, { align: "right" }],
      [
        ["T", target.name, `${count(stats.targetTokens)} tokens`],
        ["A", source.name, `${count(stats.sourceTokens)} tokens`],
      ],
    ),
    `${what}, mode ${mode}`,
    "",
    ...alignedLines(
      [{}, { align: "right" }, {}],
      [
        ...(dtw === undefined
          ? []
          : [["dtw answers", shareText(dtw.answers, stats.targetTokens), dtwNotes(dtw)]]),
        ...(byBytes === undefined
          ? []
          : [
              [
                "bytes answer",
                shareText(byBytes.answers, stats.targetTokens),
                `groups ${count(byBytes.groups)}`,
              ],
            ]),
      ],
    ),
    ...(outcomes === undefined
      ? []
      : [
          alignmentOutcomes
            .map((name) => `${`${marks[name]} ${name}`.trim()} ${count(outcomes[name])}`)
            .join("   "),
        ]),
  ];
}

function dtwNotes({ cost, equalPieces, offText }: NonNullable<TokenAlignment["stats"]["dtw"]>): string {
  const off = offText === undefined ? [] : [`no byte in common ${count(offText)}`];
  return [`cost ${count(cost)}`, `equal ${count(equalPieces)}`, ...off].join(", ");
}

/** Runs of tokens on both sides, and whether the two sides part there. */
interface Runs {
  readonly blocks: readonly Block[];
  readonly differs: readonly boolean[];
  /** What `place` in a block counts. */
  readonly unit: "byte" | "token";
}

/** Runs alike that are shown around those that differ. */
const context = 2;

function ribbonText(shown: ShownAlignment, size: ListingSize): string[] {
  const { blocks, differs, unit } = runsOf(shown);
  if (blocks.length === 0) return [];
  if (!differs.includes(true)) return ["Both sides cut this text alike, and the answers are the same."];
  const gutter = String(blocks.at(-1)?.place ?? 0).length;
  const room = Math.max(20, size.columns - gutter - 5);
  const lines = [`${unit} by ${unit}`.slice(0, 0)].filter((line) => line !== "");
  const wanted = blocks.map((_, i) =>
    differs.slice(Math.max(0, i - context), i + context + 1).includes(true),
  );
  let drawn = 0;
  let alike = 0;
  for (let i = 0; i < blocks.length; ) {
    if (!wanted[i]) {
      alike++;
      i++;
      continue;
    }
    const end = firstAfter(wanted, i);
    if (alike > 0) lines.push(skippedText(alike));
    alike = 0;
    for (const line of ribbonLines(blocks.slice(i, end), room, markOf(shown))) {
      if (drawn++ >= size.ribbonLines) break;
      const place = padBefore(String(line.place), gutter);
      lines.push(`${place}  T  ${line.target}`, `${" ".repeat(gutter)}  A  ${line.source}`);
      if (line.marks !== "") lines.push(`${" ".repeat(gutter)}     ${line.marks}`);
    }
    i = end;
  }
  if (alike > 0) lines.push(skippedText(alike));
  return lines;
}
