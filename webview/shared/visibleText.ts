/**
 * What of a token is shown: visible, and cut where it is long; the whole stands in the detail. Tokens of a text
 * are slices of its bytes, whatever their vocabulary calls them. Entries of a vocabulary are spelled the way their
 * family spells bytes (core/text/spelling.ts); where it is not known the spelling is told from the piece alone.
 */
import { spelledBytes } from "../../src/core/text/byteAlphabet.ts";
import { utf8Decode, utf8Encode } from "../../src/core/text/bytes.ts";
import type { TokenizerFamily } from "../../src/core/text/tokenizer.ts";
import { visibleText, visibleUtf8 } from "../../src/core/text/visibleText.ts";

export interface ShownText {
  readonly shown: string;
  /** All of it, visible as well. */
  readonly whole: string;
  readonly isCut: boolean;
}

/** What a reader takes for one character, at most so many. */
const mostGraphemes = 24;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

export const shownText = (text: string): ShownText => cut(visibleText(text));

/** A token of a text, whose bytes (`utf8Encode`) it takes from `from` up to `to`. Half characters show as bytes. */
export const shownSlice = (bytes: Uint8Array, from: number, to: number): ShownText =>
  cut(visibleUtf8(bytes.subarray(from, to)));

/** An entry of a vocabulary as it stands there: `Ġthe`, `▁the`, `<0x0A>`, `##ing`. */
export function shownPiece(piece: string, family?: TokenizerFamily): ShownText {
  return cut(visibleUtf8(bytesOf(piece, family ?? familyOf(piece))));
}

/** A guess: `Ġ` and its like are byte alphabet, unless control characters come out, as from Latvian's ā and ē. */
function familyOf(piece: string): TokenizerFamily {
  if (piece.includes("▁") || byteName.test(piece)) return "sentencePiece";
  const bytes = spelledBytes(piece);
  if (bytes === undefined || bytes.some(isControl)) return "plain";
  return utf8Decode(bytes) !== undefined || /[\u0100-\u0143]/.test(piece) ? "byteLevel" : "plain";
}

const isControl = (byte: number): boolean =>
  byte === 0x7f || (byte < 0x20 && !/\s/.test(String.fromCharCode(byte)));

const byteName = /^<0x([0-9A-Fa-f]{2})>$/;

function bytesOf(piece: string, family: TokenizerFamily): Uint8Array {
  if (family === "byteLevel") return spelledBytes(piece) ?? utf8Encode(piece);
  if (family !== "sentencePiece") return utf8Encode(piece);
  const byte = byteName.exec(piece);
  if (byte !== null) return Uint8Array.of(Number.parseInt(byte[1], 16));
  return utf8Encode(piece.replaceAll("▁", " "));
}

function cut(whole: string): ShownText {
  // A grapheme is at least one unit long, so most texts need not be segmented.
  if (whole.length <= mostGraphemes) return { shown: whole, whole, isCut: false };
  let count = 0;
  for (const { index } of graphemes.segment(whole)) {
    if (count === mostGraphemes - 1) {
      const rest = graphemes.segment(whole.slice(index))[Symbol.iterator]();
      rest.next();
      if (rest.next().done === true) break;
      return { shown: `${whole.slice(0, index)}…`, whole, isCut: true };
    }
    count++;
  }
  return { shown: whole, whole, isCut: false };
}
