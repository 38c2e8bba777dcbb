/**
 * What an inspector in an untrusted workspace may do: tokenizers, recipes and series of folders that the user
 * picked, and no models, since opening one loads native code. Links are followed before a path is compared.
 */
import { realpath } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import type { InspectorVerb } from "../protocol/inspector.ts";
import type { Body } from "./inspectorBodies.ts";

export type Gate = (verb: InspectorVerb, body: object) => Promise<void>;

/** Verbs that open models. */
const modelVerbs: readonly InspectorVerb[] = [
  "loadModel",
  "unload",
  "represent",
  "fuse",
  "estimate",
];

/** Fields that name what is read. The `file` of validateRecipe is a name for messages: nothing is read. */
const folderFields = ["folder", "target", "source", "run"] as const;

/** @returns a function that throws Problem `unsupported` for what is not allowed. */
export function createGate({
  restricted,
  allowedFolders = [],
}: Pick<Body<"hello">, "restricted" | "allowedFolders">): Gate {
  if (!restricted) return async () => undefined;
  return async (verb, body) => {
    if (modelVerbs.includes(verb)) throw refused("Models are not opened");
    if ("out" in body && body.out !== undefined) throw refused("No file is written");
    const fields = body as Partial<Record<(typeof folderFields)[number], string>>;
    for (const name of folderFields) {
      const folder = fields[name];
      if (folder !== undefined) await requireAllowed(folder, allowedFolders);
    }
  };
}

async function requireAllowed(folder: string, allowedFolders: readonly string[]): Promise<void> {
  const real = await realPlace(folder);
  for (const allowed of allowedFolders) {
    const way = path.relative(await realPlace(allowed), real);
    if (way === "" || !(way === ".." || way.startsWith(`..${path.sep}`) || path.isAbsolute(way)))
      return;
  }
  throw refused(`${folder} is not read`);
}

/** A folder that is not there is compared as it is written: opening it fails by itself. */
const realPlace = (folder: string): Promise<string> =>
  realpath(folder).catch(() => path.resolve(folder));

const refused = (what: string): Problem =>
  new Problem("unsupported", `${what} in a workspace that is not trusted.`, {
    next: "Trust the workspace, or pick a folder outside it yourself.",
  });
