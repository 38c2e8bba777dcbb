import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { narrow, widen } from "../../src/model/checkpoint/halfFloats.ts";
import {
  readHeader,
  readTensor,
  writeSafetensors,
} from "../../src/model/checkpoint/safetensors.ts";
import { assertProblem, temporaryFolder } from "../support/modelFolders.ts";

/** A safetensors file put together by hand from a header and data. */
function handMade(
  context: TestContext,
  header: unknown,
  data: Uint8Array = new Uint8Array(0),
  headerLength?: number,
): string {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  const file = path.join(temporaryFolder(context), "model.safetensors");
  writeFileSync(file, bytes);
  return file;
}

const entry = (dtype: string, shape: unknown, from: unknown, to: unknown) => ({
  dtype,
  shape,
  data_offsets: [from, to],
});
const eight = new Uint8Array(8);

describe("a safetensors file that is broken is refused", () => {
  const cases: [what: string, header: unknown, data: Uint8Array, says: RegExp, length?: number][] =
    [
      ["a header longer than the file", {}, eight, /header should have 4096 bytes/, 4096],
      ["broken JSON", "{ not json", eight, /not valid JSON/],
      ["a header that is a list", [], eight, /not a JSON object/],
      [
        "two tensors of one name",
        `{"a":${JSON.stringify(entry("F32", [2], 0, 8))}, "a" :{}}`,
        eight,
        /names "a" twice/,
      ],
      [
        "a key that stands twice in one entry",
        '{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}',
        eight,
        /names "shape" twice/,
      ],
      [
        "a name twice, once with an escape",
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{}}',
        eight,
        /names "a" twice/,
      ],
      ["an unknown type", { a: entry("F31", [2], 0, 8) }, eight, /unknown type "F31"/],
      [
        "a type that is a method of objects",
        { a: entry("toString", [2], 0, 8) },
        eight,
        /unknown type/,
      ],
      ["a negative size", { a: entry("F32", [-2], 0, 8) }, eight, /no valid shape/],
      [
        "a shape of endless dimensions",
        { a: entry("F32", Array(65).fill(1), 0, 4) },
        eight,
        /no valid shape/,
      ],
      ["a fractional size", { a: entry("F32", [0.5], 0, 2) }, eight, /no valid shape/],
      [
        "sizes beyond all memory",
        { a: entry("F32", [2 ** 40, 2 ** 40], 0, 8) },
        eight,
        /too large/,
      ],
      ["offsets in the wrong order", { a: entry("F32", [2], 8, 0) }, eight, /no valid offsets/],
      [
        "offsets that are no numbers",
        { a: entry("F32", [2], "0", "8") },
        eight,
        /no valid offsets/,
      ],
      [
        "offsets that do not match the shape",
        { a: entry("F32", [3], 0, 8) },
        eight,
        /needs 12 bytes, its offsets hold 8/,
      ],
      [
        "offsets that do not match the type",
        { a: entry("F16", [2], 0, 8) },
        eight,
        /needs 4 bytes/,
      ],
      ["offsets outside the file", { a: entry("F32", [4], 0, 16) }, eight, /cut short/],
      [
        "tensors that overlap",
        { a: entry("F32", [1], 0, 4), b: entry("F32", [1], 2, 6) },
        eight,
        /"b" overlaps/,
      ],
      [
        "a gap between tensors",
        { a: entry("F32", [1], 0, 4), b: entry("F16", [1], 6, 8) },
        eight,
        /belong to none/,
      ],
      ["bytes after the last tensor", { a: entry("F32", [1], 0, 4) }, eight, /4 bytes at its end/],
      ["an entry that is no object", { a: [0, 8] }, eight, /not described by an object/],
      [
        "metadata that are no strings",
        { __metadata__: { format: 1 } },
        new Uint8Array(0),
        /table of strings/,
      ],
    ];
  for (const [what, header, data, says, length] of cases) {
    test(what, async (context) => {
      const file = handMade(context, header, data, length);
      await assertProblem(() => readHeader(file), { code: "badInput", file, says });
    });
  }

  test("a file of less than eight bytes", async (context) => {
    const file = path.join(temporaryFolder(context), "model.safetensors");
    writeFileSync(file, "short");
    await assertProblem(() => readHeader(file), {
      code: "badInput",
      file,
      says: /5 bytes, too few/,
    });
  });

  test("a header beyond a hundred million bytes, though the file has them", async (context) => {
    const file = handMade(context, {}, eight, 100_000_001);
    truncateSync(file, 100_000_100); // longer, and takes no room
    await assertProblem(() => readHeader(file), {
      code: "badInput",
      file,
      says: /may have 100000000/,
    });
  });

  test("a header that is not UTF-8", async (context) => {
    const file = handMade(context, {}, eight);
    const bytes = readFileSync(file);
    bytes[8] = 0xff;
    writeFileSync(file, bytes);
    await assertProblem(() => readHeader(file), { code: "badInput", file, says: /not UTF-8/ });
  });

  test("a file that is not there, and a folder in its place", async (context) => {
    const folder = temporaryFolder(context);
    const file = path.join(folder, "model.safetensors");
    await assertProblem(() => readHeader(file), { code: "missing", file, says: /is not there/ });
    await assertProblem(() => readHeader(folder), {
      code: "badInput",
      file: folder,
      says: /not a file/,
    });
  });

  test("a pipe is not waited for", { skip: process.platform === "win32" }, async (context) => {
    const file = path.join(temporaryFolder(context), "model.safetensors");
    assert.equal(spawnSync("mkfifo", [file]).status, 0);
    await assertProblem(() => readHeader(file), { code: "badInput", file, says: /not a file/ });
  });

  test("a file that was cut, or written anew, after its header was read", async (context) => {
    const file = handMade(context, { a: entry("F32", [2], 0, 8) }, eight);
    const header = await readHeader(file);
    const bytes = readFileSync(file);
    for (const after of [bytes.subarray(0, -4), bytes]) {
      writeFileSync(file, after);
      utimesSync(file, 1, 1);
      await assertProblem(() => readTensor(header, "a"), { code: "failed", file, says: /changed/ });
    }
  });
});

test("strings that look like keys are no duplicates", async (context) => {
  const header = { __metadata__: { a: '","b":"', b: "a", c: "{[:" }, a: entry("F32", [2], 0, 8) };
  const { tensors, metadata } = await readHeader(handMade(context, header, eight));
  assert.deepEqual([...tensors.keys()], ["a"]);
  assert.deepEqual(metadata, header.__metadata__);
});

test("tensors of other types may stand in a file but are not read as weights", async (context) => {
  const header = { mask: entry("BOOL", [2, 2], 0, 4), w: entry("F32", [1], 4, 8) };
  const file = handMade(context, header, new Uint8Array([1, 0, 1, 1, 0, 0, 128, 63]));
  const opened = await readHeader(file);
  assert.deepEqual([...(await readTensor(opened, "w"))], [1]);
  await assertProblem(() => readTensor(opened, "mask"), {
    code: "unsupported",
    file,
    says: /BOOL/,
  });
  await assertProblem(() => readTensor(opened, "v"), {
    code: "missing",
    file,
    says: /no tensor "v"/,
  });
});

test("what is written comes back, with names, shapes, types and metadata", async (context) => {
  const file = path.join(temporaryFolder(context), "w.safetensors");
  const tensors = [
    { name: "z", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 4, 5, -0.0) },
    { name: "__proto__", shape: [], data: Float32Array.of(7), type: "F32" as const },
    { name: "empty", shape: [0, 4], data: new Float32Array(0) },
    { name: "a", shape: [2], data: Float32Array.of(0.1, 1e30), type: "BF16" as const },
  ];
  await writeSafetensors(file, tensors, { dtype: "F16", metadata: { made: "for a test" } });
  const header = await readHeader(file);
  assert.deepEqual(header.metadata, { format: "pt", made: "for a test" });
  const types = new Map([...header.tensors].map(([name, { type }]) => [name, type]));
  assert.deepEqual(
    types,
    new Map([
      ["__proto__", "F32"],
      ["a", "BF16"],
      ["empty", "F16"],
      ["z", "F16"],
    ]),
  );
  assert.deepEqual(header.tensors.get("z")?.shape, [2, 3]);
  assert.deepEqual([...(await readTensor(header, "z"))], [1, -2, 3.5, 4, 5, -0]);
  assert.deepEqual([...(await readTensor(header, "__proto__"))], [7]);
  assert.equal((await readTensor(header, "empty")).length, 0);
  const [tenth, large] = await readTensor(header, "a");
  assert.ok(Math.abs(tenth - 0.1) < 0.1 / 256 && Math.abs(large - 1e30) < 1e30 / 256);
  // The data start at a multiple of eight, as every reader that maps the file hopes.
  assert.equal((header.tensors.get("__proto__")?.start ?? 1) % 8, 0);
});

test("tensors longer than the buffer are converted piece by piece without a seam", async (context) => {
  const file = path.join(temporaryFolder(context), "w.safetensors");
  const data = Float32Array.from({ length: 2 ** 20 * 2 + 3 }, (_, i) => (i % 4093) - 2046);
  await writeSafetensors(file, [{ name: "w", shape: [data.length], data }], { dtype: "F16" });
  assert.deepEqual(await readTensor(await readHeader(file), "w"), data);
});

test("a number that a 16-bit type cannot hold leaves the old file and nothing else", async (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, "model.safetensors");
  writeFileSync(file, "as it was");
  const tensors = [{ name: "w", shape: [3], data: Float32Array.of(1, 65520, Infinity) }];
  await assertProblem(() => writeSafetensors(file, tensors, { dtype: "F16" }), {
    code: "failed",
    file,
    says: /"w" holds 65520, which F16 cannot/,
  });
  assert.deepEqual(readdirSync(folder), ["model.safetensors"]);
  assert.equal(readFileSync(file, "utf8"), "as it was");
});

test("a file in a folder that is not there is a Problem", async (context) => {
  const file = path.join(temporaryFolder(context), "nowhere", "model.safetensors");
  await assertProblem(() => writeSafetensors(file, [], { dtype: "F32" }), {
    code: "failed",
    file,
    says: /could not be written/,
  });
});

test("tensors that contradict themselves are the caller's mistake", async (context) => {
  const file = path.join(temporaryFolder(context), "w.safetensors");
  const one = { name: "w", shape: [1], data: Float32Array.of(1) };
  const write = (tensors: (typeof one)[]) => writeSafetensors(file, tensors, { dtype: "F32" });
  await assert.rejects(write([one, one]), /given twice/);
  await assert.rejects(write([{ ...one, shape: [2] }]), /has 1 elements, not 2/);
  await assert.rejects(write([{ ...one, name: "__metadata__" }]), /reserved/);
});

describe("16-bit floats", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

  for (const type of ["F16", "BF16"] as const) {
    test(`every ${type} pattern survives widening and narrowing, NaNs with their payload`, () => {
      const wide = new Float32Array(all.length);
      widen(type, all, wide, 0);
      const back = new Uint16Array(all.length);
      assert.equal(narrow(type, wide, back), -1);
      assert.deepEqual(back, all);
    });
  }

  /** The value of a finite pattern by the definition of the format. */
  const meaning = (bits: number, exponentBits: number, fractionBits: number): number => {
    const bias = 2 ** (exponentBits - 1) - 1;
    const exponent = (bits >>> fractionBits) & (2 ** exponentBits - 1);
    const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
    const sign = bits >>> 15 === 1 ? -1 : 1;
    return (
      sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
    );
  };
  const formats = [
    { type: "F16", exponentBits: 5, fractionBits: 10 },
    { type: "BF16", exponentBits: 8, fractionBits: 7 },
  ] as const;

  for (const { type, exponentBits, fractionBits } of formats) {
    const infinity = (2 ** exponentBits - 1) << fractionBits;

    test(`${type} patterns mean what the format says`, () => {
      const wide = new Float32Array(all.length);
      widen(type, all, wide, 0);
      for (let bits = 0; bits < infinity; bits++) {
        assert.equal(wide[bits], meaning(bits, exponentBits, fractionBits));
        assert.equal(wide[bits | 0x8000], -wide[bits]);
      }
      assert.equal(wide[infinity], Infinity);
      assert.ok(Number.isNaN(wide[infinity + 1]));
    });

    test(`half-way between two ${type} numbers the even one is taken, beside it the nearer one`, () => {
      const values: number[] = [];
      const expected: number[] = [];
      for (let bits = 0; bits < infinity; bits++) {
        // Up to, not including, infinity the next pattern is the next number.
        const below = meaning(bits, exponentBits, fractionBits);
        const gap =
          bits + 1 < infinity ? meaning(bits + 1, exponentBits, fractionBits) - below : undefined;
        if (gap === undefined) continue;
        const middle = below + gap / 2;
        values.push(middle, below + gap / 4, below + (3 * gap) / 4);
        expected.push(bits % 2 === 0 ? bits : bits + 1, bits, bits + 1);
      }
      const exact = Float32Array.from(values);
      const out = new Uint16Array(exact.length);
      narrow(type, exact, out);
      for (let i = 0; i < values.length; i++) {
        if (exact[i] === values[i]) assert.equal(out[i], expected[i], `${values[i]}`);
      }
    });
  }

  test("numbers below half the smallest become zero and keep their sign", () => {
    const out = new Uint16Array(4);
    narrow("F16", Float32Array.of(2 ** -25, -(2 ** -26), 2 ** -25 * 1.0001, -1e-45), out);
    assert.deepEqual([...out], [0, 0x8000, 1, 0x8000]);
  });

  test("the first finite number that overflows is named, infinities are none", () => {
    const out = new Uint16Array(4);
    assert.equal(narrow("F16", Float32Array.of(Infinity, 65519, 65520, 1e6), out), 2);
    assert.deepEqual([...out], [0x7c00, 0x7bff, 0x7c00, 0x7c00]);
    assert.equal(narrow("BF16", Float32Array.of(-Infinity, 3.38e38, 0, -3.4e38), out), 3);
  });

  test("a NaN whose payload is cut away stays a NaN", () => {
    const bits = Uint32Array.of(0x7f800001, 0xff800001);
    const out = new Uint16Array(2);
    for (const [type, quiet] of [
      ["F16", 0x7e00],
      ["BF16", 0x7fc0],
    ] as const) {
      assert.equal(narrow(type, new Float32Array(bits.buffer), out), -1);
      assert.deepEqual([...out], [quiet, quiet | 0x8000]);
    }
  });
});
