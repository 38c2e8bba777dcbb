/** Folders with a tokenizer alone, of two families, trained on invented text. */
import path from "node:path";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import { writeFiles } from "./folders.ts";
import { inventedText } from "./toyProject.ts";

export interface TokenizerFolders {
  /** SentencePiece. */
  readonly target: string;
  /** Byte-level. */
  readonly source: string;
}

export function makeTokenizerFolders(folder: string): TokenizerFolders {
  const texts = [inventedText(1, 300)];
  const tokenizers = {
    target: trainSentencePieceBpe(texts, 400),
    source: trainByteLevelBpe(texts, 400, { words: "gpt2" }),
  };
  for (const [name, { tokenizer, config }] of Object.entries(tokenizers)) {
    writeFiles(path.join(folder, name), {
      "tokenizer.json": JSON.stringify(tokenizer),
      "tokenizer_config.json": JSON.stringify(config),
    });
  }
  return { target: path.join(folder, "target"), source: path.join(folder, "source") };
}

/** For NODE_OPTIONS: a module that lets nothing load ONNX Runtime. */
export function withoutRuntime(folder: string): string {
  writeFiles(folder, {
    "withoutRuntime.cjs": `const Module = require("node:module");
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request.includes("onnxruntime")) throw new Error("ONNX Runtime is not to be loaded");
  return load.call(this, request, ...rest);
};
`,
  });
  return `--require ${path.join(folder, "withoutRuntime.cjs")}`;
}
