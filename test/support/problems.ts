/** What tests ask of a Problem that is not about a file. */
import assert from "node:assert/strict";
import { Problem, type ProblemCode } from "../../src/core/problem.ts";

/** For assert.throws and assert.rejects: a Problem of this code whose message holds all the words. */
export function isProblem(code: ProblemCode, ...words: readonly string[]) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Problem, `no Problem but ${String(error)}`);
    assert.equal(error.code, code, error.message);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}
