import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { readModelConfig } from "../../src/model/checkpoint/config.ts";
import { composeConfig, withDtype } from "../../src/model/checkpoint/configJson.ts";
import { assertProblem } from "../support/modelFolders.ts";

const file = "/models/some/config.json";
const read = (json: unknown) => readModelConfig(json, file);

const llama = {
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 100,
  max_position_embeddings: 256,
};
const gpt2 = { model_type: "gpt2", n_embd: 64, n_layer: 2, n_head: 4, vocab_size: 100 };
const neox = {
  model_type: "gpt_neox",
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 100,
};

describe("absent keys have the defaults of transformers' classes", () => {
  test("Llama", () => {
    assert.deepEqual(read(llama), {
      architecture: "llama",
      hidden: 64,
      layers: 2,
      heads: 4,
      keyValueHeads: 2,
      headSize: 16,
      feedForward: 160,
      vocabulary: 100,
      context: 256,
      normEpsilon: 1e-6,
      tied: false,
      rope: { theta: 10000, size: 16, scaling: { kind: "none" } },
      activation: "silu",
      parallelResidual: false,
      attentionBias: false,
      feedForwardBias: false,
    });
    assert.equal(read({ ...llama, num_key_value_heads: null }).keyValueHeads, 4);
  });

  test("GPT-2", () => {
    assert.deepEqual(read(gpt2), {
      architecture: "gpt2",
      hidden: 64,
      layers: 2,
      heads: 4,
      keyValueHeads: 4,
      headSize: 16,
      feedForward: 256,
      vocabulary: 100,
      context: 1024,
      normEpsilon: 1e-5,
      tied: true,
      activation: "geluTanh",
      parallelResidual: false,
      attentionBias: true,
      feedForwardBias: true,
    });
  });

  test("GPT-NeoX", () => {
    const config = read(neox);
    assert.deepEqual(config.rope, { theta: 10000, size: 4, scaling: { kind: "none" } });
    assert.equal(config.tied, false);
    assert.equal(config.activation, "gelu");
    assert.ok(config.parallelResidual && config.attentionBias && config.feedForwardBias);
    assert.equal(config.context, 2048);
    assert.equal(config.normEpsilon, 1e-5);
  });

  test("Mistral, whose window bounds the context where it is the smaller one", () => {
    const mistral = { ...llama, model_type: "mistral", num_key_value_heads: undefined };
    const eightHeads = { ...mistral, num_attention_heads: 16 };
    assert.equal(read(eightHeads).keyValueHeads, 8);
    assert.equal(read({ ...mistral, num_key_value_heads: null }).keyValueHeads, 4);
    const long = { ...eightHeads, max_position_embeddings: 32768 };
    assert.equal(read(long).context, 4096);
    assert.equal(read({ ...long, sliding_window: null }).context, 32768);
    assert.equal(read({ ...long, sliding_window: 512 }).context, 512);
    assert.equal(read(eightHeads).context, 256);
  });
});

describe("older and newer spellings mean the same", () => {
  const same = (what: string, older: object, newer: object) =>
    test(what, () => assert.deepEqual(read(older), read(newer)));

  same(
    "a rotary base beside the table, or in it",
    { ...llama, rope_theta: 500000, rope_scaling: null },
    { ...llama, rope_parameters: { rope_theta: 500000, rope_type: "default" } },
  );
  same(
    "linear scaling under type, or under rope_type",
    { ...llama, rope_scaling: { type: "linear", factor: 2 } },
    { ...llama, rope_parameters: { rope_type: "linear", factor: 2, rope_theta: 10000 } },
  );
  same(
    "Llama 3's scaling, in both tables at once",
    { ...llama, rope_theta: 500000, rope_scaling: llama3() },
    { ...llama, rope_parameters: { ...llama3(), rope_theta: 500000 }, rope_scaling: llama3() },
  );
  same(
    "GPT-NeoX's own names, or the common ones",
    { ...neox, rotary_pct: 0.5, rotary_emb_base: 5000 },
    { ...neox, rope_parameters: { partial_rotary_factor: 0.5, rope_theta: 5000 } },
  );
  same("GPT-2's own names, or the common ones", gpt2, {
    model_type: "gpt2",
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    vocab_size: 100,
  });

  test("Llama 3's scaling is read in full", () => {
    assert.deepEqual(read({ ...llama, rope_scaling: llama3() }).rope?.scaling, {
      kind: "llama3",
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 8192,
    });
  });

  const activations = {
    gelu: "gelu",
    gelu_new: "geluTanh",
    gelu_fast: "geluTanh",
    gelu_pytorch_tanh: "geluTanh",
    silu: "silu",
  };
  for (const [name, kind] of Object.entries(activations)) {
    test(`the activation ${name}`, () => {
      assert.equal(read({ ...neox, hidden_act: name }).activation, kind);
      assert.equal(read({ ...gpt2, activation_function: name }).activation, kind);
    });
  }
});

function llama3() {
  return {
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
}

describe("what would change the computation and is not built is refused", () => {
  const cases: [json: object, says: RegExp][] = [
    [
      { ...llama, model_type: "qwen2" },
      /"qwen2" is not supported; supported are llama, mistral, gpt2, gpt_neox/,
    ],
    [{ ...llama, model_type: "constructor" }, /"constructor" is not supported/],
    [{ ...llama, hidden_act: "relu" }, /"hidden_act" in config.json is "relu"/],
    [
      { ...llama, rope_scaling: { rope_type: "yarn", factor: 4 } },
      /"rope_type" in config.json is "yarn"/,
    ],
    [
      { ...llama, rope_scaling: { type: "dynamic", factor: 4 } },
      /"type" in config.json is "dynamic"/,
    ],
    [
      { ...llama, rope_parameters: { full_attention: { rope_theta: 1 } } },
      /one set of rotary frequencies/,
    ],
    [{ ...llama, partial_rotary_factor: 0.5 }, /partial_rotary_factor/],
    [{ ...llama, quantization_config: { quant_method: "gptq" } }, /quantization_config/],
    [{ ...llama, auto_map: { AutoModelForCausalLM: "modeling.Mine" } }, /auto_map/],
    [{ ...llama, is_encoder_decoder: true }, /is_encoder_decoder/],
    [{ ...llama, pruned_heads: { 0: [1] } }, /pruned_heads/],
    [{ ...llama, per_layer_config: { 0: { hidden_size: 8 } } }, /per_layer_config/],
    [{ ...llama, layer_types: ["full_attention", "linear_attention"] }, /layer_types/],
    [{ ...gpt2, scale_attn_weights: false }, /scale_attn_weights/],
    [{ ...gpt2, scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx/],
    [{ ...gpt2, add_cross_attention: true }, /add_cross_attention/],
    [{ ...neox, hidden_act: "quick_gelu" }, /quick_gelu/],
  ];
  for (const [json, says] of cases) {
    test(String(says), () => assertProblem(() => read(json), { code: "unsupported", file, says }));
  }

  test("and what changes nothing is not", () => {
    const harmless = {
      ...llama,
      layer_types: ["full_attention", "full_attention"],
      pruned_heads: {},
      auto_map: { AutoConfig: "configuration.Mine" },
      pretraining_tp: 2,
      attention_dropout: 0.1,
      quantization_config: null,
      unknown_key: "of a fork",
    };
    assert.deepEqual(read(harmless), read(llama));
    assert.deepEqual(
      read({ ...gpt2, reorder_and_upcast_attn: true, resid_pdrop: 0.5 }),
      read(gpt2),
    );
  });
});

describe("values that make no sense are named with their bounds", () => {
  const cases: [json: unknown, says: RegExp][] = [
    [null, /not hold a JSON object/],
    [[], /not hold a JSON object/],
    [{}, /"model_type" is missing/],
    [{ ...llama, model_type: 3 }, /"model_type" in config.json is 3; it must be a string/],
    [
      { ...llama, hidden_size: 0 },
      /"hidden_size" in config.json is 0; it must be a whole number from 1/,
    ],
    [{ ...llama, hidden_size: 64.5 }, /is 64.5/],
    [{ ...llama, hidden_size: "64" }, /is "64"/],
    [{ ...llama, hidden_size: 2 ** 40 }, /from 1 to 131072/],
    [{ ...llama, num_hidden_layers: 1e9 }, /from 1 to 1024/],
    [{ ...llama, vocab_size: -1 }, /"vocab_size" in config.json is -1/],
    [
      { ...llama, num_attention_heads: 5 },
      /"hidden_size" in config.json is 64, which "num_attention_heads" \(5\) does not divide/,
    ],
    [{ ...llama, num_key_value_heads: 3 }, /"num_key_value_heads" \(3\) does not divide/],
    [{ ...llama, head_dim: 7 }, /turns 7 of 7 numbers/],
    [
      { ...llama, rms_norm_eps: 0 },
      /"rms_norm_eps" in config.json is 0; it must be a number above 0/,
    ],
    [{ ...llama, tie_word_embeddings: "yes" }, /must be true or false/],
    [{ ...llama, rope_theta: -1 }, /"rope_theta" in config.json is -1/],
    [
      { ...llama, rope_scaling: "linear" },
      /"rope_scaling" in config.json is "linear"; it must be an object/,
    ],
    [{ ...llama, rope_scaling: { rope_type: "linear" } }, /"factor" is missing/],
    [{ ...llama, rope_scaling: { ...llama3(), low_freq_factor: 4 } }, /low_freq_factor/],
    [
      { ...llama, rope_theta: 1, rope_parameters: { rope_theta: 2 } },
      /"rope_theta" and "rope_parameters.rope_theta" in config.json say the same thing differently: 1 and 2/,
    ],
    [{ ...llama, rope_scaling: { type: "linear", rope_type: "llama3" } }, /"rope_type" and "type"/],
    [{ ...gpt2, n_head: 3 }, /"n_embd" in config.json is 64/],
    [{ ...gpt2, hidden_size: 128 }, /"n_embd" and "hidden_size"/],
    [{ ...neox, rotary_pct: 0 }, /"rotary_pct" in config.json is 0/],
    [{ ...neox, rotary_pct: 1.5 }, /turns 24 of 16/],
    [{ ...neox, rotary_pct: 0.2 }, /turns 3 of 16/],
  ];
  for (const [json, says] of cases) {
    test(String(says), () => assertProblem(() => read(json), { code: "badInput", file, says }));
  }
});

describe("a written configuration is read as what it was written from", () => {
  const base = read(llama);
  const configs: [what: string, config: ModelConfig][] = [
    ["Llama", base],
    [
      "Llama with everything set",
      read({
        ...llama,
        head_dim: 6,
        attention_bias: true,
        mlp_bias: true,
        tie_word_embeddings: true,
        rope_theta: 5e5,
        rope_scaling: llama3(),
        hidden_act: "gelu",
      }),
    ],
    [
      "linear scaling",
      { ...base, rope: { theta: 7, size: 16, scaling: { kind: "linear", factor: 2 } } },
    ],
    ["GPT-2", read(gpt2)],
    ["GPT-2, untied", read({ ...gpt2, n_inner: 100, tie_word_embeddings: false, n_positions: 77 })],
    ["GPT-NeoX", read(neox)],
    [
      "GPT-NeoX, serial",
      read({
        ...neox,
        use_parallel_residual: false,
        attention_bias: false,
        hidden_act: "gelu_new",
      }),
    ],
  ];
  for (const [what, config] of configs) {
    test(what, () => {
      const json = JSON.parse(JSON.stringify(composeConfig(config, { bos: 1, eos: 2 }, "BF16")));
      assert.deepEqual(read(json), config);
      assert.equal(json.torch_dtype, "bfloat16");
      assert.deepEqual([json.bos_token_id, json.eos_token_id], [1, 2]);
    });
  }

  test("every possible share of a GPT-NeoX head", () => {
    for (let headSize = 2; headSize <= 128; headSize += 2) {
      for (let size = 2; size <= headSize; size += 2) {
        const config = { ...read(neox), hidden: headSize * 4, headSize };
        const rope = { theta: 10000, size, scaling: { kind: "none" } } as const;
        const json = composeConfig({ ...config, rope }, {}, "F32");
        assert.equal(read(json).rope?.size, size, `${size} of ${headSize}`);
      }
    }
  });
});

test("the type of the weights is told under the key the file had", () => {
  assert.deepEqual(withDtype({ dtype: "float32", a: 1 }, "F16"), { dtype: "float16", a: 1 });
  assert.deepEqual(withDtype({ torch_dtype: "float32" }, "BF16"), { torch_dtype: "bfloat16" });
  const both = { dtype: "float16", torch_dtype: "float16" };
  assert.deepEqual(withDtype(both, "F32"), { dtype: "float32", torch_dtype: "float32" });
  assert.deepEqual(withDtype({}, "F32"), { torch_dtype: "float32" });
});
