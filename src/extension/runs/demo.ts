/**
 * The demo that the package carries, copied to a folder of its own: a run reads its models to its end, and an
 * update of the extension takes the package's folder away.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";

export const demoRecipeName = "demo.fusion.yaml";

/** The copy's folder, made where it is not there yet. `carried`: the package's demo folder. */
export async function ownDemoFolder(carried: string, storage: string): Promise<string> {
  const manifest = await readFile(path.join(carried, "manifest.json")).catch((cause) => {
    throw new Problem("missing", "This package of FuseLab carries no demo.", {
      file: carried,
      next: "Install FuseLab again.",
      cause,
    });
  });
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const folder = path.join(storage, `demo-${key}`);
  if (await isFolder(folder)) return folder;
  await mkdir(storage, { recursive: true });
  const temporary = `${folder}.${process.pid}.tmp`;
  await cp(carried, temporary, { recursive: true });
  try {
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await isFolder(folder))) throw error; // another window was faster
  }
  return folder;
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
