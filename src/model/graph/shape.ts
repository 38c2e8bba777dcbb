/** Operators that move, cut, join, repeat or sum numbers without changing them otherwise. */

import { elementCount } from "../architecture/config.ts";
import { type Shape, sameShape, type Tensor } from "./tensor.ts";

/** No copy: ONNX Runtime lets the result share its input's memory. */
export function reshape(a: Tensor, shape: Shape): Tensor {
  if (sameShape(a.shape, shape)) return a;
  if (elementCount(a.shape) !== elementCount(shape)) {
    throw new Error(`reshape: [${a.shape}] does not hold as many numbers as [${shape}]`);
  }
  const y = a.graph.emit("Reshape", [a, a.graph.integers(shape)], shape, { type: a.type });
  a.graph.record([a], y, (dy) => [reshape(dy, a.shape)]);
  return y;
}

/** Axis i of the result is axis order[i] of `a`. */
export function transpose(a: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => a.shape[axis]);
  const y = a.graph.emit("Transpose", [a], shape, { attributes: { perm: { ints: order } } });
  const inverse = order.map((_, axis) => order.indexOf(axis));
  a.graph.record([a], y, (dy) => [transpose(dy, inverse)]);
  return y;
}

export function split(a: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  const { graph } = a;
  const shapes = sizes.map((size) => a.shape.with(axis, size));
  const attributes = { axis: { int: axis } };
  const parts = graph.emitMany("Split", [a, graph.integers(sizes)], shapes, { attributes });
  graph.recordJointly([a], parts, (adjoints) => [
    concat(
      adjoints.map((dy, index) => dy ?? expand(graph.scalar(0), parts[index].shape)),
      axis,
    ),
  ]);
  return parts;
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0];
  const { graph, shape, type } = parts[0];
  const sizes = parts.map((part) => part.shape[axis]);
  const joined = shape.with(axis, elementSum(sizes));
  const y = graph.emit("Concat", parts, joined, { attributes: { axis: { int: axis } }, type });
  graph.record(parts, y, (dy) => split(dy, axis, sizes));
  return y;
}

/** Rows `from` up to `to` (exclusive) of the first axis. Not differentiated: only the loss cuts rows, past the tape. */
export function rowsOf(a: Tensor, from: number, to: number): Tensor {
  if (from === 0 && to === a.shape[0]) return a;
  const { graph } = a;
  const inputs = [a, graph.integers([from]), graph.integers([to]), graph.integers([0])];
  return graph.emit("Slice", inputs, a.shape.with(0, to - from), { type: a.type });
}

/** Repeats `a` to `shape` as broadcasting does. */
export function expand(a: Tensor, shape: Shape): Tensor {
  const y = a.graph.emit("Expand", [a, a.graph.integers(shape)], shape, { type: a.type });
  const added = shape.length - a.shape.length;
  const repeated = shape
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (a.shape[axis - added] === 1 && shape[axis] !== 1));
  a.graph.record([a], y, (dy) => [reshape(sum(dy, repeated), a.shape)]);
  return y;
}

/** The sum over `axes`, which stay with size 1. */
export function sum(a: Tensor, axes: readonly number[]): Tensor {
  const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const attributes = { keepdims: { int: 1 } };
  const y = a.graph.emit("ReduceSum", [a, a.graph.integers(axes)], shape, { attributes });
  a.graph.record([a], y, (dy) => [expand(dy, a.shape)]);
  return y;
}

/** The sum of everything, as a scalar. */
export function total(a: Tensor): Tensor {
  return reshape(
    sum(
      a,
      a.shape.map((_, axis) => axis),
    ),
    [],
  );
}

/** Of each row of [rows, columns] the numbers in the columns `ids` (int64 [rows, count]). Not differentiated. */
export function gatherColumns(a: Tensor, ids: Tensor): Tensor {
  return a.graph.emit("GatherElements", [a, ids], ids.shape, { attributes: { axis: { int: 1 } } });
}

/** The `count` largest numbers of each row of [rows, columns], descending, and their columns (int64). Not differentiated. */
export function largest(a: Tensor, count: number): [values: Tensor, columns: Tensor] {
  const shape = [a.shape[0], count];
  const [values, columns] = a.graph.emitMany(
    "TopK",
    [a, a.graph.integers([count])],
    [shape, shape],
    { type: ["float32", "int64"] },
  );
  return [values, columns];
}

const elementSum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
