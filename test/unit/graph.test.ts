/** Graphs as models: what is written, what is left out, and the parts with values of their own to check. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { activation } from "../../src/model/graph/activation.ts";
import { packedCausalMask } from "../../src/model/graph/attention.ts";
import { add, broadcastShape, scale } from "../../src/model/graph/elementwise.ts";
import { gemm } from "../../src/model/graph/linear.ts";
import { encodeModel } from "../../src/model/graph/onnx.ts";
import { rotaryFrequencies } from "../../src/model/graph/rotary.ts";
import { defaultChunkRows, rowChunks } from "../../src/model/graph/rowChunks.ts";
import { reshape, transpose } from "../../src/model/graph/shape.ts";
import { Graph, gradientsOf } from "../../src/model/graph/tensor.ts";
import { integers, largestDifference, openProgram, runProgram } from "../support/program.ts";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("the encoder", () => {
  test("writes a node, byte for byte as protobuf has it", () => {
    const bytes = encodeModel({
      name: "g",
      nodes: [
        {
          op: "Op",
          domain: "d",
          inputs: ["x", ""],
          outputs: ["y"],
          attributes: { axis: { int: -1 }, f: { float: 0.5 }, p: { ints: [1, 300] } },
        },
      ],
      inputs: [],
      outputs: [],
      initializers: [],
    });
    // field << 3 | wire type, then a varint, a length and bytes, or four bytes
    const axis = "0a 04 61786973 18 ffffffffffffffffff01 a001 02";
    const f = "0a 01 66 15 0000003f a001 01";
    const p = "0a 01 70 40 01 40 ac02 a001 07";
    const node = `0a 01 78 0a 00 12 01 79 1a 04 4f705f30 22 02 4f70 2a ${length(axis)} ${axis} 2a ${length(f)} ${f} 2a ${length(p)} ${p} 3a 01 64`;
    assert.ok(Buffer.from(bytes).includes(hex(`0a ${length(node)} ${node} 12 01 67`)));
  });

  test("keeps names of any script and shapes without axes", async () => {
    const graph = new Graph();
    graph.output("сумма", add(graph.input("größe", []), graph.input("b", [2, 0])));
    const program = await openProgram(graph.encode("names"));
    const feeds = { größe: Float32Array.of(2), b: new Float32Array(0) };
    assert.deepEqual(Object.keys(await program.run(feeds)), ["сумма"]);
    await program.close();
  });

  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
  const length = (text: string): string => hex(text).length.toString(16).padStart(2, "0");
});

describe("a graph", () => {
  test("leaves out nodes and constants that no output needs", () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 2]);
    transpose(x, [1, 0]);
    scale(x, 12345);
    graph.output("y", add(x, x));
    const model = latin1(graph.encode("pruned"));
    assert.ok(model.includes("Add"));
    assert.ok(
      !model.includes("Transpose") && !model.includes("Mul") && !model.includes("constant"),
    );
  });

  test("may have an input or the same tensor twice among its outputs", async () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const y = add(x, x);
    for (const [name, tensor] of [
      ["a", x],
      ["b", y],
      ["c", y],
    ] as const)
      graph.output(name, tensor);
    const { a, b, c } = await runProgram(graph.encode("outputs"), { x: Float32Array.of(1, 2) });
    assert.deepEqual(
      [a, b, c].map((values) => [...values]),
      [
        [1, 2],
        [2, 4],
        [2, 4],
      ],
    );
  });

  test("adds up the gradient of a tensor that is used several times", async () => {
    const graph = new Graph();
    const x = graph.input("x", []);
    const y = add(scale(x, 3), add(x, scale(x, 0.5)));
    graph.output("d", gradientsOf(y, [x])[0]);
    const { d } = await runProgram(graph.encode("sum"), { x: Float32Array.of(7) });
    assert.deepEqual([...d], [4.5]);
  });

  test("gives no gradient nodes for tensors that are not asked for", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", [2, 3]), graph.input("b", [3, 4])];
    const nodes = (wanted: "a" | "both"): number => {
      const own = new Graph();
      const left = own.input("a", [2, 3]);
      const right = own.input("b", [3, 4]);
      const y = gemm(left, right);
      const wantedTensors = wanted === "a" ? [left] : [left, right];
      own.gradients([[y, own.input("dy", [2, 4])]], wantedTensors).forEach((gradient, index) => {
        own.output(`d${index}`, gradient);
      });
      return latin1(own.encode("g")).split("Gemm_").length - 1;
    };
    assert.deepEqual([nodes("a"), nodes("both")], [1, 2]);
    assert.throws(() => gradientsOf(a, [b]), /no gradient reaches b/);
  });

  test("refuses shapes that do not fit", () => {
    const graph = new Graph();
    const a = graph.input("a", [2, 3]);
    assert.throws(() => gemm(a, a), /\[2,3\] and \[2,3\] do not fit/);
    assert.throws(() => reshape(a, [4]), /\[4\]/);
    assert.throws(() => broadcastShape([2, 3], [2]), /do not broadcast/);
    assert.deepEqual(broadcastShape([3, 1], [2, 1, 4]), [2, 3, 4]);
    assert.deepEqual(broadcastShape([1], [0]), [0]);
  });
});

test("a position sees itself and earlier ones of its segment", async () => {
  const graph = new Graph();
  const mask = packedCausalMask(graph.input("segments", [1, 5], "int64"));
  graph.output("mask", mask);
  const answer = await runProgram(graph.encode("mask"), { segments: integers([1, 1, 2, 2, 0]) });
  const seen = Array.from(answer.mask, Number)
    .map((value) => (value === 0 ? "1" : "."))
    .join("");
  assert.equal(seen.match(/.{5}/g)!.join(" "), "1.... 11... ..1.. ..11. ....1");
});

test("the non-linear functions have their published values", async () => {
  const graph = new Graph();
  const x = graph.input("x", [4]);
  for (const kind of ["silu", "gelu", "geluTanh"] as const) graph.output(kind, activation(x, kind));
  const answer = await runProgram(graph.encode("functions"), {
    x: Float32Array.of(-3, -0.5, 0, 2),
  });
  // x sigmoid(x), x Φ(x) and the tanh formula, to 6 digits
  const published = {
    silu: [-0.142278, -0.18877, 0, 1.761594],
    gelu: [-0.00405, -0.154269, 0, 1.9545],
    geluTanh: [-0.003637, -0.154286, 0, 1.954598],
  };
  for (const [kind, values] of Object.entries(published)) {
    assert.ok(largestDifference(answer[kind] as Float32Array, values) < 2e-6, kind);
  }
});

describe("rotary frequencies", () => {
  const rope = { theta: 10000, size: 8 };

  test("fall geometrically from one radian per position", () => {
    const frequencies = rotaryFrequencies({ ...rope, scaling: { kind: "none" } });
    assert.deepEqual(frequencies, Float32Array.of(1, 0.1, 0.01, 0.001));
  });

  test("are all divided by a linear factor", () => {
    const frequencies = rotaryFrequencies({ ...rope, scaling: { kind: "linear", factor: 4 } });
    assert.deepEqual(frequencies, Float32Array.of(0.25, 0.025, 0.0025, 0.00025));
  });

  test("are kept, ramped or divided by llama3, by their turns in the original context", () => {
    const frequencies = rotaryFrequencies({
      ...rope,
      scaling: {
        kind: "llama3",
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        // In so many positions the pairs turn 20, 2, 0.2 and 0.02 times.
        originalContext: 40 * Math.PI,
      },
    });
    // 2 turns: (2 − 1) / (4 − 1) of the way from divided to kept
    const ramped = 0.1 / 3 + ((2 / 3) * 0.1) / 8;
    assert.ok(largestDifference(frequencies, [1, ramped, 0.01 / 8, 0.001 / 8]) < 1e-8);
  });
});

describe("row chunks", () => {
  test("cover every row once, are at most as long as said and nearly equal", () => {
    for (const [count, most] of [
      [10, 3],
      [7, 7],
      [1, 5],
      [1000, 64],
      [5, 1],
    ] as const) {
      const chunks = rowChunks(count, most);
      assert.equal(chunks.length, Math.ceil(count / most));
      let next = 0;
      for (const { from, to } of chunks) {
        assert.equal(from, next);
        next = to;
      }
      assert.equal(next, count);
      const lengths = chunks.map(({ from, to }) => to - from);
      assert.ok(Math.max(...lengths) <= most && Math.max(...lengths) - Math.min(...lengths) <= 1);
    }
  });

  test("are shorter for a larger vocabulary, but never a few rows", () => {
    assert.ok(defaultChunkRows(32_000) < defaultChunkRows(2048));
    assert.ok(defaultChunkRows(250_000) >= 32);
  });
});
