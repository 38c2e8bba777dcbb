/**
 * Tokenizers small enough to check by hand: the longest token that fits, from left to right. The pieces are
 * given in id order; `<s>` and `</s>` are BOS and EOS.
 */
import { bytesKey, utf8Encode } from "../../src/core/text/bytes.ts";
import type { Encoding, TextTokenizer, TokenTable } from "../../src/core/text/tokenizer.ts";

export interface ToyOptions {
  readonly name?: string;
  /** Default `byteLevel`, with `Ġ`; a `sentencePiece` toy has `▁` and writes it before the text. */
  readonly family?: "byteLevel" | "sentencePiece";
}

export function toyTokenizer(
  pieces: readonly (string | undefined)[],
  options: ToyOptions = {},
): TextTokenizer {
  const { name = "toy", family = "byteLevel" } = options;
  const marker = family === "byteLevel" ? "Ġ" : "▁";
  const table = toyTable(pieces, marker);
  const longest = Math.max(...table.bytes.map((bytes) => bytes?.length ?? 0));

  const cut = (bytes: Uint8Array): number[] | undefined => {
    const ids: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      let length = Math.min(longest, bytes.length - at);
      let id: number | undefined;
      for (; length > 0 && id === undefined; length--) {
        id = table.idByBytes.get(bytesKey(bytes.subarray(at, at + length)));
      }
      if (id === undefined) return undefined;
      ids.push(id);
      at += length + 1;
    }
    return ids;
  };

  return {
    name,
    fingerprint: `${name}:${pieces.join(" ")}`,
    family,
    table,
    encode(text) {
      const prefix = family === "sentencePiece" ? 1 : 0;
      const ids = cut(utf8Encode(prefix ? ` ${text}` : text));
      if (ids === undefined) return { reason: "textDiffers", detail: "no token fits" };
      let end = -prefix;
      const ends = ids.map((id) => {
        end += (table.bytes[id] as Uint8Array).length;
        return end;
      });
      return { ids: Int32Array.from(ids), ends: Int32Array.from(ends) };
    },
    encodeBare(bytes) {
      const ids = cut(bytes);
      return ids === undefined ? undefined : Int32Array.from(ids);
    },
  };
}

function toyTable(pieces: readonly (string | undefined)[], marker: string): TokenTable {
  const bytes = pieces.map((piece) => (piece === undefined ? undefined : bytesOf(piece, marker)));
  const idByBytes = new Map<string, number>();
  for (const [id, value] of bytes.entries()) {
    if (value === undefined) continue;
    const key = bytesKey(value);
    if (!idByBytes.has(key) || isFallback(pieces[idByBytes.get(key) as number]))
      idByBytes.set(key, id);
  }
  const idOf = (piece: string) => {
    const id = pieces.indexOf(piece);
    return id < 0 ? undefined : id;
  };
  return {
    size: pieces.length,
    pieces,
    bytes,
    special: Uint8Array.from(pieces, (piece) => (isSpecial(piece) ? 1 : 0)),
    idByBytes,
    idByPiece: new Map(pieces.flatMap((piece, id) => (piece === undefined ? [] : [[piece, id]]))),
    bos: idOf("<s>"),
    eos: idOf("</s>"),
    unknown: undefined,
    marker,
  };
}

const isFallback = (piece: string | undefined) => /^<0x[0-9A-F]{2}>$/.test(piece ?? "");
const isSpecial = (piece: string | undefined) => piece === "<s>" || piece === "</s>";

function bytesOf(piece: string, marker: string): Uint8Array | undefined {
  if (isSpecial(piece)) return undefined;
  if (isFallback(piece)) return Uint8Array.of(Number.parseInt(piece.slice(3, 5), 16));
  return utf8Encode(piece.replaceAll(marker, " "));
}

/** The tokens of a text that the toy can spell. */
export function read(
  tokenizer: TextTokenizer,
  text: string,
): { tokenizer: TextTokenizer; encoding: Encoding } {
  const encoding = tokenizer.encode(text);
  if (!("ids" in encoding)) throw new Error(encoding.detail);
  return { tokenizer, encoding };
}

/** The text that the pieces spell, cut as given and not as the toy would cut it. */
export function spelled(
  tokenizer: TextTokenizer,
  pieces: readonly string[],
): { tokenizer: TextTokenizer; encoding: Encoding } {
  let end = tokenizer.family === "sentencePiece" ? -1 : 0;
  const ids = pieces.map((piece) => tokenizer.table.idByPiece.get(piece) as number);
  const ends = ids.map((id) => {
    end += (tokenizer.table.bytes[id] as Uint8Array).length;
    return end;
  });
  return { tokenizer, encoding: { ids: Int32Array.from(ids), ends: Int32Array.from(ends) } };
}
