/**
 * Trains the two families of byte-pair tokenizers: GPT-2's, over bytes, and Llama's, over characters with
 * bytes for those it does not know. The same texts and size give the same files.
 */

import { Problem } from "../../core/problem.ts";
import { spellBytes } from "../../core/text/byteAlphabet.ts";
import { utf8Encode } from "../../core/text/bytes.ts";
import { learnMerges } from "./mergeLearner.ts";
import {
  byteLevelFiles,
  byteLevelWords,
  bytePieces,
  endOfText,
  sentencePieceBpeFiles,
  sentencePieceBpeWords,
  sentencePieceSpecials,
  type TokenizerFiles,
  type WordRule,
} from "./tokenizerFiles.ts";
import {
  characterCoverage,
  commonCharacters,
  countWords,
  markSpaces,
  spelledWith,
} from "./trainingWords.ts";

/** GPT-2's family. Ids: `<|endoftext|>`, the byte alphabet, merges. `size` includes them all. */
export function trainByteLevelBpe(
  texts: readonly string[],
  size: number,
  options: { readonly words: WordRule },
): TokenizerFiles {
  const alphabet = Array.from({ length: 256 }, (_, byte) => spellBytes(Uint8Array.of(byte))).sort();
  const first = [endOfText, ...alphabet];
  requireSize(size, first.length);
  const counts = new Map<string, number>();
  for (const [word, count] of countWords(texts, byteLevelWords[options.words])) {
    counts.set(spellBytes(utf8Encode(word)), count);
  }
  const reserved = new Set([endOfText]);
  const { pieces, merges } = learnMerges(counts, { pieces: first, size, reserved });
  return byteLevelFiles(pieces, merges, options.words);
}

/** Llama's family. Ids: `<unk> <s> </s>`, 256 bytes, characters, merges. `size` includes them all. */
export function trainSentencePieceBpe(texts: readonly string[], size: number): TokenizerFiles {
  const found = countWords(texts.map(markSpaces), sentencePieceBpeWords);
  const alphabet = commonCharacters(found, characterCoverage);
  const reserved = [...sentencePieceSpecials, ...bytePieces];
  requireSize(size, reserved.length + alphabet.length);
  const { pieces, merges } = learnMerges(spelledWith(found, alphabet), {
    pieces: [...reserved, ...alphabet],
    size,
    reserved: new Set(reserved),
  });
  return sentencePieceBpeFiles(pieces, merges);
}

/** Throws a Problem where a vocabulary of `size` has no room for what it must hold. */
export function requireSize(size: number, least: number): void {
  if (Number.isInteger(size) && size >= least && size <= 65536) return;
  throw new Problem("badInput", `A vocabulary of ${size} pieces cannot be trained.`, {
    next: `Choose a whole number from ${least} to 65536.`,
  });
}
