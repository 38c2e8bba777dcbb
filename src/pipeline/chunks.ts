/**
 * The chunks of a run on disk: `chunks.jsonl`, one JSON object a line, in the order of the corpus. Every later
 * file names chunks by id and text hash, never by row number alone.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Problem } from "../core/problem.ts";
import { writeFileAtomically } from "./atomicFile.ts";

export interface Chunk {
  /** `<document>#<number of the chunk in it>` */
  readonly id: string;
  readonly document: string;
  readonly domain: string;
  readonly split: "training" | "heldOut";
  /** UTF-8 bytes of `text`. */
  readonly bytes: number;
  readonly textHash: string;
  readonly text: string;
}

export function hashText(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
}

/** One hash for a list of chunks: what a shard over them was made from. */
export function hashChunks(chunks: readonly Chunk[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(`${chunk.id}\n${chunk.textHash}\n`);
  return hash.digest("hex").slice(0, 32);
}

export async function writeChunks(file: string, chunks: readonly Chunk[]): Promise<void> {
  await writeFileAtomically(file, `${chunks.map((chunk) => JSON.stringify(chunk)).join("\n")}\n`);
}

/** Reads `chunks.jsonl`. A line that does not fit its own hash is refused with its number. */
export async function readChunks(file: string): Promise<Chunk[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    const chunk = JSON.parse(line) as Chunk;
    if (hashText(chunk.text) !== chunk.textHash) {
      throw new Problem("stale", `The text of chunk ${chunk.id} is not the one it was cut as.`, {
        file,
        line: i + 1,
        next: "Delete the run folder and start the run again.",
      });
    }
    return chunk;
  });
}
