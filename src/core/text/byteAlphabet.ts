/**
 * The byte alphabet of GPT-2's tokenizer: every byte has one printable character, so that a byte string can be
 * written as a word. Printable Latin-1 stands for itself, the other 68 bytes are U+0100 and up, in order.
 */

const characterOfByte: readonly string[] = alphabet();
const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  characterOfByte.map((character, byte) => [character, byte]),
);

/** How a leading space shows in pieces: `Ġ`. */
export const byteAlphabetSpace = characterOfByte[0x20];

export function spellBytes(bytes: Uint8Array): string {
  let word = "";
  for (const byte of bytes) word += characterOfByte[byte];
  return word;
}

/** The bytes a piece spells; `undefined` where it holds a character that is not in the alphabet. */
export function spelledBytes(piece: string): Uint8Array | undefined {
  const bytes = new Uint8Array(piece.length);
  for (let i = 0; i < piece.length; i++) {
    const byte = byteOfCharacter.get(piece[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

function alphabet(): string[] {
  const printsItself = (byte: number) =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printsItself(byte) ? byte : next++),
  );
}
