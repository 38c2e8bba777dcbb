/**
 * The pullback of every operator against central finite differences of its forward pass, both with the nodes
 * that suit the CPU and with those that suit WebGPU (run on the CPU here: what is checked is the algebra).
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { elementCount } from "../../src/model/architecture/config.ts";
import { activation } from "../../src/model/graph/activation.ts";
import { attention, packedCausalMask } from "../../src/model/graph/attention.ts";
import * as elementwise from "../../src/model/graph/elementwise.ts";
import { embedding } from "../../src/model/graph/embedding.ts";
import { batchedProduct, columnSums, gemm, linear } from "../../src/model/graph/linear.ts";
import { layerNorm, rmsNorm } from "../../src/model/graph/normalisation.ts";
import { rotaryTables, rotate } from "../../src/model/graph/rotary.ts";
import {
  concat,
  expand,
  reshape,
  split,
  sum,
  total,
  transpose,
} from "../../src/model/graph/shape.ts";
import {
  Graph,
  gradientsOf,
  type Shape,
  type Target,
  type Tensor,
} from "../../src/model/graph/tensor.ts";
import { type Feeds, integers, largestDifference, openProgram } from "../support/program.ts";

interface Case {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly build: (inputs: Tensor[], graph: Graph) => Tensor;
  /** Inputs between 0.5 and 1.5 instead of normal. */
  readonly positive?: boolean;
  readonly feeds?: Feeds;
}

const flags = [false, true];
const matrix = (rows: number, columns: number, transposed: boolean): Shape =>
  transposed ? [columns, rows] : [rows, columns];

const cases: Case[] = [
  { name: "add", shapes: [[3, 4], [4]], build: ([a, b]) => elementwise.add(a, b) },
  { name: "add to a scalar", shapes: [[], [2, 3]], build: ([a, b]) => elementwise.add(a, b) },
  {
    name: "subtract",
    shapes: [
      [3, 4],
      [3, 1],
    ],
    build: ([a, b]) => elementwise.subtract(a, b),
  },
  {
    name: "multiply",
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: ([a, b]) => elementwise.multiply(a, b),
  },
  { name: "multiply by itself", shapes: [[2, 3]], build: ([a]) => elementwise.multiply(a, a) },
  {
    name: "divide",
    shapes: [
      [3, 4],
      [1, 4],
    ],
    positive: true,
    build: ([a, b]) => elementwise.divide(a, b),
  },
  {
    name: "scale and shift",
    shapes: [[3]],
    build: ([a]) => elementwise.shift(elementwise.scale(a, 3), 2),
  },
  { name: "negate", shapes: [[3]], build: ([a]) => elementwise.negate(a) },
  { name: "exp", shapes: [[3, 4]], build: ([a]) => elementwise.exp(a) },
  { name: "log", shapes: [[3, 4]], positive: true, build: ([a]) => elementwise.log(a) },
  {
    name: "square root",
    shapes: [[3, 4]],
    positive: true,
    build: ([a]) => elementwise.squareRoot(a),
  },
  { name: "silu", shapes: [[3, 8]], build: ([a]) => activation(a, "silu") },
  { name: "gelu", shapes: [[3, 8]], build: ([a]) => activation(a, "gelu") },
  { name: "geluTanh", shapes: [[3, 8]], build: ([a]) => activation(a, "geluTanh") },
  { name: "reshape", shapes: [[3, 4]], build: ([a]) => reshape(a, [2, 6]) },
  { name: "transpose", shapes: [[2, 3, 4]], build: ([a]) => transpose(a, [2, 0, 1]) },
  { name: "expand", shapes: [[3, 1]], build: ([a]) => expand(a, [2, 3, 4]) },
  { name: "sum", shapes: [[3, 5, 2]], build: ([a]) => sum(a, [0, 2]) },
  {
    name: "split and concat",
    shapes: [[3, 6]],
    build: ([a]) => {
      const [x, y, z] = split(a, 1, [2, 2, 2]);
      return concat([z, elementwise.multiply(x, y)], 1);
    },
  },
  { name: "split with a part unused", shapes: [[3, 6]], build: ([a]) => split(a, 1, [1, 2, 3])[1] },
  { name: "column sums", shapes: [[3, 4]], build: ([a]) => columnSums(a) },
  ...flags.flatMap((transposeA) =>
    flags.flatMap((transposeB): Case[] => [
      {
        name: `gemm, a ${transposeA ? "transposed" : "plain"}, b ${transposeB ? "transposed" : "plain"}`,
        shapes: [matrix(3, 4, transposeA), matrix(4, 5, transposeB), [3, 5]],
        build: ([a, b, c]) => gemm(a, b, { transposeA, transposeB, factor: 0.7, plus: c }),
      },
      {
        name: `batched product, a ${transposeA ? "transposed" : "plain"}, b ${transposeB ? "transposed" : "plain"}`,
        shapes: [
          [2, ...matrix(3, 4, transposeA)],
          [2, ...matrix(4, 5, transposeB)],
        ],
        build: ([a, b]) => batchedProduct(a, b, { transposeA, transposeB, factor: 0.7 }),
      },
    ]),
  ),
  {
    name: "linear with bias and residual",
    shapes: [[3, 4], [5, 4], [5], [3, 5]],
    build: ([x, weight, bias, residual]) => linear(x, weight, { bias, residual }),
  },
  {
    name: "one input of several products",
    shapes: [
      [3, 4],
      [5, 4],
      [4, 5],
    ],
    build: ([x, a, b]) =>
      gemm(elementwise.multiply(linear(x, a), linear(x, b, { inputsFirst: true })), a),
  },
  { name: "rmsNorm", shapes: [[3, 8], [8]], build: ([x, w]) => rmsNorm(x, w, 1e-5) },
  { name: "rmsNorm, large epsilon", shapes: [[3, 8], [8]], build: ([x, w]) => rmsNorm(x, w, 0.5) },
  { name: "layerNorm", shapes: [[3, 8], [8], [8]], build: ([x, w, b]) => layerNorm(x, w, b, 1e-5) },
  {
    name: "embedding with repeated ids",
    shapes: [[5, 3]],
    build: ([table], graph) =>
      embedding(table, graph.integers([1, 4, 1, 0]), graph.input("zero", [])),
    feeds: { zero: new Float32Array(1) },
  },
  {
    name: "embedding whose table is used again",
    shapes: [[5, 3]],
    build: ([table], graph) => {
      const x = embedding(table, graph.integers([1, 4, 1, 0]), graph.input("zero", []));
      return linear(x, table);
    },
    feeds: { zero: new Float32Array(1) },
  },
  ...[1, 2, 4].map(
    (keyHeads): Case => ({
      name: `attention of 4 heads on ${keyHeads}, two segments in a row`,
      shapes: [
        [2, 4, 5, 6],
        [2, keyHeads, 5, 6],
        [2, keyHeads, 5, 6],
      ],
      build: ([q, k, v], graph) => {
        const segments = graph.input("segments", [2, 5], "int64");
        return attention(q, k, v, packedCausalMask(segments));
      },
      feeds: { segments: integers([1, 1, 1, 2, 2, 1, 1, 0, 0, 0]) },
    }),
  ),
  ...[6, 4, 2].map(
    (size): Case => ({
      name: `rotary embedding of ${size} of 6, restarting positions`,
      shapes: [[2, 3, 4, 6]],
      build: ([x], graph) => {
        const positions = graph.input("positions", [2, 4], "int64");
        return rotate(x, rotaryTables(positions, { theta: 50, size, scaling: { kind: "none" } }));
      },
      feeds: { positions: integers([0, 1, 2, 0, 3, 4, 5, 6]) },
    }),
  ),
];

for (const target of ["cpu", "webgpu"] as const) {
  describe(`gradients for ${target}`, () => {
    for (const each of cases) {
      test(`${each.name} has the gradient that finite differences give`, async () => {
        assert.ok((await worstDifference(each, target)) < 3e-3);
      });
    }
  });
}

test("a tensor that plays no part is refused", () => {
  const graph = new Graph();
  const used = graph.input("used", [2]);
  const unused = graph.input("unused", [2]);
  assert.throws(() => gradientsOf(total(used), [unused]), /unused/);
});

test("threads lose nothing of the gradient of a row that is taken thousands of times", async () => {
  const graph = new Graph();
  const [rows, size, count] = [1, 64, 16384];
  const table = graph.input("table", [rows, size]);
  const ids = graph.input("ids", [count], "int64");
  const y = embedding(table, ids, graph.input("zero", []));
  graph.output("d", gradientsOf(total(y), [table])[0]);
  const program = await openProgram(graph.encode("threads"), 2);
  const feeds = {
    table: new Float32Array(rows * size),
    ids: integers(Array.from({ length: count }, (_, place) => place % rows)),
    zero: new Float32Array(1),
  };
  for (let repetition = 0; repetition < 40; repetition++) {
    assert.deepEqual(new Set(await program.floats(feeds, "d")), new Set([count / rows]));
  }
  await program.close();
});

/** Over all inputs, of loss = Σ cotangent · output. */
async function worstDifference(each: Case, target: Target): Promise<number> {
  const random = createRandom(7);
  const graph = new Graph(target);
  const inputs = each.shapes.map((shape, index) => graph.input(`x${index}`, shape));
  const y = each.build(inputs, graph);
  const cotangent = Float32Array.from({ length: elementCount(y.shape) }, () => random.normal());
  const loss = total(elementwise.multiply(y, graph.floats(cotangent, y.shape)));
  graph.output("y", y);
  gradientsOf(loss, inputs).forEach((gradient, index) => {
    graph.output(`d${index}`, gradient);
  });

  const program = await openProgram(graph.encode("case"));
  const values = each.shapes.map((shape) =>
    Float32Array.from({ length: elementCount(shape) }, () =>
      each.positive ? 0.5 + random.next() : random.normal(),
    ),
  );
  const feeds = {
    ...each.feeds,
    ...Object.fromEntries(values.map((value, index) => [`x${index}`, value])),
  };
  // The sum is done here in fp64: fp32's rounding would drown small differences.
  const lossNow = async (): Promise<number> =>
    (await program.floats(feeds, "y")).reduce((acc, number, i) => acc + number * cotangent[i], 0);
  const step = 1e-2;
  let worst = 0;
  const gradients = await program.run(feeds);
  for (const [index, value] of values.entries()) {
    const differences = new Float64Array(value.length);
    for (let i = 0; i < value.length; i++) {
      const centre = value[i];
      value[i] = centre + step;
      const above = await lossNow();
      value[i] = centre - step;
      const below = await lossNow();
      value[i] = centre;
      differences[i] = (above - below) / (2 * step);
    }
    const gradient = gradients[`d${index}`] as Float32Array;
    worst = Math.max(worst, largestDifference(gradient, differences));
  }
  await program.close();
  return worst;
}
