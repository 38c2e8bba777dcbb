/**
 * What FuseLab knows of a tokenizer: its tokens with their bytes, and how a text becomes tokens whose ends
 * are known in UTF-8 bytes of the original text. The implementation stands in textTokenizer.ts; this file
 * holds only the shapes that the rest of the engine speaks of.
 */

/** How pieces spell bytes. `byteLevel`: GPT-2's byte alphabet. `sentencePiece`: U+2581 for a space, `<0xNN>` for bytes. */
export type TokenizerFamily = "byteLevel" | "sentencePiece" | "wordPiece" | "plain";

/** The tokens of one vocabulary, indexed by id. */
export interface TokenTable {
  /** One more than the largest id. Ids without a token have an `undefined` piece. */
  readonly size: number;
  readonly pieces: readonly (string | undefined)[];
  /** The bytes a token stands for in running text; `undefined` for special tokens and unused ids. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** 1 where the id is a special token. */
  readonly special: Uint8Array;
  /** Id by `bytesKey(bytes)`. Where two ids have the same bytes the ordinary one wins over byte fall-back and added tokens. */
  readonly idByBytes: ReadonlyMap<string, number>;
  readonly idByPiece: ReadonlyMap<string, number>;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unknown: number | undefined;
  /** The character that stands for a word's leading space in pieces (`Ġ`, `▁`), from the tokenizer's own definition. */
  readonly marker: string | undefined;
}

/** A text as tokens, without BOS and EOS. */
export interface Encoding {
  readonly ids: Int32Array;
  /** For each token the UTF-8 offset in the original text at which it ends. Ascending, the last is the text's length. */
  readonly ends: Int32Array;
}

/** Offsets cannot be had for this text: it is reported, never guessed. */
export interface EncodingRefusal {
  readonly reason: "textDiffers";
  /** One sentence: what the tokenizer changes, and where. */
  readonly detail: string;
}

export interface TextTokenizer {
  readonly name: string;
  /** SHA-256 of the definition, hexadecimal. */
  readonly fingerprint: string;
  readonly family: TokenizerFamily;
  readonly table: TokenTable;
  /** Tokens of a text. Strings that look like special tokens are ordinary text. */
  encode(text: string): Encoding | EncodingRefusal;
  /**
   * Tokens of a byte string as it would be cut in the middle of a text, without a prefix space.
   * `undefined` where the bytes are not whole UTF-8 and are no token, or where the tokenizer cannot spell them.
   */
  encodeBare(bytes: Uint8Array): Int32Array | undefined;
}

/** The id every model reads first: BOS, or EOS where there is none. `undefined` where the tokenizer has neither. */
export function openingId(table: TokenTable): number | undefined {
  return table.bos ?? table.eos;
}
