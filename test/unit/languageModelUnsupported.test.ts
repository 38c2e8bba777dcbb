/** In a file of its own: the native library is loaded once a process, and here it must not be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialWeights } from "../../src/model/architecture/parameters.ts";
import { openLanguageModel } from "../../src/model/languageModel.ts";
import { smallModels } from "../support/models.ts";
import { isProblem } from "../support/problems.ts";
import { randomSequence } from "../support/toyText.ts";

test("a machine without ONNX Runtime is told so, when it is needed and not before", async (t) => {
  const machine = Object.getOwnPropertyDescriptor(process, "arch")!;
  t.after(() => Object.defineProperty(process, "arch", machine));
  Object.defineProperty(process, "arch", { ...machine, value: "abacus" });
  const config = smallModels["Llama, tied"];
  const options = { threads: 1, memoryLimit: 1e9 };
  const model = await openLanguageModel(config, initialWeights(config, 1), options);
  const reading = model.read([randomSequence(5, 31, 1)], 1);
  await assert.rejects(reading, isProblem("unsupported", "ONNX Runtime", "abacus"));
});
