/** The inspector's verbs that need no model: tokenizers, alignments, vocabulary maps, recipes' texts, runs' curves. */
import { alignTokens, type TokenisedText } from "../core/alignment/alignTokens.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { buildVocabularyMap, mapCounts } from "../core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import { checkRecipe } from "../pipeline/recipe.ts";
import type { Offered } from "../port/port.ts";
import type { InspectorVerbs, TokenisedAnswer, TokenizerSummary } from "../protocol/inspector.ts";
import { createFolderShelf } from "./folderShelf.ts";
import type { Body } from "./inspectorBodies.ts";
import { createRunSeries } from "./runSeries.ts";

export const textVerbs = [
  "loadTokenizer",
  "tokenize",
  "align",
  "vocabularyMap",
  "validateRecipe",
  "series",
] as const;
export type TextVerb = (typeof textVerbs)[number];

const tokenizersKept = 6;

/** Bodies have been checked by the time they are here. */
export function offerTextVerbs(): Offered<Pick<InspectorVerbs, TextVerb>> {
  const { get: open } = createFolderShelf({ keep: tokenizersKept, open: openTokenizer });
  const runs = createRunSeries();
  return {
    async loadTokenizer(body) {
      const { folder } = body as Body<"loadTokenizer">;
      return tokenizerSummary(folder, await open(folder));
    },
    async tokenize(body) {
      const { folder, text } = body as Body<"tokenize">;
      return tokenisedAnswer(tokenised(await open(folder), text));
    },
    async align(body) {
      const { text, mode = "corrected", positions = "both", ...asked } = body as Body<"align">;
      const target = tokenised(await open(asked.target), text);
      const source = tokenised(await open(asked.source), text);
      const alignment = alignTokens(target, source, { mode, positions });
      const { path, cost, groups, answers, outcome, offText, costs } = alignment;
      return {
        target: tokenisedAnswer(target),
        source: tokenisedAnswer(source),
        path,
        cost,
        groups,
        answers,
        outcome,
        offText,
        costs: asked.costs === true ? costs : undefined,
      };
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

function tokenised(tokenizer: TextTokenizer, text: string): TokenisedText {
  const encoding = tokenizer.encode(text);
  if ("ids" in encoding) return { tokenizer, encoding };
  throw new Problem("badInput", encoding.detail, {
    next: "Change the text there, or take another tokenizer: where a tokenizer changes a text, its tokens' ends are not known.",
  });
}

function tokenisedAnswer({ tokenizer, encoding }: TokenisedText): TokenisedAnswer {
  const { name, fingerprint, table } = tokenizer;
  const tokens = Array.from(encoding.ids, (id) => table.pieces[id] ?? `<${id}>`);
  return { name, fingerprint, tokens, ids: encoding.ids, byteEnds: encoding.ends };
}
