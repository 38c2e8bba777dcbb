/** The inspector's verbs that need no model: tokenizers, alignments, vocabulary maps, recipes' texts, runs' curves. */
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { buildVocabularyMap, mapCounts } from "../core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import { checkRecipe } from "../pipeline/recipe.ts";
import type { Offered } from "../port/port.ts";
import type { InspectorProgress, InspectorVerbs, TokenizerSummary } from "../protocol/inspector.ts";
import { offerPairVerbs, pairVerbs } from "./alignedPairs.ts";
import { createFolderShelf } from "./folderShelf.ts";
import type { Body } from "./inspectorBodies.ts";
import { createRunSeries } from "./runSeries.ts";
import { tokenised, tokenisedAnswer } from "./tokenisedText.ts";

export const textVerbs = [
  "loadTokenizer",
  "tokenize",
  ...pairVerbs,
  "vocabularyMap",
  "validateRecipe",
  "series",
] as const;
export type TextVerb = (typeof textVerbs)[number];

const tokenizersKept = 6;

/** Bodies have been checked by the time they are here. */
export function offerTextVerbs(
  tell: (progress: InspectorProgress) => void,
): Offered<Pick<InspectorVerbs, TextVerb>> {
  const { get: open } = createFolderShelf({ keep: tokenizersKept, open: openTokenizer });
  const runs = createRunSeries();
  return {
    ...offerPairVerbs(open, tell),
    async loadTokenizer(body) {
      const { folder } = body as Body<"loadTokenizer">;
      return tokenizerSummary(folder, await open(folder));
    },
    async tokenize(body) {
      const { folder, text } = body as Body<"tokenize">;
      return tokenisedAnswer(tokenised(await open(folder), text));
    },
    async vocabularyMap(body) {
      const { mode = "corrected", method, ...asked } = body as Body<"vocabularyMap">;
      const map = buildVocabularyMap(await open(asked.source), await open(asked.target), {
        method,
        mode,
      });
      return { ...map, counts: mapCounts(map) };
    },
    validateRecipe(body) {
      const { text, file } = body as Body<"validateRecipe">;
      const { parsed, problems } = checkRecipe(text, file);
      return { runnable: parsed !== undefined, problems };
    },
    series: (body) => runs.read(body as Body<"series">),
  };
}

function tokenizerSummary(folder: string, tokenizer: TextTokenizer): TokenizerSummary {
  const { name, fingerprint, family, table } = tokenizer;
  const { size, pieces, bos, eos, unknown, marker } = table;
  const tokens = pieces.reduce((sum, piece) => (piece === undefined ? sum : sum + 1), 0);
  return { folder, name, fingerprint, family, tokens, size, bos, eos, unknown, marker };
}
