/**
 * Files and folders that appear whole or not at all: written under a hidden name beside their place, then
 * renamed. What fails on the way is taken away again. A process that is killed leaves its hidden
 * `.<name>.partial-…`, which nothing ever reads.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";

/** Lets `fill` write the file, then puts it in its place, over one that is there. */
export function placeFile(
  file: string,
  fill: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  return place(file, async (temporary) => {
    const handle = await open(temporary, "wx");
    try {
      await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  });
}

/**
 * Lets `fill` write into an empty folder, then makes that folder `out`, parents included. Never replaces
 * anything: throws a Problem where `out` exists and is not an empty folder.
 */
export async function placeFolder(
  out: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = path.resolve(out);
  await refuseTaken(folder);
  await place(folder, async (temporary) => {
    await mkdir(temporary, { recursive: true });
    await fill(temporary);
    // An empty folder in the way goes first: Windows renames onto nothing.
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw taken(folder, "is there already");
    });
    await rename(temporary, folder);
  });
}

async function place(target: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const hidden = `.${path.basename(target)}.partial-${randomUUID().slice(0, 8)}`;
  const temporary = path.join(path.dirname(target), hidden);
  try {
    await fill(temporary);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw unwritable(target, error);
  }
}

async function refuseTaken(folder: string): Promise<void> {
  const inside = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw taken(folder, error.code === "ENOTDIR" ? "is a file" : `is closed (${error.code})`);
  });
  if (inside.length > 0) throw taken(folder, "is there already and not empty");
}

function taken(folder: string, what: string): Problem {
  return new Problem("badInput", `${path.basename(folder)} ${what}.`, {
    file: folder,
    next: "Choose another folder, or move what is there.",
  });
}

/** A full or protected disk is for people to mend; any other error passes as it is. */
function unwritable(target: string, error: unknown): unknown {
  const code = error instanceof Problem ? undefined : (error as NodeJS.ErrnoException).code;
  if (code === undefined || !Object.hasOwn(remedies, code)) return error;
  return new Problem("failed", `${path.basename(target)} could not be written (${code}).`, {
    file: target,
    next: remedies[code],
    cause: error,
  });
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "Free space on the disk and run it again.",
  EDQUOT: "Free space in your quota and run it again.",
  EROFS: "Choose a folder on a disk that can be written to.",
  EACCES: "Choose a folder you may write to.",
  EPERM: "Choose a folder you may write to.",
  ENOENT: "Choose a folder that is there.",
  ENOTDIR: "Choose a folder that is there.",
};
