/**
 * Makes the demo's folder: `corpora/`, the text in three disjoint parts, and `zoo/`, the four models. What is
 * there already is kept, so an interrupted demo goes on where it was.
 */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { fileExists } from "../../model/checkpoint/outsideFile.ts";
import { writeFileAtomically } from "../atomicFile.ts";
import type { Compute } from "../compute.ts";
import { buildDemoCorpus, corpusHash, type DemoCorpus, writeDemoCorpus } from "./demoCorpus.ts";
import { trainTokenizer, type ZooModel, zooModels } from "./zooPlan.ts";

export interface ZooOptions {
  /** The folder that holds node_modules: where the text comes from. */
  readonly root: string;
  /** Decides the split of the text and the models' initial weights and data order. */
  readonly seed: number;
  readonly compute: Compute;
  /** Bytes one training may take. */
  readonly memoryLimit: number;
  /** `what` is `corpus` or a model's name. */
  readonly onProgress: (what: string, done: number, of: number, note?: string) => void;
  readonly stopped: () => boolean;
}

/** UTF-8 bytes of text that a tokenizer is trained on, at most: more changes few merges. */
const tokenizerBytes = 1_500_000;

export async function makeZoo(folder: string, options: ZooOptions): Promise<DemoCorpus> {
  const corpus = await buildDemoCorpus({
    root: options.root,
    seed: options.seed,
    onProgress: ({ step, done, of }) => options.onProgress("corpus", done, of, step),
  });
  await requireSameText(folder, corpusHash(corpus));
  await writeDemoCorpus(path.join(folder, "corpora"), corpus);
  await Promise.all(zooModels.map((model) => makeModel(folder, model, corpus, options)));
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

async function makeModel(
  folder: string,
  model: ZooModel,
  corpus: DemoCorpus,
  { compute, seed, memoryLimit, onProgress, stopped }: ZooOptions,
): Promise<void> {
  const out = path.join(folder, "zoo", model.name);
  if (await fileExists(path.join(out, "config.json"))) {
    onProgress(model.name, 1, 1, "there already");
    return;
  }
  const { tokenizer, config } = trainTokenizer(model.tokenizer, tokenizerTexts(model, corpus));
  const { steps, batch, length, learningRate } = model.training;
  await compute.run(
    "pretrain",
    {
      name: model.name,
      out,
      config: model.config,
      tokenizer: { json: tokenizer, config },
      texts: model.domains.map((domain) => path.join(folder, "corpora", "pretraining", domain)),
      steps,
      batch,
      length,
      learningRate,
      seed,
      threads: compute.threads,
      memoryLimit,
      card: {
        title: model.name,
        summary: [
          `Trained from scratch for FuseLab's demo on the ${model.domains.join(", ")} found in node_modules: ${steps} steps of ${batch} blocks of ${length} tokens, seed ${seed}`,
        ],
        sources: [],
        baseModels: [],
        licence: "apache-2.0",
      },
    },
    {
      progress: (done, of, note) => onProgress(model.name, done, of, note),
      event: () => undefined,
      stopped,
    },
  );
}

/** The same share of each domain, from its first documents on. */
function tokenizerTexts({ domains }: ZooModel, { documents }: DemoCorpus): string[] {
  const texts: string[] = [];
  for (const domain of domains) {
    let room = tokenizerBytes / domains.length;
    for (const document of documents.pretraining) {
      if (document.domain !== domain || room <= 0) continue;
      texts.push(document.text);
      room -= document.bytes;
    }
  }
  return texts;
}
