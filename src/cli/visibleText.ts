/**
 * Text of tokens for a terminal: white space visible but quiet (`·` space, `→` tab, `↵` line end), bytes that
 * are no character as `⟨E2 80⟩`, and everything else that has no shape of its own, or that steers a terminal
 * or the writing direction, by its code point.
 */
import { utf8Decode } from "../core/text/bytes.ts";
import type { TokenTable } from "../core/text/tokenizer.ts";
import { withoutControls } from "./failure.ts";

const shapes = new Map([
  [" ", "·"],
  ["\t", "→"],
  ["\n", "↵"],
  ["\r", "␍"],
]);

const shapeless = /[\p{C}\p{Zs}\p{Zl}\p{Zp}]/u;
const combining = /^\p{M}/u;

/** Never holds a control character, whatever the text does. */
export function visibleText(text: string): string {
  let shown = combining.test(text) ? "◌" : "";
  for (const character of text) shown += shapes.get(character) ?? shapeOf(character);
  return shown;
}

function shapeOf(character: string): string {
  if (!shapeless.test(character)) return character;
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `⟨U+${point.padStart(4, "0")}⟩`;
}

/** What a token says: its bytes as text, as bytes where they are no whole characters; its name where it has none. */
export function visibleToken({ bytes, pieces }: TokenTable, id: number): string {
  const own = bytes[id];
  if (own === undefined) return visibleText(pieces[id] ?? `<${id}>`);
  const text = utf8Decode(own);
  return text === undefined ? visibleBytes(own) : visibleText(text);
}

export function visibleBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  return `⟨${hex.join(" ")}⟩`;
}

/** A name from outside on one line. */
export const visibleName = (name: string): string => withoutControls(name).replace(/[\n\t]/g, "�");
