/**
 * Softmax over the last axis, and RMSNorm and LayerNorm over the rows of [rows, size], each one node forwards.
 * The norms' pullbacks are written out: sums over rows and columns are products with vectors, so that only a few
 * passes over [rows, size] remain. Softmax has none: attention and loss have their own.
 */

import { add, divide, multiply, shift, squareRoot, subtract } from "./elementwise.ts";
import { columnSums, gemm } from "./linear.ts";
import { reshape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** x / √(mean(x²) + epsilon) · weight. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const { graph } = x;
  const [rows, size] = x.shape;
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const shapes = graph.target === "webgpu" ? [x.shape] : [x.shape, [rows, 1]];
  const [y, inverse] = graph.emitMany("SimplifiedLayerNormalization", [x, weight], shapes, {
    attributes,
  });
  graph.record([x, weight], y, (dy) => {
    const r = inverse ?? inverseRootMeanSquare(x, epsilon);
    const product = multiply(dy, x);
    const pull = rowProducts(product, weight, 1 / size);
    const along = multiply(x, multiply(multiply(r, r), pull));
    const dx = multiply(subtract(multiply(dy, weight), along), r);
    return [dx, reshape(gemm(r, product, { transposeA: true }), [size])];
  });
  return y;
}

/** (x − mean(x)) / √(variance(x) + epsilon) · weight + bias. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const { graph } = x;
  const [rows, size] = x.shape;
  const shapes = [x.shape, [rows, 1], [rows, 1]];
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const [y, mean, r] = graph.emitMany("LayerNormalization", [x, weight, bias], shapes, {
    attributes,
  });
  graph.record([x, weight, bias], y, (dy) => {
    const centred = subtract(x, mean);
    const product = multiply(dy, centred);
    const level = rowProducts(dy, weight, 1 / size);
    const pull = rowProducts(product, weight, 1 / size);
    const along = add(multiply(centred, multiply(multiply(r, r), pull)), level);
    const dx = multiply(subtract(multiply(dy, weight), along), r);
    const dWeight = reshape(gemm(r, product, { transposeA: true }), [size]);
    return [dx, dWeight, columnSums(dy)];
  });
  return y;
}

/** factor · Σ over columns of a · vector, as [rows, 1]. */
const rowProducts = (a: Tensor, vector: Tensor, factor: number): Tensor =>
  gemm(a, reshape(vector, [vector.shape[0], 1]), { factor });

function inverseRootMeanSquare(x: Tensor, epsilon: number): Tensor {
  const { graph } = x;
  const size = x.shape[1];
  const ones = graph.floats(new Float32Array(size).fill(1), [size]);
  const meanSquare = rowProducts(multiply(x, x), ones, 1 / size);
  return divide(graph.scalar(1), squareRoot(shift(meanSquare, epsilon)));
}

const lastAxis = { attributes: { axis: { int: -1 } } };

export const softmax = (a: Tensor): Tensor => a.graph.emit("Softmax", [a], a.shape, lastAxis);

/** The logarithm of softmax, finite also where softmax has become 0. */
export const logSoftmax = (a: Tensor): Tensor => a.graph.emit("LogSoftmax", [a], a.shape, lastAxis);
