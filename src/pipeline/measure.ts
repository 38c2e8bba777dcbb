/**
 * Bits per byte of any models on any texts, without a run: every text is cut into chunks that all the models
 * can read, and each text is a domain of its own.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { textNats } from "../core/fusion/scores.ts";
import { Problem } from "../core/problem.ts";
import { utf8Decode, utf8Length } from "../core/text/bytes.ts";
import { cutIntoChunks } from "../core/text/chunking.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import { type ModelFolder, openModelFolder } from "../model/checkpoint/folder.ts";
import { openLanguageModel } from "../model/languageModel.ts";
import { type Chunk, hashText } from "./chunks.ts";
import { type Evaluation, type ScoredModel, summedScores } from "./evaluation.ts";

export interface MeasureOptions {
  readonly models: readonly string[];
  readonly texts: readonly string[];
  /** The most tokens of a chunk, BOS included; the shortest context where it is less. */
  readonly length: number;
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly seed: number;
  readonly onProgress?: (model: string, done: number, of: number) => void;
}

export async function measureModels(options: MeasureOptions): Promise<Evaluation> {
  const folders = await Promise.all(options.models.map((folder) => openModelFolder(folder)));
  const { chunks, leftOut } = await readableChunks(options, folders);
  const models: ScoredModel[] = [];
  for (const [i, folder] of folders.entries()) {
    models.push(await scored(folder, `${i + 1}:${folder.name}`, chunks, options));
  }
  const [first, ...others] = models;
  const pairs = others.map(({ label }) => [label, first.label] as const);
  return summedScores({ chunks, leftOut, models, pairs, seed: options.seed });
}

async function readableChunks(
  { texts, length }: MeasureOptions,
  folders: readonly ModelFolder[],
): Promise<{ chunks: Chunk[]; leftOut: number }> {
  const limits = folders.map(({ tokenizer, config }) => ({
    tokenizer,
    tokens: Math.min(length, config.context) - 1,
  }));
  const chunks: Chunk[] = [];
  let leftOut = 0;
  for (const file of texts) {
    const domain = path.basename(file);
    cutIntoChunks(await readText(file), limits).forEach((text, i) => {
      const whole = limits.every(({ tokenizer, tokens }) => {
        const encoding = tokenizer.encode(text);
        return "ids" in encoding && encoding.ids.length <= tokens;
      });
      if (!whole) {
        leftOut++;
        return;
      }
      const id = `${file}#${i}`;
      const textHash = hashText(text);
      chunks.push({
        id,
        document: file,
        domain,
        split: "heldOut",
        bytes: utf8Length(text),
        textHash,
        text,
      });
    });
  }
  if (chunks.length > 0) return { chunks, leftOut };
  throw new Problem("badInput", "The texts hold nothing that every model can read.", {
    next: "Name files with text, and see with fuselab align what a tokenizer changes.",
  });
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause) => {
    throw new Problem("missing", "The text cannot be read.", {
      file,
      cause,
      next: "Check the path.",
    });
  });
  const text = utf8Decode(bytes);
  if (text === undefined) {
    throw new Problem("badInput", "The text is not UTF-8.", {
      file,
      next: "Convert it, for example with iconv.",
    });
  }
  return text.normalize("NFC");
}

async function scored(
  folder: ModelFolder,
  label: string,
  chunks: readonly Chunk[],
  options: MeasureOptions,
): Promise<ScoredModel> {
  const model = await openLanguageModel(folder.config, await folder.loadWeights(), options);
  try {
    const sequences = chunks.map(({ text, id }) => {
      const encoding = folder.tokenizer.encode(text);
      if (!("ids" in encoding)) throw new Error(`${id} was said to be readable`);
      return sequenceOf(folder.tokenizer, encoding);
    });
    const read = await model.read(sequences, 0, (done, of) =>
      options.onProgress?.(folder.name, done, of),
    );
    return {
      label,
      title: folder.name,
      kind: "source",
      nats: Float64Array.from(read, textNats),
      tokens: Float64Array.from(read, ({ rows }) => rows - 1),
      tokenizer: folder.name,
    };
  } finally {
    await model.dispose();
  }
}
