/**
 * How the pieces of a vocabulary spell bytes, found from the definition alone: a byte alphabet, a marker for
 * spaces with `<0xNN>` for bytes, a prefix for the inside of words. No table of tokenizer classes.
 */
import { spellBytes, spelledBytes } from "./byteAlphabet.ts";
import { sameBytes, utf8Encode } from "./bytes.ts";
import type { ModelDefinition } from "./definition.ts";
import type { TokenizerFamily } from "./tokenizer.ts";

export interface Spelling {
  readonly family: TokenizerFamily;
  readonly marker: string | undefined;
  /** A character that the text itself must not have, because it would be taken for a space. */
  readonly reserved: string | undefined;
  readonly byteFallback: boolean;
  /**
   * The tokens of a text must give its bytes. Otherwise (WordPiece, words with an end-of-word suffix) white
   * space and what the normaliser takes away are lost, and only the tokens' ends are known.
   */
  readonly exact: boolean;
  /** What the model is given for a word. */
  modelWord(word: string): string;
  /** The bytes of a word as the text has it. */
  wordBytes(word: string): Uint8Array;
  /** The bytes of an ordinary piece; `undefined` where it spells none. */
  pieceBytes(piece: string): Uint8Array | undefined;
}

export function readSpelling(
  model: ModelDefinition,
  cutting: { readonly byteLevel: boolean; readonly marker: string | undefined },
): Spelling {
  const { byteLevel } = cutting;
  const byteFallback = "byteFallback" in model && model.byteFallback;
  const suffix = model.type === "BPE" ? model.endOfWordSuffix : "";
  const prefix = model.type === "WordPiece" ? model.continuingPrefix : "";
  const family = familyOf(model, byteFallback, cutting);
  const exact = family === "byteLevel" || family === "sentencePiece";
  const reserved = byteLevel ? undefined : cutting.marker;
  const unmarked = (piece: string) =>
    reserved === undefined ? piece : piece.replaceAll(reserved, " ");

  const pieceBytes = (piece: string): Uint8Array | undefined => {
    const byte = byteFallback ? byteOfPiece(piece) : undefined;
    if (byte !== undefined) return Uint8Array.of(byte);
    let bare = piece;
    if (prefix !== "" && bare.startsWith(prefix)) bare = bare.slice(prefix.length);
    if (suffix !== "" && bare.endsWith(suffix)) bare = bare.slice(0, -suffix.length);
    return byteLevel ? spelledBytes(bare) : utf8Encode(unmarked(bare));
  };
  return {
    family,
    marker: exact ? cutting.marker : undefined,
    reserved,
    byteFallback,
    exact,
    modelWord: byteLevel ? (word) => spellBytes(utf8Encode(word)) : (word) => word,
    wordBytes: (word) => utf8Encode(unmarked(word)),
    pieceBytes,
  };
}

function familyOf(
  model: ModelDefinition,
  byteFallback: boolean,
  cutting: { readonly byteLevel: boolean; readonly marker: string | undefined },
): TokenizerFamily {
  if (model.type === "WordPiece") return "wordPiece";
  if (model.type === "BPE" && model.endOfWordSuffix !== "") return "plain";
  if (cutting.byteLevel) return "byteLevel";
  return cutting.marker !== undefined || byteFallback ? "sentencePiece" : "plain";
}

/** `<0x0A>` → 10. */
export function byteOfPiece(piece: string): number | undefined {
  const digits = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return digits === null ? undefined : Number.parseInt(digits[1], 16);
}

export function byteFallbackPiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** Whether tokens of these bytes, one after the other, give exactly `whole`. */
export function spells(parts: readonly Uint8Array[], whole: Uint8Array): boolean {
  let at = 0;
  for (const part of parts) {
    if (!sameBytes(part, whole.subarray(at, at + part.length))) return false;
    at += part.length;
  }
  return at === whole.length;
}
