/**
 * The text a recipe names: patterns to files, files to documents. A jsonl file has one document a line, any
 * other file is one document. Text is strict UTF-8 and is brought to NFC here, once, so that every model reads
 * the same characters. The order depends on nothing but names.
 */
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { type FoundFile, findFiles } from "./filePatterns.ts";

const largestFile = 256 * 1024 * 1024;
const largestCorpus = 2 * 1024 * 1024 * 1024;

/** Formats that are not text and that nothing here reads. */
const notText = new Set([".parquet", ".arrow", ".gz", ".zst", ".bz2", ".xz", ".zip", ".pdf"]);

/** Files of one domain. */
export interface CorpusFiles {
  readonly domain: string;
  /** Paths or patterns. */
  readonly files: readonly string[];
  /** The key of a JSON line that holds the text. */
  readonly field: string;
}

export interface CorpusDocument {
  /** `<domain>/<path from the base>`, and `:<line>` for a line of a jsonl file. */
  readonly id: string;
  readonly domain: string;
  /** Normalised to NFC, never empty. */
  readonly text: string;
}

/**
 * All documents of a corpus. `base` is where relative paths start. Throws a Problem for a pattern that meets no
 * file, a file that two entries name, and whatever is wrong within a file, with its line or byte.
 */
export async function readCorpus(
  corpus: readonly CorpusFiles[],
  base: string,
): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = [];
  const owners = new Map<string, string>();
  let size = 0;
  for (const entry of corpus) {
    for (const found of await filesOfEntry(entry, base)) {
      refuseTwice(owners, entry.domain, found);
      const bytes = await readLimited(found.file, largestFile);
      size += bytes.length;
      if (size > largestCorpus) throw tooLarge(found.file);
      for (const document of documentsOf(entry, found, bytes)) documents.push(document);
    }
  }
  if (documents.length > 0) return documents;
  throw new Problem("badInput", "The files of the corpus hold no text.", {
    next: "Name files with text under corpus.",
  });
}

/** The files of one entry. Throws a Problem where a pattern meets none. */
export async function filesOfEntry(entry: CorpusFiles, base: string): Promise<FoundFile[]> {
  const files = await findFiles(entry.files, base);
  if (files.length > 0) return files;
  throw new Problem("missing", `No file matches ${entry.files.join(", ")} in ${base}.`, {
    next: "Paths start from the recipe's folder; correct the pattern or add the files.",
  });
}

function refuseTwice(owners: Map<string, string>, domain: string, { file, name }: FoundFile): void {
  const owner = owners.get(file);
  if (owner !== undefined) {
    throw new Problem("badInput", `${name} belongs to two corpus entries (${owner}, ${domain}).`, {
      file,
      next: "Narrow one of the patterns, for example with a further one that begins with !.",
    });
  }
  owners.set(file, domain);
}

function* documentsOf(
  { domain, field }: CorpusFiles,
  { file, name }: FoundFile,
  bytes: Uint8Array,
): Generator<CorpusDocument> {
  const ending = path.extname(file).toLowerCase();
  if (notText.has(ending)) {
    throw new Problem("unsupported", `${name} is a ${ending.slice(1)} file, not text.`, {
      file,
      next: "Write its texts to a jsonl file, or to text files.",
    });
  }
  const text = decoded(bytes, file, name);
  const id = `${domain}/${name}`;
  if (ending !== ".jsonl") {
    if (text !== "") yield { id, domain, text: text.normalize("NFC") };
    return;
  }
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const value = textOfLine(line, field, { file, name, line: i + 1 });
    if (value !== "") yield { id: `${id}:${i + 1}`, domain, text: value.normalize("NFC") };
  }
}

interface Place {
  readonly file: string;
  readonly name: string;
  readonly line: number;
}

function textOfLine(line: string, field: string, { file, name, line: number }: Place): string {
  const place = { file, line: number };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Problem("badInput", `Line ${number} of ${name} is not JSON.`, {
      ...place,
      cause,
      next: "A jsonl file has one JSON object on each line.",
    });
  }
  const object = typeof value === "object" && value !== null ? value : {};
  const text = Object.hasOwn(object, field)
    ? (object as Readonly<Record<string, unknown>>)[field]
    : undefined;
  if (typeof text !== "string") {
    const keys = Object.keys(object).slice(0, 10).join(", ");
    throw new Problem("badInput", `Line ${number} of ${name} has no text under ${field}.`, {
      ...place,
      next: keys === "" ? "Each line is an object." : `Write field: and one of its keys: ${keys}.`,
    });
  }
  // A half of a surrogate pair can be written in JSON but is no character, and has no UTF-8.
  if (/\p{Surrogate}/u.test(text)) {
    throw new Problem("badInput", `Line ${number} of ${name} holds half a character (\\ud800…).`, {
      ...place,
      next: "Write the line again as whole characters.",
    });
  }
  return text;
}

function decoded(bytes: Uint8Array, file: string, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const at = firstInvalidByte(bytes);
    throw new Problem("badInput", `${name} is not UTF-8: byte ${at} is the first that is wrong.`, {
      file,
      cause,
      next: "Save the file as UTF-8.",
    });
  }
}

/** The longest beginning that may still become UTF-8 ends there; found by halving. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (canBegin(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function canBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const tooLarge = (file: string): Problem =>
  new Problem("tooLarge", `The corpus has more than ${largestCorpus / 1024 ** 3} GiB of text.`, {
    file,
    next: "Name fewer files: a run keeps all its text in memory.",
  });
