/** Tokens and names for a terminal. How text is made visible stands in core/text/visibleText.ts. */
import type { TokenTable } from "../core/text/tokenizer.ts";
import { visibleText, visibleUtf8 } from "../core/text/visibleText.ts";
import { withoutControls } from "./failure.ts";

/** What a token says: its bytes as text, or by their numbers; its name where it has none. */
export function visibleToken({ bytes, pieces }: TokenTable, id: number): string {
  const own = bytes[id];
  return own === undefined ? visibleText(pieces[id] ?? `<${id}>`) : visibleUtf8(own);
}

/** A name from outside on one line. */
export const visibleName = (name: string): string => withoutControls(name).replace(/[\n\t]/g, "�");
