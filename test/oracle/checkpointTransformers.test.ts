/**
 * What FuseLab writes, loaded by transformers itself: the same logits as the original, rounding as PyTorch
 * rounds, no tensor missing or surplus. Needs a Python with torch and transformers: `python3`, or the one
 * FUSELAB_PYTHON names; skipped where there is none.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights } from "../../src/model/architecture/parameters.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import type { ModelCard } from "../../src/model/checkpoint/modelCard.ts";
import { writeModelFolder, writeNewModelFolder } from "../../src/model/checkpoint/writeFolder.ts";
import {
  type CheckpointName,
  checkpointNames,
  checkpoints,
  readJsonFile,
  temporaryFolder,
} from "../support/modelFolders.ts";

const script = fileURLToPath(new URL("../python/load_written.py", import.meta.url));
const python = process.env.FUSELAB_PYTHON ?? "python3";
const torchTypes = { F32: "torch.float32", F16: "torch.float16", BF16: "torch.bfloat16" } as const;
const factor = Math.fround(1.37);
const text = "the stones sang to the stream, 42 times";
const card: ModelCard = { title: "Written", summary: [], sources: [], baseModels: [] };

type Answer = Readonly<Record<string, unknown>>;

/** One answer a task, or `undefined` where Python lacks what it needs. */
function ask(tasks: readonly object[], context: TestContext): Answer[] | undefined {
  const { status, stdout, stderr, error } = spawnSync(python, [script], {
    input: JSON.stringify(tasks),
    encoding: "utf8",
    env: { ...process.env, HF_HUB_OFFLINE: "1", TRANSFORMERS_VERBOSITY: "error" },
  });
  if (error !== undefined || status === 77) {
    context.skip(
      `${python} with torch and transformers is not here: ${error?.message ?? stdout.trim()}`,
    );
    return undefined;
  }
  assert.equal(status, 0, stderr);
  const { version, answers } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1));
  context.diagnostic(`transformers ${version}`);
  return answers;
}

test("transformers loads what was written", { timeout: 300_000 }, async (context) => {
  const folder = temporaryFolder(context);
  const tasks: object[] = [];
  const checks: ((answer: Answer) => void)[] = [];

  for (const name of checkpointNames) {
    const original = path.join(checkpoints, name);
    const from = await openModelFolder(original);
    const weights = await from.loadWeights();

    const written = path.join(folder, `${name}-same`);
    await writeModelFolder(written, { from, weights, card });
    tasks.push({ kind: "same", original, written });
    checks.push((answer) =>
      assert.deepEqual(answer, {
        misfits: [],
        sameNames: true,
        sameBits: true,
        sameLogits: true,
        dtype: torchTypes[from.dtype],
      }),
    );

    const scaled = path.join(folder, `${name}-scaled`);
    const products = [...weights].map(
      ([key, values]) => [key, values.map((x) => x * factor)] as const,
    );
    await writeModelFolder(scaled, { from, weights: new Map(products), card });
    tasks.push({ kind: "scaled", original, written: scaled, factor });
    checks.push((answer) => assert.deepEqual(answer, { misfits: [], wrong: [] }));
  }

  for (const { name, tokenizer, config, type } of freshModels()) {
    for (const dtype of ["F32", "F16", "BF16"] as const) {
      const written = path.join(folder, `${name}-${dtype}`);
      const json = readJsonFile(path.join(checkpoints, tokenizer, "tokenizer.json"));
      const { bos_token, eos_token } = readJsonFile(
        path.join(checkpoints, tokenizer, "tokenizer_config.json"),
      );
      await writeNewModelFolder(written, {
        config,
        weights: initialWeights(config, 1),
        tokenizer: { json, config: { bos_token, eos_token } },
        card,
        dtype,
      });
      const { table, encode } = (await openModelFolder(written)).tokenizer;
      const encoding = encode(text);
      assert.ok("ids" in encoding);
      tasks.push({ kind: "fresh", written, text });
      checks.push((answer) =>
        assert.deepEqual(answer, {
          misfits: [],
          type,
          dtype: torchTypes[dtype],
          finite: true,
          ids: [...encoding.ids],
          bos: table.bos ?? null,
          eos: table.eos,
          configEos: table.eos,
        }),
      );
    }
  }

  const answers = ask(tasks, context);
  if (answers === undefined) return;
  assert.equal(answers.length, checks.length);
  for (const [i, check] of checks.entries()) check(answers[i]);
});

interface Fresh {
  readonly name: string;
  readonly tokenizer: CheckpointName;
  readonly type: string;
  readonly config: ModelConfig;
}

function freshModels(): Fresh[] {
  const common = { hidden: 16, layers: 2, heads: 4, headSize: 4, vocabulary: 320, context: 48 };
  const llama3 = {
    kind: "llama3",
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 16,
  } as const;
  const llama: ModelConfig = {
    ...common,
    architecture: "llama",
    keyValueHeads: 2,
    feedForward: 40,
    normEpsilon: 1e-5,
    tied: false,
    rope: { theta: 500000, size: 4, scaling: llama3 },
    activation: "silu",
    parallelResidual: false,
    attentionBias: true,
    feedForwardBias: false,
  };
  const { rope, ...plain } = llama;
  const biased = { keyValueHeads: 4, attentionBias: true, feedForwardBias: true };
  return [
    { name: "llama", tokenizer: "llama-sharded", type: "LlamaForCausalLM", config: llama },
    {
      name: "llama-tied",
      tokenizer: "llama-sharded",
      type: "LlamaForCausalLM",
      config: { ...llama, tied: true, attentionBias: false, feedForwardBias: true },
    },
    {
      name: "gpt2",
      tokenizer: "gpt2-f16",
      type: "GPT2LMHeadModel",
      config: { ...plain, ...biased, architecture: "gpt2", tied: true, activation: "geluTanh" },
    },
    {
      name: "neox",
      tokenizer: "neox-bf16",
      type: "GPTNeoXForCausalLM",
      config: {
        ...llama,
        ...biased,
        architecture: "neox",
        rope: { theta: 10000, size: 2, scaling: { kind: "none" } },
        activation: "gelu",
        parallelResidual: true,
      },
    },
  ];
}
