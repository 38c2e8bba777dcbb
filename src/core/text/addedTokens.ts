/**
 * Added tokens are cut out of a text before it is normalised and cut into words (or, if so marked, after it is
 * normalised). Only those that are text come here, such as GPT-NeoX's runs of spaces; special tokens are not
 * looked for.
 */
import type { AddedToken } from "./definition.ts";

export interface Section {
  readonly text: string;
  /** The added token that the section is; absent for text between added tokens. */
  readonly token?: AddedToken;
}

export type SectionCutter = (text: string) => readonly Section[];

/**
 * Where several tokens match, the leftmost counts, and of these the longest.
 *
 * @param writtenAs the text that a token is looked for as
 */
export function addedTokenCutter(
  tokens: readonly AddedToken[],
  writtenAs: (token: AddedToken) => string,
): SectionCutter {
  if (tokens.length === 0) return (text) => [{ text }];
  const byText = new Map(tokens.map((token) => [writtenAs(token), token]));
  const alternatives = Array.from(byText.keys())
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\^$\\.*+?()[\]{}|/]/g, "\\$&"));
  const anyToken = new RegExp(alternatives.join("|"), "gu");
  return (text) => {
    const sections: Section[] = [];
    let at = 0;
    for (const match of text.matchAll(anyToken)) {
      if (match.index > at) sections.push({ text: text.slice(at, match.index) });
      sections.push({ text: match[0], token: byText.get(match[0])! });
      at = match.index + match[0].length;
    }
    if (at < text.length) sections.push({ text: text.slice(at) });
    return sections;
  };
}
