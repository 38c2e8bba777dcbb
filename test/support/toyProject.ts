/**
 * A fusion project small enough for tests: invented text in two domains, two tokenizers of different families
 * trained on it, a target and a source with random weights, and a recipe. The same seed gives the same project.
 */
import path from "node:path";
import { createRandom } from "../../src/core/random.ts";
import { initialWeights } from "../../src/model/architecture/parameters.ts";
import { writeNewModelFolder } from "../../src/model/checkpoint/writeFolder.ts";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import { writeFiles } from "./folders.ts";
import { smallModels } from "./models.ts";

const syllables = ["ba", "ko", "ri", "mu", "ten", "lo", "shi", "ga", "pe", "nu", "é", "zu"];

/** Lines of invented words: enough order for a model to learn something in a few steps. */
export function inventedText(seed: number, lines: number): string {
  const random = createRandom(seed);
  const word = (): string =>
    Array.from(
      { length: 1 + random.integer(3) },
      () => syllables[random.integer(syllables.length)],
    ).join("");
  const words = Array.from({ length: 60 }, word);
  const line = (): string =>
    Array.from(
      { length: 4 + random.integer(8) },
      () => words[Math.floor(60 * random.next() ** 2)],
    ).join(" ");
  return `${Array.from({ length: lines }, line).join(".\n")}.\n`;
}

export interface ToyProject {
  readonly folder: string;
  /** A recipe's file. */
  readonly recipe: string;
  readonly target: string;
  readonly source: string;
}

export interface ToyOptions {
  readonly steps?: number;
  readonly checkpointEvery?: number;
  /** YAML lines put at the end of the recipe, and of its training section. */
  readonly recipe?: string;
  readonly training?: string;
}

export async function makeToyProject(
  folder: string,
  options: ToyOptions = {},
): Promise<ToyProject> {
  const texts = { prose: inventedText(1, 700), code: inventedText(2, 700) };
  writeFiles(folder, {
    "text/prose.md": texts.prose,
    "text/code.txt": texts.code,
  });
  const all = Object.values(texts);
  const vocabulary = 400;
  const tokenizers = {
    target: trainSentencePieceBpe(all, vocabulary),
    source: trainByteLevelBpe(all, vocabulary, { words: "gpt2" }),
  };
  const configs = {
    target: { ...smallModels["Llama, tied"]!, vocabulary, context: 128 },
    source: { ...smallModels["GPT-2"]!, vocabulary, context: 128 },
  };
  for (const role of ["target", "source"] as const) {
    const { tokenizer, config } = tokenizers[role];
    await writeNewModelFolder(path.join(folder, role), {
      config: configs[role],
      weights: initialWeights(configs[role], 5),
      tokenizer: { json: tokenizer, config },
      card: { title: role, summary: [], sources: [], baseModels: [], licence: "apache-2.0" },
      dtype: "F32",
    });
  }
  const recipe = path.join(folder, "toy.fusion.yaml");
  writeFiles(folder, {
    "toy.fusion.yaml": `version: 1
name: toy
target: ./target
sources: [./source]
corpus:
  - { domain: prose, files: text/prose.md }
  - { domain: code, files: text/code.txt, weight: 0.5 }
heldOut: 0.2
training:
  steps: ${options.steps ?? 12}
  batch: 2
  length: 48
  lr: 0.002
  threads: 2
  checkpointEvery: ${options.checkpointEvery ?? 5}
  seed: 3
${options.training ?? ""}${options.recipe ?? ""}`,
  });
  return {
    folder,
    recipe,
    target: path.join(folder, "target"),
    source: path.join(folder, "source"),
  };
}
