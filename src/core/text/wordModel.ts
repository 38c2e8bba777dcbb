/**
 * The tokenizer's model: words to ids, by the models of @huggingface/tokenizers. It is built without special
 * tokens, so that `<s>` in a text is four characters like any others, and byte fall-back pieces answer only
 * for bytes, not for a text that looks like their name.
 *
 * A word's tokens are kept with their ends, checked against the word's own bytes once; a text is then mostly
 * looked up. What cannot be spelled exactly is kept as such.
 */
import { BPE, Unigram, WordPiece } from "@huggingface/tokenizers";
import { Problem } from "../problem.ts";
import { boundedMemo } from "./boundedMemo.ts";
import { utf8Encode } from "./bytes.ts";
import type { BpeDefinition, ModelDefinition, UnigramDefinition } from "./definition.ts";
import { byteFallbackPiece, byteOfPiece, type Spelling, spells } from "./spelling.ts";
import type { TokenTable } from "./tokenizer.ts";

export interface SpelledWord {
  readonly ids: Int32Array;
  /** Ends of the tokens in bytes of the word; the last is its length. */
  readonly ends: Int32Array;
}

export interface WordModel {
  /** The tokens of a word, or `undefined` where they do not give its bytes. */
  spell(word: string): SpelledWord | undefined;
}

/** Words kept at most in a generation of the cache; two generations are kept. */
const cachedWords = 65_536;
/** Longer words hardly come again. */
const longestCachedWord = 128;
/** Beyond this the library's search through a word without cuts runs out of stack. */
const longestUnigramWord = 50_000;

export function buildWordModel(
  definition: ModelDefinition,
  table: TokenTable,
  spelling: Spelling,
): WordModel {
  const idsOf = modelIds(definition, table, spelling);
  const compute = (word: string): SpelledWord | null => {
    const ids = idsOf(spelling.modelWord(word));
    const bytes = ids.map((id) => table.bytes[id]);
    if (!bytes.every((each) => each !== undefined)) return null;
    if (!spells(bytes, spelling.wordBytes(word))) return null;
    return { ids: Int32Array.from(ids), ends: endsOf(bytes) };
  };
  const known = boundedMemo(cachedWords, compute);
  return {
    spell: (word) => (word.length > longestCachedWord ? compute(word) : known(word)) ?? undefined,
  };
}

function endsOf(parts: readonly Uint8Array[]): Int32Array {
  const ends = new Int32Array(parts.length);
  let end = 0;
  for (const [i, part] of parts.entries()) {
    end += part.length;
    ends[i] = end;
  }
  return ends;
}

/**
 * Whether a text may be cut before every run of markers without changing its tokens: true for byte-pair
 * encoding if no piece has a marker behind another character, since then no merge reaches over such a cut.
 * The unknown token must not either, so the marker itself has to be a piece. Unigram is left alone: where two
 * ways to cut a text are equally likely, the order of additions decides, and that changes with the cut.
 */
export function cutsAtSpaces(definition: ModelDefinition, marker: string): boolean {
  if (definition.type !== "BPE") return false;
  if (definition.ignoreMerges || definition.endOfWordSuffix !== "") return false;
  if (!definition.vocab.has(marker)) return false;
  for (const piece of definition.vocab.keys())
    for (let i = piece.indexOf(marker, 1); i > 0; i = piece.indexOf(marker, i + 1))
      if (piece[i - 1] !== marker) return false;
  return true;
}

function modelIds(
  definition: ModelDefinition,
  table: TokenTable,
  spelling: Spelling,
): (word: string) => number[] {
  switch (definition.type) {
    case "BPE":
      return bpeIds(definition, table);
    case "Unigram":
      return unigramIds(definition, table, spelling);
    case "WordPiece": {
      const { continuingPrefix, longestWord, unknownPiece } = definition;
      if (unknownPiece === undefined || !definition.vocab.has(unknownPiece)) throw missingUnknown();
      const model = new WordPiece({
        type: "WordPiece",
        vocab: withoutSpecial(definition.vocab, table),
        unk_token: unknownPiece,
        continuing_subword_prefix: continuingPrefix,
        max_input_chars_per_word: longestWord,
      });
      return (word) => lookedUp(model.encode([word]), definition.vocab);
    }
    case "WordLevel":
      return (word) => lookedUp([word], definition.vocab);
  }
}

function bpeIds(definition: BpeDefinition, table: TokenTable): (word: string) => number[] {
  const { merges, byteFallback, ignoreMerges, endOfWordSuffix, unknownPiece, vocab } = definition;
  const model = new BPE({
    type: "BPE",
    vocab: withoutSpecial(vocab, table),
    merges,
    unk_token: unknownPiece ?? null,
    end_of_word_suffix: endOfWordSuffix,
    byte_fallback: byteFallback,
    ignore_merges: ignoreMerges,
  });
  return (word) => lookedUp(model.encode([word]), vocab);
}

/**
 * The library's Unigram knows no byte fall-back: a character without a piece comes back as it is, and is
 * spelled here. Pieces that no text may match are renamed to lone surrogates, which no text has.
 */
function unigramIds(
  definition: UnigramDefinition,
  table: TokenTable,
  spelling: Spelling,
): (word: string) => number[] {
  const idByPiece = new Map<string, number>();
  const vocab = definition.pieces.map(([piece, score], id): [string, number] => {
    const hidden = table.special[id] === 1 || (spelling.byteFallback && isBytePiece(piece));
    if (!hidden && !idByPiece.has(piece)) idByPiece.set(piece, id);
    return [hidden ? `\ud800${id}` : piece, score];
  });
  const model = new Unigram({ type: "Unigram", unk_id: definition.unknownId ?? null, vocab }, "");
  const fallback = (piece: string): number[] => {
    if (!spelling.byteFallback) return [];
    const ids = Array.from(utf8Encode(piece), (byte) =>
      table.idByPiece.get(byteFallbackPiece(byte)),
    );
    return ids.every((id) => id !== undefined) ? ids : [];
  };
  return (word) => {
    if (word.length > longestUnigramWord)
      throw new Problem("tooLarge", "The text is too long for a tokenizer that cuts it nowhere.", {
        next: "Use a shorter text.",
      });
    return model.encode([word]).flatMap((piece) => idByPiece.get(piece) ?? fallback(piece));
  };
}

function isBytePiece(piece: string): boolean {
  return byteOfPiece(piece) !== undefined;
}

/** A piece that is in no vocabulary leaves a gap, which the check of the word's bytes finds. */
function lookedUp(pieces: readonly string[], vocab: ReadonlyMap<string, number>): number[] {
  return pieces.map((piece) => vocab.get(piece)).filter((id) => id !== undefined);
}

function withoutSpecial(
  vocab: ReadonlyMap<string, number>,
  table: TokenTable,
): Record<string, number> {
  return Object.fromEntries(
    Array.from(vocab).filter(([, id]) => !table.special[id] || id === table.unknown),
  );
}

function missingUnknown(): Problem {
  return new Problem("badInput", "The tokenizer's definition names no unknown token.", {
    next: "Fetch the model's tokenizer.json again, or choose another model.",
  });
}
