/** Whether what failed lies in the models or tokenizers that were chosen: asked once more, they fail once more. */
import type { ProblemCode } from "../../src/core/problem.ts";
import type { ProblemBody } from "../../src/protocol/wire.ts";

const codes: readonly ProblemCode[] = ["badInput", "tooLarge", "missing", "unsupported"];

export const isUnreadable = ({ code }: ProblemBody): boolean => codes.includes(code);
