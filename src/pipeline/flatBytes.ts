/**
 * FlatBuffers by position, as much as Arrow's metadata needs: a table is a place whose first word points back to
 * the list of its fields' offsets; what is not written there has its default. Every access is checked, so that
 * bytes from outside end in a RangeError and not in a loop.
 */

/** Places of a vector's elements; the bytes are long enough for them. */
export type FlatVector = readonly number[];

export interface FlatBytes {
  int32(at: number): number;
  uint16(at: number): number;
  /** A length or an offset within the bytes. */
  int64(at: number): number;
  bytes(from: number, length: number): Uint8Array;
  text(from: number, length: number): string;
  /** Where the offset at a place leads. */
  follow(at: number): number;
  /** The place of a table's field; undefined where it is not written. */
  fieldAt(table: number, field: number): number | undefined;
  uint8Field(table: number, field: number): number;
  tableField(table: number, field: number): number;
  stringField(table: number, field: number): string;
  /** Elements of `size` bytes; more than `most` are refused. */
  vectorField(table: number, field: number, size: number, most: number): FlatVector;
}

export function flatBytes(all: Uint8Array): FlatBytes {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const uint32 = (at: number): number => view.getUint32(at, true);
  const uint16 = (at: number): number => view.getUint16(at, true);
  const follow = (at: number): number => at + uint32(at);

  const bytes = (from: number, length: number): Uint8Array => {
    expect(length >= 0 && from >= 0 && from + length <= all.length, "bytes");
    return all.subarray(from, from + length);
  };
  const text = (from: number, length: number): string =>
    Buffer.from(bytes(from, length)).toString("utf8");

  const fieldAt = (table: number, field: number): number | undefined => {
    const offsets = table - view.getInt32(table, true);
    const entry = 4 + 2 * field;
    const offset = entry < uint16(offsets) ? uint16(offsets + entry) : 0;
    return offset === 0 ? undefined : table + offset;
  };
  const tableField = (table: number, field: number): number =>
    follow(expected(fieldAt(table, field), "a field"));

  return {
    int32: (at) => view.getInt32(at, true),
    uint16,
    int64: (at) => {
      const value = Number(view.getBigInt64(at, true));
      expect(value >= 0 && value <= all.length, "a length or offset");
      return value;
    },
    bytes,
    text,
    follow,
    fieldAt,
    uint8Field: (table, field) => {
      const place = fieldAt(table, field);
      return place === undefined ? 0 : view.getUint8(place);
    },
    tableField,
    stringField: (table, field) => {
      const start = tableField(table, field);
      return text(start + 4, uint32(start));
    },
    vectorField: (table, field, size, most) => {
      const place = fieldAt(table, field);
      if (place === undefined) return [];
      const start = follow(place);
      const length = uint32(start);
      expect(length <= most && start + 4 + length * size <= all.length, "a vector");
      return Array.from({ length }, (_, i) => start + 4 + i * size);
    },
  };
}

export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new RangeError(`not as expected: ${what}`);
}

export function expected<T>(value: T | undefined, what: string): T {
  expect(value !== undefined, what);
  return value as T;
}
