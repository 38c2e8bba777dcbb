/**
 * Reads the Arrow IPC files that shards.ts writes: one record batch of texts, numbers and lists of numbers,
 * without nulls, dictionaries or compression. Arrow's own reader believes every count in a file, so that one
 * flipped byte can keep it busy for ever; this one asks of each whether the file is long enough for it.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html, its metadata in FlatBuffers (Schema.fbs,
 * Message.fbs and File.fbs of the Arrow repository, whose field numbers stand here).
 */
import { expect, expected, type FlatBytes, flatBytes } from "./flatBytes.ts";

export type NumberType = "int8" | "uint8" | "uint16" | "int32" | "float16" | "float32";

export const bytesOfNumber: Readonly<Record<NumberType, number>> = {
  int8: 1,
  uint8: 1,
  uint16: 2,
  int32: 4,
  float16: 2,
  float32: 4,
};

/** A column as it lies in the file. Buffers are exactly as long as rows and offsets say. */
export type RawColumn =
  | { readonly name: string; readonly kind: "text"; readonly buffers: OffsetsAndValues }
  | {
      readonly name: string;
      readonly kind: "numbers";
      readonly type: NumberType;
      readonly buffers: readonly [values: Uint8Array];
    }
  | {
      readonly name: string;
      readonly kind: "lists";
      readonly type: NumberType;
      readonly buffers: OffsetsAndValues;
    };

/** Offsets are 32-bit integers, one more than there are rows. */
type OffsetsAndValues = readonly [offsets: Uint8Array, values: Uint8Array];

export interface ArrowFile {
  readonly rows: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: readonly RawColumn[];
}

const magic = "ARROW1";
const mostFields = 100;
const mostMetadata = 100;

/** Throws a RangeError where the bytes are not such a file. */
export function readArrowFile(bytes: Uint8Array): ArrowFile {
  const file = flatBytes(bytes);
  const end = bytes.length - magic.length;
  expect(file.text(0, magic.length) === magic, "magic at the start");
  expect(file.text(end, magic.length) === magic, "magic at the end");
  const footerStart = end - 4 - file.int32(end - 4);
  expect(footerStart > magic.length && footerStart < end - 4, "footer");
  const footer = file.follow(footerStart);
  const schema = file.tableField(footer, 1);
  const [block, ...others] = file.vectorField(footer, 3, 24, 1);
  expect(block !== undefined && others.length === 0, "one record batch");
  const batch = openBatch(file, block);
  const columns = file
    .vectorField(schema, 1, 4, mostFields)
    .map((place) => readColumn(file, file.follow(place), batch));
  return { rows: batch.rows, metadata: metadataOf(file, schema), columns };
}

function metadataOf(file: FlatBytes, schema: number): Record<string, string> {
  const pairs = file.vectorField(schema, 2, 4, mostMetadata).map((place) => {
    const pair = file.follow(place);
    return [file.stringField(pair, 0), file.stringField(pair, 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** The record batch: gives its lengths and buffers in the order of the columns. */
interface Batch {
  readonly rows: number;
  /** The length of the next column or list of values, which has no nulls. */
  nextLength(): number;
  /** The next buffer, cut to a length it must have. */
  nextBuffer(length: number): Uint8Array;
}

function openBatch(file: FlatBytes, block: number): Batch {
  const message = file.int64(block);
  const body = message + file.int32(block + 8);
  expect(file.int32(message) === -1, "continuation mark");
  const header = file.follow(message + 8);
  expect(file.uint8Field(header, 1) === 3, "a record batch");
  const batch = file.tableField(header, 2);
  expect(file.fieldAt(batch, 3) === undefined, "no compression");
  const rowsAt = file.fieldAt(batch, 0);
  const nodes = file.vectorField(batch, 1, 16, 2 * mostFields).values();
  const buffers = file.vectorField(batch, 2, 16, 4 * mostFields).values();
  return {
    rows: rowsAt === undefined ? 0 : file.int64(rowsAt),
    nextLength: () => {
      const place = expected(nodes.next().value, "a length");
      expect(file.int64(place + 8) === 0, "no nulls");
      return file.int64(place);
    },
    nextBuffer: (length) => {
      const place = expected(buffers.next().value, "a buffer");
      const start = body + file.int64(place);
      expect(length <= file.int64(place + 8) && start % 8 === 0, "a whole buffer");
      return file.bytes(start, length);
    },
  };
}

const typeCodes = { int: 2, float: 3, utf8: 5, list: 12 } as const;

function readColumn(file: FlatBytes, field: number, batch: Batch): RawColumn {
  const name = file.stringField(field, 0);
  const code = file.uint8Field(field, 2);
  expect(batch.nextLength() === batch.rows, "rows of a column");
  batch.nextBuffer(0); // which rows are null
  if (code !== typeCodes.utf8 && code !== typeCodes.list) {
    const type = numberTypeOf(file, field);
    return { name, kind: "numbers", type, buffers: [numbersOf(batch, type, batch.rows)] };
  }
  const offsets = batch.nextBuffer((batch.rows + 1) * 4);
  const total = checkedTotal(offsets);
  if (code === typeCodes.utf8) {
    return { name, kind: "text", buffers: [offsets, batch.nextBuffer(total)] };
  }
  const [child] = file.vectorField(field, 5, 4, 1);
  const type = numberTypeOf(file, file.follow(expected(child, "a list's type")));
  expect(batch.nextLength() === total, "length of a list's values");
  batch.nextBuffer(0);
  return { name, kind: "lists", type, buffers: [offsets, numbersOf(batch, type, total)] };
}

const numbersOf = (batch: Batch, type: NumberType, count: number): Uint8Array =>
  batch.nextBuffer(count * bytesOfNumber[type]);

function numberTypeOf(file: FlatBytes, field: number): NumberType {
  const code = file.uint8Field(field, 2);
  const type = file.tableField(field, 3);
  if (code === typeCodes.float) {
    const precision = file.fieldAt(type, 0);
    return expected(floats[precision === undefined ? 0 : file.uint16(precision)], "a float type");
  }
  expect(code === typeCodes.int, "a number type");
  const bits = file.int32(expected(file.fieldAt(type, 0), "bits of an integer"));
  const names = file.uint8Field(type, 1) === 1 ? signedIntegers : unsignedIntegers;
  return expected(names.get(bits), "an integer type");
}

const floats: readonly (NumberType | undefined)[] = ["float16", "float32"];
const signedIntegers = new Map<number, NumberType>([
  [8, "int8"],
  [32, "int32"],
]);
const unsignedIntegers = new Map<number, NumberType>([
  [8, "uint8"],
  [16, "uint16"],
]);

/** Offsets ascend from 0; the last one is the number of values. */
function checkedTotal(bytes: Uint8Array): number {
  const offsets = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  expect(offsets[0] === 0, "first offset");
  for (let i = 1; i < offsets.length; i++) {
    expect(offsets[i] >= offsets[i - 1], "ascending offsets");
  }
  return offsets[offsets.length - 1];
}
