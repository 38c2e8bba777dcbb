/**
 * Shards: Arrow IPC files of typed columns, the one format in which a run's stages hand over arrays. A shard
 * appears whole or not at all, says in its metadata what it was made from, and carries the SHA-256 of its own
 * columns, so that a file that is there can be trusted or refused without asking another. What the columns mean
 * is chunkShards.ts's affair. Any Arrow reader opens these files; this reader opens only what it wrote.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { narrow, widen } from "../model/checkpoint/halfFloats.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { type ArrowFile, type NumberType, type RawColumn, readArrowFile } from "./arrowReader.ts";
import { writeArrowFile } from "./arrowWriter.ts";

import { writeFileAtomically } from "./atomicFile.ts";

/** The largest shard that is read, in bytes. Writers stay far below. */
const largestShard = 1024 * 1024 * 1024;
const hashKey = "sha256";

/** `float16` is a Float32Array in memory: what is read back is what was rounded. */
interface ArrayOf {
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly float16: Float32Array;
  readonly float32: Float32Array;
}
export type NumberArray<Type extends NumberType = NumberType> = ArrayOf[Type];

export interface TextColumn {
  readonly kind: "text";
  readonly values: readonly string[];
}

/** One number a row. */
export interface NumberColumn<Type extends NumberType = NumberType> {
  readonly kind: "numbers";
  readonly type: Type;
  readonly values: NumberArray<Type>;
}

/** A list of numbers a row: row i holds values[offsets[i]] … values[offsets[i + 1]]. */
export interface ListColumn<Type extends NumberType = NumberType> {
  readonly kind: "lists";
  readonly type: Type;
  readonly offsets: Int32Array;
  readonly values: NumberArray<Type>;
}

export type ShardColumn = TextColumn | NumberColumn | ListColumn;
export type ShardColumns = Readonly<Record<string, ShardColumn>>;

/** What a shard was made from and by what: kind, method version, fingerprints, hash of the chunks. */
export type ShardMetadata = Readonly<Record<string, string>>;

export interface Shard {
  readonly file: string;
  readonly rows: number;
  readonly columns: ShardColumns;
  readonly metadata: ShardMetadata;
  /** SHA-256 of metadata and columns, hexadecimal. */
  readonly sha256: string;
}

/** Writes a shard; answers its SHA-256. All columns have the same number of rows. */
export async function writeShard(
  file: string,
  columns: ShardColumns,
  metadata: ShardMetadata,
): Promise<string> {
  const raw = Object.entries(columns).map(([name, column]) => rawColumn(name, column));
  const sha256 = hashOf(raw, metadata);
  await writeFileAtomically(file, writeArrowFile(raw, { ...metadata, [hashKey]: sha256 }));
  return sha256;
}

/**
 * Reads a shard that was made from `expected`. Throws a Problem: `missing` where there is no such file, `failed`
 * where its content is not what its hash says, `stale` where it was made from something else, saying what.
 */
export async function readShard(file: string, expected: ShardMetadata): Promise<Shard> {
  const { rows, columns: raw, metadata: all } = parsed(file, await readLimited(file, largestShard));
  const { [hashKey]: sha256, ...metadata } = all;
  if (sha256 === undefined || hashOf(raw, metadata) !== sha256) throw damaged(file);
  refuseOther(file, metadata, expected);
  const columns = Object.fromEntries(raw.map((column) => [column.name, columnOf(column)]));
  return { file, rows, columns, metadata, sha256 };
}

/** A shard that need not be computed again, or undefined where it is missing or damaged. Throws where it is `stale`. */
export async function findShard(file: string, expected: ShardMetadata): Promise<Shard | undefined> {
  try {
    return await readShard(file, expected);
  } catch (error) {
    if (error instanceof Problem && (error.code === "missing" || error.code === "failed")) {
      return undefined;
    }
    throw error;
  }
}

/** A column of texts. Throws a Problem where the shard has none of that name. */
export function textColumn(shard: Shard, name: string): readonly string[] {
  const column = shard.columns[name];
  if (column?.kind !== "text") throw damaged(shard.file);
  return column.values;
}

export function numberColumn<Type extends NumberType>(
  shard: Shard,
  name: string,
  type: Type,
): NumberArray<Type> {
  const column = shard.columns[name];
  if (column?.kind !== "numbers" || column.type !== type) throw damaged(shard.file);
  return column.values as NumberArray<Type>;
}

export function listColumn<Type extends NumberType>(
  shard: Shard,
  name: string,
  type: Type,
): ListColumn<Type> {
  const column = shard.columns[name];
  if (column?.kind !== "lists" || column.type !== type) throw damaged(shard.file);
  return column as ListColumn<Type>;
}

export function damaged(file: string): Problem {
  return new Problem("failed", `${path.basename(file)} is damaged: it is not what was written.`, {
    file,
    next: "Delete the file; resuming the run makes it again.",
  });
}

function refuseOther(file: string, actual: ShardMetadata, expected: ShardMetadata): void {
  for (const [key, value] of Object.entries(expected)) {
    if (actual[key] === value) continue;
    const made = actual[key] === undefined ? "does not say its" : "was made with another";
    const both = actual[key] === undefined ? "" : ` (${actual[key]}, now ${value})`;
    throw new Problem("stale", `${path.basename(file)} ${made} ${key}${both}.`, {
      file,
      next: "Start a new run, or delete this file to have it made again.",
    });
  }
}

function parsed(file: string, bytes: Uint8Array): ArrowFile {
  try {
    return readArrowFile(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw damaged(file);
    throw error;
  }
}

/** Over everything that counts, each part with its length before it, so that no two contents look alike. */
function hashOf(columns: readonly RawColumn[], metadata: ShardMetadata): string {
  const header = {
    metadata: Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    columns: columns.map(({ buffers, ...column }) => [column, buffers.map(({ length }) => length)]),
  };
  const hash = createHash("sha256").update(`${JSON.stringify(header)}\n`);
  for (const { buffers } of columns) for (const buffer of buffers) hash.update(buffer);
  return hash.digest("hex");
}

function rawColumn(name: string, column: ShardColumn): RawColumn {
  switch (column.kind) {
    case "text":
      return { name, kind: "text", buffers: rawTexts(column.values) };
    case "numbers":
      return { name, kind: "numbers", type: column.type, buffers: [rawNumbers(column)] };
    case "lists": {
      const { type, offsets, values } = column;
      if (offsets[0] !== 0 || offsets[offsets.length - 1] !== values.length) {
        throw new RangeError(`writeShard: the offsets of ${name} do not span its values`);
      }
      return { name, kind: "lists", type, buffers: [bytesOf(offsets), rawNumbers(column)] };
    }
  }
}

function rawTexts(values: readonly string[]): readonly [Uint8Array, Uint8Array] {
  const encoded = values.map((value) => Buffer.from(value, "utf8"));
  const offsets = new Int32Array(values.length + 1);
  for (const [i, bytes] of encoded.entries()) offsets[i + 1] = offsets[i] + bytes.length;
  return [bytesOf(offsets), new Uint8Array(Buffer.concat(encoded))];
}

function rawNumbers({ type, values }: NumberColumn | ListColumn): Uint8Array {
  if (type !== "float16") return bytesOf(values);
  const bits = new Uint16Array(values.length);
  narrow("F16", values as Float32Array, bits);
  return bytesOf(bits);
}

const bytesOf = (values: NumberArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function columnOf(column: RawColumn): ShardColumn {
  switch (column.kind) {
    case "text":
      return { kind: "text", values: textsOf(...column.buffers) };
    case "numbers":
      return {
        kind: "numbers",
        type: column.type,
        values: numbersOf(column.type, column.buffers[0]),
      };
    case "lists": {
      const { type, buffers } = column;
      return {
        kind: "lists",
        type,
        offsets: int32Of(buffers[0]),
        values: numbersOf(type, buffers[1]),
      };
    }
  }
}

function textsOf(offsetBytes: Uint8Array, bytes: Uint8Array): string[] {
  const offsets = int32Of(offsetBytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: offsets.length - 1 }, (_, i) =>
    text.toString("utf8", offsets[i], offsets[i + 1]),
  );
}

const int32Of = ({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);

function numbersOf(type: NumberType, bytes: Uint8Array): NumberArray {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (type) {
    case "int8":
      return new Int8Array(buffer, byteOffset, byteLength);
    case "uint8":
      return new Uint8Array(buffer, byteOffset, byteLength);
    case "uint16":
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case "int32":
      return int32Of(bytes);
    case "float32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "float16": {
      const values = new Float32Array(byteLength / 2);
      widen("F16", new Uint16Array(buffer, byteOffset, byteLength / 2), values, 0);
      return values;
    }
  }
}
