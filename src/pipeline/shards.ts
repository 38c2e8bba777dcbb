/**
 * Shards: Arrow IPC files of typed columns, the one format in which a run's stages hand over arrays. A shard
 * appears whole or not at all, says in its metadata what it was made from, and carries the SHA-256 of its own
 * columns, so that a file that is there can be trusted or refused without asking another. What the columns mean
 * is chunkShards.ts's affair. Any Arrow reader opens these files; this reader opens only what it wrote.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import {
  type Data,
  type DataType,
  Field,
  Float16,
  Float32,
  Int8,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Utf8,
} from "apache-arrow";
import { Problem } from "../core/problem.ts";
import { narrow, widen } from "../model/checkpoint/halfFloats.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { writeFileAtomically } from "./atomicFile.ts";

/** The largest shard that is read, in bytes. Writers stay far below. */
const largestShard = 1024 * 1024 * 1024;
const hashKey = "sha256";

/** How numbers lie on disk. `float16` is a Float32Array in memory: what is read back is what was rounded. */
export type NumberType = "int8" | "uint8" | "uint16" | "int32" | "float16" | "float32";

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
  const stored = Object.entries(columns).map(([name, column]) => storedColumn(name, column));
  const rows = stored[0]?.data.length ?? 0;
  if (stored.some(({ data }) => data.length !== rows)) {
    throw new RangeError("writeShard: columns of different length");
  }
  const sha256 = hashOf(stored, metadata);
  const schema = new Schema(
    stored.map(({ name, data }) => new Field(name, data.type, false)),
    new Map(Object.entries({ ...metadata, [hashKey]: sha256 })),
  );
  const struct = makeData({
    type: new Struct(schema.fields),
    length: rows,
    nullCount: 0,
    children: stored.map(({ data }) => data),
  });
  const table = new Table(schema, [new RecordBatch(schema, struct)]);
  await writeFileAtomically(file, tableToIPC(table, "file"));
  return sha256;
}

/**
 * Reads a shard that was made from `expected`. Throws a Problem: `missing` where there is no such file, `failed`
 * where its content is not what its hash says, `stale` where it was made from something else, saying what.
 */
export async function readShard(file: string, expected: ShardMetadata): Promise<Shard> {
  const bytes = await readLimited(file, largestShard);
  const { metadata, stored, rows, sha256 } = parseShard(file, bytes);
  refuseOther(file, metadata, expected);
  if (hashOf(stored, metadata) !== sha256) throw damaged(file);
  const columns = Object.fromEntries(stored.map((one) => [one.name, columnOf(file, one)]));
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

/** A column as Arrow holds it, with the exact bytes of its buffers: Arrow pads them. */
interface StoredColumn {
  readonly name: string;
  readonly data: Data;
  readonly buffers: readonly Uint8Array[];
}

const arrowTypes: Readonly<Record<NumberType, DataType>> = {
  int8: new Int8(),
  uint8: new Uint8(),
  uint16: new Uint16(),
  int32: new Int32(),
  float16: new Float16(),
  float32: new Float32(),
};

function storedColumn(name: string, column: ShardColumn): StoredColumn {
  if (column.kind === "text") return exactColumn(name, textData(column.values));
  const child = makeData({
    type: arrowTypes[column.type] as Float32,
    data: rawNumbers(column) as Float32Array,
  });
  if (column.kind === "numbers") return exactColumn(name, child);
  const length = column.offsets.length - 1;
  if (column.offsets[length] !== column.values.length) {
    throw new RangeError(`writeShard: the offsets of ${name} do not end with its values`);
  }
  const type = new List(new Field("item", child.type, false));
  return exactColumn(
    name,
    makeData({ type, length, nullCount: 0, valueOffsets: column.offsets, child }),
  );
}

function textData(values: readonly string[]): Data<Utf8> {
  const encoded = values.map((value) => Buffer.from(value, "utf8"));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [i, bytes] of encoded.entries()) valueOffsets[i + 1] = valueOffsets[i] + bytes.length;
  const data = new Uint8Array(Buffer.concat(encoded));
  return makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data });
}

function rawNumbers(column: NumberColumn | ListColumn): NumberArray {
  if (column.type !== "float16") return column.values;
  const bits = new Uint16Array(column.values.length);
  narrow("F16", column.values as Float32Array, bits);
  return bits;
}

/** Cuts the buffers to what the lengths say. Throws where they are shorter or the offsets do not ascend. */
function exactColumn(name: string, data: Data): StoredColumn {
  const { type, length } = data;
  if (data.offset !== 0 || data.nullCount !== 0) throw new RangeError("nulls or a slice");
  if (type instanceof Utf8 || type instanceof List) {
    const offsets = exact(data.valueOffsets as Int32Array, length + 1);
    if (offsets[0] !== 0) throw new RangeError("first offset");
    for (let i = 0; i < length; i++) {
      if (offsets[i + 1] < offsets[i]) throw new RangeError("offsets descend");
    }
    const child = type instanceof List ? data.children[0] : data;
    const values = exact(child.values as NumberArray, offsets[length]);
    return { name, data, buffers: [bytesOf(offsets), bytesOf(values)] };
  }
  return { name, data, buffers: [bytesOf(exact(data.values as NumberArray, length))] };
}

function exact<T extends NumberArray>(values: T, length: number): T {
  if (!(values.length >= length)) throw new RangeError("a buffer is too short");
  return values.subarray(0, length) as T;
}

const bytesOf = (values: NumberArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Over everything that counts, each part with its length before it, so that no two contents look alike. */
function hashOf(stored: readonly StoredColumn[], metadata: ShardMetadata): string {
  const hash = createHash("sha256");
  const header = {
    metadata: Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    columns: stored.map(({ name, data, buffers }) => [
      name,
      String(data.type),
      buffers.map((buffer) => buffer.length),
    ]),
  };
  hash.update(`${JSON.stringify(header)}\n`);
  for (const { buffers } of stored) for (const buffer of buffers) hash.update(buffer);
  return hash.digest("hex");
}

interface ParsedShard {
  readonly metadata: ShardMetadata;
  readonly sha256: string;
  readonly rows: number;
  readonly stored: readonly StoredColumn[];
}

/** Arrow's reader throws many kinds of errors on a broken file; all of them mean the same to us. */
function parseShard(file: string, bytes: Uint8Array): ParsedShard {
  try {
    const table = tableFromIPC(bytes);
    const { [hashKey]: sha256 = "", ...metadata } = Object.fromEntries(table.schema.metadata);
    const [batch, ...others] = table.batches;
    if (batch === undefined || others.length > 0) throw new RangeError("not one batch");
    const stored = table.schema.fields.map((field, i) => {
      const data = batch.data.children[i];
      if (data.length !== table.numRows) throw new RangeError("a column is too short");
      return exactColumn(field.name, data);
    });
    return { metadata, sha256, rows: table.numRows, stored };
  } catch (cause) {
    throw new Problem("failed", `${path.basename(file)} is not a whole shard.`, {
      file,
      cause,
      next: "Delete the file; resuming the run makes it again.",
    });
  }
}

function columnOf(file: string, { data, buffers }: StoredColumn): ShardColumn {
  const { type } = data;
  if (type instanceof Utf8) return { kind: "text", values: textsOf(buffers) };
  const [last] = buffers.slice(-1);
  const numbers = numberType(type instanceof List ? type.valueType : type);
  if (numbers === undefined) throw damaged(file);
  const values = numbersOf(numbers, last);
  if (!(type instanceof List)) return { kind: "numbers", type: numbers, values };
  return { kind: "lists", type: numbers, offsets: int32Of(buffers[0]), values };
}

const numberType = (type: DataType): NumberType | undefined =>
  (Object.keys(arrowTypes) as NumberType[]).find((one) => String(arrowTypes[one]) === String(type));

const int32Of = (bytes: Uint8Array): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

function textsOf([offsetBytes, bytes]: readonly Uint8Array[]): string[] {
  const offsets = int32Of(offsetBytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: offsets.length - 1 }, (_, i) =>
    text.toString("utf8", offsets[i], offsets[i + 1]),
  );
}

function numbersOf(type: NumberType, { buffer, byteOffset, byteLength }: Uint8Array): NumberArray {
  switch (type) {
    case "int8":
      return new Int8Array(buffer, byteOffset, byteLength);
    case "uint8":
      return new Uint8Array(buffer, byteOffset, byteLength);
    case "uint16":
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case "int32":
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case "float32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "float16": {
      const values = new Float32Array(byteLength / 2);
      widen("F16", new Uint16Array(buffer, byteOffset, byteLength / 2), values, 0);
      return values;
    }
  }
}
