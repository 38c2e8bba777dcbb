/**
 * Cuts text into passages, the pieces that repetition is judged by, and gathers passages into documents, the
 * pieces that are dealt out to the parts of the corpus. Code is cut where statements or members begin, as
 * the indentation shows; nothing is parsed.
 */
import { wordsOf } from "./nearDuplicates.ts";

/** A passage with fewer words than a shingle could not be compared, so it is joined to the next one. */
const fewestWords = 8;

/**
 * Passages of source code, about `limit` characters at most: top-level statements, the members of a block
 * that is longer, and so on inwards; lines where nothing is further indented. Joined by "\n" they are `code`.
 */
export function passagesOfCode(code: string, limit: number): string[] {
  return joinShort(cutLines(code.split("\n"), limit));
}

function cutLines(lines: readonly string[], limit: number): string[] {
  const text = lines.join("\n");
  if (text.length <= limit || lines.length < 2) return [text];
  const opening = openingLines(lines);
  if (opening.length === 0) {
    const middle = lines.length >> 1;
    return [...cutLines(lines.slice(0, middle), limit), ...cutLines(lines.slice(middle), limit)];
  }
  return [0, ...opening].flatMap((start, i) => cutLines(lines.slice(start, opening[i]), limit));
}

/** Lines after the first, of the least indentation among them, that can begin a passage: neither blank nor a closing bracket. */
function openingLines(lines: readonly string[]): number[] {
  const indents = lines.map((line) => (/^\s*(?:[)\]}]|$)/.test(line) ? -1 : line.search(/\S/)));
  let least = Number.POSITIVE_INFINITY;
  for (const indent of indents.slice(1)) if (indent >= 0 && indent < least) least = indent;
  return indents.flatMap((indent, i) => (i > 0 && indent === least ? [i] : []));
}

function joinShort(passages: readonly string[]): string[] {
  const joined: string[] = [];
  let pending = "";
  for (const passage of passages) {
    const text = pending === "" ? passage : `${pending}\n${passage}`;
    if (wordsOf(text).length < fewestWords) {
      pending = text;
      continue;
    }
    joined.push(text);
    pending = "";
  }
  if (pending !== "") joined.push(pending);
  return joined;
}

/** Neighbouring passages joined by `separator` into documents of `size` characters or a little more; a short rest joins the last. */
export function gatherDocuments(
  passages: readonly string[],
  separator: string,
  size: number,
): string[] {
  const documents: string[] = [];
  let open: string[] = [];
  let length = 0;
  for (const passage of passages) {
    open.push(passage);
    length += passage.length + separator.length;
    if (length < size) continue;
    documents.push(open.join(separator));
    open = [];
    length = 0;
  }
  const rest = open.join(separator);
  if (rest !== "" && rest.length < size / 3 && documents.length > 0) {
    documents.push(`${documents.pop()}${separator}${rest}`);
  } else if (rest !== "") documents.push(rest);
  return documents;
}
