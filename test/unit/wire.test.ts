import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ProblemCode as CoreProblemCode, Problem } from "../../src/core/problem.ts";
import { isWireMessage, type ProblemCode, problemCodes } from "../../src/protocol/wire.ts";

const good: readonly unknown[] = [
  { v: 1, kind: "call", id: 1, verb: "align", body: null },
  { v: 1, kind: "answer", id: 1, value: undefined },
  { v: 1, kind: "refusal", id: 1, problem: { code: "busy", message: "m" } },
  { v: 1, kind: "refusal", id: 1, problem: { code: "busy", message: "m", next: "n" } },
  { v: 1, kind: "cancel", id: 0 },
  { v: 1, kind: "event", verb: "show", revision: 3, body: {} },
];

const bad: readonly unknown[] = [
  null,
  "call",
  [],
  { v: 2, kind: "cancel", id: 1 },
  { v: 1, kind: "shout", id: 1 },
  { v: 1, kind: "call", id: -1, verb: "align", body: 1 },
  { v: 1, kind: "call", id: 1.5, verb: "align", body: 1 },
  { v: 1, kind: "call", id: 1, body: 1 },
  { v: 1, kind: "call", id: 1, verb: "align" },
  { v: 1, kind: "answer", id: 1 },
  { v: 1, kind: "refusal", id: 1, problem: { code: "odd", message: "m" } },
  { v: 1, kind: "refusal", id: 1, problem: { code: "busy" } },
  { v: 1, kind: "event", verb: "show", body: 1 },
];

describe("an envelope", () => {
  for (const message of good) {
    test(`is ${JSON.stringify(message)}`, () => assert.equal(isWireMessage(message), true));
  }
  for (const message of bad) {
    test(`is not ${JSON.stringify(message)}`, () => assert.equal(isWireMessage(message), false));
  }
});

test("the codes that travel are those that problems have", () => {
  const asTravelled: readonly CoreProblemCode[] = problemCodes;
  const asThrown: (code: CoreProblemCode) => ProblemCode = (code) => code;
  for (const code of asTravelled) assert.equal(asThrown(new Problem(code, "m").code), code);
});
