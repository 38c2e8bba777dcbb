/**
 * Writes the Arrow IPC files that arrowReader.ts reads: columns as they lie in the file, in one record batch.
 */
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
  tableToIPC,
  Uint8,
  Uint16,
  Utf8,
} from "apache-arrow";
import { bytesOfNumber, type NumberType, type RawColumn } from "./arrowReader.ts";

/** The file's bytes. Throws a RangeError where the columns have different numbers of rows. */
export function writeArrowFile(
  columns: readonly RawColumn[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const children = columns.map(arrowData);
  const length = children[0]?.length ?? 0;
  if (children.some((child) => child.length !== length)) {
    throw new RangeError("Arrow file: columns of different length");
  }
  const fields = columns.map(({ name }, i) => new Field(name, children[i].type, false));
  const schema = new Schema(fields, new Map(Object.entries(metadata)));
  const struct = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, struct)]), "file");
}

const arrowTypes: Readonly<Record<NumberType, DataType>> = {
  int8: new Int8(),
  uint8: new Uint8(),
  uint16: new Uint16(),
  int32: new Int32(),
  float16: new Float16(),
  float32: new Float32(),
};

function arrowData(column: RawColumn): Data {
  if (column.kind === "numbers") return arrowNumbers(column.type, column.buffers[0]);
  const [offsets, values] = column.buffers;
  const valueOffsets = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.byteLength / 4);
  const length = valueOffsets.length - 1;
  if (column.kind === "text") {
    return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data: values });
  }
  const child = arrowNumbers(column.type, values);
  const type = new List(new Field("item", child.type, false));
  return makeData({ type, length, nullCount: 0, valueOffsets, child });
}

/** Arrow writes the bytes as they are, whatever their type; it only has to be told how many numbers they are. */
function arrowNumbers(type: NumberType, data: Uint8Array): Data {
  const length = data.length / bytesOfNumber[type];
  return makeData({ type: arrowTypes[type] as Uint8, length, nullCount: 0, data });
}
