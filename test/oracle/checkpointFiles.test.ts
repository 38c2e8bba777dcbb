/** Folders that transformers wrote are read as PyTorch holds them (fixtures made by make_checkpoints.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { elementCount } from "../../src/model/architecture/config.ts";
import { parametersOf } from "../../src/model/architecture/parameters.ts";
import { readModelConfig } from "../../src/model/checkpoint/config.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import { checkpointNames, checkpoints, readJsonFile } from "../support/modelFolders.ts";

interface Expected {
  readonly parameters: Record<string, { readonly shape: number[]; readonly sha256: string }>;
}

for (const name of checkpointNames) {
  test(`${name}: every parameter has the name, shape and fp32 bits it has in PyTorch`, async () => {
    const folder = path.join(checkpoints, name);
    const expected = readJsonFile(path.join(folder, "expected.json")) as unknown as Expected;
    const model = await openModelFolder(folder);
    const weights = await model.loadWeights();
    assert.deepEqual([...weights.keys()].sort(), Object.keys(expected.parameters).sort());
    for (const { name: parameter, shape } of parametersOf(model.config)) {
      assert.deepEqual(shape, expected.parameters[parameter].shape, parameter);
      const values = weights.get(parameter) ?? new Float32Array(0);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      assert.equal(sha256, expected.parameters[parameter].sha256, parameter);
    }
    const sizes = Object.values(expected.parameters).map(({ shape }) => elementCount(shape));
    assert.equal(
      model.parameters,
      sizes.reduce((sum, size) => sum + size),
    );
    const types = { "llama-sharded": "F32", "gpt2-f16": "F16", "neox-bf16": "BF16" } as const;
    assert.equal(model.dtype, types[name]);
  });
}

interface Case {
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly parameters: Record<string, number[]>;
  readonly inverseFrequencies: number[] | null;
}

for (const major of [4, 5]) {
  const file = path.join(checkpoints, `configs-transformers-${major}.json`);
  const { cases, versions } = readJsonFile(file) as unknown as {
    cases: Case[];
    versions: { transformers: string };
  };
  for (const { name, config, parameters, inverseFrequencies } of cases) {
    test(`the configuration "${name}" of transformers ${versions.transformers} is read as its model is`, () => {
      const read = readModelConfig(config, "config.json");
      const shapes = parametersOf(read).map((parameter) => [parameter.name, parameter.shape]);
      assert.deepEqual(Object.fromEntries(shapes), parameters);
      assert.equal(read.rope === undefined, inverseFrequencies === null);
      if (read.rope === undefined || inverseFrequencies === null) return;
      const { theta, size, scaling } = read.rope;
      assert.equal(size, 2 * inverseFrequencies.length);
      // The first frequency is 1 before scaling and the last is the slowest: scaled by the factor in full.
      const factor = scaling.kind === "none" ? 1 : scaling.factor;
      const last = theta ** (-(size - 2) / size) / factor;
      const slowest = inverseFrequencies[inverseFrequencies.length - 1];
      assert.ok(Math.abs(slowest / last - 1) < 1e-5, `${slowest} against ${last}`);
    });
  }
}
