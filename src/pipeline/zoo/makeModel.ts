/** Makes one model of a zoo as planned: trains its tokenizer here and its weights in a job. */

import path from "node:path";
import { fileExists } from "../../model/checkpoint/outsideFile.ts";
import type { FloatType } from "../../model/checkpoint/safetensors.ts";
import type { Compute } from "../compute.ts";
import type { CorpusDocument, Domain } from "./corpusParts.ts";
import { trainTokenizer, type ZooModel } from "./zooPlan.ts";

export interface ModelTraining {
  /** Decides the initial weights and the order of the text. */
  readonly seed: number;
  readonly compute: Compute;
  /** Bytes one training may take. */
  readonly memoryLimit: number;
  readonly onProgress: (what: string, done: number, of: number, note?: string) => void;
  readonly stopped: () => boolean;
}

export interface ModelTexts {
  /** What tokenizers are trained on. */
  readonly documents: readonly CorpusDocument[];
  /** The folder that holds a domain's documents, every file a text to the training of weights. */
  folderOf(domain: Domain): string;
  /** Where the text is from, for the model card: "trained on the prose … `origin`". */
  readonly origin: string;
}

/** UTF-8 bytes of text that a tokenizer is trained on, at most: more changes few merges. */
const tokenizerBytes = 1_500_000;

/** Writes the model's folder `out`. One that is there is kept. */
export async function makeModel(
  out: string,
  model: ZooModel,
  texts: ModelTexts,
  { compute, seed, memoryLimit, onProgress, stopped }: ModelTraining,
  dtype: FloatType = "F32",
): Promise<void> {
  if (await fileExists(path.join(out, "config.json"))) {
    onProgress(model.name, 1, 1, "there already");
    return;
  }
  const { tokenizer, config } = trainTokenizer(model.tokenizer, tokenizerTexts(model, texts));
  const { steps, batch, length, learningRate } = model.training;
  await compute.run(
    "pretrain",
    {
      name: model.name,
      out,
      config: model.config,
      tokenizer: { json: tokenizer, config },
      texts: model.domains.map((domain) => texts.folderOf(domain)),
      steps,
      batch,
      length,
      learningRate,
      dtype,
      seed,
      threads: compute.threads,
      memoryLimit,
      card: {
        title: model.name,
        summary: [
          `Trained from scratch for FuseLab's demo on the ${model.domains.join(", ")} ${texts.origin}: ${steps} steps of ${batch} blocks of ${length} tokens, seed ${seed}`,
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
function tokenizerTexts({ domains }: ZooModel, { documents }: ModelTexts): string[] {
  const texts: string[] = [];
  for (const domain of domains) {
    let room = tokenizerBytes / domains.length;
    for (const document of documents) {
      if (document.domain !== domain || room <= 0) continue;
      texts.push(document.text);
      room -= document.bytes;
    }
  }
  return texts;
}
