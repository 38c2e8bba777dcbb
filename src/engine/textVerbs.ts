/** The inspector's verbs that need no model: tokenizers, alignments, vocabulary maps, recipes' texts, runs' curves. */
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import {
  buildVocabularyMap,
  exampleIds,
  mapCounts,
  mapKinds,
  type VocabularyMap,
} from "../core/vocabulary/vocabularyMap.ts";
import { openModelFolder } from "../model/checkpoint/folder.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import { checkRecipe } from "../pipeline/recipe.ts";
import { writeVocabularyMap } from "../pipeline/vocabularyMapFile.ts";
import type { Offered } from "../port/port.ts";
import type {
  InspectorProgress,
  InspectorVerbs,
  TokenizerSummary,
  VocabularyMapAnswer,
} from "../protocol/inspector.ts";
import { offerPairVerbs, pairVerbs } from "./alignedPairs.ts";
import { createFolderShelf } from "./folderShelf.ts";
import type { Body } from "./inspectorBodies.ts";
import { createRunSeries } from "./runSeries.ts";
import { tokenised, tokenisedAnswer } from "./tokenisedText.ts";

export const textVerbs = [
  "loadTokenizer",
  "describeModel",
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
    async describeModel(body) {
      const { folder } = body as Body<"describeModel">;
      const { config, parameters, dtype, licence, tokenizer } = await openModelFolder(folder);
      const { architecture, context, vocabulary } = config;
      return {
        folder,
        architecture,
        parameters,
        dtype,
        context,
        vocabulary,
        licence,
        tokenizer: tokenizerSummary(folder, tokenizer),
      };
    },
    async tokenize(body) {
      const { folder, text } = body as Body<"tokenize">;
      return tokenisedAnswer(tokenised(await open(folder), text));
    },
    async vocabularyMap(body) {
      const {
        mode = "corrected",
        method,
        out,
        examples = 0,
        ...asked
      } = body as Body<"vocabularyMap">;
      const [source, target] = [await open(asked.source), await open(asked.target)];
      const what = { doing: "map", model: source.name } as const;
      const onProgress = (done: number, of: number): void =>
        tell({ verb: "vocabularyMap", what, done, of });
      const map = buildVocabularyMap(source, target, { method, mode, onProgress });
      if (out !== undefined) await writeVocabularyMap(out, map);
      return {
        ...map,
        counts: mapCounts(map),
        examples: examplesOf(map, { source, target, most: examples }),
      };
    },
    validateRecipe(body) {
      const { text, file } = body as Body<"validateRecipe">;
      const { parsed, problems } = checkRecipe(text, file);
      return { runnable: parsed !== undefined, problems };
    },
    series: (body) => runs.read(body as Body<"series">),
  };
}

function examplesOf(
  map: VocabularyMap,
  shown: { readonly source: TextTokenizer; readonly target: TextTokenizer; readonly most: number },
): VocabularyMapAnswer["examples"] {
  const pieceOf = ({ table }: TextTokenizer, id: number): string => table.pieces[id] ?? `<${id}>`;
  const kinds = mapKinds.map((kind) => [
    kind,
    exampleIds(map, kind, shown.most).map((id) => {
      const to = map.targetOf[id] ?? -1;
      return {
        source: pieceOf(shown.source, id),
        target: to < 0 ? null : pieceOf(shown.target, to),
      };
    }),
  ]);
  return Object.fromEntries(kinds);
}

function tokenizerSummary(folder: string, tokenizer: TextTokenizer): TokenizerSummary {
  const { name, fingerprint, family, table } = tokenizer;
  const { size, pieces, bos, eos, unknown, marker } = table;
  const tokens = pieces.reduce((sum, piece) => (piece === undefined ? sum : sum + 1), 0);
  return { folder, name, fingerprint, family, tokens, size, bos, eos, unknown, marker };
}
