import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Representation } from "../../src/core/fusion/representation.ts";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights, parametersOf } from "../../src/model/architecture/parameters.ts";
import {
  type LanguageModel,
  type LanguageModelOptions,
  openLanguageModel,
} from "../../src/model/languageModel.ts";
import { estimateReading } from "../../src/model/memory.ts";
import { smallModels } from "../support/models.ts";
import { isProblem } from "../support/problems.ts";
import { largestDifference } from "../support/program.ts";
import { randomSequence } from "../support/toyText.ts";

const llama: ModelConfig = { ...smallModels["Llama, tied"], context: 200 };
const gpt2: ModelConfig = { ...smallModels["GPT-2"], context: 200 };
const neox: ModelConfig = { ...smallModels["GPT-NeoX, parallel, partly turned"], context: 200 };

const times12 = (weight: number): number => 12 * weight;

async function open(
  t: TestContext,
  config: ModelConfig,
  options: Partial<LanguageModelOptions> = {},
): Promise<LanguageModel> {
  const weights = initialWeights(config, 5);
  // Far larger than at the start of training, so that distributions are far from uniform.
  for (const { name, kind } of parametersOf(config)) {
    if (kind === "matrix" || kind === "embedding")
      weights.set(name, weights.get(name)!.map(times12));
  }
  const model = await openLanguageModel(config, weights, {
    threads: 1,
    memoryLimit: 1e9,
    ...options,
  });
  t.after(() => model.dispose());
  return model;
}

const texts = [37, 1, 128, 9, 64, 200, 2, 90, 33, 5, 128, 17].map((length, i) =>
  randomSequence(length, llama.vocabulary, i),
);

function assertSame(a: Representation, b: Representation, what: string): void {
  assert.equal(a.rows, b.rows);
  assert.deepEqual(a.ids, b.ids, `${what}: top ids`);
  for (const key of ["nats", "logProbs", "leftOver"] as const) {
    const difference = largestDifference(a[key], b[key]);
    assert.ok(difference < 2e-6, `${what}: ${key} differ by ${difference}`);
  }
}

for (const [name, config] of Object.entries({ llama, gpt2, neox })) {
  test(`${name}: a sequence reads the same alone, among others, and in small batches`, async (t) => {
    const model = await open(t, config);
    const together = await model.read(texts, 4);
    const tight = estimateReading(config, { rows: 1, length: 224, topK: 4 });
    const small = await (await open(t, config, { memoryLimit: tight })).read(texts, 4);
    for (const [i, text] of texts.entries()) {
      const [alone] = await model.read([text], 4);
      assertSame(together[i], alone, `text ${i} of ${text.tokens.length} tokens, alone`);
      assertSame(together[i], small[i], `text ${i} of ${text.tokens.length} tokens, small batches`);
    }
  });
}

test("nats are −ln p of the labels, and the left-over is what the top k does not hold", async (t) => {
  const model = await open(t, llama);
  const text = randomSequence(20, llama.vocabulary, 3);
  const [whole] = await model.read([text], llama.vocabulary);
  const [top] = await model.read([text], 5);
  for (let row = 0; row < 20; row++) {
    const from = row * llama.vocabulary;
    const ids = Array.from(whole.ids.subarray(from, from + llama.vocabulary));
    const probs = Array.from(whole.logProbs.subarray(from, from + llama.vocabulary), Math.exp);
    assert.deepEqual(
      [...ids].sort((a, b) => a - b),
      Array.from({ length: 31 }, (_, id) => id),
    );
    assert.ok(Math.abs(probs.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
    const label = probs[ids.indexOf(text.labels[row])];
    assert.ok(Math.abs(whole.nats[row] + Math.log(label)) < 1e-5);
    assert.deepEqual(Array.from(top.ids.subarray(row * 5, row * 5 + 5)), ids.slice(0, 5));
    const rest = probs.slice(5).reduce((sum, p) => sum + p, 0);
    assert.ok(
      Math.abs(top.leftOver[row] - rest) < 1e-5,
      `row ${row}: ${top.leftOver[row]}, ${rest}`,
    );
    assert.ok(whole.leftOver[row] >= 0 && whole.leftOver[row] < 1e-5);
  }
  assert.ok(
    top.leftOver.some((mass) => mass > 0.1),
    "the case is not trivial",
  );
});

test("a top k of 0 gives the same nats and nothing else", async (t) => {
  const model = await open(t, llama);
  const withTop = await model.read(texts, 3);
  const natsOnly = await model.read(texts, 0);
  for (const [i, { nats, ids, logProbs, leftOver }] of natsOnly.entries()) {
    assert.ok(largestDifference(nats, withTop[i].nats) < 2e-6);
    assert.deepEqual([ids.length, logProbs.length], [0, 0]);
    assert.ok(leftOver.every((mass) => mass === 1));
  }
});

test("masked ids are in no top k, and no probability changes", async (t) => {
  const text = randomSequence(40, llama.vocabulary, 8);
  const [free] = await (await open(t, llama)).read([text], llama.vocabulary);
  const vocabularyMask = new Float32Array(llama.vocabulary);
  for (let id = 20; id < llama.vocabulary; id++) vocabularyMask[id] = -1e30;
  const masked = await open(t, llama, { vocabularyMask });
  const [read] = await masked.read([text], 6);
  assert.ok(largestDifference(read.nats, free.nats) < 2e-6);
  for (let row = 0; row < read.rows; row++) {
    const all = new Map<number, number>();
    for (let k = 0; k < llama.vocabulary; k++) {
      all.set(free.ids[row * llama.vocabulary + k], free.logProbs[row * llama.vocabulary + k]);
    }
    const expected = [...all].filter(([id]) => id < 20).slice(0, 6);
    const own = Array.from({ length: 6 }, (_, k) => read.ids[row * 6 + k]);
    assert.deepEqual(
      own,
      expected.map(([id]) => id),
    );
    for (const [k, [, logProb]] of expected.entries()) {
      assert.ok(Math.abs(read.logProbs[row * 6 + k] - logProb) < 1e-5);
    }
    const mass = expected.reduce((sum, [, logProb]) => sum + Math.exp(logProb), 0);
    assert.ok(Math.abs(read.leftOver[row] - (1 - mass)) < 1e-5);
  }
  await assert.rejects(masked.read([text], 21), isProblem("badInput", "top 21", "20 tokens"));
});

test("progress counts sequences up to all of them", async (t) => {
  const model = await open(t, llama);
  const seen: number[] = [];
  await model.read(texts, 1, (done, of) => {
    assert.equal(of, texts.length);
    seen.push(done);
  });
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(seen.at(-1), texts.length);
});

test("reading stops between batches when it is cancelled, and the model reads on afterwards", async (t) => {
  const model = await open(t, llama);
  const cancel = new AbortController();
  const many = Array.from({ length: 60 }, () => texts[2]);
  const stopped = model.read(many, 1, () => cancel.abort(), cancel.signal);
  await assert.rejects(stopped, isProblem("cancelled"));
  assert.equal((await model.read(texts, 1)).length, texts.length);
});

test("reads that overlap in time do not mix, though they share a program", async (t) => {
  const model = await open(t, llama);
  const [one, other] = [randomSequence(30, 31, 1), randomSequence(30, 31, 2)];
  const apart = [await model.read([one], 2), await model.read([other], 2)];
  const atOnce = await Promise.all([model.read([one], 2), model.read([other], 2)]);
  assert.deepEqual(atOnce, apart);
});

test("no sequences give no representations", async (t) => {
  assert.deepEqual(await (await open(t, llama)).read([], 3), []);
});

test("what a model cannot read is refused with the figures", async (t) => {
  const model = await open(t, llama);
  const tooLong = randomSequence(201, llama.vocabulary, 1);
  await assert.rejects(model.read([tooLong], 1), isProblem("badInput", "201 tokens", "of 200"));
  const unknown = { tokens: Int32Array.of(0, 31), labels: Int32Array.of(31, 0) };
  await assert.rejects(model.read([unknown], 1), isProblem("badInput", "Token 31", "of 31"));
  const empty = { tokens: new Int32Array(0), labels: new Int32Array(0) };
  await assert.rejects(model.read([texts[0], empty], 1), isProblem("badInput", "0 tokens"));
  const uneven = { tokens: Int32Array.of(0, 1), labels: Int32Array.of(1) };
  await assert.rejects(model.read([uneven], 1), isProblem("badInput", "2 tokens", "1 labels"));
});

test("a memory limit that a text would break is refused before reading", async (t) => {
  const model = await open(t, llama, {
    memoryLimit: estimateReading(llama, { rows: 1, length: 64, topK: 1 }),
  });
  assert.equal((await model.read([texts[4]], 1)).length, 1);
  await assert.rejects(model.read([texts[2]], 1), isProblem("tooLarge", "128 tokens", "MB"));
  await assert.rejects(
    open(t, llama, { memoryLimit: 1e6 }),
    isProblem("tooLarge", "limit is 1 MB"),
  );
});

test("weights that are no numbers are reported, not read", async (t) => {
  const weights = initialWeights(llama, 1);
  weights.get("model.norm.weight")![3] = Number.NaN;
  const model = await openLanguageModel(llama, weights, { threads: 1, memoryLimit: 1e9 });
  t.after(() => model.dispose());
  await assert.rejects(model.read([texts[0]], 2), isProblem("failed", "no finite probability"));
});

test("weights of another model are refused by name", async () => {
  const weights = initialWeights(llama, 1);
  weights.set("model.norm.weight", new Float32Array(3));
  const opening = openLanguageModel(llama, weights, { threads: 1, memoryLimit: 1e9 });
  await assert.rejects(opening, isProblem("badInput", "model.norm.weight", "3 elements"));
});
