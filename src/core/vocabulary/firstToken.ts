/**
 * A source token stands for the first target token of its bytes (ours): at a shared boundary the target would
 * have to begin with that token to spell what the source predicts. Keys are bytes, never pieces. The bytes are
 * cut as in the middle of a text, without a prefix space; bytes that are not whole UTF-8 map only if they are
 * one target token. What the true next token gets is another rule, the gold path in sharedPositions.ts.
 *
 * Runs of two or more spaces, the indentation of code, are the exception. A source that keeps such a run apart
 * from the word after it means all of it to come before a word; a target that attaches the last space to the
 * word then begins with a token one space shorter. So the run is cut by the target with a letter behind it.
 * Where the source attaches the last space itself, the run already lacks it, and is cut bare. Runs with a
 * newline are never treated so: they can end a line.
 */
import { bytesKey, utf8Decode, utf8Encode } from "../text/bytes.ts";
import type { TextTokenizer, TokenTable } from "../text/tokenizer.ts";
import type { MappedToken, TokenMapper } from "./mapper.ts";

export function firstTokenMapper(source: TextTokenizer, target: TextTokenizer): TokenMapper {
  const runsBeforeWords = !attachesLastSpace(source) && attachesLastSpace(target);
  return (sourceId) => {
    const bytes = source.table.bytes[sourceId];
    if (bytes === undefined || bytes.length === 0) return undefined;
    const text = utf8Decode(bytes);
    if (text === undefined) return wholeToken(target.table, bytes);
    const bare = firstOf(target, bytes);
    if (!runsBeforeWords || !/^ {2,}$/.test(text)) return bare;
    const beforeWord = firstOf(target, utf8Encode(`${text}x`));
    return beforeWord === undefined || beforeWord.target === bare?.target
      ? bare
      : { target: beforeWord.target, kind: "spaces" };
  };
}

function firstOf(target: TextTokenizer, bytes: Uint8Array): MappedToken | undefined {
  const ids = target.encodeBare(bytes);
  if (ids === undefined || ids.length === 0) return undefined;
  return { target: ids[0], kind: ids.length === 1 ? "same" : "firstToken" };
}

function wholeToken(table: TokenTable, bytes: Uint8Array): MappedToken | undefined {
  const id = table.idByBytes.get(bytesKey(bytes));
  return id === undefined ? undefined : { target: id, kind: "same" };
}

/**
 * Whether a tokenizer makes the last space of an indentation a part of the word behind it (` x`), as GPT-2
 * and Llama-2 do and GPT-NeoX, which has tokens for runs of spaces, does not. Asked by example, since neither
 * pre-tokenizers nor merges say it: the usual indentations before words, the majority decides.
 */
export function attachesLastSpace(tokenizer: TextTokenizer): boolean {
  let attached = 0;
  let asked = 0;
  for (const width of [2, 3, 4, 6, 8, 12, 16]) {
    for (const word of ["return", "the", "x", "if"]) {
      const encoding = tokenizer.encode(`a\n${" ".repeat(width)}${word}`);
      if (!("ids" in encoding)) continue;
      asked++;
      if (!encoding.ends.includes(2 + width)) attached++;
    }
  }
  return attached * 2 > asked;
}
