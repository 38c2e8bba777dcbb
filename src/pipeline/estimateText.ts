/**
 * What the text of a run comes to, from a sample of it: chunks, tokens of every model, blocks, steps, passes, and
 * what is held out. Arithmetic alone; the sample is drawn and cut elsewhere.
 */
import { planTraining } from "./trainingPlan.ts";

/** A chunk of a sample. */
export interface ChunkSize {
  readonly bytes: number;
  /** By model, the target first, BOS included; 0 where its tokenizer cannot reproduce the chunk. */
  readonly tokens: readonly number[];
}

/** The text of one domain on one side of a run. */
export interface TextSample {
  readonly domain: string;
  /** How often its chunks are drawn for training, relative to those of others. */
  readonly weight: number;
  /** Of all the text. */
  readonly bytes: number;
  readonly sections: number;
  /** Of what was drawn of it; equal to `bytes` where that is all. */
  readonly sampledBytes: number;
  readonly chunks: readonly ChunkSize[];
}

/** Some text in every model's eyes. */
export interface TextAmount {
  readonly chunks: number;
  readonly bytes: number;
  /** Tokens by model, the target first, BOS included. */
  readonly tokens: readonly number[];
}

export interface TextEstimate {
  /** All that may be trained on. */
  readonly training: TextAmount;
  /** What is trained on, and so read by every model. */
  readonly read: TextAmount;
  readonly heldOut: TextAmount;
  readonly domains: readonly DomainEstimate[];
  readonly steps: number;
  /** Blocks that all the training text fills. */
  readonly blocks: number;
  /** Share of the places of the blocks that are trained on that hold a token. */
  readonly filled: number;
  /** Passes over the training text. */
  readonly epochs: number;
  /** Whether the sample is all of the text. */
  readonly exact: boolean;
}

export interface DomainEstimate {
  readonly domain: string;
  readonly training: { readonly chunks: number; readonly bytes: number };
  readonly heldOut: {
    readonly bytes: number;
    readonly sections: number;
    /** The same where all of it was cut. */
    readonly chunks: { readonly fewest: number; readonly most: number };
  };
}

export interface TextSettings {
  readonly length: number;
  readonly batch: number;
  readonly seed: number;
  /** One of the two is there. */
  readonly steps?: number;
  readonly epochs?: number;
}

/** How far a count of chunks may be off where only a part of the text was cut. */
const sampleError = 0.25;

/** `models`: how many there are, the target among them. */
export function estimateText(
  training: readonly TextSample[],
  heldOut: readonly TextSample[],
  models: number,
  settings: TextSettings,
): TextEstimate {
  const amounts = training.map((sample) => amountOf(sample, models));
  const plan = foreseenPlan(training, amounts, settings);
  return {
    training: total(amounts, models),
    read: total(
      amounts.map((amount, i) => scaled(amount, plan.shares[i])),
      models,
    ),
    heldOut: total(
      heldOut.map((sample) => amountOf(sample, models)),
      models,
    ),
    domains: domainsOf(training, heldOut, models),
    steps: plan.steps,
    blocks: plan.blocks,
    filled: plan.filled,
    epochs: (plan.steps * settings.batch) / plan.blocks,
    exact: [...training, ...heldOut].every(isWhole),
  };
}

const isWhole = ({ bytes, sampledBytes }: TextSample): boolean => sampledBytes >= bytes;

/** The whole text of a sample. */
function amountOf(sample: TextSample, models: number): TextAmount {
  const { chunks, bytes, sampledBytes } = sample;
  const drawn: TextAmount = {
    chunks: chunks.length,
    bytes: sum(chunks, (chunk) => chunk.bytes),
    tokens: Array.from({ length: models }, (_, m) => sum(chunks, ({ tokens }) => tokens[m])),
  };
  return sampledBytes === 0 ? drawn : scaled(drawn, bytes / sampledBytes);
}

interface ForeseenPlan {
  readonly blocks: number;
  readonly steps: number;
  readonly filled: number;
  /** Of each sample's text, the share that is trained on. */
  readonly shares: readonly number[];
}

/** Chunks that are packed on trial at most; blocks of more text are as full as those. */
const trialChunks = 20_000;
/** Of a trial that is not all of the text, blocks that show how its parts mix. */
const tellingBlocks = 200;

/** Packs chunks of the sample, repeated until there are as many as in the text, as the run will pack those. */
function foreseenPlan(
  samples: readonly TextSample[],
  amounts: readonly TextAmount[],
  { length, batch, seed, steps: wanted, epochs = 1 }: TextSettings,
): ForeseenPlan {
  const count = sum(amounts, ({ chunks }) => chunks);
  if (count === 0)
    return { blocks: 1, steps: wanted ?? 1, filled: 0, shares: samples.map(() => 0) };
  const factor = Math.min(1, trialChunks / count);
  const trial = samples.flatMap(({ chunks, weight }, part) =>
    Array.from({ length: Math.round(amounts[part].chunks * factor) }, (_, i) => {
      return { part, weight, tokens: chunks[i % chunks.length].tokens[0] };
    }),
  );
  const packed = planTraining({
    lengths: trial.map(({ tokens }) => tokens),
    weights: trial.map(({ weight }) => weight),
    length,
    batch,
    // A step for every chunk: no block is left out.
    extent: { steps: trial.length },
    seed,
  }).blocks;
  const blocks = Math.max(1, Math.round(packed.length / factor));
  const steps = wanted ?? Math.max(1, Math.round((epochs * blocks) / batch));
  const taken = Math.min(blocks, steps * batch);
  const shown = packed.slice(0, factor === 1 ? taken : Math.max(tellingBlocks, taken * factor));
  const drawn = shown.flat().map((i) => trial[i]);
  return {
    blocks,
    steps,
    filled: sum(drawn, ({ tokens }) => tokens) / (shown.length * length),
    shares: amounts.map(({ chunks }, part) => {
      const mine = drawn.filter((chunk) => chunk.part === part).length;
      return chunks === 0 ? 0 : Math.min(1, (mine * taken) / shown.length / chunks);
    }),
  };
}

function domainsOf(
  training: readonly TextSample[],
  heldOut: readonly TextSample[],
  models: number,
): DomainEstimate[] {
  const names = [...new Set([...training, ...heldOut].map(({ domain }) => domain))];
  return names.map((domain) => {
    const mine = training.filter((sample) => sample.domain === domain);
    const kept = heldOut.filter((sample) => sample.domain === domain);
    const amount = total(
      mine.map((sample) => amountOf(sample, models)),
      models,
    );
    return {
      domain,
      training: { chunks: Math.round(amount.chunks), bytes: sum(mine, ({ bytes }) => bytes) },
      heldOut: {
        bytes: sum(kept, ({ bytes }) => bytes),
        sections: sum(kept, ({ sections }) => sections),
        chunks: {
          fewest: Math.floor(sum(kept, (sample) => chunkCount(sample, models, -sampleError))),
          most: Math.ceil(sum(kept, (sample) => chunkCount(sample, models, sampleError))),
        },
      },
    };
  });
}

function chunkCount(sample: TextSample, models: number, error: number): number {
  const { chunks } = amountOf(sample, models);
  return isWhole(sample) ? chunks : chunks * (1 + error);
}

function total(amounts: readonly TextAmount[], models: number): TextAmount {
  return {
    chunks: sum(amounts, ({ chunks }) => chunks),
    bytes: sum(amounts, ({ bytes }) => bytes),
    tokens: Array.from({ length: models }, (_, m) => sum(amounts, ({ tokens }) => tokens[m])),
  };
}

const scaled = ({ chunks, bytes, tokens }: TextAmount, factor: number): TextAmount => ({
  chunks: chunks * factor,
  bytes: bytes * factor,
  tokens: tokens.map((count) => count * factor),
});

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((all, item) => all + value(item), 0);
}
