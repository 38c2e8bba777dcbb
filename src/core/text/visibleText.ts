/**
 * Text of tokens so that all of it can be seen: white space quiet (`·` space, `→` tab, `↵` line end), bytes that
 * are no character as `⟨E2 80⟩`, and everything else that has no shape of its own, or that steers a terminal or
 * the writing direction, by its name or code point. Only for reading: what is shown cannot be turned back.
 */
import { utf8Decode } from "./bytes.ts";

const shapes: ReadonlyMap<string, string> = new Map([
  [" ", "·"],
  ["\t", "→"],
  ["\n", "↵"],
  ["\r", "␍"],
]);

/** Abbreviations of the Unicode standard (NameAliases.txt and chapter 23). */
const names: ReadonlyMap<number, string> = new Map([
  ...[
    ..."NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI".split(" "),
    ..."DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" "),
  ].map((name, point): [number, string] => [point, name]),
  [0x7f, "DEL"],
  [0x85, "NEL"],
  [0xa0, "NBSP"],
  [0xad, "SHY"],
  [0x61c, "ALM"],
  [0x200b, "ZWSP"],
  [0x200c, "ZWNJ"],
  [0x200d, "ZWJ"],
  [0x200e, "LRM"],
  [0x200f, "RLM"],
  [0x2028, "LSEP"],
  [0x2029, "PSEP"],
  [0x202a, "LRE"],
  [0x202b, "RLE"],
  [0x202c, "PDF"],
  [0x202d, "LRO"],
  [0x202e, "RLO"],
  [0x202f, "NNBSP"],
  [0x2060, "WJ"],
  [0x2066, "LRI"],
  [0x2067, "RLI"],
  [0x2068, "FSI"],
  [0x2069, "PDI"],
  [0xfeff, "BOM"],
]);

const shapeless = /[\p{C}\p{Zs}\p{Zl}\p{Zp}]/u;
const combining = /^\p{M}/u;
/** Emoji that are drawn as one, with the joiners that hold them together. */
const joinedEmoji =
  /\p{Extended_Pictographic}\p{M}*\p{Emoji_Modifier}?(?:\u200d\p{Extended_Pictographic}\p{M}*\p{Emoji_Modifier}?)+/gu;

/** Never holds a control or direction character, whatever the text does; joiners only inside an emoji. */
export function visibleText(text: string): string {
  let shown = combining.test(text) ? "◌" : "";
  let at = 0;
  for (const { 0: emoji, index } of text.matchAll(joinedEmoji)) {
    shown += characterByCharacter(text.slice(at, index)) + emoji;
    at = index + emoji.length;
  }
  return shown + characterByCharacter(text.slice(at));
}

function characterByCharacter(text: string): string {
  let shown = "";
  for (const character of text) shown += shapes.get(character) ?? shapeOf(character);
  return shown;
}

function shapeOf(character: string): string {
  if (!shapeless.test(character)) return character;
  const point = character.codePointAt(0)!;
  return `⟨${names.get(point) ?? `U+${point.toString(16).toUpperCase().padStart(4, "0")}`}⟩`;
}

/** Bytes by their numbers: `⟨E2 80⟩`. */
export function visibleBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  return `⟨${hex.join(" ")}⟩`;
}

/** Bytes as text wherever they are whole characters, by their numbers in between. */
export function visibleUtf8(bytes: Uint8Array): string {
  const whole = utf8Decode(bytes);
  if (whole !== undefined) return visibleText(whole);
  let shown = "";
  let stray = 0;
  let at = 0;
  const flush = (): void => {
    if (at > stray) shown += visibleBytes(bytes.subarray(stray, at));
  };
  while (at < bytes.length) {
    const end = endOfText(bytes, at);
    if (end === at) at++;
    else {
      flush();
      shown += visibleText(utf8Decode(bytes.subarray(at, end)) ?? "");
      at = end;
      stray = end;
    }
  }
  flush();
  return shown;
}

/** Where the run of whole characters from `at` on ends; `at` itself where none stands there. */
function endOfText(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length) {
    const length = lengthOfCharacter(bytes, end);
    if (length === 0) break;
    end += length;
  }
  return end;
}

function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (utf8Decode(bytes.subarray(at, at + length)) !== undefined) return length;
  }
  return 0;
}
