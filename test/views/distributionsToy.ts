/**
 * What the host of the distributions view would answer, worked out by src/core from invented representations: real
 * tokenizers of two families trained on the spot, real alignment, maps and fusion, and rows drawn from a seed in
 * place of models. Same seed, same figures.
 */
import { alignRows, noRows } from "../../src/core/fusion/alignRows.ts";
import {
  type AlignedRepresentation,
  noFusedRow,
  type Representation,
} from "../../src/core/fusion/representation.ts";
import { type FusedChunk, fuseChunk } from "../../src/core/fusion/rules.ts";
import { candidateScores } from "../../src/core/fusion/scores.ts";
import { trainingWeights } from "../../src/core/fusion/trainingWeights.ts";
import { createRandom } from "../../src/core/random.ts";
import { utf8Length } from "../../src/core/text/bytes.ts";
import { cutIntoChunks } from "../../src/core/text/chunking.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import type { InspectedPosition } from "../../src/pipeline/inspectedPosition.ts";
import { describePositions } from "../../src/pipeline/positionDescription.ts";
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

const letters = ["T", "A", "B", "C", "D", "E", "F", "G"];
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
  /** Sources, from 1, whose tokenizer refuses every text. */
  readonly refusing?: readonly number[];
}

export interface ToyHost {
  readonly show: DistributionsShow;
  distributions(body: { document: number; controls: FusionControls }): DocumentFigures;
  row(body: { document: number; controls: FusionControls; position: number }): FusedPosition;
}

interface ToyModel {
  readonly label: string;
  readonly tokenizer: TextTokenizer;
  read(text: string, chunk: number): { encoding: Encoding; representation: Representation };
}

export function toyHost(options: ToyOptions): ToyHost {
  const { texts, sources, topK = 24, length = 128, origin = "selection" } = options;
  const corpus = `${texts.join("\n")}\n`;
  const models = Array.from({ length: 1 + sources }, (_, m) => toyModel(m, corpus, options));
  const [target] = models;
  const chunksOf = texts.map((text) =>
    cutIntoChunks(text.normalize("NFC"), [{ tokenizer: target.tokenizer, tokens: length }]),
  );
  const corrected = controlsOf("corrected", topK);
  const answers = new Map<string, InspectedDocument>();
  const inspect = (document: number, controls: FusionControls): InspectedDocument => {
    const key = JSON.stringify([document, controls]);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const made = inspectDocument(models, chunksOf[document], controls, options.refusing ?? []);
    answers.set(key, made);
    return made;
  };
  return {
    show: {
      revision: `toy-${options.seed ?? 1}`,
      title: "draft.md 12–31",
      kept: false,
      restricted: false,
      restore: {},
      origin,
      models: models.map(({ label }, m) => ({
        letter: letters[m],
        name: label,
        folder: `/models/${label}`,
      })),
      families: models.map(({ tokenizer }) => tokenizer.family),
      documents: texts.map((text, i) => ({
        title: origin === "run" ? `prose/text-${i + 1}.md` : `${12 + 20 * i}–${31 + 20 * i}`,
        bytes: utf8Length(text),
        ...(origin === "run" ? { bitsPerByte: 2 + ((i * 7) % 5) / 3 } : {}),
      })),
      controls: corrected,
      resetTo: corrected,
      presets: { corrected, published: controlsOf("published", Math.min(10, topK)) },
      disabled: {},
    },
    distributions: ({ document, controls }) =>
      figuresOf(models, texts[document].normalize("NFC"), inspect(document, controls), controls),
    row({ document, controls, position }) {
      return positionOf(inspect(document, controls).positions[position], position);
    },
  };
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

function toyModel(m: number, corpus: string, { seed = 1, topK = 24 }: ToyOptions): ToyModel {
  const size = 420 + 60 * m;
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
      const encoding = tokenizer.encode(text);
      if (!("ids" in encoding)) throw new Error(encoding.detail);
      const random = createRandom(seed, 1000 * m + chunk);
      const { labels } = sequenceOf(tokenizer, encoding);
      return { encoding, representation: invented(labels, found.ids, topK, random) };
    },
  };
}

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
    const gold = 1 / (1 + Math.exp(-(1.8 * random.normal() - 0.4)));
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

interface InspectedChunk {
  readonly text: string;
  readonly own: { encoding: Encoding; representation: Representation };
  readonly aligned: readonly AlignedRepresentation[];
  readonly fused: FusedChunk;
}

interface InspectedDocument {
  readonly chunks: readonly InspectedChunk[];
  readonly positions: readonly InspectedPosition[];
}

function inspectDocument(
  models: readonly ToyModel[],
  texts: readonly string[],
  controls: FusionControls,
  refusing: readonly number[],
): InspectedDocument {
  const defaults = modeDefaults[controls.mode];
  const fusion = { ...defaults.fusion, rule: controls.rule, per: controls.per };
  const alignment = {
    ...defaults.alignment,
    positions: controls.positions,
    vocabulary: controls.vocabulary,
  };
  const [target, ...sources] = models;
  const maps = sources.map(({ tokenizer }) =>
    buildVocabularyMap(tokenizer, target.tokenizer, {
      method: controls.vocabulary,
      mode: controls.mode,
    }),
  );
  const chunks: InspectedChunk[] = [];
  const positions: InspectedPosition[] = [];
  let firstByte = 0;
  for (const [c, text] of texts.entries()) {
    const [own, ...foreign] = models.map((model) => cut(model.read(text, c), controls.topK));
    const targetText = { tokenizer: target.tokenizer, encoding: own.encoding };
    const aligned = foreign.map(({ encoding, representation }, s) =>
      refusing.includes(s + 1)
        ? noRows(own.representation.rows, "textDiffers")
        : alignRows({
            target: targetText,
            source: { tokenizer: sources[s].tokenizer, encoding },
            representation,
            map: maps[s],
            positions: controls.positions,
            mode: controls.mode,
            temperature: controls.temperature,
          }),
    );
    const scores = candidateScores(
      [
        {
          bytes: utf8Length(text),
          candidates: [
            own.representation,
            ...foreign.map(({ representation }, s) =>
              refusing.includes(s + 1) ? undefined : representation,
            ),
          ],
        },
      ],
      fusion.unit,
    );
    const fused = fuseChunk({
      target: { ...targetText, representation: own.representation },
      aligned,
      scores,
      rule: fusion.rule,
      per: fusion.per,
      unit: fusion.unit,
      tail: fusion.tail,
      softness: fusion.temperature,
      temperature: controls.temperature,
      mode: controls.mode,
    });
    positions.push(
      ...describePositions({
        target: { label: letters[0], ...targetText, representation: own.representation },
        sources: sources.map((source, s) => ({
          label: letters[s + 1],
          tokenizer: source.tokenizer,
          map: maps[s],
          encoding: refusing.includes(s + 1) ? undefined : foreign[s].encoding,
          representation: refusing.includes(s + 1) ? undefined : foreign[s].representation,
          aligned: aligned[s],
        })),
        rowWeights: fused.rowWeights,
        fused: fused.rows,
        taught: trainingWeights({
          rows: fused.rows,
          fallback: alignment.fallback,
          lambda: controls.lambda,
          targetIds: own.encoding.ids,
        }),
        settings: {
          representation: { ...defaults.representation, temperature: controls.temperature },
          alignment,
          mode: controls.mode,
        },
        firstPosition: positions.length,
        firstByte,
      }),
    );
    chunks.push({ text, own, aligned, fused });
    firstByte += utf8Length(text);
  }
  return { chunks, positions };
}

function cut(
  { encoding, representation }: ReturnType<ToyModel["read"]>,
  topK: number,
): ReturnType<ToyModel["read"]> {
  const { rows, topK: whole, ids, logProbs } = representation;
  if (topK >= whole) return { encoding, representation };
  const keep = <Table extends Int32Array | Float32Array>(table: Table, into: Table): Table => {
    for (let i = 0; i < rows; i++) {
      into.set(table.subarray(i * whole, i * whole + topK), i * topK);
    }
    return into;
  };
  const kept = keep(logProbs, new Float32Array(rows * topK));
  return {
    encoding,
    representation: {
      ...representation,
      topK,
      ids: keep(ids, new Int32Array(rows * topK)),
      logProbs: kept,
      leftOver: Float32Array.from({ length: rows }, (_, i) => {
        let sum = 0;
        for (let k = 0; k < topK; k++) sum += Math.exp(kept[i * topK + k]);
        return Math.max(0, 1 - sum);
      }),
    },
  };
}

const entropyOf = (probs: ArrayLike<number>): number =>
  Array.from(probs).reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);

function figuresOf(
  models: readonly ToyModel[],
  text: string,
  { chunks, positions }: InspectedDocument,
  controls: FusionControls,
): DocumentFigures {
  const M = models.length;
  const n = positions.length;
  const table = () => new Float32Array(n * M);
  const bits = table();
  const entropy = table();
  const weights = table();
  const lost = table();
  const leftOver = table();
  const reasons = new Uint8Array(n * M);
  const fusedBits = new Float32Array(n);
  const fusedEntropy = new Float32Array(n);
  const fusedBound = new Uint8Array(n);
  const starts = new Int32Array(n);
  const ends = new Int32Array(n);
  const chunkOf = new Int32Array(n);
  const fallbacks = models.slice(1).map((): Record<string, number> => ({}));
  const sums = models.map(() => 0);
  const fusedSum = { bits: 0, bytes: 0, atLeast: false, positions: 0, of: 0 };
  let shared = 0;
  let sharedBytes = 0;
  let at = 0;
  let firstByte = 0;
  for (const [c, { text: chunkText, own, aligned, fused }] of chunks.entries()) {
    const rows = own.representation.rows;
    const tokenEnds = own.encoding.ends;
    for (let row = 0; row < rows; row++, at++) {
      const position = positions[at];
      chunkOf[at] = c;
      starts[at] = firstByte + (row === 0 ? 0 : tokenEnds[row - 1]);
      ends[at] = firstByte + (row < tokenEnds.length ? tokenEnds[row] : utf8Length(chunkText));
      bits[at * M] = own.representation.nats[row] / Math.LN2;
      entropy[at * M] = entropyOf(position.target.row.map(({ p }) => p));
      leftOver[at * M] = position.target.leftOver;
      for (const [s, rowsOf] of aligned.entries()) {
        const cell = at * M + s + 1;
        const missing = rowsOf.outcome[row] !== 0;
        reasons[cell] = rowsOf.outcome[row];
        bits[cell] = missing ? Number.NaN : rowsOf.goldNats[row] / Math.LN2;
        entropy[cell] = missing ? Number.NaN : entropyOf(position.sources[s].row.map(({ p }) => p));
        lost[cell] = rowsOf.noTargetToken[row] + rowsOf.duplicateDropped[row];
        leftOver[cell] = Math.max(0, rowsOf.leftOver[row] - lost[cell]);
        const { reason } = position.sources[s];
        if (reason !== undefined) fallbacks[s][reason] = (fallbacks[s][reason] ?? 0) + 1;
      }
      for (let m = 0; m < M; m++) weights[at * M + m] = position.weights[m];
      if (fused.rows.from[row] === noFusedRow) {
        fusedBits[at] = Number.NaN;
        fusedEntropy[at] = Number.NaN;
      } else {
        const gold = position.fused.row.find(({ id }) => id === position.next.id);
        fusedBound[at] = gold === undefined ? 1 : 0;
        fusedBits[at] = -Math.log2(gold?.p ?? position.fused.leftOver);
        fusedEntropy[at] = entropyOf(position.fused.row.map(({ p }) => p));
      }
      const bytes = ends[at] - starts[at];
      if (row === rows - 1) continue;
      fusedSum.of++;
      if (!Number.isNaN(fusedBits[at])) {
        fusedSum.positions++;
        if (Number.isFinite(fusedBits[at])) {
          fusedSum.bits += fusedBits[at];
          fusedSum.bytes += bytes;
        }
        fusedSum.atLeast ||= fusedBound[at] === 1;
      }
      if (models.every((_, m) => !Number.isNaN(bits[at * M + m]))) {
        shared++;
        sharedBytes += bytes;
        for (let m = 0; m < M; m++) sums[m] += bits[at * M + m];
      }
    }
    firstByte += utf8Length(chunkText);
  }
  const byToken = controls.per === "token";
  return {
    text,
    positions: n,
    tokens: positions.map(({ next }) => next.piece),
    ids: Int32Array.from(positions, ({ next }) => next.id),
    byteStarts: starts,
    byteEnds: ends,
    chunks: chunkOf,
    bits,
    fusedBits,
    fusedBound,
    entropy,
    fusedEntropy,
    weights,
    lost,
    leftOver,
    reasons,
    summary: {
      models: sums.map((sum) => ({
        bitsPerByte: sharedBytes === 0 ? null : sum / sharedBytes,
        positions: shared,
        bytes: sharedBytes,
      })),
      fused: {
        bitsPerByte: fusedSum.bytes === 0 ? null : fusedSum.bits / fusedSum.bytes,
        atLeast: fusedSum.atLeast,
        positions: fusedSum.positions,
        of: fusedSum.of,
      },
      weights: models.map((_, m) => {
        if (byToken) return null;
        const each = chunks.map(({ fused }) => fused.weights?.[m] ?? 0);
        return each.reduce((sum, value) => sum + value, 0) / each.length;
      }),
      fallbacks,
    },
    approximate: controls.temperature !== 1,
    warnings: byToken ? ["Weights by token look at the true next token."] : [],
  };
}

function positionOf(from: InspectedPosition, position: number): FusedPosition {
  const sumOf = (row: readonly { p: number }[]) => row.reduce((sum, { p }) => sum + p, 0);
  return {
    position,
    after: from.token.piece,
    next: from.next,
    columns: [
      {
        letter: "T",
        weight: from.weights[0],
        own: [],
        row: from.target.row,
        mass: {
          mapped: sumOf(from.target.row),
          leftOver: from.target.leftOver,
          noTargetToken: 0,
          duplicateDropped: 0,
          merged: 0,
        },
        bits: from.target.nats / Math.LN2,
        trueRank: 1 + from.target.row.filter(({ p }) => p > Math.exp(-from.target.nats)).length,
      },
      ...from.sources.map((source, s) => {
        const { noTargetToken, duplicateDropped, merged } = source.mass;
        // Published rows are scaled to 1: what there was before is what the top k held, less what was lost.
        const lost = noTargetToken + duplicateDropped;
        const scaled = source.mass.leftOver === 0 && lost > 0;
        const leftOver = scaled
          ? Math.max(0, 1 - sumOf(source.own))
          : Math.max(0, source.mass.leftOver - lost);
        return {
          letter: source.source,
          weight: from.weights[s + 1],
          ...(source.reason === undefined ? {} : { reason: source.reason }),
          ...(source.case === undefined ? {} : { case: source.case }),
          own: source.own.map(({ id, piece, p, to, becomes = "" }) => ({
            id,
            piece,
            p,
            to,
            becomes,
          })),
          row: source.row,
          mass: { mapped: 1 - leftOver - lost, leftOver, noTargetToken, duplicateDropped, merged },
          bits: source.goldNats === null ? null : source.goldNats / Math.LN2,
        };
      }),
    ],
    fused: from.fused,
    taught: from.taught,
  };
}
