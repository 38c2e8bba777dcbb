/**
 * `manifest.json` of the content that the extension carries: what was made of what, and the size and hash of
 * every file. Checking a folder against it says what differs, is missing, or should not be there.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { contentLimit, contentVersion } from "./contentPlan.ts";
import { filesUnder } from "./corpusPackages.ts";
import type { TokenizerPlan } from "./zooPlan.ts";

export const contentManifestName = "manifest.json";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const amount = z.strictObject({ count: z.int().min(0), bytes: z.int().min(0) });

const manifestSchema = z.strictObject({
  version: z.literal(contentVersion),
  seed: z.int(),
  /** Programs by name: the same ones on the same kind of processor give the same files. */
  madeWith: z.record(z.string(), z.string()),
  corpus: z.strictObject({
    hash: sha256,
    /** By domain: documents of each part, and the share of held-out 8-word sequences that occur elsewhere. */
    domains: z.record(
      z.string(),
      z.strictObject({
        pretraining: amount,
        fusion: amount,
        heldOut: amount,
        heldOutOverlap: z.number().min(0).max(1),
      }),
    ),
  }),
  models: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(["source", "target"]),
      architecture: z.string(),
      parameters: z.int(),
      tokenizer: z.enum(["byteLevelBpe", "sentencePieceBpe", "unigram"]),
      vocabulary: z.int(),
      domains: z.array(z.string()),
      steps: z.int(),
    }),
  ),
  files: z.array(z.strictObject({ file: z.string(), bytes: z.int().min(0), hash: sha256 })),
});

export type ContentManifest = z.infer<typeof manifestSchema>;
export type ContentFile = ContentManifest["files"][number];

/** Families of tokenizers that the content must show side by side. */
const families: readonly TokenizerPlan["kind"][] = ["byteLevelBpe", "sentencePieceBpe", "unigram"];

/** Every file under `folder` but the manifest, with its size and SHA-256, in the order of their names. */
export async function contentFiles(folder: string): Promise<ContentFile[]> {
  const names = (await filesUnder(folder)).filter((name) => name !== contentManifestName);
  return Promise.all(
    names.map(async (file) => {
      const content = await readFile(path.join(folder, file));
      const hash = createHash("sha256").update(content).digest("hex");
      return { file, bytes: content.length, hash };
    }),
  );
}

/** Bytes of models and tokenizers together, as `contentLimit` counts them. */
export function modelBytes(files: readonly ContentFile[]): number {
  return files
    .filter(({ file }) => file.startsWith("models/"))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What is wrong with the content in `folder`, a sentence each; nothing where it is as it was made. */
export async function contentFaults(folder: string): Promise<string[]> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) {
    return [`${contentManifestName} is missing or is not one of version ${contentVersion}.`];
  }
  const found = await contentFiles(folder);
  const faults = [...fileFaults(manifest.files, found)];
  const bytes = modelBytes(found);
  if (bytes > contentLimit) {
    faults.push(`Models and tokenizers take ${bytes} bytes; ${contentLimit} are allowed.`);
  }
  const present = await Promise.all(
    found
      .filter(({ file }) => path.posix.basename(file) === "tokenizer.json")
      .map(({ file }) => familyIn(path.join(folder, file))),
  );
  for (const family of families) {
    if (!present.includes(family)) faults.push(`There is no tokenizer of the family ${family}.`);
  }
  return faults;
}

/** @returns `undefined` where there is none, or one of another version. */
export async function readManifest(folder: string): Promise<ContentManifest | undefined> {
  const json: unknown = await readFile(path.join(folder, contentManifestName), "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  return manifestSchema.safeParse(json).data;
}

function* fileFaults(
  named: readonly ContentFile[],
  found: readonly ContentFile[],
): Generator<string> {
  const inFolder = new Map(found.map((entry) => [entry.file, entry]));
  for (const { file, bytes, hash } of named) {
    const entry = inFolder.get(file);
    if (entry === undefined) yield `${file} is missing.`;
    else if (entry.bytes !== bytes || entry.hash !== hash) yield `${file} is not as it was made.`;
  }
  const names = new Set(named.map(({ file }) => file));
  for (const { file } of found) if (!names.has(file)) yield `${file} is not in the manifest.`;
}

/** The family of a tokenizer.json as the zoo writes them. */
async function familyIn(file: string): Promise<TokenizerPlan["kind"] | undefined> {
  const json: unknown = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  const { model } = (json ?? {}) as { model?: { type?: unknown; byte_fallback?: unknown } };
  if (model?.type === "Unigram") return "unigram";
  if (model?.type !== "BPE") return undefined;
  return model.byte_fallback === true ? "sentencePieceBpe" : "byteLevelBpe";
}
