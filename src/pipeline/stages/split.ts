/**
 * split: a part of each domain is held out, and documents become chunks that every model can read whole.
 */
import { Problem } from "../../core/problem.ts";
import { utf8Length } from "../../core/text/bytes.ts";
import { type ChunkLimit, cutIntoChunks } from "../../core/text/chunking.ts";
import { openModelFolder } from "../../model/checkpoint/folder.ts";
import { type Chunk, hashText, writeChunks } from "../chunks.ts";
import { type CorpusFiles, readCorpus } from "../corpusFiles.ts";
import { divideCorpus } from "../heldOut.ts";
import type { JobContext } from "../jobContext.ts";

export interface SplitSpec {
  /** Where `chunks.jsonl` goes. */
  readonly chunks: string;
  /** Relative paths of the corpus start here. */
  readonly base: string;
  readonly corpus: readonly CorpusFiles[];
  /** Text that is only measured on. */
  readonly evaluation: readonly CorpusFiles[];
  /** Share of each domain of the corpus that is kept apart and measured on. */
  readonly heldOut: number;
  readonly target: string;
  readonly sources: readonly string[];
  /** The most target tokens of a chunk, BOS included. */
  readonly length: number;
  readonly seed: number;
}

export interface SplitResult {
  readonly chunks: Readonly<Record<"training" | "heldOut", number>>;
  readonly bytes: Readonly<Record<"training" | "heldOut", number>>;
  /** Chunks whose bytes the target's tokenizer cannot reproduce; they are left out. */
  readonly leftOut: number;
  readonly firstLeftOut: string | undefined;
}

/** Fewer held-out chunks of a domain than this say nothing about it. */
export const fewestHeldOutChunks = 8;

export async function split(spec: SplitSpec, context: JobContext): Promise<SplitResult> {
  const limits = await chunkLimits(spec);
  const target = limits[0].tokenizer;
  const documents = await readCorpus(spec.corpus, spec.base);
  const parts = divideCorpus(documents, spec.heldOut, spec.seed);
  if (spec.evaluation.length > 0)
    parts.heldOut.push(...(await readCorpus(spec.evaluation, spec.base)));

  const chunks: Chunk[] = [];
  let leftOut = 0;
  let firstLeftOut: string | undefined;
  const total = parts.training.length + parts.heldOut.length;
  let done = 0;
  for (const side of ["training", "heldOut"] as const) {
    for (const document of parts[side]) {
      cutIntoChunks(document.text, limits).forEach((text, i) => {
        const id = `${document.id}#${i}`;
        const encoding = target.encode(text);
        if (!("ids" in encoding) || encoding.ids.length >= spec.length) {
          leftOut++;
          firstLeftOut ??= `${id}: ${"detail" in encoding ? encoding.detail : "one character takes more tokens than a chunk may have"}`;
          return;
        }
        const { domain } = document;
        const bytes = utf8Length(text);
        chunks.push({
          id,
          document: document.id,
          domain,
          split: side,
          bytes,
          textHash: hashText(text),
          text,
        });
      });
      context.progress(++done, total, "documents");
      if (context.stopped())
        throw new Problem("cancelled", "Stopped while the corpus was being cut.");
    }
  }
  requireEnough(chunks);
  await writeChunks(spec.chunks, chunks);
  return { ...countsOf(chunks), leftOut, firstLeftOut };
}

async function chunkLimits(spec: SplitSpec): Promise<[ChunkLimit, ...ChunkLimit[]]> {
  const target = await openModelFolder(spec.target);
  const sources = await Promise.all(spec.sources.map((folder) => openModelFolder(folder)));
  // One place of every context is BOS's.
  return [
    { tokenizer: target.tokenizer, tokens: Math.min(spec.length, target.config.context) - 1 },
    ...sources.map(({ tokenizer, config }) => ({ tokenizer, tokens: config.context - 1 })),
  ];
}

function requireEnough(chunks: readonly Chunk[]): void {
  const domains = [...new Set(chunks.map(({ domain }) => domain))];
  if (!chunks.some(({ split }) => split === "training")) {
    throw new Problem("badInput", "The corpus leaves no text to train on.", {
      next: "Add files to `corpus`, or lower `heldOut`.",
    });
  }
  for (const domain of domains) {
    const count = chunks.filter(
      (chunk) => chunk.domain === domain && chunk.split === "heldOut",
    ).length;
    if (count >= fewestHeldOutChunks) continue;
    throw new Problem(
      "badInput",
      `Domain "${domain}" has ${count} held-out chunks; with fewer than ${fewestHeldOutChunks} its figures would say nothing.`,
      { next: "Raise `heldOut`, add text to this domain, or name files under `evaluation`." },
    );
  }
}

function countsOf(chunks: readonly Chunk[]): Pick<SplitResult, "chunks" | "bytes"> {
  const count = { training: 0, heldOut: 0 };
  const bytes = { training: 0, heldOut: 0 };
  for (const chunk of chunks) {
    count[chunk.split]++;
    bytes[chunk.split] += chunk.bytes;
  }
  return { chunks: count, bytes };
}
