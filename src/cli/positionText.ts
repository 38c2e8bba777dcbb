/**
 * One position of an inspected text in full: every source's own candidates and what becomes of each, then the
 * rows of all candidates over the target's tokens beside what fusion and training make of them.
 */
import type {
  CandidateFate,
  Entry,
  InspectedPosition,
  SourceCandidate,
  SourcePosition,
} from "../pipeline/inspectedPosition.ts";
import { alignedLines, barText, cutTo } from "./columns.ts";
import { candidateLetter, chanceText, giverText, type ShownInspection } from "./inspectionText.ts";
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
/** Target tokens that are listed. */
const mostTokens = 20;

export function positionText(shown: ShownInspection, position: InspectedPosition): string {
  const { labels, names, settings } = shown;
  const { token, next, index, target, sources, weights } = position;
  const shownLabel = (m: number): string => `${candidateLetter(m)}  ${visibleName(labels[m] ?? "")}`;
  const sections = [
    [
      `position ${index}, byte ${token.byteEnd}: after ${names.target(token.id)} comes ${names.target(next.id)}`,
    ],
    ...sources.map((source, s) => [
      `${shownLabel(s + 1)}, weight ${(weights[s + 1] ?? 0).toFixed(3)}${goldText(source)}`,
      ...sourceLines(source, names.sources[s] ?? String, names.target),
    ]),
    [
      `${shownLabel(0)}, weight ${(weights[0] ?? 0).toFixed(3)}, true next token ${chanceText(Math.exp(-target.nats))}`,
    ],
    [
      `fused from ${giverText(position, labels)}; taught: ${position.taught.label} of the true next token, ${Number(position.taught.fused.toFixed(6))} of ${position.fused.from === "none" ? `the fall-back ${settings.alignment.fallback}` : "the fused row"}`,
      ...matrixLines(shown, position),
    ],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function goldText({ goldNats, case: boundary }: SourcePosition): string {
  const gold = goldNats === null ? "" : `, true next token ${chanceText(Math.exp(-goldNats))}`;
  return `${gold}${boundary === undefined ? "" : ` (its own is ${boundary})`}`;
}

function sourceLines(
  { own, reason, mass }: SourcePosition,
  ownName: (id: number) => string,
  targetName: (id: number) => string,
): string[] {
  const candidates = alignedLines(
    [{}, {}, { align: "right" }, {}, {}, {}],
    own.map((candidate) => [
      "",
      cutTo(ownName(candidate.id), tokenColumns),
      chanceText(candidate.p),
      barText(candidate.p, barColumns),
      candidate.to === null ? "→ –" : `→ ${cutTo(targetName(candidate.to.id), tokenColumns)}`,
      noteOf(candidate),
    ]),
  );
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
  return [way, becomes === undefined ? "" : fates[becomes]].filter((part) => part !== "").join(", ");
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
  const [own, , ] = chances;
  const ids = new Set([fused.row, taught.row, target.row].flat().map(({ id }) => id));
  for (const { row } of sources) for (const { id } of row) ids.add(id);
  ids.add(next.id);
  const ordered = [...ids].sort(
    (a, b) => weightOf(chances, b) - weightOf(chances, a) || (own?.get(b) ?? 0) - (own?.get(a) ?? 0),
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
