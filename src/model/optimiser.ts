/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization") in the arithmetic of torch.optim.AdamW,
 * clipping by the global norm as torch.nn.utils.clip_grad_norm_, and learning-rate schedules. It works on plain
 * typed arrays, in double precision between loading and storing a number: that costs nothing here and stays
 * within rounding of torch. AMSGrad, Nesterov momentum and groups with other settings have no place here.
 */
import type { ParameterKind } from "./architecture/config.ts";

export interface AdamWSettings {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Share of a weight taken off per step and unit of learning rate, apart from the gradient. */
  readonly weightDecay: number;
}

/** One array of weights with what AdamW remembers of its gradient; all of the same length. */
export interface Moments {
  readonly weights: Float32Array;
  /** Running mean of the gradient. */
  readonly first: Float32Array;
  /** Running mean of its square. */
  readonly second: Float32Array;
}

/**
 * Matrices decay, and embeddings like them, as in the Hugging Face Trainer and most published recipes: a tied
 * embedding is the output matrix as well, and a tied and an untied model should be treated alike. Norms and biases
 * do not: pulling a gain to 0 silences a feature, and a shift has nothing to overfit with.
 */
export const decays = (kind: ParameterKind): boolean => kind === "matrix" || kind === "embedding";

/**
 * Update number `step` (from 1) of one array, in place:
 *
 *   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *   w ← (1 − lr · decay) w − lr / (1 − β₁ˢ) · m / (√v / √(1 − β₂ˢ) + ε)
 *
 * `gradientScale` is multiplied into g: the factor of clipping.
 */
export function adamW(
  { weights, first, second }: Moments,
  gradient: Float32Array,
  { betas: [beta1, beta2], epsilon, weightDecay }: AdamWSettings,
  step: number,
  learningRate: number,
  gradientScale = 1,
): void {
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  const kept = 1 - learningRate * weightDecay;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] * gradientScale;
    const m = first[i] * beta1 + rest1 * g;
    const v = second[i] * beta2 + rest2 * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] = weights[i] * kept - (stepSize * m) / (Math.sqrt(v) / rootCorrection + epsilon);
  }
}

/** √ Σ g² over all arrays, summed in double precision in the order given. */
export function globalNorm(gradients: Iterable<Float32Array>): number {
  let squares = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  }
  return Math.sqrt(squares);
}

/** What to multiply gradients of this norm with so that it is at most `limit`; a limit of 0 means none. */
export function clipScale(norm: number, limit: number): number {
  // torch's guard against a division by zero; kept so that clipped steps come out alike.
  return limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1;
}

export type LearningRateSchedule = "cosine" | "constant" | "linear";

export interface LearningRatePlan {
  /** Updates of the whole run. */
  readonly steps: number;
  readonly peak: number;
  /** Share of the steps, 0 to 1, in which the rate rises. */
  readonly warmup: number;
  readonly schedule: LearningRateSchedule;
}

/**
 * The rate of update number `step`, 1 to `steps`. With W = max(1, ⌈warmup · steps⌉) it rises linearly,
 * peak · step / W, and reaches the peak with update W. Then, with p = (step − W) / (steps + 1 − W),
 *
 *   constant: peak     linear: peak · (1 − p)     cosine: peak · (1 + cos πp) / 2
 *
 * so that the rate would be 0 at update steps + 1: neither the first update nor the last is wasted on it.
 */
export function learningRate(
  step: number,
  { steps, peak, warmup, schedule }: LearningRatePlan,
): number {
  const rising = warmupSteps(steps, warmup);
  if (step <= rising) return (peak * step) / rising;
  const progress = (step - rising) / (steps + 1 - rising);
  switch (schedule) {
    case "constant":
      return peak;
    case "linear":
      return peak * (1 - progress);
    case "cosine":
      return (peak * (1 + Math.cos(Math.PI * progress))) / 2;
  }
}

function warmupSteps(steps: number, warmup: number): number {
  // 0.07 · 100 is a little above 7 in binary; such a hair must not cost a step.
  return Math.max(1, Math.ceil(warmup * steps - 1e-9));
}
