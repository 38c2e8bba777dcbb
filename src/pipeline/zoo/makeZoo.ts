/**
 * Makes the demo's folder: `corpora/`, the text in three disjoint parts, and `zoo/`, the four models. What is
 * there already is kept, so an interrupted demo goes on where it was.
 */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { writeFileAtomically } from "../atomicFile.ts";
import { buildDemoCorpus, corpusHash, type DemoCorpus, writeDemoCorpus } from "./demoCorpus.ts";
import { type ModelTraining, makeModel } from "./makeModel.ts";
import { zooModels } from "./zooPlan.ts";

/** The seed decides the split of the text too. Progress is that of `corpus` or of a model, by its name. */
export interface ZooOptions extends ModelTraining {
  /** The folder that holds node_modules: where the text comes from. */
  readonly root: string;
}

export async function makeZoo(folder: string, options: ZooOptions): Promise<DemoCorpus> {
  const corpus = await buildDemoCorpus({
    root: options.root,
    seed: options.seed,
    onProgress: ({ step, done, of }) => options.onProgress("corpus", done, of, step),
  });
  await requireSameText(folder, corpusHash(corpus));
  const corpora = path.join(folder, "corpora");
  await writeDemoCorpus(corpora, corpus);
  const texts = {
    documents: corpus.documents.pretraining,
    folderOf: (domain: string) => path.join(corpora, "pretraining", domain),
    origin: "found in node_modules",
  };
  await Promise.all(
    zooModels.map((model) =>
      makeModel(path.join(folder, "zoo", model.name), model, texts, options),
    ),
  );
  return corpus;
}

/** Models of another corpus may have read what is held out now. */
async function requireSameText(folder: string, hash: string): Promise<void> {
  const note = path.join(folder, "zoo", "corpus.json");
  const found = await readFile(note, "utf8").catch(() => undefined);
  if (found === undefined) {
    await writeFileAtomically(note, `${JSON.stringify({ hash })}\n`);
    return;
  }
  if ((JSON.parse(found) as { hash?: unknown }).hash === hash) return;
  throw new Problem(
    "stale",
    "The models here were trained on another split of the text, or on another version of it.",
    {
      file: path.join(folder, "zoo"),
      next: "Choose another folder, or delete this one to have everything made again.",
    },
  );
}
