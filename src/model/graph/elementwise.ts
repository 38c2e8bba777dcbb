/** Operators that work number by number, with NumPy's broadcasting; their adjoints are summed back to shape. */

import { reshape, sum } from "./shape.ts";
import { type Shape, sameShape, type Tensor } from "./tensor.ts";

export function add(a: Tensor, b: Tensor): Tensor {
  const y = a.graph.emit("Add", [a, b], broadcastShape(a.shape, b.shape));
  a.graph.record([a, b], y, (dy) => [summedTo(dy, a.shape), summedTo(dy, b.shape)]);
  return y;
}

export function subtract(a: Tensor, b: Tensor): Tensor {
  const y = a.graph.emit("Sub", [a, b], broadcastShape(a.shape, b.shape));
  a.graph.record([a, b], y, (dy) => [summedTo(dy, a.shape), negate(summedTo(dy, b.shape))]);
  return y;
}

export function multiply(a: Tensor, b: Tensor): Tensor {
  const y = a.graph.emit("Mul", [a, b], broadcastShape(a.shape, b.shape));
  a.graph.record([a, b], y, (dy) => [
    summedTo(multiply(dy, b), a.shape),
    summedTo(multiply(dy, a), b.shape),
  ]);
  return y;
}

export function divide(a: Tensor, b: Tensor): Tensor {
  const y = a.graph.emit("Div", [a, b], broadcastShape(a.shape, b.shape));
  a.graph.record([a, b], y, (dy) => {
    const da = divide(dy, b);
    return [summedTo(da, a.shape), negate(summedTo(multiply(da, y), b.shape))];
  });
  return y;
}

export const scale = (a: Tensor, factor: number): Tensor => multiply(a, a.graph.scalar(factor));

export const shift = (a: Tensor, by: number): Tensor => add(a, a.graph.scalar(by));

export function negate(a: Tensor): Tensor {
  const y = a.graph.emit("Neg", [a], a.shape);
  a.graph.record([a], y, (dy) => [negate(dy)]);
  return y;
}

export function exp(a: Tensor): Tensor {
  const y = a.graph.emit("Exp", [a], a.shape);
  a.graph.record([a], y, (dy) => [multiply(dy, y)]);
  return y;
}

export function log(a: Tensor): Tensor {
  const y = a.graph.emit("Log", [a], a.shape);
  a.graph.record([a], y, (dy) => [divide(dy, a)]);
  return y;
}

export function squareRoot(a: Tensor): Tensor {
  const y = a.graph.emit("Sqrt", [a], a.shape);
  a.graph.record([a], y, (dy) => [divide(scale(dy, 0.5), y)]);
  return y;
}

export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a}] and [${b}] do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}

/** Undoes a broadcast from `shape`: sums over the axes that it repeated. */
function summedTo(a: Tensor, shape: Shape): Tensor {
  if (sameShape(a.shape, shape)) return a;
  const added = a.shape.length - shape.length;
  const repeated = a.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (shape[axis - added] === 1 && a.shape[axis] !== 1));
  return reshape(sum(a, repeated), shape);
}
