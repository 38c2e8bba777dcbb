/**
 * The running text of documentation: paragraphs of English out of doc comments and Markdown, each on one
 * line, without comment marks, tags, code blocks, tables, pictures and addresses of links. A filter by
 * simple rules, not a Markdown parser; what looks doubtful is left out, since there is enough.
 */

/** Tags whose text describes something; the text of any other tag is left out. */
const describingTags = new Set([
  "param",
  "returns",
  "return",
  "remarks",
  "description",
  "summary",
  "deprecated",
  "throws",
]);

/** The paragraphs of one doc comment, given with its marks. */
export function paragraphsOfDocComment(comment: string): string[] {
  const text = comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .replace(/^[ \t]*\* ?/gm, "");
  const sections = withoutCodeBlocks(text).split(/^[ \t]*(?=@[a-zA-Z])/m);
  return sections.flatMap((section) => paragraphsOf(describedText(section)));
}

/** The paragraphs of a Markdown text; headings are too short to be any. */
export function paragraphsOfMarkdown(markdown: string): string[] {
  const text = withoutCodeBlocks(markdown)
    .replace(/<!--.*?(?:-->|$)/gs, "")
    .replace(/^\s*\[[^\]]+\]:.*$/gm, "")
    .replace(/^#{1,6} .*$/gm, "\n");
  return paragraphsOf(text);
}

/** The text of a section without its tag and the name it describes; empty for tags that do not describe. */
function describedText(section: string): string {
  const tag = /^@([a-zA-Z]+)\s*/.exec(section);
  if (tag === null) return section;
  if (!describingTags.has(tag[1] as string)) return "";
  const rest = section.slice(tag[0].length).replace(/^\{[^}]*\}\s*/, "");
  const named = tag[1] === "param" ? rest.replace(/^\S+\s*/, "") : rest;
  const text = named.replace(/^-\s*/, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function withoutCodeBlocks(text: string): string {
  return text.replace(/^[ \t]*(```|~~~).*?(?:^[ \t]*\1|(?!.))/gms, "\n");
}

function paragraphsOf(text: string): string[] {
  return text
    .split(/\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])/)
    .filter((block) => !isLaidOut(block))
    .map((block) => plainLine(block))
    .filter(isRunningText);
}

/** Indented code and tables: their line breaks mean something. */
function isLaidOut(block: string): boolean {
  const lines = block.split("\n").filter((line) => line.trim() !== "");
  return (
    lines.every((line) => /^(?: {4}|\t)/.test(line)) || lines.some((line) => /^\s*\|/.test(line))
  );
}

/** Inline marks resolved to their text, line breaks to spaces. */
function plainLine(block: string): string {
  return block
    .replace(
      /\{@(?:link|linkcode|linkplain|see)\s+([^}\s|]+)\s*\|?\s*([^}]*)\}/g,
      (_, name, label) => (label === "" ? name : label),
    )
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, "")
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1")
    .replace(
      /<\/?(?:p|br|b|i|em|strong|code|pre|ul|ol|li|div|span|img|sub|sup|picture|source|h\d)\b[^>]*>/gi,
      " ",
    )
    .replace(/\*\*|__(?=\S)|(?<=\S)__/g, "")
    .replace(/^\s*(?:[-*+>]|\d+[.)])\s+/, "")
    .replace(/https?:\/\/[^\s)>\]]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** At least six words, nearly all of it letters, spaces and the points between sentences, hardly any beyond ASCII. */
function isRunningText(line: string): boolean {
  const count = (pattern: RegExp): number => line.match(pattern)?.length ?? 0;
  return (
    count(/[A-Za-z]+/g) >= 6 &&
    count(/[A-Za-z ,.;:'`()-]/g) >= 0.92 * line.length &&
    count(/[^\x20-\x7e]/g) <= 0.02 * line.length
  );
}
