/**
 * What the host of the distributions view would answer, worked out by the pipeline from invented representations:
 * tokenizers of two families trained on the spot, real alignment, maps and fusion, and rows drawn from a seed in
 * place of models. Same seed, same figures.
 */
import type { Representation } from "../../src/core/fusion/representation.ts";
import { createRandom } from "../../src/core/random.ts";
import { utf8Length } from "../../src/core/text/bytes.ts";
import { cutIntoChunks } from "../../src/core/text/chunking.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import { documentFigures } from "../../src/pipeline/inspectFigures.ts";
import type { FusedText, InspectSettings } from "../../src/pipeline/inspectFusion.ts";
import type { ChunkReading, ReadText } from "../../src/pipeline/inspectReading.ts";
import { fusedPosition } from "../../src/pipeline/inspectRow.ts";
import { createInspectSession } from "../../src/pipeline/inspectSession.ts";
import { modelLetter } from "../../src/pipeline/modelLetter.ts";
import type { NamedTokenizer } from "../../src/pipeline/positionDescription.ts";
import { modeDefaults } from "../../src/pipeline/recipeDefaults.ts";
import {
  trainByteLevelBpe,
  trainSentencePieceBpe,
} from "../../src/pipeline/zoo/bytePairTrainer.ts";
import type {
  DistributionsShow,
  DocumentFigures,
  FusedPosition,
  FusionControls,
} from "../../src/protocol/distributionsView.ts";

const names = [
  "tiny-llama",
  "prose-gpt2",
  "code-neox",
  "declarations-llama",
  "wiki-mpt",
  "maths-opt",
  "mixed-bloom",
  "old-gpt",
];

export interface ToyOptions {
  readonly texts: readonly string[];
  readonly sources: number;
  readonly seed?: number;
  readonly topK?: number;
  /** Target tokens of a chunk. */
  readonly length?: number;
  readonly origin?: DistributionsShow["origin"];
  /** What tokenizers are trained on, beside the texts. */
  readonly corpus?: string;
  /** Pieces of the target's vocabulary; each further model has 60 more. */
  readonly vocabulary?: number;
  /** Sources, from 1, whose tokenizer refuses every text. */
  readonly refusing?: readonly number[];
  /**
   * A word of the texts that only the tokenizer of the first source has seen: one token there, and, where its
   * letters stand nowhere else in the texts, a token a byte for the others. So the first source has no row inside it.
   */
  readonly wordOfA?: string;
}

export interface ToyHost {
  readonly show: DistributionsShow;
  distributions(body: { document: number; controls: FusionControls }): Promise<DocumentFigures>;
  row(body: Wanted): Promise<FusedPosition>;
}

type Wanted = { document: number; controls: FusionControls; position: number };

interface ToyModel extends NamedTokenizer {
  read(text: string, chunk: number): ReadText;
}

export function toyHost(options: ToyOptions): ToyHost {
  const { texts, sources, topK = 24, length = 128, origin = "selection" } = options;
  const models = Array.from({ length: 1 + sources }, (_, m) =>
    toyModel(m, corpusOf(m, options), options),
  );
  const sessions = texts.map((text) =>
    createInspectSession({ models, chunks: chunksOf(models, text, length) }),
  );
  const corrected = controlsOf("corrected", topK);
  const fuse = (document: number, controls: FusionControls): Promise<FusedText> =>
    sessions[document].fuse(settingsOf(controls, length));
  return {
    show: {
      revision: `toy-${options.seed ?? 1}`,
      title: origin === "run" ? "three specialists into one" : "draft.md 12–31",
      kept: false,
      restricted: false,
      restore: {},
      origin,
      models: models.map(({ label }, m) => ({
        letter: modelLetter(m),
        name: label,
        folder: `/models/${label}`,
      })),
      documents: texts.map((text, i) => ({
        title: origin === "run" ? `prose/text-${i + 1}.md` : `${12 + 20 * i}–${31 + 20 * i}`,
        bytes: utf8Length(text),
        ...(origin === "run" ? { bitsPerByte: 2 + ((i * 7) % 5) / 3 } : {}),
      })),
      controls: corrected,
      resetTo: corrected,
      presets: { corrected, published: controlsOf("published", Math.min(10, topK)) },
      disabled: {},
      obstacles: {
        corrected: {},
        published: {
          positions: { bytes: "the published code pairs positions by dtw only" },
          vocabulary: { firstToken: "the published code does not know it" },
        },
      },
    },
    async distributions({ document, controls }) {
      const warnings =
        controls.per === "token" ? ["Weights by token look at the true next token."] : [];
      return documentFigures(await fuse(document, controls), {
        approximate: sessions[document].isApproximate(settingsOf(controls, length)),
        warnings,
      });
    },
    row: async ({ document, controls, position }) =>
      fusedPosition(await fuse(document, controls), position),
  };
}

function corpusOf(m: number, { texts, corpus = "", wordOfA }: ToyOptions): string {
  const all = `${corpus}\n${texts.join("\n")}\n`;
  if (wordOfA === undefined) return all;
  return m === 1 ? all + ` ${wordOfA}`.repeat(1000) : all.replaceAll(wordOfA, "");
}

function chunksOf(models: readonly ToyModel[], text: string, length: number): ChunkReading[] {
  let firstPosition = 0;
  let firstByte = 0;
  const limits = [{ tokenizer: models[0].tokenizer, tokens: length }];
  return cutIntoChunks(text.normalize("NFC"), limits).map((part, c) => {
    const reads = models.map((model) => model.read(part, c));
    const chunk = { text: part, firstPosition, firstByte, reads };
    firstPosition += reads[0]?.representation.rows ?? 0;
    firstByte += utf8Length(part);
    return chunk;
  });
}

function controlsOf(mode: "corrected" | "published", topK: number): FusionControls {
  const { alignment, fusion, training } = modeDefaults[mode];
  return {
    mode,
    positions: alignment.positions,
    vocabulary: alignment.vocabulary,
    rule: fusion.rule,
    per: fusion.per,
    lambda: training.lambda,
    temperature: 1,
    topK,
  };
}

function settingsOf(controls: FusionControls, length: number): InspectSettings {
  const { mode, positions, vocabulary, rule, per, lambda, temperature, topK } = controls;
  const { representation, alignment, fusion } = modeDefaults[mode];
  return {
    mode,
    representation: { ...representation, temperature, topK },
    alignment: { ...alignment, positions, vocabulary },
    fusion: { ...fusion, rule, per },
    lambda,
    length,
  };
}

function toyModel(m: number, corpus: string, options: ToyOptions): ToyModel {
  const { seed = 1, topK = 24, vocabulary = 420, refusing = [] } = options;
  const size = vocabulary + 60 * m;
  const definition =
    m % 2 === 0
      ? trainSentencePieceBpe([corpus], size)
      : trainByteLevelBpe([corpus], size, { words: "gpt2" });
  const label = names[m];
  const tokenizer = createTokenizer(definition, { name: label, fingerprint: `${label}-${size}` });
  const found = tokenizer.encode(corpus);
  if (!("ids" in found)) throw new Error(found.detail);
  return {
    label,
    tokenizer,
    read(text, chunk) {
      if (refusing.includes(m)) return undefined;
      const encoding = tokenizer.encode(text);
      if (!("ids" in encoding)) throw new Error(encoding.detail);
      const random = createRandom(seed, 1000 * m + chunk);
      const { labels } = sequenceOf(tokenizer, encoding);
      return { encoding, representation: invented(labels, found.ids, topK, random) };
    },
  };
}

/** Every so many rows the true token is outside the top k, whatever the seed. */
const surpriseEvery = 7;

/** Rows that look like a small model's: likely tokens of the text, the true one often high, sometimes outside. */
function invented(
  labels: Int32Array,
  likely: Int32Array,
  topK: number,
  random: ReturnType<typeof createRandom>,
): Representation {
  const rows = labels.length;
  const ids = new Int32Array(rows * topK);
  const logProbs = new Float32Array(rows * topK);
  const leftOver = new Float32Array(rows);
  const nats = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const drawn = 1 / (1 + Math.exp(-(1.8 * random.normal() - 0.4)));
    const gold = i % surpriseEvery === surpriseEvery - 1 ? 1e-4 : drawn;
    const rest = (1 - gold) * (0.02 + 0.3 * random.next());
    const others = new Set<number>();
    while (others.size < topK) {
      const id = likely[random.integer(likely.length)];
      if (id !== labels[i]) others.add(id);
    }
    const shape = Array.from({ length: topK }, (_, k) => 1 / (k + 1) ** (1 + random.next()));
    const scale = (1 - gold - rest) / shape.reduce((sum, value) => sum + value, 0);
    const row = [...others]
      .map((id, k): [number, number] => [id, Math.max(1e-7, scale * shape[k])])
      .concat([[labels[i], gold]])
      .sort((a, b) => b[1] - a[1])
      .slice(0, topK);
    for (const [k, [id, p]] of row.entries()) {
      ids[i * topK + k] = id;
      logProbs[i * topK + k] = Math.log(p);
    }
    leftOver[i] = Math.max(0, 1 - row.reduce((sum, [, p]) => sum + p, 0));
    nats[i] = -Math.log(gold);
  }
  return { rows, topK, ids, logProbs, leftOver, nats };
}
