/** Whether what failed lies in the models or tokenizers that were chosen: asked once more, they fail once more. */
import { Problem, type ProblemCode } from "../../src/core/problem.ts";

const codes: readonly ProblemCode[] = ["tooLarge", "missing", "unsupported"];

export function isUnreadable(error: unknown): boolean {
  return error instanceof Problem && codes.includes(error.code);
}
