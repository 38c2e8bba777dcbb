/** One tokenizer of every family and rule that the zoo can train, small enough for a fixture. */
import { createHash } from "node:crypto";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import type { TokenizerFiles } from "../../src/pipeline/zoo/tokenizerFiles.ts";
import { trainUnigram } from "../../src/pipeline/zoo/unigramTrainer.ts";

export const trainers = {
  byteLevelGpt2: (texts: readonly string[]) => trainByteLevelBpe(texts, 400, { words: "gpt2" }),
  byteLevelSpaces: (texts: readonly string[]) => trainByteLevelBpe(texts, 400, { words: "spaces" }),
  sentencePieceBpe: (texts: readonly string[]) => trainSentencePieceBpe(texts, 480),
  unigram: (texts: readonly string[]) => trainUnigram(texts, 460),
} as const;

export type TrainerName = keyof typeof trainers;

/** What a fixture was made with: changes with every change of a definition. */
export function definitionHash({ tokenizer }: TokenizerFiles): string {
  return createHash("sha256").update(JSON.stringify(tokenizer)).digest("hex");
}
