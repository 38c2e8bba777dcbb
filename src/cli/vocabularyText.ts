/** A vocabulary map for people: how many source tokens are mapped in which way, with examples of each. */
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { visibleText } from "../core/text/visibleText.ts";
import {
  exampleIds,
  type MapKind,
  mapCounts,
  mapKinds,
  type VocabularyMap,
} from "../core/vocabulary/vocabularyMap.ts";
import { alignedLines, columnsOf, cutTo } from "./columns.ts";
import { shareText } from "./shareText.ts";
import { visibleName, visibleToken } from "./visibleText.ts";

/** What the kinds mean; `unused` ids are no tokens and are not shown. */
const meanings: Readonly<Record<Exclude<MapKind, "unused">, string>> = {
  same: "one target token says the same",
  firstToken: "the first of the target tokens that spell it",
  spaces: "a run of spaces, cut as before a word",
  distance: "the target token with the fewest edits",
  role: "beginning or end of a text",
  none: "no target token",
};

const shownKinds = Object.keys(meanings) as (keyof typeof meanings)[];

/** Lines of examples a kind, and the columns of one side of an example. */
const exampleLines = 2;
const mostExamples = 40;
const tokenColumns = 20;
const indent = "    ";

export function vocabularyText(
  map: VocabularyMap,
  source: TextTokenizer,
  target: TextTokenizer,
  columns: number,
): string {
  const counts = mapCounts(map);
  const all = map.targetOf.length - counts.unused;
  const size = ({ table }: TextTokenizer): string => {
    const used = table.pieces.filter((piece) => piece !== undefined).length;
    return `${used.toLocaleString("en-US")} tokens`;
  };
  const kinds = shownKinds.filter((kind) => counts[kind] > 0);
  const heads = alignedLines(
    [{}, { align: "right" }, {}],
    kinds.map((kind) => [kind, shareText(counts[kind], all), meanings[kind]]),
  );
  return [
    ...alignedLines(
      [{}, {}, { align: "right" }],
      [
        ["T", visibleName(target.name), size(target)],
        ["A", visibleName(source.name), size(source)],
      ],
    ),
    `${map.method}, mode ${map.mode}`,
    "",
    `source tokens with a target token  ${shareText(all - counts.none, all)}`,
    ...kinds.flatMap((kind, i) => [
      "",
      heads[i] ?? "",
      ...(kind === "distance" ? [indent + editsText(map)] : []),
      ...exampleText(map, kind, { source, target, columns }),
    ]),
  ].join("\n");
}

/** How many are how far away. */
function editsText({ how, distance }: VocabularyMap): string {
  const code = mapKinds.indexOf("distance");
  const most = 5;
  const counts = new Array<number>(most + 1).fill(0);
  for (const [id, kind] of how.entries()) {
    if (kind !== code) continue;
    const edits = Math.min(most, distance[id] ?? 0);
    counts[edits] = (counts[edits] ?? 0) + 1;
  }
  const parts = counts.flatMap((count, edits) =>
    count === 0
      ? []
      : [`${edits}${edits === most ? " or more" : ""}: ${count.toLocaleString("en-US")}`],
  );
  return `edits ${parts.join(", ")}`;
}

function exampleText(
  map: VocabularyMap,
  kind: MapKind,
  shown: {
    readonly source: TextTokenizer;
    readonly target: TextTokenizer;
    readonly columns: number;
  },
): string[] {
  const lines: string[] = [];
  for (const id of exampleIds(map, kind, mostExamples)) {
    const example = exampleOf(map, id, shown);
    const last = lines.at(-1);
    const joined = last === undefined ? `${indent}${example}` : `${last}   ${example}`;
    if (last !== undefined && columnsOf(joined) <= shown.columns) lines[lines.length - 1] = joined;
    else if (lines.length < exampleLines) lines.push(`${indent}${example}`);
    else break;
  }
  return lines;
}

function exampleOf(
  map: VocabularyMap,
  id: number,
  { source, target }: { readonly source: TextTokenizer; readonly target: TextTokenizer },
): string {
  const said = ({ table }: TextTokenizer, token: number): string =>
    cutTo(
      // The published methods see pieces, not what they spell.
      map.mode === "published"
        ? visibleText(table.pieces[token] ?? "")
        : visibleToken(table, token),
      tokenColumns,
    );
  const to = map.targetOf[id] ?? -1;
  return to < 0 ? said(source, id) : `${said(source, id)} → ${said(target, to)}`;
}
