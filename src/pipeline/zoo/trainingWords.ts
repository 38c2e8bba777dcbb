/**
 * What tokenizers are trained on: words with their counts. A word is what a tokenizer never merges across,
 * so beyond this point the text itself is not needed.
 */

import { Problem } from "../../core/problem.ts";

/** The sign that stands for a space in SentencePiece's vocabularies. */
export const spaceMark = "\u2581";

/** Share of the characters that have a piece of their own; SentencePiece's default. */
export const characterCoverage = 0.9995;

/** Counts of words, in the order of their first occurrence. */
export type WordCounts = ReadonlyMap<string, number>;

/** UTF-16 units that are read, about; more hardly changes a vocabulary of a few thousand pieces. */
const mostText = 1_500_000;

/** Counts what `words` finds in the texts; of much text, in the same share of each. Throws a Problem for none. */
export function countWords(texts: readonly string[], words: RegExp): Map<string, number> {
  const share = mostText / texts.reduce((sum, text) => sum + text.length, 0);
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of beginningOf(text, share).matchAll(words)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  if (counts.size > 0) return counts;
  throw new Problem("badInput", "There is no text to train a tokenizer on.", {
    next: "Check that the folders of text are not empty.",
  });
}

/** A share of a text, from its beginning to the end of a line. */
function beginningOf(text: string, share: number): string {
  if (share >= 1) return text;
  const newline = text.indexOf("\n", Math.ceil(text.length * share));
  return newline < 0 ? text : text.slice(0, newline + 1);
}

/**
 * A text as SentencePiece sees it: spaces are marks, and one more stands before the text, so that a word
 * reads the same at the beginning and inside.
 */
export function markSpaces(text: string): string {
  return spaceMark + text.replaceAll(" ", spaceMark);
}

/**
 * The characters a vocabulary spells itself: the commonest that together make up `coverage` of all, and
 * printable ASCII besides. The rest is left to byte tokens: control characters, line ends among them, and
 * what needs two UTF-16 units. In the order of code points.
 */
export function commonCharacters(counts: WordCounts, coverage: number): string[] {
  const frequency = new Map<string, number>();
  for (const [word, count] of counts) {
    for (const character of word) {
      if (spellable.test(character)) {
        frequency.set(character, (frequency.get(character) ?? 0) + count);
      }
    }
  }
  const total = [...frequency.values()].reduce((sum, count) => sum + count, 0);
  const chosen = new Set([spaceMark]);
  for (let byte = 0x21; byte < 0x7f; byte++) chosen.add(String.fromCharCode(byte));
  let covered = 0;
  for (const [character, count] of [...frequency].sort(byCount)) {
    if (covered >= coverage * total) break;
    chosen.add(character);
    covered += count;
  }
  return [...chosen].sort();
}

/** One UTF-16 unit, neither a control character nor half a pair. */
const spellable = /^[^\p{Cc}\p{Cs}\u{10000}-\u{10FFFF}]$/u;

function byCount(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}

/** Cuts words at characters that are not in the alphabet, which go. */
export function spelledWith(counts: WordCounts, alphabet: readonly string[]): Map<string, number> {
  const known = new Set(alphabet);
  const spelled = new Map<string, number>();
  for (const [word, count] of counts) {
    for (const run of runsOf(word, known)) spelled.set(run, (spelled.get(run) ?? 0) + count);
  }
  return spelled;
}

function runsOf(word: string, known: ReadonlySet<string>): string[] {
  const runs: string[] = [];
  let run = "";
  for (const character of word) {
    if (known.has(character)) run += character;
    else if (run !== "") {
      runs.push(run);
      run = "";
    }
  }
  return run === "" ? runs : [...runs, run];
}
