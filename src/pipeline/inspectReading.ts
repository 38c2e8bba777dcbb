/**
 * What models read of a text under inspection, chunk by chunk: the part of an inspection that costs a forward
 * pass. Rows can be kept wider than they are fused, so that top k and temperature can be turned afterwards.
 */
import type {
  AlignedRepresentation,
  FusedRows,
  Representation,
} from "../core/fusion/representation.ts";
import type { ScoredChunk } from "../core/fusion/scores.ts";
import { Problem } from "../core/problem.ts";
import { utf8Length } from "../core/text/bytes.ts";
import { cutIntoChunks } from "../core/text/chunking.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../core/text/tokenizer.ts";
import type { LanguageModel } from "../model/languageModel.ts";
import type { NamedTokenizer } from "./positionDescription.ts";

/** A model that can be asked to read. */
export interface InspectedModel extends NamedTokenizer {
  /** The most tokens it reads, BOS included. */
  readonly context: number;
  readonly read: LanguageModel["read"];
}

/** A chunk as a model read it; `undefined` where its tokenizer cannot reproduce the bytes. */
export type ReadText =
  | { readonly encoding: Encoding; readonly representation: Representation }
  | undefined;

export interface ChunkReading {
  readonly text: string;
  /** Where it begins in the text. */
  readonly firstPosition: number;
  readonly firstByte: number;
  /** The target first, which has always read it. */
  readonly reads: readonly ReadText[];
  /** Chunks that are scored together where fusion is per block; a text under inspection is no packed block. */
  readonly block?: readonly ScoredChunk[];
  /** What a run made of the chunk and kept. */
  readonly stored?: {
    readonly aligned?: readonly AlignedRepresentation[] | undefined;
    readonly fused?: FusedRows | undefined;
  };
}

export interface TextReading {
  /** The target first. */
  readonly models: readonly NamedTokenizer[];
  readonly chunks: readonly ChunkReading[];
}

/** The text cut as `split` would cut it, in NFC. `length`: the most target tokens of a chunk, BOS included. */
export function inspectedChunks(input: {
  readonly text: string;
  readonly target: Pick<InspectedModel, "tokenizer" | "context">;
  readonly sources: readonly Pick<InspectedModel, "tokenizer" | "context">[];
  readonly settings: { readonly length: number };
}): string[] {
  const { text, target, sources, settings } = input;
  return cutIntoChunks(text.normalize("NFC"), [
    { tokenizer: target.tokenizer, tokens: Math.min(settings.length, target.context) - 1 },
    ...sources.map(({ tokenizer, context }) => ({ tokenizer, tokens: context - 1 })),
  ]);
}

export interface ReadingInput {
  /** Of `inspectedChunks`. */
  readonly texts: readonly string[];
  /** The target first. */
  readonly models: readonly InspectedModel[];
  /** The most probable tokens that are kept of a row. */
  readonly topKOf: (model: InspectedModel) => number;
  /** Chunks a model has read. */
  readonly onProgress?: ((label: string, done: number, of: number) => void) | undefined;
}

/**
 * The models read one after the other, each all chunks.
 * @throws Problem `badInput` where the target cannot reproduce the bytes of the text.
 */
export async function readTexts(input: ReadingInput): Promise<TextReading> {
  const { texts, models } = input;
  const byModel: ReadText[][] = [];
  for (const [m, model] of models.entries()) byModel.push(await readBy(model, m === 0, input));
  let firstPosition = 0;
  let firstByte = 0;
  const chunks = texts.map((text, i): ChunkReading => {
    const chunk = { text, firstPosition, firstByte, reads: byModel.map((reads) => reads[i]) };
    firstPosition += chunk.reads[0]?.representation.rows ?? 0;
    firstByte += utf8Length(text);
    return chunk;
  });
  return { models: models.map(({ label, tokenizer }) => ({ label, tokenizer })), chunks };
}

async function readBy(
  model: InspectedModel,
  isTarget: boolean,
  { texts, topKOf, onProgress }: ReadingInput,
): Promise<ReadText[]> {
  const encodings = texts.map((text) => {
    const encoding = model.tokenizer.encode(text);
    if ("ids" in encoding) return encoding;
    if (isTarget) throw unreadable(model, encoding.detail);
    return undefined;
  });
  const readable = encodings.filter((encoding) => encoding !== undefined);
  const representations = await model.read(
    readable.map((encoding) => sequenceOf(model.tokenizer, encoding)),
    topKOf(model),
    (done, of) => onProgress?.(model.label, done, of),
  );
  let next = 0;
  return encodings.map((encoding) =>
    encoding === undefined ? undefined : { encoding, representation: representations[next++] },
  );
}

function unreadable({ label }: NamedTokenizer, detail: string): Problem {
  return new Problem("badInput", `The target ${label} cannot read this text: ${detail}`, {
    next: "Take out what its tokenizer changes, or choose another target.",
  });
}

/** Ids that stand for a token: the widest a row can be. */
export const tokenCount = ({ table }: TextTokenizer): number =>
  table.pieces.reduce((count, piece) => (piece === undefined ? count : count + 1), 0);
