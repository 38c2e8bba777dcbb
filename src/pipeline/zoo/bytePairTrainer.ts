/**
 * Learns byte-pair merges (Sennrich, Haddow and Birch, 2016): again and again the commonest pair of
 * neighbouring symbols becomes one symbol. Of equally common pairs the one with the lower ids goes first, as
 * in Hugging Face's trainer, so that the same words give the same merges there and here. Pairs seen once
 * are not merged.
 */
import { utf8Encode } from "../../core/text/bytes.ts";
import { spellBytes } from "../../core/text/byteAlphabet.ts";
import {
  byteLevelFiles,
  byteLevelPattern,
  byteTokens,
  endOfText,
  sentencePieceBpeFiles,
  type TokenizerFiles,
  type WordRule,
} from "./tokenizerFiles.ts";
import {
  commonCharacters,
  countWords,
  markSpaces,
  spelledWith,
  type WordCounts,
} from "./trainingWords.ts";

export interface LearnedPairs {
  /** All pieces: those given, then one for each merge that made a new one. */
  readonly pieces: readonly string[];
  /** The two pieces of each merge, in the order in which they are applied. */
  readonly merges: readonly (readonly [string, string])[];
}
