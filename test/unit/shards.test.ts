import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import type {
  AlignedRepresentation,
  FusedRows,
  Representation,
} from "../../src/core/fusion/representation.ts";
import { Problem } from "../../src/core/problem.ts";
import type { VocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import {
  alignedShards,
  fusedShards,
  representationShards,
} from "../../src/pipeline/chunkShards.ts";
import { findShard, readShard, type ShardColumns, writeShard } from "../../src/pipeline/shards.ts";
import { readVocabularyMap, writeVocabularyMap } from "../../src/pipeline/vocabularyMapFile.ts";
import { temporaryFolder } from "../support/folders.ts";

const metadata = { tokenizer: "t1", method: "m 1", chunks: "c" };

const columns: ShardColumns = {
  id: { kind: "text", values: ["a", "", "zwölf 🦊"] },
  half: { kind: "numbers", type: "float16", values: Float32Array.of(0.5, -1.5, -Infinity) },
  small: { kind: "numbers", type: "int8", values: Int8Array.of(-2, 0, 127) },
  lists: {
    kind: "lists",
    type: "int32",
    offsets: Int32Array.of(0, 2, 2, 5),
    values: Int32Array.of(1, -1, 7, 8, 2 ** 31 - 1),
  },
  floats: {
    kind: "lists",
    type: "float32",
    offsets: Int32Array.of(0, 0, 1, 1),
    values: Float32Array.of(Number.NaN),
  },
};

const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Problem, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.notEqual(error.next, undefined);
  return true;
};

describe("a shard", () => {
  test("gives back its columns, of exactly their lengths", async (t) => {
    const file = path.join(temporaryFolder(t), "a", "x.arrow");
    const sha256 = await writeShard(file, columns, metadata);
    const shard = await readShard(file, metadata);
    assert.equal(shard.rows, 3);
    assert.equal(shard.sha256, sha256);
    assert.deepEqual(shard.columns, columns);
    assert.deepEqual(shard.metadata, metadata);
    assert.deepEqual(readdirSync(path.dirname(file)), ["x.arrow"]); // nothing temporary is left
  });

  test("without rows is a shard too", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    const empty: ShardColumns = {
      id: { kind: "text", values: [] },
      lists: { kind: "lists", type: "int32", offsets: Int32Array.of(0), values: new Int32Array(0) },
    };
    await writeShard(file, empty, metadata);
    assert.deepEqual((await readShard(file, metadata)).columns, empty);
  });

  test("is a file that any Arrow reader opens", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    await writeShard(file, columns, metadata);
    const table = tableFromIPC(readFileSync(file));
    assert.equal(table.getChild("id")?.get(2), "zwölf 🦊");
    assert.deepEqual([...table.getChild("lists")!.get(2)], [7, 8, 2 ** 31 - 1]);
    assert.equal(String(table.getChild("half")?.type), "Float16");
    assert.equal(table.getChild("half")?.get(1), -1.5);
  });

  test("has a hash that depends on content, names and metadata", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    const of = (values: number[], name = "x", more = {}) =>
      writeShard(
        file,
        { [name]: { kind: "numbers", type: "int32", values: Int32Array.from(values) } },
        { ...metadata, ...more },
      );
    const hashes = [
      await of([1, 2]),
      await of([2, 1]),
      await of([1]),
      await of([1, 2], "y"),
      await of([1, 2], "x", { tokenizer: "t2" }),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
    assert.equal(await of([1, 2]), hashes[0]);
  });

  test("made with another tokenizer is refused by name", async (t) => {
    const file = path.join(temporaryFolder(t), "shard-00007.arrow");
    await writeShard(file, columns, metadata);
    const other = { ...metadata, tokenizer: "t2" };
    await assert.rejects(
      readShard(file, other),
      refused("stale", /shard-00007\.arrow was made with another tokenizer \(t1, now t2\)/),
    );
    await assert.rejects(findShard(file, other), refused("stale", /tokenizer/));
    await assert.rejects(
      readShard(file, { ...metadata, topK: "10" }),
      refused("stale", /does not say its topK/),
    );
  });

  test("that is missing or damaged is not found, so that it is made again", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    assert.equal(await findShard(file, metadata), undefined);
    await assert.rejects(readShard(file, metadata), refused("missing", /x\.arrow/));
    await writeShard(file, columns, metadata);
    assert.notEqual(await findShard(file, metadata), undefined);
  });

  test("with any byte of its content changed is damaged, and never read as something else", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    await writeShard(file, columns, metadata);
    const whole = readFileSync(file);
    const good = await readShard(file, metadata);
    for (let i = 0; i < whole.length; i += 3) {
      const bytes = Buffer.from(whole);
      bytes[i] ^= 0x15;
      writeFileSync(file, bytes);
      const shard = await readShard(file, metadata).catch((error: unknown) => {
        assert.ok(error instanceof Problem, `byte ${i}: ${error}`);
        return undefined;
      });
      // Padding and redundant bytes of the format may change without harm.
      if (shard !== undefined) assert.deepEqual(shard.columns, good.columns, `byte ${i}`);
    }
  });

  test("cut short anywhere is damaged", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    await writeShard(file, columns, metadata);
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 13) {
      writeFileSync(file, whole.subarray(0, length));
      await assert.rejects(readShard(file, metadata), refused("failed", /x\.arrow is/));
    }
  });

  test("is not written from columns of different length", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    const uneven: ShardColumns = {
      a: { kind: "text", values: ["a"] },
      b: { kind: "text", values: [] },
    };
    await assert.rejects(writeShard(file, uneven, {}), /different length/);
  });
});

const representation: Representation = {
  rows: 2,
  topK: 2,
  ids: Int32Array.of(5, 1, 0, 9),
  logProbs: Float32Array.of(-0.5, -1.25, -0.125, -3),
  leftOver: Float32Array.of(0.1, 0.2),
  nats: Float32Array.of(1.2345678, 0.5),
};

/** As with topK 0: only the nats are kept. */
const bare: Representation = {
  rows: 1,
  topK: 0,
  ids: new Int32Array(0),
  logProbs: new Float32Array(0),
  leftOver: Float32Array.of(1),
  nats: Float32Array.of(2),
};

const sparse = {
  rows: 3,
  offsets: Int32Array.of(0, 2, 2, 3),
  ids: Int32Array.of(4, 2, 7),
  probs: Float32Array.of(0.5, 0.25, 1),
  leftOver: Float32Array.of(0.25, 0, 0),
};

const aligned: AlignedRepresentation = {
  ...sparse,
  outcome: Uint8Array.of(0, 4, 0),
  boundaryCase: Uint8Array.of(1, 255, 0),
  goldNats: Float32Array.of(0.7, Number.NaN, 0.1),
  noTargetToken: Float32Array.of(0.01, 0, 0),
  duplicateDropped: Float32Array.of(0, 0, 0.02),
  merged: Float32Array.of(0.1, 0, 0),
};

const fused: FusedRows = { ...sparse, from: Int8Array.of(1, -1, -2) };

describe("shards of chunks", () => {
  test("keep representations chunk by chunk", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    const entries = [
      { chunkId: "d#0", textHash: "h0", value: representation },
      { chunkId: "d#1", textHash: "h1", value: bare },
    ];
    await representationShards.write(file, entries, metadata);
    assert.deepEqual(await representationShards.read(file, metadata), entries);
    assert.deepEqual(await representationShards.find(file, metadata), entries);
  });

  test("round log-probabilities to 16 bits and nothing else", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    const value = { ...representation, logProbs: Float32Array.of(-0.1, -1.1, -2.1, -20.01) };
    await representationShards.write(file, [{ chunkId: "a", textHash: "h", value }], metadata);
    const [entry] = await representationShards.read(file, metadata);
    assert.deepEqual(
      [...entry.value.logProbs],
      [-0.0999755859375, -1.099609375, -2.099609375, -20.015625], // numpy.float16
    );
    assert.deepEqual(entry.value.nats, value.nats);
  });

  test("keep aligned representations and fused rows", async (t) => {
    const folder = temporaryFolder(t);
    const ofAligned = [{ chunkId: "d#0", textHash: "h", value: aligned }];
    await alignedShards.write(path.join(folder, "a"), ofAligned, metadata);
    assert.deepEqual(await alignedShards.read(path.join(folder, "a"), metadata), ofAligned);
    const ofFused = [{ chunkId: "d#0", textHash: "h", value: fused }];
    await fusedShards.write(path.join(folder, "f"), ofFused, metadata);
    assert.deepEqual(await fusedShards.read(path.join(folder, "f"), metadata), ofFused);
  });

  test("of one kind are not read as another", async (t) => {
    const file = path.join(temporaryFolder(t), "x.arrow");
    await fusedShards.write(file, [{ chunkId: "a", textHash: "h", value: fused }], metadata);
    await assert.rejects(alignedShards.read(file, metadata), refused("stale", /another kind/));
    await assert.rejects(alignedShards.find(file, metadata), refused("stale", /another kind/));
  });

  const broken: readonly [title: string, value: FusedRows][] = [
    ["offsets that descend", { ...fused, offsets: Int32Array.of(0, 2, 1, 3) }],
    ["offsets that do not end with the ids", { ...fused, offsets: Int32Array.of(0, 2, 2, 2) }],
    ["an id below zero", { ...fused, ids: Int32Array.of(4, -2, 7) }],
    ["a row without its mass", { ...fused, leftOver: Float32Array.of(0, 0) }],
  ];
  for (const [title, value] of broken) {
    test(`refuse ${title}`, async (t) => {
      const file = path.join(temporaryFolder(t), "x.arrow");
      await fusedShards.write(file, [{ chunkId: "a", textHash: "h", value }], metadata);
      await assert.rejects(fusedShards.read(file, metadata), refused("failed", /damaged/));
    });
  }
});

describe("a vocabulary map's file", () => {
  const map: VocabularyMap = {
    method: "minEditDistance",
    mode: "published",
    version: 3,
    sourceFingerprint: "s",
    targetFingerprint: "t",
    targetOf: Int32Array.of(3, -1, 0),
    how: Uint8Array.of(3, 1, 4),
    distance: Uint16Array.of(0, 0, 300),
  };

  test("gives the map back", async (t) => {
    const file = path.join(temporaryFolder(t), "a--b.arrow");
    await writeVocabularyMap(file, map);
    assert.deepEqual(await readVocabularyMap(file), map);
  });

  test("with a kind of mapping that is none is damaged", async (t) => {
    const file = path.join(temporaryFolder(t), "a--b.arrow");
    await writeVocabularyMap(file, { ...map, how: Uint8Array.of(3, 1, 200) });
    await assert.rejects(readVocabularyMap(file), refused("failed", /damaged/));
  });
});
