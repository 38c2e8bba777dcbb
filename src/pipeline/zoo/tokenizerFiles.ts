/**
 * The definitions that Hugging Face's `tokenizers` and transformers load: tokenizer.json and
 * tokenizer_config.json for the three families the demo trains. Only the fields these readers ask for.
 */
import { spaceMark } from "./trainingWords.ts";

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: Readonly<Record<string, unknown>>;
  /** tokenizer_config.json */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The words of a byte-level tokenizer: GPT-2's rule, or everything between spaces, for code. */
export type WordRule = "gpt2" | "spaces";

/** What is one word to each family. Tokens never reach over the bounds of words. */
export const byteLevelWords: Readonly<Record<WordRule, RegExp>> = {
  gpt2: /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu,
  spaces: / ?\S+|\s+(?!\S)|\s+/gu,
};

/**
 * After spaces have become marks, words that a space only begins. Line ends stand between words in byte-pair
 * encoding, which spells them by bytes, and are words of their own in the unigram family.
 */
export const sentencePieceBpeWords = /\u2581*[^\u2581\n]+|\u2581+/gu;
export const unigramWords = /\u2581*[^\u2581\n]+|\u2581+|\n+/gu;

/** The one special token of the byte-level family. */
export const endOfText = "<|endoftext|>";

/** The special tokens of the SentencePiece families, by id. */
export const sentencePieceSpecials = ["<unk>", "<s>", "</s>"] as const;

/** The pieces of single bytes in the SentencePiece families: `<0x00>` to `<0xFF>`. */
export const bytePieces: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

type Merges = readonly (readonly [string, string])[];

export function byteLevelFiles(
  pieces: readonly string[],
  merges: Merges,
  rule: WordRule,
): TokenizerFiles {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
  return {
    tokenizer: {
      ...head([endOfText]),
      normalizer: null,
      pre_tokenizer:
        rule === "gpt2"
          ? { ...byteLevel, use_regex: true }
          : {
              type: "Sequence",
              pretokenizers: [isolated(byteLevelWords.spaces), { ...byteLevel, use_regex: false }],
            },
      post_processor: null,
      decoder: { ...byteLevel, use_regex: true },
      model: bytePairModel(pieces, merges, false),
    },
    config: configuration({ bos: endOfText, eos: endOfText, unknown: endOfText }),
  };
}

/** Not divided into words, as in Llama: merges never reach over the beginning of one. */
export function sentencePieceBpeFiles(pieces: readonly string[], merges: Merges): TokenizerFiles {
  return sentencePieceFiles(null, bytePairModel(pieces, merges, true));
}

/**
 * Divided into words: no piece reaches over the beginning of one, so the tokens are the same as without, but
 * readers can remember them by word. `scored`: pieces with their log-probabilities, by id.
 */
export function unigramFiles(scored: readonly (readonly [string, number])[]): TokenizerFiles {
  const model = { type: "Unigram", unk_id: 0, vocab: scored, byte_fallback: true };
  return sentencePieceFiles(isolated(unigramWords), model);
}

/**
 * Llama's frame: a mark before the text and one for every space. What is not in the vocabulary is spelt by
 * bytes, so that every text comes back as it was, except that a U+2581 of its own comes back as a space.
 */
function sentencePieceFiles(
  preTokenizer: object | null,
  model: Readonly<Record<string, unknown>>,
): TokenizerFiles {
  const [unknown, bos, eos] = sentencePieceSpecials;
  const opening = { SpecialToken: { id: bos, type_id: 0 } };
  const body = (id: "A" | "B", type: number) => ({ Sequence: { id, type_id: type } });
  return {
    tokenizer: {
      ...head(sentencePieceSpecials),
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: spaceMark },
          { type: "Replace", pattern: { String: " " }, content: spaceMark },
        ],
      },
      pre_tokenizer: preTokenizer,
      post_processor: {
        type: "TemplateProcessing",
        single: [opening, body("A", 0)],
        pair: [opening, body("A", 0), body("B", 1)],
        special_tokens: { [bos]: { id: bos, ids: [1], tokens: [bos] } },
      },
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: spaceMark }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
          { type: "Strip", content: " ", start: 1, stop: 0 },
        ],
      },
      model,
    },
    config: configuration({ bos, eos, unknown }),
  };
}

/** A pre-tokenizer that makes a word of every match. */
function isolated(words: RegExp): Readonly<Record<string, unknown>> {
  const pattern = { Regex: words.source.replaceAll("\\u2581", spaceMark) };
  return { type: "Split", pattern, behavior: "Isolated", invert: false };
}

function head(specials: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
  };
}

function bytePairModel(
  pieces: readonly string[],
  merges: Merges,
  byteFallback: boolean,
): Readonly<Record<string, unknown>> {
  return {
    type: "BPE",
    dropout: null,
    unk_token: byteFallback ? sentencePieceSpecials[0] : null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: byteFallback,
    byte_fallback: byteFallback,
    ignore_merges: false,
    vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    merges: merges.map(([left, right]) => `${left} ${right}`),
  };
}

function configuration(roles: {
  readonly bos: string;
  readonly eos: string;
  readonly unknown: string;
}): Readonly<Record<string, unknown>> {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: roles.bos,
    eos_token: roles.eos,
    unk_token: roles.unknown,
    clean_up_tokenization_spaces: false,
  };
}
