import type { Encoding, TextTokenizer } from "../text/tokenizer.ts";

/** A text as one tokenizer reads it. */
export interface ReadText {
  readonly tokenizer: TextTokenizer;
  readonly encoding: Encoding;
}
