/** Three tiny models with tokenizers of two families, to be looked into. */
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights, parametersOf } from "../../src/model/architecture/parameters.ts";
import { type LanguageModel, openLanguageModel } from "../../src/model/languageModel.ts";
import type { InspectSettings } from "../../src/pipeline/inspectFusion.ts";
import type { InspectedModel } from "../../src/pipeline/inspectReading.ts";
import { modeDefaults } from "../../src/pipeline/recipeDefaults.ts";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import { smallModels } from "./models.ts";
import { inventedText } from "./toyProject.ts";

export interface OpenModel extends InspectedModel {
  readonly opened: LanguageModel;
}

export interface InspectedModels {
  readonly target: OpenModel;
  /** With pieces like the target's, and with bytes. */
  readonly pieces: OpenModel;
  readonly bytes: OpenModel;
}

const context = 64;
const vocabulary = 400;

/** To be disposed of: `opened`. */
export async function openInspectedModels(): Promise<InspectedModels> {
  const corpora = [inventedText(3, 200), inventedText(4, 200)];
  const [target, pieces, bytes] = [
    trainSentencePieceBpe([corpora[0]], vocabulary),
    trainSentencePieceBpe([corpora[1]], vocabulary),
    trainByteLevelBpe(corpora, vocabulary, { words: "gpt2" }),
  ];
  return {
    target: await openModel("target", smallModels["Llama, tied"], target),
    pieces: await openModel("pieces", smallModels["GPT-NeoX, parallel, partly turned"], pieces),
    bytes: await openModel("bytes", smallModels["GPT-2"], bytes),
  };
}

/** Far larger weights than at the start of training, so that distributions are far from uniform. */
async function openModel(
  label: string,
  architecture: ModelConfig,
  definition: ReturnType<typeof trainByteLevelBpe>,
): Promise<OpenModel> {
  const config = { ...architecture, vocabulary, context };
  const weights = initialWeights(config, label.length);
  for (const { name, kind } of parametersOf(config)) {
    if (kind === "norm") continue;
    weights.set(
      name,
      weights.get(name)!.map((weight) => 12 * weight),
    );
  }
  const opened = await openLanguageModel(config, weights, { threads: 1, memoryLimit: 1e9 });
  return {
    label,
    tokenizer: createTokenizer(definition, { name: label, fingerprint: label }),
    context,
    read: (...request) => opened.read(...request),
    opened,
  };
}

export type SettingChanges = { [Key in keyof InspectSettings]?: Partial<InspectSettings[Key]> };

/** Those of a mode, with chunks of 40 tokens and a top 12. */
export function inspectSettings(
  mode: InspectSettings["mode"],
  changes: SettingChanges = {},
): InspectSettings {
  const { representation, alignment, fusion } = modeDefaults[mode];
  return {
    mode,
    representation: { ...representation, topK: 12, ...changes.representation },
    alignment: { ...alignment, ...changes.alignment },
    fusion: { ...fusion, ...changes.fusion },
    lambda: (changes.lambda as number | undefined) ?? 0.4,
    length: (changes.length as number | undefined) ?? 40,
  };
}
