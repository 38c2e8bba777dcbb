/** The parameters of a model, by its configuration: names, shapes, kinds, and weights to start from. */

import { createRandom } from "../../core/random.ts";
import { type ArchitectureName, elementCount, type ModelConfig, type Parameter } from "./config.ts";
import type { Architecture } from "./forward.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { neox } from "./neox.ts";

const architectures: Readonly<Record<ArchitectureName, Architecture>> = { llama, gpt2, neox };

export const architectureOf = (config: ModelConfig): Architecture =>
  architectures[config.architecture];

/**
 * Every parameter under its Hugging Face name and in its Hugging Face layout: the tensors of the transformers
 * model's state_dict(), without buffers and without the output table where it is the input table.
 */
export const parametersOf = (config: ModelConfig): readonly Parameter[] =>
  architectureOf(config).parameters(config);

const standardDeviation = 0.02;

/**
 * Weights to train from scratch, as GPT-2's authors start: normal with deviation 0.02, divided by √(2 · layers)
 * for matrices that write into the residual stream, which sums 2 · layers of them; norms 1, biases 0.
 * Each parameter has a random stream of its own.
 */
export function initialWeights(config: ModelConfig, seed: number): Map<string, Float32Array> {
  const { residualProjections } = architectureOf(config);
  const weights = new Map<string, Float32Array>();
  parametersOf(config).forEach(({ name, shape, kind }, index) => {
    const values = new Float32Array(elementCount(shape));
    if (kind === "norm") values.fill(1);
    if (kind === "matrix" || kind === "embedding") {
      const random = createRandom(seed, index);
      const residual = residualProjections.some((end) => name.endsWith(end));
      const deviation = standardDeviation / (residual ? Math.sqrt(2 * config.layers) : 1);
      for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
    }
    weights.set(name, values);
  });
  return weights;
}
