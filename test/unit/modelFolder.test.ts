import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { elementCount, type ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights, parametersOf } from "../../src/model/architecture/parameters.ts";
import { fingerprintOf } from "../../src/model/checkpoint/fingerprint.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import { locateParameters } from "../../src/model/checkpoint/locateParameters.ts";
import {
  readHeader,
  readTensor,
  type TensorToWrite,
  writeSafetensors,
} from "../../src/model/checkpoint/safetensors.ts";
import { specialTokensOf } from "../../src/model/checkpoint/specialTokens.ts";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import { assertProblem, changeJson, copyOf, temporaryFolder } from "../support/modelFolders.ts";

/** Rewrites a checkpoint's only weight file with what `change` makes of its tensors. */
async function changeTensors(
  folder: string,
  change: (tensors: TensorToWrite[]) => TensorToWrite[],
): Promise<void> {
  const file = path.join(folder, "model.safetensors");
  const header = await readHeader(file);
  const tensors: TensorToWrite[] = [];
  for (const { name, shape, type } of header.tensors.values()) {
    const data = await readTensor(header, name);
    tensors.push({ name, shape, data, type: type as "F16" });
  }
  await writeSafetensors(file, change(tensors), { dtype: "F16" });
}

const rename = (from: RegExp, to: string) => (tensors: TensorToWrite[]) =>
  tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace(from, to) }));

test("a folder is opened without its weights, which come widened when asked for", async (context) => {
  const folder = copyOf("neox-bf16", context);
  const model = await openModelFolder(folder);
  assert.equal(model.path, folder);
  assert.equal(model.name, "neox-bf16");
  assert.equal(model.rawConfig.model_type, "gpt_neox");
  assert.equal(model.tokenizer.name, "neox-bf16");
  // Three rows more than tokens: allowed.
  assert.equal(model.config.vocabulary, model.tokenizer.table.size + 3);
  assert.equal(model.licence, undefined);
  rmSync(path.join(folder, "model.safetensors"));
  await assertProblem(() => model.loadWeights(), {
    code: "missing",
    file: path.join(folder, "model.safetensors"),
    says: /is not there/,
  });
});

test("a relative path and a snapshot in a cache give the model its name", async (context) => {
  const folder = copyOf("gpt2-f16", context);
  const model = await openModelFolder(path.relative(process.cwd(), folder));
  assert.equal(model.path, folder);
  const snapshot = path.join(
    temporaryFolder(context),
    "models--some--tiny-gpt2",
    "snapshots",
    "0a1b",
  );
  mkdirSync(path.dirname(snapshot), { recursive: true });
  symlinkSync(folder, snapshot);
  const cached = await openModelFolder(snapshot);
  assert.equal(cached.name, "tiny-gpt2");
  assert.equal(cached.fingerprint, model.fingerprint);
});

describe("what is wrong with the folder's files is said with the file's name", () => {
  test("no folder, or a file in its place", async (context) => {
    const folder = path.join(temporaryFolder(context), "model");
    const says = /is not a folder/;
    await assertProblem(() => openModelFolder(folder), { code: "missing", file: folder, says });
    writeFileSync(folder, "");
    await assertProblem(() => openModelFolder(folder), { code: "missing", file: folder, says });
  });

  test("config.json missing, broken, a list, of another architecture", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "config.json");
    const open = () => openModelFolder(folder);
    changeJson(file, (json) => ({ ...json, model_type: "bert" }));
    await assertProblem(open, { code: "unsupported", file, says: /"bert"/ });
    writeFileSync(file, "[]");
    await assertProblem(open, { code: "badInput", file, says: /JSON object/ });
    writeFileSync(file, '{"model_type": NaN}');
    await assertProblem(open, { code: "badInput", file, says: /not valid JSON/ });
    writeFileSync(file, Uint8Array.of(0x22, 0xff, 0x22));
    await assertProblem(open, { code: "badInput", file, says: /not UTF-8/ });
    truncateSync(file, 17 * 2 ** 20);
    await assertProblem(open, { code: "tooLarge", file, says: /at most 16777216 are read/ });
    rmSync(file);
    await assertProblem(open, { code: "missing", file, says: /config.json is not there/ });
  });

  test("weights missing, in another format, or only an adapter", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "model.safetensors");
    const open = () => openModelFolder(folder);
    rmSync(file);
    await assertProblem(open, { code: "missing", file, says: /no model.safetensors/ });
    writeFileSync(path.join(folder, "pytorch_model.bin"), "");
    await assertProblem(open, { code: "unsupported", file, says: /safetensors format/ });
    writeFileSync(path.join(folder, "adapter_config.json"), "{}");
    await assertProblem(open, { code: "unsupported", file, says: /adapter/ });
  });

  test("a weight file that is cut short", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "model.safetensors");
    writeFileSync(file, readFileSync(file).subarray(0, -2));
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file,
      says: /cut short/,
    });
  });
});

describe("sharded weights", () => {
  const index = "model.safetensors.index.json";
  const second = "model-00002-of-00002.safetensors";

  test("a shard that is not there", async (context) => {
    const folder = copyOf("llama-sharded", context);
    const file = path.join(folder, second);
    rmSync(file);
    await assertProblem(() => openModelFolder(folder), {
      code: "missing",
      file,
      says: /names model-00002/,
    });
  });

  test("a tensor that the index promises and the shard lacks", async (context) => {
    const folder = copyOf("llama-sharded", context);
    changeJson(path.join(folder, index), (json) => ({
      weight_map: { ...(json.weight_map as object), "model.norm.weight": second, extra: second },
    }));
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file: path.join(folder, second),
      says: /looks for "[a-z._]+" in model-00002/,
    });
  });

  for (const shard of [
    "../outside.safetensors",
    "/etc/x.safetensors",
    "a/b.safetensors",
    "..\\x.safetensors",
    "c:x.safetensors",
    "tokenizer.json",
    ".safetensors\0.safetensors",
    7,
  ]) {
    test(`a shard called ${JSON.stringify(shard)} is refused`, async (context) => {
      const folder = copyOf("llama-sharded", context);
      const file = path.join(folder, index);
      // The file is there, so that only its name can be the reason.
      if (shard === "../outside.safetensors") {
        copyFileSync(path.join(folder, second), path.join(folder, shard));
      }
      changeJson(file, ({ weight_map: map }) => ({
        weight_map: { ...(map as object), "lm_head.weight": shard },
      }));
      await assertProblem(() => openModelFolder(folder), {
        code: "badInput",
        file,
        says: /no safetensors file of this folder/,
      });
    });
  }

  test("an index without a map, or of endless shards", async (context) => {
    const folder = copyOf("llama-sharded", context);
    const file = path.join(folder, index);
    changeJson(file, () => ({ weight_map: [] }));
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file,
      says: /no weight_map/,
    });
    const many = Array.from({ length: 1025 }, (_, i) => [`t${i}`, `${i}.safetensors`]);
    changeJson(file, () => ({ weight_map: Object.fromEntries(many) }));
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file,
      says: /names 1025 files/,
    });
  });

  test("a tensor that stands in two shards", async (context) => {
    const folder = copyOf("llama-sharded", context);
    const [first] = (
      await readHeader(path.join(folder, "model-00001-of-00002.safetensors"))
    ).tensors.values();
    const file = path.join(folder, second);
    const header = await readHeader(file);
    const tensors: TensorToWrite[] = [
      { name: first.name, shape: first.shape, data: new Float32Array(elementCount(first.shape)) },
    ];
    for (const { name, shape } of header.tensors.values()) {
      tensors.push({ name, shape, data: await readTensor(header, name) });
    }
    await writeSafetensors(file, tensors, { dtype: "F32" });
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file: folder,
      says: new RegExp(`twice there ${first.name}`),
    });
  });
});

describe("the weights must be the configuration's", () => {
  const open = async (
    context: Parameters<typeof copyOf>[1],
    change: (tensors: TensorToWrite[]) => TensorToWrite[],
  ) => {
    const folder = copyOf("gpt2-f16", context);
    await changeTensors(folder, change);
    return {
      folder,
      act: () => openModelFolder(folder),
      file: path.join(folder, "model.safetensors"),
    };
  };

  test("missing, surplus and wrongly shaped tensors are named in one go", async (context) => {
    const { act, file } = await open(context, (tensors) =>
      tensors
        .filter(({ name }) => !name.endsWith("ln_f.bias"))
        .map((tensor) =>
          tensor.name.endsWith("wpe.weight") ? { ...tensor, shape: [8, 32] } : tensor,
        )
        .concat({ name: "score.weight", shape: [1], data: new Float32Array(1) }),
    );
    await assertProblem(act, {
      code: "badInput",
      file,
      says: /missing transformer.ln_f.bias; surplus score.weight; transformer.wpe.weight has the shape \[8, 32\] instead of \[32, 8\]/,
    });
  });

  test("long lists are cut", async (context) => {
    const { act, file } = await open(context, (tensors) =>
      tensors.filter(({ name }) => !name.includes(".h.1.")),
    );
    await assertProblem(act, { code: "badInput", file, says: /missing .* and 7 more/ });
  });

  test("names without the prefix, as a bare model has them", async (context) => {
    const { act } = await open(context, rename(/^transformer\./, ""));
    const { fingerprint } = await openModelFolder(copyOf("gpt2-f16", context));
    const model = await act();
    assert.equal(model.fingerprint, fingerprint);
    assert.ok((await model.loadWeights()).has("transformer.wte.weight"));
  });

  test("a tensor under both names is there twice", async (context) => {
    const { act, file } = await open(context, (tensors) => [
      ...tensors,
      ...rename(/^transformer\./, "")(tensors.filter(({ name }) => name.endsWith("wpe.weight"))),
    ]);
    await assertProblem(act, {
      code: "badInput",
      file,
      says: /twice there transformer.wpe.weight/,
    });
  });

  test("buffers of older versions are passed over", async (context) => {
    const buffer = { shape: [1], data: new Float32Array(1) };
    const { act } = await open(context, (tensors) => [
      ...tensors,
      { name: "transformer.h.0.attn.bias", ...buffer },
      { name: "h.1.attn.masked_bias", ...buffer },
      { name: "gpt_neox.layers.0.attention.rotary_emb.inv_freq", ...buffer },
    ]);
    const model = await act();
    const plain = await openModelFolder(copyOf("gpt2-f16", context));
    assert.equal(model.parameters, plain.parameters);
    assert.deepEqual(await model.loadWeights(), await plain.loadWeights());
  });

  test("a tied table may stand under the output's name too, or only there", async (context) => {
    const twin = (tensors: TensorToWrite[]) =>
      rename(
        /^transformer\.wte\.weight$/,
        "lm_head.weight",
      )(tensors.filter(({ name }) => name === "transformer.wte.weight"));
    const both = await (await open(context, (tensors) => [...tensors, ...twin(tensors)])).act();
    const only = await (
      await open(context, (tensors) => [
        ...tensors.filter(({ name }) => name !== "transformer.wte.weight"),
        ...twin(tensors),
      ])
    ).act();
    for (const model of [both, only]) {
      const weights = await model.loadWeights();
      assert.ok(weights.has("transformer.wte.weight") && !weights.has("lm_head.weight"));
      assert.equal(model.fingerprint, both.fingerprint);
    }
  });

  test("but not with other numbers in it", async (context) => {
    const { act, folder } = await open(context, (tensors) => {
      const table = tensors.find(({ name }) => name === "transformer.wte.weight");
      assert.ok(table);
      const data = table.data.slice();
      data[0] += 1;
      return [...tensors, { ...table, name: "lm_head.weight", data }];
    });
    await assertProblem(act, {
      code: "badInput",
      file: path.join(folder, "config.json"),
      says: /ties the output to the embedding, but lm_head.weight and transformer.wte.weight differ/,
    });
  });

  test("an output that is missing where the model is not tied has its own advice", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    changeJson(path.join(folder, "config.json"), (json) => ({
      ...json,
      tie_word_embeddings: false,
    }));
    await assert.rejects(
      openModelFolder(folder),
      ({ message, next }: { message: string; next: string }) => {
        assert.match(message, /missing lm_head.weight\.$/);
        assert.match(next, /"tie_word_embeddings" to true/);
        return true;
      },
    );
  });

  test("weights of a type that is not read", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "model.safetensors");
    writeFileSync(file, readFileSync(file, "latin1").replaceAll('"F16"', '"I16"'), "latin1");
    await assertProblem(() => openModelFolder(folder), {
      code: "unsupported",
      file,
      says: /type I16/,
    });
  });

  test("a few tensors in another type are no fault, the type of most is the model's", async (context) => {
    const { act } = await open(context, (tensors) =>
      tensors.map((tensor) => (tensor.name.includes("ln_") ? { ...tensor, type: "F32" } : tensor)),
    );
    const { dtype, types } = await act();
    assert.equal(dtype, "F16");
    assert.equal(types.get("transformer.ln_f.weight"), "F32");
    assert.equal(types.get("transformer.wpe.weight"), "F16");
  });
});

test("the fingerprint follows the weights and the configuration, not the files they come in", async (context) => {
  const folder = copyOf("gpt2-f16", context);
  const { fingerprint } = await openModelFolder(folder);
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  await changeTensors(folder, (tensors) => tensors);
  changeJson(path.join(folder, "config.json"), (json) => ({ ...json, _name_or_path: "elsewhere" }));
  assert.equal((await openModelFolder(folder)).fingerprint, fingerprint);

  await changeTensors(folder, (tensors) => {
    tensors[3].data[0] += 1;
    return tensors;
  });
  const trained = await openModelFolder(folder);
  assert.notEqual(trained.fingerprint, fingerprint);
  changeJson(path.join(folder, "config.json"), (json) => ({ ...json, layer_norm_epsilon: 1e-6 }));
  assert.notEqual((await openModelFolder(folder)).fingerprint, trained.fingerprint);
});

test("large weights are told apart by samples of every tensor", async (context) => {
  const config: ModelConfig = {
    ...(await openModelFolder(copyOf("gpt2-f16", context))).config,
    vocabulary: 9000, // wider than the three windows in F32
  };
  const weights = initialWeights(config, 1);
  const file = path.join(temporaryFolder(context), "model.safetensors");
  const sampled = async (change: (table: Float32Array) => void): Promise<string> => {
    const tensors = parametersOf(config).map(({ name, shape }) => {
      const data = weights.get(name)!.slice();
      if (name === "transformer.wte.weight") change(data);
      return { name, shape, data };
    });
    await writeSafetensors(file, tensors, { dtype: "F32" });
    return fingerprintOf(config, locateParameters(config, [await readHeader(file)]).parameters, 0);
  };
  const original = await sampled(() => {});
  const { length } = weights.get("transformer.wte.weight")!;
  for (const index of [0, length / 2, length - 1]) {
    const changed = await sampled((table) => {
      table[index] += 1;
    });
    assert.notEqual(changed, original, `element ${index}`);
  }
  assert.equal(await sampled(() => {}), original);
});

describe("the tokenizer of a folder", () => {
  test("is opened without weights or configuration", async (context) => {
    const folder = copyOf("llama-sharded", context);
    const whole = await openModelFolder(folder);
    for (const name of ["config.json", "generation_config.json", "model.safetensors.index.json"]) {
      rmSync(path.join(folder, name));
    }
    const tokenizer = await openTokenizer(folder);
    assert.equal(tokenizer.fingerprint, whole.tokenizer.fingerprint);
    assert.deepEqual([tokenizer.table.bos, tokenizer.table.eos], [1, 2]);
    const encoding = tokenizer.encode("the stones");
    assert.ok("ids" in encoding && encoding.ends.at(-1) === 10);
  });

  test("wider than the model is an error with both sizes and the first token without a row", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "tokenizer.json");
    const { tokenizer, config } = await openModelFolder(folder);
    assert.equal(tokenizer.table.size, config.vocabulary);
    changeJson(file, (json) => ({
      ...json,
      added_tokens: [
        ...(json.added_tokens as object[]),
        {
          id: config.vocabulary,
          content: "[PAD]",
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
          special: true,
        },
      ],
    }));
    await assertProblem(() => openModelFolder(folder), {
      code: "badInput",
      file,
      says: new RegExp(
        `ids up to ${config.vocabulary}, the model has rows for ${config.vocabulary}: no row for "\\[PAD\\]"`,
      ),
    });
  });

  test("missing, or only in an older format, with what to do", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "tokenizer.json");
    renameSync(file, path.join(folder, "other"));
    await assertProblem(() => openTokenizer(folder), {
      code: "missing",
      file,
      says: /no tokenizer.json/,
    });
    writeFileSync(path.join(folder, "tokenizer.model"), "");
    await assertProblem(() => openTokenizer(folder), {
      code: "unsupported",
      file,
      says: /only as tokenizer.model/,
    });
    await assert.rejects(openTokenizer(folder), ({ next }: { next: string }) => {
      assert.match(next, /AutoTokenizer.from_pretrained\(folder\).save_pretrained\(folder\)/);
      return true;
    });
  });

  test("broken in itself or in the files beside it", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const file = path.join(folder, "tokenizer.json");
    const definition = readFileSync(file);
    for (const [text, says] of [
      ["{", /not valid JSON/],
      ["7", /JSON object/],
      [
        '{"added_tokens":[{"id":0,"content":"<|endoftext|>","special":true}]}',
        /definition is broken/,
      ],
    ] as const) {
      writeFileSync(file, text);
      await assertProblem(() => openTokenizer(folder), { code: "badInput", file, says });
    }
    writeFileSync(file, definition);
    for (const name of [
      "tokenizer_config.json",
      "special_tokens_map.json",
      "generation_config.json",
    ]) {
      const beside = path.join(folder, name);
      writeFileSync(beside, "{");
      await assertProblem(() => openTokenizer(folder), {
        code: "badInput",
        file: beside,
        says: /not valid JSON/,
      });
      rmSync(beside);
    }
  });

  test("changes its fingerprint with its definition and its roles, not with its description", async (context) => {
    const folder = copyOf("gpt2-f16", context);
    const { fingerprint } = await openTokenizer(folder);
    const config = path.join(folder, "tokenizer_config.json");
    changeJson(config, (json) => ({ ...json, chat_template: "x", model_max_length: 7 }));
    assert.equal((await openTokenizer(folder)).fingerprint, fingerprint);
    changeJson(config, (json) => ({ ...json, bos_token: null }));
    assert.notEqual((await openTokenizer(folder)).fingerprint, fingerprint);
  });
});

describe("what opens and closes a text is decided in a fixed order", () => {
  const tokenizer = {
    added_tokens: [
      { id: 10, content: "<s>", special: true },
      { id: 11, content: "</s>", special: true },
      { id: 12, content: "<|end|>", special: true },
      { id: 13, content: "  ", special: false },
    ],
    model: { type: "BPE", vocab: { a: 0, "<old>": 1 } },
  };
  const decide = (files: object) => specialTokensOf({ tokenizer, ...files }, "/m");

  test("tokenizer_config.json first, as text or as an added token", () => {
    const files = {
      config: { bos_token: "<s>", eos_token: { content: "</s>", lstrip: false } },
      specialTokensMap: { bos_token: "<|end|>", eos_token: "<|end|>" },
      generationConfig: { bos_token_id: 12, eos_token_id: 12 },
    };
    assert.deepEqual(decide(files), { bos: 10, eos: 11 });
    assert.deepEqual(decide({ config: { eos_token: "<old>" } }), { eos: 1 });
  });

  test("then special_tokens_map.json, generation_config.json, config.json", () => {
    const map = { specialTokensMap: { eos_token: "<|end|>" } };
    const generation = { generationConfig: { bos_token_id: 10, eos_token_id: [99, 12, 11] } };
    const model = { modelConfig: { bos_token_id: 12, eos_token_id: 11 } };
    assert.deepEqual(decide({ ...map, ...generation, ...model }), { bos: 10, eos: 12 });
    assert.deepEqual(decide({ ...generation, ...model }), { bos: 10, eos: 12 });
    assert.deepEqual(decide(model), { bos: 12, eos: 11 });
    assert.deepEqual(decide({}), {});
  });

  test("null in tokenizer_config.json says that there is none", () => {
    assert.deepEqual(
      decide({ config: { bos_token: null, eos_token: "</s>" }, modelConfig: { bos_token_id: 10 } }),
      { eos: 11 },
    );
  });

  test("ids that are no special tokens are a class's defaults and do not count", () => {
    assert.deepEqual(decide({ modelConfig: { bos_token_id: 1, eos_token_id: 13 } }), {});
    assert.deepEqual(decide({ modelConfig: { bos_token_id: 50256, eos_token_id: "11" } }), {});
  });

  test("a Unigram vocabulary is a list", () => {
    const unigram = {
      model: {
        type: "Unigram",
        vocab: [
          ["<unk>", 0],
          ["</s>", -1],
        ],
      },
    };
    assert.deepEqual(specialTokensOf({ tokenizer: unigram, config: { eos_token: "</s>" } }, "/m"), {
      eos: 1,
    });
  });

  test("a token that the tokenizer does not have is a Problem", async () => {
    for (const name of ["<none>", "toString", 7]) {
      await assertProblem(() => decide({ config: { bos_token: name } }), {
        code: "badInput",
        file: path.join("/m", "tokenizer_config.json"),
        says: /as bos_token, which tokenizer.json does not have/,
      });
    }
  });
});
