/**
 * The shards of a run, one kind for each step: representations, aligned representations and fused rows, one
 * Arrow row a chunk. A chunk is named by id and text hash, never by its place in the file. Log-probabilities
 * are kept as 16-bit floats, everything that sums are made of as 32-bit ones.
 */
import type {
  AlignedRepresentation,
  FusedRows,
  Representation,
  SparseRows,
} from "../core/fusion/representation.ts";
import type { NumberType } from "./arrowReader.ts";
import {
  damaged,
  findShard,
  listColumn,
  type NumberArray,
  numberColumn,
  readShard,
  type Shard,
  type ShardColumn,
  type ShardMetadata,
  textColumn,
  writeShard,
} from "./shards.ts";

/** What belongs to one chunk. */
export interface OfChunk<Value> {
  readonly chunkId: string;
  readonly textHash: string;
  readonly value: Value;
}

/** One kind of shard: how it is written, read, and found when it is there already. */
export interface ChunkShards<Value> {
  /** Writes a shard and answers its SHA-256. `metadata` says what it was made from. */
  write(file: string, entries: readonly OfChunk<Value>[], metadata: ShardMetadata): Promise<string>;
  /** Reads a shard. Throws as `readShard` does. */
  read(file: string, metadata: ShardMetadata): Promise<OfChunk<Value>[]>;
  /** Reads a shard that may be missing or damaged: then undefined. Throws where it was made from something else. */
  find(file: string, metadata: ShardMetadata): Promise<OfChunk<Value>[] | undefined>;
}

type Arrays<Types extends Readonly<Record<string, NumberType>>> = {
  readonly [Name in keyof Types]: NumberArray<Types[Name]>;
};

/** How one kind of value lies in a shard. Arrays have the names they have in the value. */
interface Layout<Value, Types extends Readonly<Record<string, NumberType>>> {
  readonly kind: string;
  /** Changes with every change of the layout or of what a column means. */
  readonly version: number;
  readonly types: Types;
  /** Whether the arrays have the lengths that so many rows ask for, and ids that can be ids. */
  fits(rows: number, arrays: Arrays<Types>): boolean;
  make(rows: number, arrays: Arrays<Types>): Value;
}

export const representationShards = chunkShards<
  Representation,
  { ids: "int32"; logProbs: "float16"; leftOver: "float32"; nats: "float32" }
>({
  kind: "representation",
  version: 1,
  types: { ids: "int32", logProbs: "float16", leftOver: "float32", nats: "float32" },
  fits: (rows, { ids, logProbs, leftOver, nats }) =>
    ids.length % rows === 0 &&
    logProbs.length === ids.length &&
    haveLength(rows, leftOver, nats) &&
    areIds(ids),
  make: (rows, arrays) => ({ rows, topK: arrays.ids.length / rows, ...arrays }),
});

const sparseTypes = {
  offsets: "int32",
  ids: "int32",
  probs: "float32",
  leftOver: "float32",
} as const;

const sparseRowsFit = (rows: number, arrays: Omit<SparseRows, "rows">): boolean =>
  haveLength(rows, arrays.leftOver) &&
  arrays.probs.length === arrays.ids.length &&
  areOffsets(rows, arrays.offsets, arrays.ids.length) &&
  areIds(arrays.ids);

const alignedTypes = {
  ...sparseTypes,
  outcome: "uint8",
  boundaryCase: "uint8",
  goldNats: "float32",
  noTargetToken: "float32",
  duplicateDropped: "float32",
  merged: "float32",
} as const;

export const alignedShards = chunkShards<AlignedRepresentation, typeof alignedTypes>({
  kind: "aligned representation",
  version: 1,
  types: alignedTypes,
  fits: (rows, arrays) =>
    sparseRowsFit(rows, arrays) &&
    haveLength(rows, arrays.outcome, arrays.boundaryCase, arrays.goldNats) &&
    haveLength(rows, arrays.noTargetToken, arrays.duplicateDropped, arrays.merged),
  make: (rows, arrays) => ({ rows, ...arrays }),
});

const fusedTypes = { ...sparseTypes, from: "int8" } as const;

export const fusedShards = chunkShards<FusedRows, typeof fusedTypes>({
  kind: "fused rows",
  version: 1,
  types: fusedTypes,
  fits: (rows, arrays) => sparseRowsFit(rows, arrays) && haveLength(rows, arrays.from),
  make: (rows, arrays) => ({ rows, ...arrays }),
});

function chunkShards<
  Value extends { readonly rows: number } & Arrays<Types>,
  Types extends Readonly<Record<string, NumberType>>,
>(layout: Layout<Value, Types>): ChunkShards<Value> {
  const complete = (metadata: ShardMetadata): ShardMetadata => ({
    ...metadata,
    kind: layout.kind,
    layout: String(layout.version),
  });
  return {
    write: (file, entries, metadata) =>
      writeShard(file, columnsOf(layout, entries), complete(metadata)),
    read: async (file, metadata) => entriesOf(layout, await readShard(file, complete(metadata))),
    find: async (file, metadata) => {
      const shard = await findShard(file, complete(metadata));
      return shard === undefined ? undefined : entriesOf(layout, shard);
    },
  };
}

function columnsOf<
  Value extends { readonly rows: number } & Arrays<Types>,
  Types extends Readonly<Record<string, NumberType>>,
>(layout: Layout<Value, Types>, entries: readonly OfChunk<Value>[]): Record<string, ShardColumn> {
  const columns: Record<string, ShardColumn> = {
    chunkId: { kind: "text", values: entries.map((entry) => entry.chunkId) },
    textHash: { kind: "text", values: entries.map((entry) => entry.textHash) },
    rows: { kind: "numbers", type: "int32", values: Int32Array.from(entries, (e) => e.value.rows) },
  };
  for (const [name, type] of Object.entries(layout.types)) {
    columns[name] = {
      kind: "lists",
      type,
      ...joined(
        type,
        entries.map((e) => e.value[name]),
      ),
    };
  }
  return columns;
}

function entriesOf<Value, Types extends Readonly<Record<string, NumberType>>>(
  layout: Layout<Value, Types>,
  shard: Shard,
): OfChunk<Value>[] {
  const ids = textColumn(shard, "chunkId");
  const hashes = textColumn(shard, "textHash");
  const rows = numberColumn(shard, "rows", "int32");
  const lists = Object.entries(layout.types).map(
    ([name, type]) => [name, listColumn(shard, name, type)] as const,
  );
  return ids.map((chunkId, i) => {
    const arrays = Object.fromEntries(
      lists.map(([name, { offsets, values }]) => [
        name,
        values.subarray(offsets[i], offsets[i + 1]),
      ]),
    ) as Arrays<Types>;
    if (!(rows[i] >= 1 && layout.fits(rows[i], arrays))) throw damaged(shard.file);
    return { chunkId, textHash: hashes[i], value: layout.make(rows[i], arrays) };
  });
}

const arrayOf = {
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float16: Float32Array,
  float32: Float32Array,
} as const;

function joined(
  type: NumberType,
  parts: readonly NumberArray[],
): { offsets: Int32Array; values: NumberArray } {
  const offsets = new Int32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i] + part.length;
  const values = new arrayOf[type](offsets[parts.length]);
  for (const [i, part] of parts.entries()) values.set(part, offsets[i]);
  return { offsets, values };
}

const haveLength = (length: number, ...arrays: readonly NumberArray[]): boolean =>
  arrays.every((array) => array.length === length);

const areIds = (ids: Int32Array): boolean => ids.every((id) => id >= 0);

const areOffsets = (rows: number, offsets: Int32Array, end: number): boolean =>
  offsets.length === rows + 1 &&
  offsets[0] === 0 &&
  offsets[rows] === end &&
  offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]);
