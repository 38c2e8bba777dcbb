import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights } from "../../src/model/architecture/parameters.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import type { ModelCard } from "../../src/model/checkpoint/modelCard.ts";
import {
  readHeader,
  readTensor,
  type TensorToWrite,
  writeSafetensors,
} from "../../src/model/checkpoint/safetensors.ts";
import { writeModelFolder, writeNewModelFolder } from "../../src/model/checkpoint/writeFolder.ts";
import {
  assertProblem,
  changeJson,
  checkpointNames,
  checkpoints,
  copyOf,
  readJsonFile,
  temporaryFolder,
} from "../support/modelFolders.ts";

const card: ModelCard = { title: "Fused", summary: ["For a test."], sources: [], baseModels: [] };

/** Weights after a training step of sorts. */
const trained = (weights: ReadonlyMap<string, Float32Array>) =>
  new Map(
    [...weights].map(([name, values]) => [name, values.map((value) => value * 1.37 + 0.001)]),
  );

async function openFixture(name: (typeof checkpointNames)[number]) {
  const from = await openModelFolder(path.join(checkpoints, name));
  return { from, weights: await from.loadWeights() };
}

describe("a model goes on in the files it came in", () => {
  for (const name of checkpointNames) {
    test(`${name} comes back bit for bit, in one file`, async (context) => {
      const { from, weights } = await openFixture(name);
      const out = path.join(temporaryFolder(context), "deep", "target");
      await writeModelFolder(out, { from, weights, card });
      const written = await openModelFolder(out);
      assert.equal(written.fingerprint, from.fingerprint);
      assert.deepEqual(await written.loadWeights(), weights);
      assert.equal(written.tokenizer.fingerprint, from.tokenizer.fingerprint);
      assert.deepEqual(written.rawConfig, from.rawConfig);
      assert.deepEqual(written.types, from.types);
      assert.deepEqual(readdirSync(out).sort(), [
        "README.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
      ]);
    });
  }

  test("trained weights are rounded to the type they had, a tied table is written once", async (context) => {
    const { from, weights } = await openFixture("gpt2-f16");
    const out = path.join(temporaryFolder(context), "target");
    const changed = trained(weights);
    await writeModelFolder(out, { from, weights: changed, card });
    const { tensors, metadata } = await readHeader(path.join(out, "model.safetensors"));
    assert.ok([...tensors.values()].every(({ type }) => type === "F16"));
    assert.ok(!tensors.has("lm_head.weight"));
    assert.equal(metadata.format, "pt");
    const back = await (await openModelFolder(out)).loadWeights();
    for (const [name, values] of changed) {
      back.get(name)?.forEach((value, i) => {
        const error = Math.abs(value - values[i]);
        assert.ok(error <= Math.max(Math.abs(values[i]) * 2 ** -11, 2 ** -25), `${name} ${i}`);
      });
    }
  });

  test("a few tensors that are wider than the rest stay so", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "model.safetensors");
    const header = await readHeader(file);
    const tensors: TensorToWrite[] = [];
    for (const { name, shape } of header.tensors.values()) {
      const type = name.includes(".ln_") ? "F32" : "F16";
      tensors.push({ name, shape, type, data: await readTensor(header, name) });
    }
    await writeSafetensors(file, tensors, { dtype: "F16" });
    const from = await openModelFolder(folder);
    const weights = trained(await from.loadWeights());
    const out = path.join(temporaryFolder(context), "target");
    await writeModelFolder(out, { from, weights, card });
    const written = await openModelFolder(out);
    assert.deepEqual(written.types, from.types);
    const norm = "transformer.ln_f.weight";
    assert.deepEqual((await written.loadWeights()).get(norm), weights.get(norm));
    assert.equal(readJsonFile(path.join(out, "config.json")).dtype, "float16");
  });

  test("the configuration says the type that was written, and else what it said", async (context) => {
    const folder = copyOf("neox-bf16", context);
    const lying = { dtype: "float32", task_specific_params: { a: [1e-5, "x"] }, my_key: null };
    changeJson(path.join(folder, "config.json"), (json) => ({ ...json, ...lying }));
    const from = await openModelFolder(folder);
    const out = path.join(temporaryFolder(context), "target");
    await writeModelFolder(out, { from, weights: await from.loadWeights(), card });
    const config = readJsonFile(path.join(out, "config.json"));
    assert.deepEqual(config, { ...from.rawConfig, dtype: "bfloat16" });
    assert.deepEqual(Object.keys(config), Object.keys(from.rawConfig));
  });

  test("licence and tokenizer files go along, also out of a cache of links; the rest stays", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    for (const name of [
      "LICENSE.txt",
      "NOTICE",
      "merges.txt",
      "chat_template.jinja",
      "pytorch_model.bin",
      "modeling.py",
      "README.md",
    ]) {
      writeFileSync(path.join(folder, name), `the text of ${name}`);
    }
    mkdirSync(path.join(folder, "LICENSE"));
    const cached = temporaryFolder(context);
    for (const name of readdirSync(folder))
      symlinkSync(path.join(folder, name), path.join(cached, name));
    const from = await openModelFolder(cached);
    const out = path.join(temporaryFolder(context), "target");
    await writeModelFolder(out, { from, weights: await from.loadWeights(), card });
    for (const name of ["LICENSE.txt", "NOTICE", "merges.txt", "chat_template.jinja"]) {
      assert.equal(readFileSync(path.join(out, name), "utf8"), `the text of ${name}`);
    }
    for (const name of ["pytorch_model.bin", "modeling.py", "LICENSE"]) {
      assert.ok(!existsSync(path.join(out, name)), name);
    }
    assert.match(readFileSync(path.join(out, "README.md"), "utf8"), /^# Fused$/m);
    // Others may read the folder as they may read any new one.
    const plain = path.join(temporaryFolder(context), "plain");
    mkdirSync(plain);
    assert.equal(statSync(out).mode, statSync(plain).mode);
  });
});

describe("a folder appears whole or not at all", () => {
  const write = async (
    context: TestContext,
    spoil: (weights: Map<string, Float32Array>) => void,
  ) => {
    const { from, weights } = await openFixture("gpt2-f16");
    spoil(weights);
    const parent = temporaryFolder(context);
    const out = path.join(parent, "target");
    return { parent, out, act: () => writeModelFolder(out, { from, weights, card }) };
  };

  test("nothing is left of one with a number too large for its type", async (context) => {
    const { act, parent } = await write(context, (weights) => {
      weights.get("transformer.wpe.weight")?.fill(1e6);
    });
    await assert.rejects(act, /"transformer.wpe.weight" holds 1000000, which F16 cannot/);
    assert.deepEqual(readdirSync(parent), []);
  });

  test("nor of one with weights missing, surplus or of the wrong size", async (context) => {
    const spoilings: ((weights: Map<string, Float32Array>) => void)[] = [
      (weights) => weights.delete("transformer.wpe.weight"),
      (weights) => weights.set("lm_head.weight", new Float32Array(1)),
      (weights) => weights.set("transformer.wpe.weight", new Float32Array(1)),
    ];
    for (const spoil of spoilings) {
      const { act, parent } = await write(context, spoil);
      await assert.rejects(act);
      assert.deepEqual(readdirSync(parent), []);
    }
  });

  test("what is there already is never replaced, an empty folder is taken", async (context) => {
    const { act, out, parent } = await write(context, () => {});
    mkdirSync(out);
    await act();
    const files = readdirSync(out);
    assert.ok(files.includes("model.safetensors"));
    await assertProblem(act, {
      code: "badInput",
      file: out,
      says: /is there already and not empty/,
    });
    assert.deepEqual(readdirSync(out), files);
    assert.deepEqual(readdirSync(parent), ["target"]);
  });

  test("a file in its place, or a place that is none, is a Problem", async (context) => {
    const { act, out } = await write(context, () => {});
    writeFileSync(out, "mine");
    await assertProblem(act, { code: "badInput", file: out, says: /is a file/ });
    assert.equal(readFileSync(out, "utf8"), "mine");
    const { from, weights } = await openFixture("gpt2-f16");
    const below = path.join(out, "target");
    await assertProblem(() => writeModelFolder(below, { from, weights, card }), {
      code: "badInput",
      file: below,
      says: /is a file|could not be written/,
    });
  });
});

describe("a model made from scratch", () => {
  const tokenizerOf = (name: string) => ({
    json: readJsonFile(path.join(checkpoints, name, "tokenizer.json")),
    config: readJsonFile(path.join(checkpoints, name, "tokenizer_config.json")),
  });
  const configs: ModelConfig[] = checkpointNames.map(
    (name) =>
      ({
        gpt2: gpt2Config(),
        llama: llamaConfig(),
        neox: neoxConfig(),
      })[name.split("-")[0] as "gpt2" | "llama" | "neox"],
  );

  for (const [i, config] of configs.entries()) {
    for (const dtype of ["F32", "F16", "BF16"] as const) {
      test(`${config.architecture} in ${dtype} is read as it was meant`, async (context) => {
        const out = path.join(temporaryFolder(context), "model");
        const weights = initialWeights(config, 1);
        const tokenizer = tokenizerOf(checkpointNames[i]);
        await writeNewModelFolder(out, { config, weights, tokenizer, card, dtype });
        const model = await openModelFolder(out);
        assert.deepEqual(model.config, config);
        assert.equal(model.dtype, dtype);
        assert.deepEqual(readJsonFile(path.join(out, "tokenizer.json")), tokenizer.json);
        assert.equal(model.rawConfig.eos_token_id, model.tokenizer.table.eos);
        assert.equal(model.rawConfig.bos_token_id, model.tokenizer.table.bos ?? null);
        if (dtype === "F32") assert.deepEqual(await model.loadWeights(), weights);
      });
    }
  }

  test("with a tokenizer it has no rows for, or that contradicts itself, is not written", async (context) => {
    const parent = temporaryFolder(context);
    const out = path.join(parent, "model");
    const tokenizer = tokenizerOf("gpt2-f16");
    const small = { ...gpt2Config(), vocabulary: 100 };
    const write = (config: ModelConfig, changes: object) =>
      writeNewModelFolder(out, {
        config,
        weights: initialWeights(config, 1),
        tokenizer: { ...tokenizer, ...changes },
        card,
        dtype: "F32",
      });
    await assert.rejects(write(small, {}), /a tokenizer of \d+ ids for a model of 100 rows/);
    await assertProblem(() => write(gpt2Config(), { config: { eos_token: "<none>" } }), {
      code: "badInput",
      file: path.join(out, "tokenizer_config.json"),
      says: /"<none>" as eos_token/,
    });
    assert.deepEqual(readdirSync(parent), []);
  });
});

function llamaConfig(): ModelConfig {
  return {
    architecture: "llama",
    hidden: 16,
    layers: 1,
    heads: 4,
    keyValueHeads: 2,
    headSize: 4,
    feedForward: 24,
    vocabulary: 300,
    context: 32,
    normEpsilon: 1e-5,
    tied: true,
    rope: { theta: 10000, size: 4, scaling: { kind: "none" } },
    activation: "silu",
    parallelResidual: false,
    attentionBias: false,
    feedForwardBias: false,
  };
}

function gpt2Config(): ModelConfig {
  const { rope, ...rest } = llamaConfig();
  return {
    ...rest,
    architecture: "gpt2",
    keyValueHeads: 4,
    activation: "geluTanh",
    attentionBias: true,
    feedForwardBias: true,
  };
}

function neoxConfig(): ModelConfig {
  return {
    ...llamaConfig(),
    architecture: "neox",
    keyValueHeads: 4,
    tied: false,
    rope: { theta: 5000, size: 2, scaling: { kind: "linear", factor: 2 } },
    activation: "gelu",
    parallelResidual: true,
    attentionBias: true,
    feedForwardBias: true,
  };
}
