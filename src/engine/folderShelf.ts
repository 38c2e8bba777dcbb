/** What was opened from folders and stays open: a few, the latest used, and only while the files are the same. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

export interface FolderShelf<Opened> {
  get(folder: string): Promise<Opened>;
  /** Whether it was there. */
  drop(folder: string): Promise<boolean>;
  /** The one used longest ago. Whether there was one. */
  dropOldest(): Promise<boolean>;
}

/** For one caller at a time. */
export function createFolderShelf<Opened>(options: {
  readonly keep: number;
  readonly open: (folder: string) => Promise<Opened>;
  readonly close?: (opened: Opened) => Promise<void>;
}): FolderShelf<Opened> {
  const kept = new Map<string, { readonly state: string; readonly opened: Opened }>();

  const drop = async (folder: string): Promise<boolean> => {
    const entry = kept.get(folder);
    kept.delete(folder);
    if (entry !== undefined) await options.close?.(entry.opened);
    return entry !== undefined;
  };
  const dropOldest = async (): Promise<boolean> => {
    for (const folder of kept.keys()) return drop(folder);
    return false;
  };

  return {
    drop,
    dropOldest,
    async get(folder) {
      const state = await folderState(folder);
      const known = kept.get(folder);
      if (known?.state === state) {
        kept.delete(folder);
        kept.set(folder, known); // the latest used stands last
        return known.opened;
      }
      await drop(folder);
      if (kept.size >= options.keep) await dropOldest();
      const opened = await options.open(folder);
      kept.set(folder, { state, opened });
      return opened;
    },
  };
}

/** Names, sizes and times of the folder's own files; empty where it cannot be read, which opening it will say. */
export async function folderState(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const states = names.sort().map((name) =>
    stat(path.join(folder, name)).then(
      ({ ino, size, mtimeMs }) => `${name} ${ino} ${size} ${mtimeMs}`,
      () => `${name} gone`,
    ),
  );
  return (await Promise.all(states)).join("\n");
}
