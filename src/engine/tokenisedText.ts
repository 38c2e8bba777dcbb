/** A text in a tokenizer's tokens, as the inspector computes with it and as it answers it. */
import type { TokenisedText } from "../core/alignment/alignTokens.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import type { TokenisedAnswer } from "../protocol/alignedPair.ts";

/** @throws Problem `badInput` where the tokenizer changes the text, so that its tokens' ends are not known. */
export function tokenised(tokenizer: TextTokenizer, text: string): TokenisedText {
  const encoding = tokenizer.encode(text);
  if ("ids" in encoding) return { tokenizer, encoding };
  throw new Problem("badInput", encoding.detail, {
    next: "Change the text there, or take another tokenizer: where a tokenizer changes a text, its tokens' ends are not known.",
  });
}

/** The tokens that lie wholly in a range of bytes; their ends stay those of the text. */
export function tokensWithin(
  { tokenizer, encoding: { ids, ends } }: TokenisedText,
  { from, to }: { readonly from: number; readonly to: number },
): TokenisedText {
  let first = 0;
  while (first < ends.length && (ends[first - 1] ?? 0) < from) first++;
  let end = first;
  while (end < ends.length && (ends[end] ?? 0) <= to) end++;
  return {
    tokenizer,
    encoding: { ids: ids.slice(first, end), ends: ends.slice(first, end) },
    start: ends[first - 1] ?? 0,
  };
}

export function tokenisedAnswer({ tokenizer, encoding }: TokenisedText): TokenisedAnswer {
  const { name, fingerprint, table } = tokenizer;
  const tokens = Array.from(encoding.ids, (id) => table.pieces[id] ?? `<${id}>`);
  return { name, fingerprint, tokens, ids: encoding.ids, byteEnds: encoding.ends };
}
