/** The non-linear functions of feed-forward layers, with pullbacks that reuse what the forward pass computed. */

import type { ModelConfig } from "../architecture/config.ts";
import { add, exp, multiply, scale, shift, subtract } from "./elementwise.ts";
import type { Tensor } from "./tensor.ts";

export function activation(x: Tensor, kind: ModelConfig["activation"]): Tensor {
  if (kind === "silu") return silu(x);
  return kind === "gelu" ? gelu(x) : geluTanh(x);
}

/** x · sigmoid(x). */
export function silu(x: Tensor): Tensor {
  const { graph } = x;
  const sigmoid = graph.emit("Sigmoid", [x], x.shape);
  const y = graph.emit("Mul", [x, sigmoid], x.shape);
  // y' = s + x s (1 − s) = s (1 + x − y)
  graph.record([x], y, (dy) => {
    const slope = multiply(sigmoid, shift(subtract(x, y), 1));
    return [multiply(dy, slope)];
  });
  return y;
}

/** x Φ(x), Φ the normal distribution's cumulative function. */
export function gelu(x: Tensor): Tensor {
  const { graph } = x;
  const [below, y] = graph.untaped(() => {
    const erf = graph.emit("Erf", [scale(x, Math.SQRT1_2)], x.shape);
    const cumulative = shift(scale(erf, 0.5), 0.5);
    return [cumulative, multiply(x, cumulative)];
  });
  // y' = Φ(x) + x φ(x)
  graph.record([x], y, (dy) => {
    const density = scale(exp(scale(multiply(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [multiply(dy, add(below, multiply(x, density)))];
  });
  return y;
}

/** The tanh approximation of gelu (`gelu_new`, `gelu_pytorch_tanh`): ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function geluTanh(x: Tensor): Tensor {
  const { graph } = x;
  const linear = Math.sqrt(2 / Math.PI);
  const cubic = 0.044715 * linear;
  const [square, tanh, gate, y] = graph.untaped(() => {
    const squared = multiply(x, x);
    const inner = multiply(x, shift(scale(squared, cubic), linear));
    const bent = graph.emit("Tanh", [inner], x.shape);
    const half = scale(shift(bent, 1), 0.5);
    return [squared, bent, half, multiply(x, half)];
  });
  // With u the argument of tanh: y' = ½ (1 + tanh u) + ½ x (1 − tanh² u) u'
  graph.record([x], y, (dy) => {
    const innerSlope = shift(scale(square, 1.5 * cubic), 0.5 * linear);
    const tanhSlope = subtract(graph.scalar(1), multiply(tanh, tanh));
    const slope = add(gate, multiply(multiply(x, tanhSlope), innerSlope));
    return [multiply(dy, slope)];
  });
  return y;
}
