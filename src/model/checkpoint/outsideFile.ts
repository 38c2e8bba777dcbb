/**
 * Files that come from outside, read with a limit. Whatever is wrong with one is a Problem that names it.
 * Links are followed: a Hugging Face cache is made of them.
 */

import { type FileHandle, open, stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";

/** What tells whether a file is still the one that was looked at: its size in bytes, and when it was written. */
export interface FileState {
  readonly size: number;
  readonly modified: number;
}

/** Runs `use` with the file open for reading. Throws a Problem where it is no readable file. */
export async function withFile<T>(
  file: string,
  use: (handle: FileHandle, state: FileState) => Promise<T>,
): Promise<T> {
  // Asked before opening: to open a named pipe would wait for its writer.
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  if (!found.isFile()) {
    throw new Problem("badInput", `${path.basename(file)} is not a file.`, {
      file,
      next: "Put the file itself in its place.",
    });
  }
  const handle = await open(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    const { size, mtimeMs } = await handle.stat();
    return await use(handle, { size, modified: mtimeMs });
  } finally {
    await handle.close();
  }
}

/** Fills `into` from the file's byte `position` on. False where the file ends before that. */
export async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
): Promise<boolean> {
  const step = 64 * 2 ** 20;
  let done = 0;
  while (done < into.length) {
    const length = Math.min(step, into.length - done);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

/** A whole file of at most `limit` bytes. */
export function readLimited(file: string, limit: number): Promise<Uint8Array> {
  return withFile(file, async (handle, { size }) => {
    if (size > limit) {
      throw new Problem(
        "tooLarge",
        `${path.basename(file)} has ${size} bytes; at most ${limit} are read.`,
        { file, next: "Check that it is the file its name says." },
      );
    }
    const bytes = new Uint8Array(size);
    if (!(await readFully(handle, bytes, 0))) throw changed(file);
    return bytes;
  });
}

/** The first `limit` bytes as text; what is not UTF-8 becomes U+FFFD. */
export function readHead(file: string, limit: number): Promise<string> {
  return withFile(file, async (handle, { size }) => {
    const bytes = new Uint8Array(Math.min(size, limit));
    await readFully(handle, bytes, 0);
    return new TextDecoder().decode(bytes);
  });
}

/** The Problem of a file that is written to by others while it is in use. */
export function changed(file: string): Problem {
  return new Problem("failed", `${path.basename(file)} changed while it was in use.`, {
    file,
    next: "Try again when nothing writes to it.",
  });
}

export async function fileExists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The value a JSON text stands for. `file` is named where it is broken. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : "it is not UTF-8";
    throw new Problem("badInput", `${path.basename(file)} is not valid JSON: ${reason}.`, {
      file,
      next: "Download or copy the file again.",
      cause,
    });
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export async function readJsonObject(file: string, limit: number): Promise<JsonObject> {
  const value = parseJson(await readLimited(file, limit), file);
  if (isJsonObject(value)) return value;
  throw new Problem("badInput", `${path.basename(file)} does not hold a JSON object.`, {
    file,
    next: "Download or copy the file again.",
  });
}

function unreadable(file: string, cause: unknown): Problem {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new Problem("missing", `${path.basename(file)} is not there.`, {
      file,
      next: "Check the path, or download the model's folder again.",
      cause,
    });
  }
  return new Problem(
    "failed",
    `${path.basename(file)} cannot be read (${code ?? String(cause)}).`,
    {
      file,
      next: "Check that you may read it.",
      cause,
    },
  );
}
