/** Weights against the model they should be of. */
import { Problem } from "../core/problem.ts";
import {
  elementCount,
  type ModelConfig,
  type Parameter,
  type Weights,
} from "./architecture/config.ts";
import { parametersOf } from "./architecture/parameters.ts";

/** @throws Problem `badInput` where a tensor is missing or has another number of elements than the model's. */
export function requireWeights(config: ModelConfig, weights: Weights): readonly Parameter[] {
  const parameters = parametersOf(config);
  for (const { name, shape } of parameters) {
    const found = weights.get(name)?.length;
    if (found === elementCount(shape)) continue;
    const what = found === undefined ? "is missing" : `has ${found} elements`;
    throw new Problem(
      "badInput",
      `Tensor "${name}" ${what}; the model's configuration asks for ${shape.join(" × ")}.`,
      { next: "Check that config.json and the weights belong together." },
    );
  }
  return parameters;
}
