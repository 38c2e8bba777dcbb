/**
 * The header of a safetensors file: eight bytes of length, then JSON that names every tensor with its type,
 * shape and place. Checked as strictly as the reference reader does (github.com/huggingface/safetensors):
 * the tensors must cover the data without gap or overlap. Pure; reading and writing is safetensors.ts's work.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { elementCount } from "../architecture/config.ts";
import { isJsonObject } from "./outsideFile.ts";

/** The reference reader's limit. */
export const headerLimit = 100_000_000;

/** As many as PyTorch allows. */
const mostDimensions = 64;

/** Bytes per element. Weights are read from the floats of 32 and 16 bits; the others may stand in a file unread. */
const elementSizes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type TensorType = keyof typeof elementSizes;

export interface TensorEntry {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Where its bytes are in the file: from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
}

export interface ParsedHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the header says, for data that fill the file from `dataStart` to `fileSize`. Throws a Problem that names `file`. */
export function parseHeader(
  text: string,
  place: { readonly file: string; readonly dataStart: number; readonly fileSize: number },
): ParsedHeader {
  const fail = (what: string) => broken(place.file, what);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw broken(place.file, "its header is not valid JSON", cause);
  }
  if (!isJsonObject(json)) throw fail("its header is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw fail(`its header names ${quoted(twice)} twice`);

  const tensors = new Map<string, TensorEntry>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata = parseMetadata(value, fail);
    else tensors.set(name, parseEntry(name, value, place.dataStart, fail));
  }
  checkCover([...tensors.values()], place, fail);
  return { tensors, metadata };
}

/** Header bytes, length included, and the tensors in the order in which their data must follow. */
export function composeHeader(
  tensors: readonly {
    readonly name: string;
    readonly type: TensorType;
    readonly shape: readonly number[];
  }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    const end = offset + elementCount(shape) * elementSizes[type];
    entries.push([name, { dtype: type, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Padded with spaces so that the data, and with it every tensor, starts at a multiple of eight.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

export function elementSize(type: TensorType): number {
  return elementSizes[type];
}

type Fail = (what: string) => Problem;

export function broken(file: string, what: string, cause?: unknown): Problem {
  return new Problem(
    "badInput",
    `${path.basename(file)} is not a sound safetensors file: ${what}.`,
    {
      file,
      next: "Download or copy the file again.",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function parseMetadata(value: unknown, fail: Fail): Readonly<Record<string, string>> {
  if (!isJsonObject(value) || Object.values(value).some((entry) => typeof entry !== "string")) {
    throw fail("its __metadata__ is not a table of strings");
  }
  return value as Readonly<Record<string, string>>;
}

function parseEntry(name: string, value: unknown, dataStart: number, fail: Fail): TensorEntry {
  if (!isJsonObject(value)) throw fail(`tensor ${quoted(name)} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(elementSizes, dtype)) {
    throw fail(`tensor ${quoted(name)} has the unknown type ${quoted(String(dtype))}`);
  }
  if (!isCounts(shape) || shape.length > mostDimensions)
    throw fail(`tensor ${quoted(name)} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fail(`tensor ${quoted(name)} has no valid offsets`);
  }
  const type = dtype as TensorType;
  const [start, end] = offsets;
  const bytes = elementCount(shape) * elementSizes[type];
  if (!Number.isSafeInteger(bytes)) throw fail(`tensor ${quoted(name)} is too large to be real`);
  if (end - start !== bytes) {
    throw fail(
      `tensor ${quoted(name)} of type ${type} and shape [${shape.join(", ")}] needs ${bytes} bytes, its offsets hold ${end - start}`,
    );
  }
  return { name, type, shape, start: dataStart + start, end: dataStart + end };
}

/** Tensors must follow one another from the first byte of the data to the file's last. */
function checkCover(
  tensors: TensorEntry[],
  { dataStart, fileSize }: { readonly dataStart: number; readonly fileSize: number },
  fail: Fail,
): void {
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let covered = dataStart;
  for (const { name, start, end } of tensors) {
    if (end > fileSize) {
      throw fail(
        `it is cut short, tensor ${quoted(name)} ends at byte ${end} and the file at byte ${fileSize}`,
      );
    }
    if (start < covered) throw fail(`tensor ${quoted(name)} overlaps the one before it`);
    if (start > covered) throw fail(`before tensor ${quoted(name)} are bytes that belong to none`);
    covered = end;
  }
  if (covered !== fileSize)
    throw fail(`${fileSize - covered} bytes at its end belong to no tensor`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

/** The first key that stands twice in one object of a JSON text known to be valid: JSON.parse keeps the last in silence. */
function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // one entry per open bracket, keys for objects only
  let before = ""; // the last character that is not space
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const from = at++;
      while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
      const keys = open.at(-1);
      if (keys !== undefined && before !== ":") {
        const key = JSON.parse(json.slice(from, at + 1)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
    }
    if (character > " ") before = character;
  }
  return undefined;
}

/** A name from outside inside a message: quoted, without control characters, not endless. */
function quoted(name: string): string {
  const shown = JSON.stringify(name);
  return shown.length <= 120 ? shown : `${shown.slice(0, 120)}…"`;
}
