/**
 * Trains a unigram tokenizer with bytes for the characters it does not know, in Llama's frame: the family of
 * SentencePiece's models. The same texts and size give the same files.
 */
import { requireSize } from "./bytePairTrainer.ts";
import {
  bytePieces,
  sentencePieceSpecials,
  type TokenizerFiles,
  unigramFiles,
  unigramWords,
} from "./tokenizerFiles.ts";
import {
  characterCoverage,
  commonCharacters,
  countWords,
  markSpaces,
  spelledWith,
} from "./trainingWords.ts";
import { learnUnigram } from "./unigramLearner.ts";

/**
 * The reserved pieces stand in the vocabulary under their names. A log-probability below that of any spelling
 * keeps a text that happens to hold such a name from being read as the token.
 */
const reservedScore = -1000;

/** Ids: `<unk> <s> </s>`, 256 bytes, pieces from the likeliest down. `size` includes them all. */
export function trainUnigram(texts: readonly string[], size: number): TokenizerFiles {
  const found = countWords(texts.map(markSpaces), unigramWords);
  const alphabet = [...commonCharacters(found, characterCoverage), "\t", "\n"];
  const reserved = [...sentencePieceSpecials, ...bytePieces];
  requireSize(size, reserved.length + alphabet.length);
  const learned = learnUnigram(spelledWith(found, alphabet), {
    alphabet,
    size: size - reserved.length,
    reserved: new Set(reserved),
  });
  return unigramFiles([
    ...reserved.map((piece): [string, number] => [piece, reservedScore]),
    ...learned,
  ]);
}
