/** The text of a recipe that is checked: its files, which of it is kept apart, and whether the two overlap. */

import { hashText } from "../chunks.ts";
import { type CorpusDocument, filesOfEntry, readCorpus } from "../corpusFiles.ts";
import { divideCorpus } from "../heldOut.ts";
import type { ParsedRecipe } from "../recipe.ts";
import type { Side } from "./corpusSample.ts";
import type { CheckedDomain } from "./recipeCheck.ts";
import type { Part } from "./sourceFit.ts";

export interface RecipeTexts {
  /** Sections of documents, as they are trained and measured on. */
  readonly sides: Readonly<Record<Side, readonly CorpusDocument[]>>;
  readonly files: readonly CheckedDomain[];
  readonly copies: Part & { readonly first?: string };
}

/** @throws Problem as `readCorpus` does. */
export async function readTexts({ recipe, folder }: ParsedRecipe): Promise<RecipeTexts> {
  const corpus = await readCorpus(recipe.corpus, folder);
  const evaluation =
    recipe.evaluation.length === 0 ? [] : await readCorpus(recipe.evaluation, folder);
  const { training, heldOut } = divideCorpus(corpus, recipe.heldOut, recipe.training.seed);
  // What is held out is compared as it was set aside, texts for evaluation as they were written.
  const kept = [
    { texts: heldOut, against: training },
    { texts: evaluation, against: corpus },
  ];
  const copies = kept.map(({ texts, against }) => copiesOf(texts, against));
  const first = copies.flat()[0];
  return {
    sides: { training, heldOut: [...heldOut, ...evaluation] },
    files: await filesByDomain([...recipe.corpus, ...recipe.evaluation], folder, [
      ...corpus,
      ...evaluation,
    ]),
    copies: {
      count: copies.flat().length,
      of: heldOut.length + evaluation.length,
      ...(first === undefined ? {} : { first }),
    },
  };
}

/** Shorter texts, such as an empty module, are the same by chance. */
const tellingCharacters = 100;

/** Texts that are also among the others, each as `id = other id`. */
function copiesOf(texts: readonly CorpusDocument[], others: readonly CorpusDocument[]): string[] {
  if (texts.length === 0) return [];
  const idByHash = new Map(others.map(({ id, text }) => [hashText(text), id]));
  return texts.flatMap(({ id, text }) => {
    const same = text.length < tellingCharacters ? undefined : idByHash.get(hashText(text));
    return same === undefined ? [] : [same === id ? id : `${id} = ${same}`];
  });
}

async function filesByDomain(
  entries: Parameters<typeof readCorpus>[0],
  base: string,
  documents: readonly CorpusDocument[],
): Promise<CheckedDomain[]> {
  const files = new Map<string, Set<string>>();
  for (const entry of entries) {
    const known = files.get(entry.domain) ?? new Set<string>();
    for (const { file } of await filesOfEntry(entry, base)) known.add(file);
    files.set(entry.domain, known);
  }
  return [...files].map(([domain, known]) => ({
    domain,
    files: known.size,
    documents: documents.filter((document) => document.domain === domain).length,
  }));
}
