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
  /** Share of a block's places that hold a token. */
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
  const parts = training.map((sample) => {
    const amount = amountOf(sample, models);
    return { sample, amount, ...blocksOf(sample, amount, settings) };
  });
  const blocks = Math.max(1, Math.round(sum(parts, (part) => part.blocks)));
  const { batch } = settings;
  const steps =
    settings.steps ?? Math.max(1, Math.round(((settings.epochs ?? 1) * blocks) / batch));
  const shares = drawnShares(
    parts.map(({ sample, blocks }) => ({ weight: sample.weight, blocks })),
    Math.min(blocks, steps * batch),
  );
  const places = sum(parts, (part) => part.blocks) * settings.length;
  return {
    training: total(
      parts.map(({ amount }) => amount),
      models,
    ),
    read: total(
      parts.map(({ amount }, i) => scaled(amount, shares[i])),
      models,
    ),
    heldOut: total(
      heldOut.map((sample) => amountOf(sample, models)),
      models,
    ),
    domains: domainsOf(training, heldOut, models),
    steps,
    blocks,
    filled: places === 0 ? 0 : sum(parts, ({ amount }) => amount.tokens[0]) / places,
    epochs: (steps * batch) / blocks,
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

/** Blocks of a domain: how full they get follows from the sample's own packing. */
function blocksOf(
  { chunks, weight }: TextSample,
  amount: TextAmount,
  { length, batch, seed }: TextSettings,
): { blocks: number } {
  if (chunks.length === 0) return { blocks: 0 };
  const lengths = chunks.map(({ tokens }) => tokens[0]);
  const { blocks } = planTraining({
    lengths,
    weights: lengths.map(() => weight),
    length,
    batch,
    // A step for every chunk: no block is left out.
    extent: { steps: lengths.length },
    seed,
  });
  return { blocks: (blocks.length * amount.chunks) / chunks.length };
}

/**
 * The share of each group that is drawn where `wanted` of all are, without replacement and each with its weight:
 * one that waits for the ring of a clock with rate w is drawn by the time t with probability 1 − e^(−wt).
 */
export function drawnShares(
  groups: readonly { readonly weight: number; readonly blocks: number }[],
  wanted: number,
): number[] {
  const all = sum(groups, ({ blocks }) => blocks);
  if (wanted >= all) return groups.map(() => 1);
  const sharesAt = (time: number): number[] =>
    groups.map(({ weight }) => 1 - Math.exp(-weight * time));
  const drawnAt = (time: number): number =>
    sharesAt(time).reduce((drawn, share, i) => drawn + share * groups[i].blocks, 0);
  let [early, late] = [0, 1];
  while (drawnAt(late) < wanted && late < 1e12) late *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (early + late) / 2;
    if (drawnAt(middle) < wanted) early = middle;
    else late = middle;
  }
  return sharesAt(late);
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
