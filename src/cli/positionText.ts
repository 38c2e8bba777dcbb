/**
 * One position of an inspected text in full: every source's own candidates and what becomes of each, then the
 * rows of all candidates over the target's tokens beside what fusion and training make of them.
 */
import { utf8Encode } from "../core/text/bytes.ts";
import { visibleText } from "../core/text/visibleText.ts";
import type {
  CandidateFate,
  Entry,
  InspectedPosition,
  SourceCandidate,
  SourcePosition,
} from "../pipeline/inspectedPosition.ts";
import type { InspectedChunk } from "../pipeline/inspectText.ts";
import { alignedLines, barText, cutTo } from "./columns.ts";
import {
  candidateLetter,
  chanceText,
  giverText,
  type ShownInspection,
  scoreLines,
} from "./inspectionText.ts";
import { visibleName } from "./visibleText.ts";

const fates: Readonly<Record<CandidateFate, string>> = {
  kept: "",
  merged: "merged",
  goldPath: "gold path",
  leftOver: "left over: gold path only",
  duplicateDropped: "duplicateDropped",
  noTargetToken: "noTargetToken",
};

const barColumns = 12;
const tokenColumns = 18;
/** Tokens that are listed of a row. */
const mostTokens = 20;
/** Characters of the text before the position. */
const contextCharacters = 30;

export function positionText(
  shown: ShownInspection,
  chunk: InspectedChunk,
  position: InspectedPosition,
): string {
  const { labels, names } = shown;
  const { next, target, sources, weights } = position;
  const head = (m: number, words: readonly string[]): string =>
    [
      `${candidateLetter(m)}  ${visibleName(labels[m] ?? "")}`,
      `weight ${(weights[m] ?? 0).toFixed(3)}`,
      ...words,
    ].join(", ");
  const sections = [
    [
      `position ${position.index}: after ${contextText(chunk, position)} comes ${names.target(next.id)}`,
      ...scoreLines(shown, chunk),
    ],
    ...sources.map((source, s) => [
      head(s + 1, [
        ...(source.case === undefined ? [] : [`case ${source.case}`]),
        ...goldWords(source.goldNats),
      ]),
      ...sourceLines(source, names.sources[s] ?? String, names.target),
    ]),
    [head(0, goldWords(target.nats)), mixText(shown, position), ...matrixLines(shown, position)],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

/** The text read so far, its end, and the byte of the whole text at which it ends. */
function contextText({ text, firstByte }: InspectedChunk, { token }: InspectedPosition): string {
  const read = utf8Encode(text).subarray(0, token.byteEnd - firstByte);
  // A token may end inside a character, whose first bytes are then no text yet.
  const before = [...new TextDecoder().decode(read).replace(/\uFFFD$/, "")];
  const shown = visibleText(before.slice(-contextCharacters).join(""));
  return `"${before.length > contextCharacters ? "…" : ""}${shown}" (byte ${token.byteEnd})`;
}

const goldWords = (nats: number | null): string[] =>
  nats === null ? [] : [`true next token ${chanceText(Math.exp(-nats))}`];

function mixText(
  { labels, settings }: ShownInspection,
  { fused, taught, ...position }: InspectedPosition,
): string {
  const share = (weight: number): string => String(Number(weight.toFixed(6)));
  const label = `${share(taught.label)} of the true next token`;
  if (fused.from !== "none") {
    const from = giverText({ fused, weights: position.weights }, labels);
    return `fused from ${from}; taught ${label}, ${share(taught.fused)} of the fused row`;
  }
  const rest = taught.fused > 0 ? `, ${share(taught.fused)} of the current token` : "";
  return `no fused row; taught by fall-back ${settings.alignment.fallback}: ${label}${rest}`;
}

function sourceLines(
  { own, reason, mass }: SourcePosition,
  ownName: (id: number) => string,
  targetName: (id: number) => string,
): string[] {
  const candidates = alignedLines(
    [{}, {}, { align: "right" }, {}, {}, {}],
    own
      .slice(0, mostTokens)
      .map((candidate) => [
        "",
        cutTo(ownName(candidate.id), tokenColumns),
        chanceText(candidate.p),
        barText(candidate.p, barColumns),
        candidate.to === null ? "→ –" : `→ ${cutTo(targetName(candidate.to.id), tokenColumns)}`,
        noteOf(candidate),
      ]),
  );
  const hidden = own.slice(mostTokens);
  const rest = hidden.reduce((sum, { p }) => sum + p, 0);
  if (hidden.length > 0) candidates.push(`  … ${hidden.length} more, together ${chanceText(rest)}`);
  if (reason !== undefined) return [`  no row: ${reason}`, ...candidates];
  const lost = [
    mass.noTargetToken > 0 ? `noTargetToken ${chanceText(mass.noTargetToken)}` : "",
    mass.duplicateDropped > 0 ? `duplicateDropped ${chanceText(mass.duplicateDropped)}` : "",
    mass.merged > 0 ? `merged ${chanceText(mass.merged)}` : "",
  ].filter((part) => part !== "");
  const account = [`left over ${chanceText(mass.leftOver)}`, ...lost].join(", ");
  return [...candidates, `  mapped ${chanceText(1 - mass.leftOver)}, ${account}`];
}

/** How the map came to the target token, where it says something else, and what became of the mass. */
function noteOf({ kind, becomes }: SourceCandidate): string {
  const way = kind === "same" || kind === "none" || becomes === "goldPath" ? "" : kind;
  return [way, becomes === undefined ? "" : fates[becomes]]
    .filter((part) => part !== "")
    .join(", ");
}

/** Target tokens down, candidates across; the true next token is marked. */
function matrixLines({ labels, names }: ShownInspection, position: InspectedPosition): string[] {
  const { target, sources, fused, taught, next } = position;
  const rows: { readonly row: readonly Entry[]; readonly leftOver: number | undefined }[] = [
    target,
    ...sources.map(({ row, reason, mass }) => ({
      row,
      leftOver: reason === undefined ? mass.leftOver : undefined,
    })),
    { row: fused.row, leftOver: fused.from === "none" ? undefined : fused.leftOver },
    taught,
  ];
  const chances = rows.map(({ row }) => new Map(row.map(({ id, p }) => [id, p])));
  const [own, ,] = chances;
  const ids = new Set([fused.row, taught.row, target.row].flat().map(({ id }) => id));
  for (const { row } of sources) for (const { id } of row) ids.add(id);
  ids.add(next.id);
  const ordered = [...ids].sort(
    (a, b) =>
      weightOf(chances, b) - weightOf(chances, a) || (own?.get(b) ?? 0) - (own?.get(a) ?? 0),
  );
  const listed = ordered.slice(0, mostTokens);
  if (!listed.includes(next.id)) listed.push(next.id);
  const right = { align: "right" } as const;
  const fusedAt = rows.length - 2;
  return [
    ...alignedLines(
      [{}, {}, ...rows.map(() => right), {}],
      [
        ["", "target token", ...labels.map((_, m) => candidateLetter(m)), "fused", "taught"],
        ...listed.map((id) => [
          id === next.id ? "✓" : " ",
          cutTo(names.target(id), tokenColumns),
          ...chances.map((row) => entryText(row.get(id))),
          barText(chances[fusedAt]?.get(id) ?? 0, barColumns),
        ]),
        ["", "left over", ...rows.map(({ leftOver }) => entryText(leftOver))],
      ],
    ),
    ...(ordered.length > listed.length ? [`  … ${ordered.length - listed.length} more`] : []),
  ];
}

/** Fused mass decides, then what is taught. */
function weightOf(chances: readonly ReadonlyMap<number, number>[], id: number): number {
  const [taught, fused] = [chances.at(-1)?.get(id) ?? 0, chances.at(-2)?.get(id) ?? 0];
  return fused * 1e3 + taught;
}

const entryText = (p: number | undefined): string => (p === undefined ? "–" : chanceText(p));
