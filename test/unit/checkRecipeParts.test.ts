import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import { measureReading, measureTraining } from "../../src/model/speed.ts";
import { sampleText } from "../../src/pipeline/check/corpusSample.ts";
import {
  diskFindings,
  memoryFindings,
  modelFindings,
  sourceFindings,
  textFindings,
} from "../../src/pipeline/check/findings.ts";
import type {
  CheckedModel,
  CheckedSource,
  CheckedText,
  Finding,
} from "../../src/pipeline/check/recipeCheck.ts";
import { shareOf, sourceFit } from "../../src/pipeline/check/sourceFit.ts";
import { timeFusion, timeMap } from "../../src/pipeline/check/stageSpeed.ts";
import type { DiskEstimate, MemoryEstimate } from "../../src/pipeline/estimate.ts";
import { parseRecipe, type Recipe } from "../../src/pipeline/recipe.ts";
import { smallModels } from "../support/models.ts";
import { isProblem } from "../support/problems.ts";
import { read, toyTokenizer } from "../support/toyTokenizer.ts";

const target = toyTokenizer(["<s>", "</s>", "a", "b", "c", "ab", "Ġ"], { name: "target" });
const source = toyTokenizer(["</s>", "a", "b", "c", "bc", "Ġ", "cab"], { name: "source" });

const twice = (text: string, id = "t#0") => ({
  id,
  target: read(target, text).encoding,
  source: source.encode(text),
});

describe("how a source fits", () => {
  // Target ab c ␣ a b? "abc cab": ab|c| |c|ab, ends 2 3 4 5 7. Source: a|bc| |cab, ends 1 3 4 7.
  const fit = sourceFit(target, source, [twice("abc cab")]);

  test("is told by the bytes of its vocabulary, whether used or not", () => {
    assert.deepEqual(fit.vocabulary, { count: 4, of: 6 });
  });

  test("is told by the tokens in use", () => {
    // a and the space are target tokens, bc and cab are not.
    assert.deepEqual(fit.inUse, { count: 2, of: 4 });
  });

  test("is told by the ends both have, beginning and end of text among them", () => {
    assert.deepEqual(fit.sharedEnds, { count: 4, of: 6 });
    // After BOS a stands before ab: shorter, and passes it with bc; the space is the same, cab is longer, EOS.
    assert.deepEqual(fit.cases, { same: 2, longer: 1, shorter: 0, overshoot: 1 });
  });

  test("is told by the true next tokens that are mapped", () => {
    const map = buildVocabularyMap(source, target, { method: "firstToken", mode: "corrected" });
    const mapped = sourceFit(target, source, [twice("abc cab")], map).nextMapped;
    // a is mapped to a, not ab; the space to the space; cab to c, which is right; EOS to EOS.
    assert.deepEqual(mapped, { count: 3, of: 4 });
    assert.equal(fit.nextMapped, undefined);
  });

  test("counts texts it cannot reproduce, and names the first", () => {
    const wider = toyTokenizer(["<s>", "</s>", "a", "b", "x"], { name: "wider" });
    const chunk = (text: string, id: string) => ({
      id,
      target: read(wider, text).encoding,
      source: source.encode(text),
    });
    const { differing, inUse } = sourceFit(wider, source, [
      chunk("ab", "first#0"),
      chunk("ax", "second#0"),
      chunk("xx", "third#0"),
    ]);
    assert.equal(differing.count, 2);
    assert.equal(differing.of, 3);
    assert.match(differing.first ?? "", /^second#0: /);
    assert.equal(inUse.of, 2);
  });

  test("knows its own tokenizer", () => {
    assert.equal(fit.sameTokenizer, false);
    const own = sourceFit(source, source, [
      { id: "", target: read(source, "abc").encoding, source: source.encode("abc") },
    ]);
    assert.equal(own.sameTokenizer, true);
    assert.equal(shareOf(own.sharedEnds), 1);
    assert.equal(shareOf(own.inUse), 1);
  });
});

describe("a sample of the text", () => {
  const models = [
    { tokenizer: target, tokens: 9 },
    { tokenizer: source, tokens: 9 },
  ];
  const document = (id: string, text: string, domain = "d") => ({ id, domain, text });

  test("is all of a small text, cut as the run cuts it", () => {
    const { texts } = sampleText(
      { training: [document("x", "c c c c c c c c")], heldOut: [document("y", "ab")] },
      models,
      { training: 1000, heldOut: 1000 },
    );
    assert.deepEqual(
      texts.map(({ side, bytes, sampledBytes, sections }) => [side, bytes, sampledBytes, sections]),
      [
        ["training", 15, 15, 1],
        ["heldOut", 2, 2, 1],
      ],
    );
    const [{ chunks }] = texts;
    assert.ok(chunks.length > 1);
    assert.equal(chunks.map(({ text }) => text).join(""), "c c c c c c c c");
    for (const { encodings } of chunks) {
      for (const encoding of encodings) assert.ok("ids" in encoding && encoding.ids.length <= 8);
    }
  });

  test("is whole sections until there is enough, the same every time", () => {
    const many = Array.from({ length: 50 }, (_, i) => document(`n${i}`, "ab ".repeat(1000)));
    const draw = () =>
      sampleText({ training: many, heldOut: [] }, models, { training: 10_000, heldOut: 0 })
        .texts[0];
    const first = draw();
    assert.equal(first.bytes, 150_000);
    assert.equal(first.sampledBytes, 12_000);
    assert.deepEqual(
      first.chunks.map(({ id }) => id),
      draw().chunks.map(({ id }) => id),
    );
  });

  test("counts chunks that are too long for a source, and cuts them for all", () => {
    const short = [models[0], { tokenizer: source, tokens: 4 }];
    const { texts } = sampleText({ training: [document("x", "a b c a b c")], heldOut: [] }, short, {
      training: 1000,
      heldOut: 0,
    });
    const [{ own, chunks }] = texts;
    assert.deepEqual(own, { chunks: 2, tooLong: [0, 2] });
    assert.ok(chunks.length > 2);
    for (const { encodings } of chunks) {
      assert.ok("ids" in encodings[1] && encodings[1].ids.length <= 3);
    }
  });

  test("leaves out what the target cannot reproduce, and says why", () => {
    const { texts } = sampleText(
      { training: [document("x", "abc"), document("z", "xyz")], heldOut: [] },
      models,
      { training: 1000, heldOut: 0 },
    );
    const [{ leftOut, chunks }] = texts;
    assert.equal(chunks.length, 1);
    assert.equal(leftOut.chunks, 1);
    assert.equal(leftOut.bytes, 3);
    assert.match(leftOut.first ?? "", /^z#0: /);
  });

  test("is timed: every tokenizer, and the cutting", () => {
    const { speed } = sampleText(
      { training: [document("x", "ab ".repeat(3000))], heldOut: [] },
      models,
      { training: 10_000, heldOut: 0 },
    );
    assert.equal(speed.encoding.length, 2);
    for (const { bytes, seconds, exponent } of speed.encoding) {
      assert.equal(bytes, 9000);
      assert.ok(seconds > 0 && exponent >= 0.5 && exponent <= 1);
    }
    assert.ok(speed.cut > 0);
  });
});

const recipe: Recipe = parseRecipe(
  `version: 1
name: r
target: t
sources: [s]
corpus: [{ domain: d, files: f }]
training: { batch: 8, length: 64, steps: 10 }`,
  "/r.fusion.yaml",
).recipe;
const withSettings = (changes: Partial<Recipe>): Recipe => ({ ...recipe, ...changes });

describe("timing of alignment and fusion", () => {
  test("makes the map whole where there is time", () => {
    const { map, seconds } = timeMap(source, target, recipe, 10);
    assert.equal(map?.targetOf.length, 7);
    assert.ok(seconds > 0);
  });

  test("gives up a map that takes too long, and says how long it would have been", () => {
    const pieces = Array.from({ length: 4000 }, (_, i) => `w${i.toString(36)}`);
    const large = toyTokenizer(["<s>", "</s>", ...pieces], { name: "large" });
    const nearest = withSettings({
      alignment: { ...recipe.alignment, vocabulary: "minEditDistance" },
    });
    const other = toyTokenizer(["<s>", "</s>", ...pieces.map((piece) => `${piece}qz`)]);
    const { map, seconds } = timeMap(large, other, nearest, 0.001);
    assert.equal(map, undefined);
    assert.ok(seconds > 0.001);
  });

  test("aligns and fuses real chunks, with a map or without", () => {
    const chunk = [read(target, "abc cab").encoding, read(source, "abc cab").encoding];
    const map = timeMap(source, target, recipe, 10);
    for (const positions of ["bytes", "dtw"] as const) {
      const settings = withSettings({ alignment: { ...recipe.alignment, positions } });
      const speed = timeFusion([target, source], [map], [chunk, chunk], settings, 0.1);
      assert.ok(speed.alignPerToken[0] > 0 && speed.fusePerToken > 0);
      assert.equal(speed.rows[0]?.of, 12);
      assert.ok(positions === "dtw" || speed.rows[0]?.count === 8, "4 shared ends a chunk");
      const without = timeFusion([target, source], [{ seconds: 9 }], [chunk], settings, 0.1);
      assert.deepEqual(without.rows, [undefined]);
      assert.ok(without.alignPerToken[0] > 0);
    }
  });

  test("works at other temperatures and rules", () => {
    const chunk = [read(target, "abc cab").encoding, read(source, "abc cab").encoding];
    const map = timeMap(source, target, recipe, 10);
    for (const rule of ["minCE", "avgCE"] as const) {
      const settings = withSettings({
        representation: { topK: 4, temperature: 2 },
        fusion: { ...recipe.fusion, rule, per: "token" },
      });
      assert.ok(timeFusion([target, source], [map], [chunk], settings, 0.1).fusePerToken > 0);
    }
  });
});

describe("the speed of a model", () => {
  const config = { ...smallModels["Llama, tied"]!, layers: 4 };
  const limits = { threads: 1, memoryLimit: 1e9 };

  test("of reading is seconds a token, of the whole model where time allows", async () => {
    const trial = { ...limits, lengths: [20, 12, 5], topK: 3 };
    const whole = await measureReading(config, { ...trial, budget: 30 });
    assert.ok(whole.perToken.fewest > 0 && whole.perToken.most >= whole.perToken.fewest);
    assert.equal(whole.rough, false);
    const drawnOut = await measureReading(config, { ...trial, budget: 0 });
    assert.ok(drawnOut.perToken.fewest > 0);
    assert.equal(drawnOut.rough, true);
  });

  test("of training is seconds a micro-batch and seconds an update", async () => {
    const trial = { ...limits, microBatch: 3, length: 40, topK: 5 };
    const { perMicroBatch, perUpdate, rough } = await measureTraining(config, {
      ...trial,
      budget: 30,
    });
    for (const { fewest, most } of [perMicroBatch, perUpdate]) {
      assert.ok(fewest > 0 && most >= fewest);
    }
    assert.equal(rough, false);
    assert.equal((await measureTraining(config, { ...trial, budget: 0 })).rough, true);
  });

  test("is not measured beyond the memory there is", async () => {
    const trial = { threads: 1, memoryLimit: 1e6, budget: 1, lengths: [20], topK: 3 };
    await assert.rejects(measureReading(config, trial), isProblem("tooLarge", "memory"));
  });
});

const text: CheckedText = {
  training: { chunks: 100, bytes: 10_000, tokens: [5000, 5000] },
  read: { chunks: 50, bytes: 5000, tokens: [2500, 2500] },
  heldOut: { chunks: 20, bytes: 2000, tokens: [1000, 1000] },
  domains: [],
  steps: 10,
  blocks: 80,
  filled: 0.9,
  epochs: 1,
  exact: true,
  sampled: { count: 12_000, of: 12_000 },
  files: [],
  leftOut: { count: 0, of: 120 },
  heldOutReadable: { count: 20, of: 20 },
  copies: { count: 0, of: 20 },
};

const domain = (fewest: number, most: number, training = 50) => ({
  domain: "code",
  training: { chunks: training, bytes: 1000 },
  heldOut: { bytes: 100, sections: 3, chunks: { fewest, most } },
});

const model: CheckedModel = {
  role: "source",
  index: 1,
  label: "s",
  path: "/s",
  architecture: "gpt2",
  parameters: 1e6,
  layers: 2,
  hidden: 12,
  vocabulary: 400,
  context: 128,
  dtype: "F32",
  tokenizer: { family: "byteLevel", tokens: 400, opening: "EOS", fingerprint: "f" },
  licence: "mit",
};

const fitting: CheckedSource = {
  label: "s",
  sameTokenizer: false,
  vocabulary: { count: 3, of: 4 },
  inUse: { count: 3, of: 4 },
  sharedEnds: { count: 90, of: 100 },
  cases: { same: 90, longer: 0, shorter: 0, overshoot: 0 },
  nextMapped: { count: 80, of: 90 },
  differing: { count: 0, of: 100 },
  tooLong: { count: 0, of: 100 },
};

const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ severity, message }) => `${severity}: ${message}`);

describe("what figures mean", () => {
  test("nothing, where all is well", () => {
    assert.deepEqual(textFindings({ ...text, domains: [domain(8, 8)] }, recipe), []);
    assert.deepEqual(sourceFindings([fitting], recipe), []);
    assert.deepEqual(modelFindings([model], recipe), []);
  });

  test("held-out chunks: too few for certain, perhaps, or not", () => {
    const of = (fewest: number, most: number, exact: boolean) =>
      said(textFindings({ ...text, exact, domains: [domain(fewest, most)] }, recipe));
    assert.match(of(7, 7, true)[0], /^error: Domain "code" has 7 held-out chunks; .* fewer than 8/);
    assert.match(of(4, 7, false)[0], /^error: .* about 4 to 7 held-out/);
    assert.match(of(6, 10, false)[0], /^warning: .* about 6 to 10 held-out/);
    assert.deepEqual(of(8, 12, false), []);
  });

  test("a domain that is only measured on", () => {
    const [note] = said(textFindings({ ...text, domains: [domain(9, 9, 0)] }, recipe));
    assert.match(note, /^note: .* measured on, and not trained on/);
  });

  test("no text to train on, none that every model reads", () => {
    const nothing = { ...text.training, chunks: 0 };
    assert.match(
      said(textFindings({ ...text, training: nothing }, recipe))[0],
      /^error: .* no text to train on/,
    );
    assert.match(
      said(textFindings({ ...text, heldOutReadable: { count: 0, of: 20 } }, recipe))[0],
      /^error: No held-out chunk can be read by every model/,
    );
  });

  test("text that the target changes, with its share and the first", () => {
    const [warning] = said(
      textFindings({ ...text, leftOut: { count: 3, of: 120, first: "a#1: why" } }, recipe),
    );
    assert.match(warning, /^warning: .* 2\.5 % .* \(a#1: why\)/);
  });

  test("passes: many, or a small part of one", () => {
    assert.match(
      said(textFindings({ ...text, epochs: 4.2 }, recipe))[0],
      /^warning: .* 4\.2 times/,
    );
    assert.deepEqual(textFindings({ ...text, epochs: 4 }, recipe), []);
    assert.match(said(textFindings({ ...text, epochs: 0.05 }, recipe))[0], /^note: .* 5\.0 %/);
  });

  test("a source that has little to say", () => {
    const of = (changes: Partial<CheckedSource>, settings = recipe) =>
      said(sourceFindings([{ ...fitting, ...changes }], settings));
    assert.match(of({ sharedEnds: { count: 40, of: 100 } })[0], /^warning: s answers at 40 %/);
    assert.match(of({ rows: { count: 3, of: 10 } })[0], /^warning: s answers at 30 %/);
    assert.match(
      of({ differing: { count: 5, of: 100, first: "a#0: why" } })[0],
      /^warning: s cannot reproduce 5 of 100 .* \(a#0: why\)/,
    );
    assert.match(of({ differing: { count: 1, of: 1000 } })[0], /^note: /);
    assert.match(of({ tooLong: { count: 30, of: 100 } })[0], /^warning: The context of s .* 30 %/);
    const low = { nextMapped: { count: 50, of: 100 } };
    assert.deepEqual(of(low), [], "firstToken keeps the true token's probability all the same");
    const exact = withSettings({ alignment: { ...recipe.alignment, vocabulary: "exact" } });
    assert.match(of(low, exact)[0], /^warning: With exact, .* 50 %/);
  });

  test("a model that cannot be used as it is", () => {
    const narrow = { ...model, tokenizer: { ...model.tokenizer, tokens: 30 } };
    assert.match(said(modelFindings([narrow], recipe))[0], /^error: s has 30 tokens, .*topK 64/);
    const short: CheckedModel = { ...model, role: "target", index: 0, context: 32 };
    assert.match(said(modelFindings([short], recipe))[0], /^note: The target reads 32 tokens/);
  });

  test("memory: refused, scarce, shared out", () => {
    const job = { kind: "train", label: "fused", tokens: 64, bytes: 2e9, fits: true } as const;
    const memory: MemoryEstimate = { limit: 3e9, jobs: [job], microBatch: 8, peak: 2.2e9 };
    assert.deepEqual(memoryFindings(memory, recipe, 8e9), []);
    assert.match(
      said(memoryFindings({ ...memory, jobs: [{ ...job, fits: false }] }, recipe, 8e9))[0],
      /^error: Training \(fused\) takes about 2\.0 GB .* limit is 3\.0 GB/,
    );
    assert.match(said(memoryFindings(memory, recipe, 2e9))[0], /^warning: .* 2\.2 GB .* 2\.0 GB/);
    assert.match(
      said(memoryFindings({ ...memory, microBatch: 3 }, recipe, 8e9))[0],
      /^note: A step of 8 blocks is computed in 3 parts of 3/,
    );
  });

  test("disk: too small for certain, or perhaps", () => {
    const disk = { total: 10e9 } as DiskEstimate;
    assert.deepEqual(diskFindings(disk, 11e9), []);
    assert.match(said(diskFindings(disk, 8e9))[0], /^warning: .* 10\.0 GB, and 8\.0 GB/);
    assert.match(said(diskFindings(disk, 6e9))[0], /^error: /);
  });
});
