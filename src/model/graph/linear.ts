/**
 * Matrix products. Transposition is a flag of the product and never a pass over memory, and an adjoint that has
 * other contributions is added inside the product that makes the next one (Gemm's third input).
 */

import { add, scale } from "./elementwise.ts";
import { contributedDomain } from "./onnx.ts";
import { reshape, transpose } from "./shape.ts";
import { sameShape, type Tensor } from "./tensor.ts";

export interface ProductOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor on the product. */
  readonly factor?: number;
}

export interface GemmOptions extends ProductOptions {
  /** Added to the product: [rows, columns], or [columns] to every row. */
  readonly plus?: Tensor | undefined;
}

/** factor · op(a) op(b) + plus, for matrices. */
export function gemm(a: Tensor, b: Tensor, options: GemmOptions = {}): Tensor {
  const { graph } = a;
  const { transposeA = false, transposeB = false, factor = 1, plus } = options;
  const shape = productShape(a, b, transposeA, transposeB);
  const y = graph.emit("Gemm", plus ? [a, b, plus] : [a, b], shape, {
    attributes: productAttributes(transposeA, transposeB, factor),
  });
  graph.record(plus ? [a, b, plus] : [a, b], y, (dy) => [
    (sum) =>
      transposeA
        ? gemm(b, dy, { transposeA: transposeB, transposeB: true, factor, plus: sum })
        : gemm(dy, b, { transposeB: !transposeB, factor, plus: sum }),
    (sum) =>
      transposeB
        ? gemm(dy, a, { transposeA: true, transposeB: transposeA, factor, plus: sum })
        : gemm(a, dy, { transposeA: !transposeA, factor, plus: sum }),
    plus && (sameShape(plus.shape, shape) ? dy : columnSums(dy)),
  ]);
  return y;
}

export interface LinearOptions {
  /** [out] */
  readonly bias?: Tensor | undefined;
  /** Added to the result, [rows, out]. */
  readonly residual?: Tensor | undefined;
  /** The weight is [in, out] (GPT-2's Conv1D) instead of [out, in]. */
  readonly inputsFirst?: boolean;
}

/** A linear layer: x [rows, in] through `weight`. What is added is added inside the product where one allows. */
export function linear(x: Tensor, weight: Tensor, options: LinearOptions = {}): Tensor {
  const { bias, residual, inputsFirst = false } = options;
  const y = gemm(x, weight, { transposeB: !inputsFirst, plus: bias ?? residual });
  return bias && residual ? add(y, residual) : y;
}

/** factor · op(a) op(b) over the last two axes, for equal leading axes. */
export function batchedProduct(a: Tensor, b: Tensor, options: ProductOptions = {}): Tensor {
  const { graph } = a;
  const { transposeA = false, transposeB = false, factor = 1 } = options;
  const y =
    graph.target === "webgpu"
      ? graph.untaped(() => plainProduct(a, b, { transposeA, transposeB, factor }))
      : graph.emit("FusedMatMul", [a, b], productShape(a, b, transposeA, transposeB), {
          attributes: productAttributes(transposeA, transposeB, factor),
          domain: contributedDomain,
        });
  graph.record([a, b], y, (dy) => [
    transposeA
      ? batchedProduct(b, dy, { transposeA: transposeB, transposeB: true, factor })
      : batchedProduct(dy, b, { transposeB: !transposeB, factor }),
    transposeB
      ? batchedProduct(dy, a, { transposeA: true, transposeB: transposeA, factor })
      : batchedProduct(a, dy, { transposeA: !transposeA, factor }),
  ]);
  return y;
}

/** The sum of each column of [rows, columns], as [columns]: a product with ones, which runs on all threads. */
export function columnSums(a: Tensor): Tensor {
  const [rows, columns] = a.shape;
  const ones = a.graph.floats(new Float32Array(rows).fill(1), [1, rows]);
  return reshape(gemm(ones, a), [columns]);
}

function plainProduct(a: Tensor, b: Tensor, options: Required<ProductOptions>): Tensor {
  const left = options.transposeA ? swapLastAxes(a) : a;
  const right = options.transposeB ? swapLastAxes(b) : b;
  const y = a.graph.emit("MatMul", [left, right], productShape(left, right, false, false));
  return options.factor === 1 ? y : scale(y, options.factor);
}

function swapLastAxes(a: Tensor): Tensor {
  const axes = a.shape.map((_, axis) => axis);
  return transpose(a, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

function productShape(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): number[] {
  const [rows, inner] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [innerB, columns] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
  const batch = a.shape.slice(0, -2);
  if (inner !== innerB || !sameShape(batch, b.shape.slice(0, -2))) {
    throw new Error(`product: [${a.shape}] and [${b.shape}] do not fit`);
  }
  return [...batch, rows, columns];
}

const productAttributes = (transposeA: boolean, transposeB: boolean, factor: number) => ({
  transA: { int: transposeA ? 1 : 0 },
  transB: { int: transposeB ? 1 : 0 },
  alpha: { float: factor },
});
