import type { TokenisedText } from "../alignment/alignTokens.ts";
import type { VocabularyMap } from "../vocabulary/vocabularyMap.ts";
import type { Representation } from "./representation.ts";

/** What aligned rows are made from in either mode. Both texts are the same text, the map fits both tokenizers. */
export interface RowsInput {
  readonly target: TokenisedText;
  readonly source: TokenisedText;
  /** [target rows], what follows each row's position: the true next token, EOS last. */
  readonly targetLabels: Int32Array;
  /** [source rows], likewise, whether or not the representation has all of them. */
  readonly sourceLabels: Int32Array;
  /** Of the source. */
  readonly representation: Representation;
  readonly map: VocabularyMap;
  readonly temperature: number;
  /** Of `dtwAnswers` in the mode of the rows, where they are known already. */
  readonly answers?: Int32Array | undefined;
}
