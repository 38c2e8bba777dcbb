/** Two vocabularies compared, as a page of Markdown: how many tokens stand for which, with examples. Knows no editor. */
import { visibleText } from "../../core/text/visibleText.ts";
import type { TokenizerFamily } from "../../protocol/fusedFigures.ts";
import type { TokenizerSummary, VocabularyMapAnswer } from "../../protocol/inspector.ts";

/** What the kinds of core/vocabulary/vocabularyMap.ts mean. */
const meanings: Readonly<Record<string, string>> = {
  same: "one target token says the same",
  firstToken: "the first of the target tokens that spell it",
  spaces: "a run of spaces, cut as before a word",
  distance: "the target token with the fewest edits",
  role: "beginning or end of a text",
  none: "no target token",
};

/** As people write them. */
export const familyNames: Readonly<Record<TokenizerFamily, string>> = {
  byteLevel: "byte-level",
  sentencePiece: "SentencePiece",
  wordPiece: "WordPiece",
  plain: "plain",
};

export function vocabularyReport(
  source: TokenizerSummary,
  target: TokenizerSummary,
  maps: readonly VocabularyMapAnswer[],
): string {
  return [
    `# ${plain(source.name)} → ${plain(target.name)}`,
    "",
    "| | tokenizer | family | tokens |",
    "|---|---|---|---:|",
    sideRow("T", target),
    sideRow("A", source),
    "",
    ...maps.flatMap(mapSection),
  ].join("\n");
}

function sideRow(letter: string, { name, family, tokens }: TokenizerSummary): string {
  return `| ${letter} | ${plain(name)} | ${familyNames[family]} | ${thousands(tokens)} |`;
}

function mapSection({ method, mode, counts, examples }: VocabularyMapAnswer): string[] {
  const kinds = Object.keys(meanings).filter((kind) => (counts[kind] ?? 0) > 0);
  const all = Object.entries(counts)
    .filter(([kind]) => kind !== "unused")
    .reduce((sum, [, count]) => sum + count, 0);
  const share = (count: number): string =>
    `${thousands(count)} of ${thousands(all)} (${all === 0 ? "–" : ((100 * count) / all).toFixed(1)}\u00a0%)`;
  return [
    `## ${method}, ${mode}`,
    "",
    `Source tokens with a target token: **${share(all - (counts.none ?? 0))}**`,
    "",
    "| how | source tokens | what it means | examples |",
    "|---|---:|---|---|",
    ...kinds.map((kind) => {
      const shown = (examples[kind] ?? []).map(({ source, target }) =>
        target === null || target === source ? code(source) : `${code(source)} → ${code(target)}`,
      );
      return `| ${kind} | ${share(counts[kind] ?? 0)} | ${meanings[kind]} | ${shown.join(", ")} |`;
    }),
    "",
  ];
}

/** Pieces may hold anything, Markdown too. */
function code(piece: string): string {
  const shown = visibleText(piece).slice(0, 40).replaceAll("|", "\\|");
  return shown.includes("`") ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

const plain = (name: string): string => name.replace(/[|<>`*_[\]\\]/g, "\\$&");
const thousands = (value: number): string => value.toLocaleString("en-US");
