import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import { elementCount } from "../../src/model/architecture/config.ts";
import { parametersOf } from "../../src/model/architecture/parameters.ts";
import { contentModels } from "../../src/pipeline/zoo/contentPlan.ts";
import { domains } from "../../src/pipeline/zoo/corpusParts.ts";
import { trainTokenizer, zooModels } from "../../src/pipeline/zoo/zooPlan.ts";

const zoos = [
  { zoo: "the zoo", models: zooModels, fewest: 1.0e6, most: 1.1e6 },
  { zoo: "the extension's content", models: contentModels, fewest: 0.3e6, most: 0.35e6 },
];

for (const { zoo, models } of zoos) {
  test(`${zoo}: one target and three sources that differ in architecture, tokenizer and domain`, () => {
    const sources = models.filter(({ role }) => role === "source");
    assert.equal(models.filter(({ role }) => role === "target").length, 1);
    assert.equal(new Set(sources.map(({ config }) => config.architecture)).size, 3);
    assert.equal(new Set(models.map(({ tokenizer }) => JSON.stringify(tokenizer))).size, 4);
    assert.deepEqual(sources.flatMap((model) => model.domains).sort(), [...domains].sort());
    assert.equal(new Set(models.map(({ name }) => name)).size, 4);
  });
}

for (const { zoo, model, fewest, most } of zoos.flatMap(({ models, ...zoo }) =>
  models.map((model) => ({ ...zoo, model })),
)) {
  const { name, config, tokenizer, training } = model;

  test(`${zoo}: ${name} has the parameters it should, and room for its tokenizer and its blocks`, () => {
    const parameters = parametersOf(config).reduce(
      (sum, { shape }) => sum + elementCount(shape),
      0,
    );
    assert.ok(parameters >= fewest && parameters <= most, `${parameters}`);
    assert.equal(config.vocabulary, tokenizer.size);
    assert.equal(config.heads * config.headSize, config.hidden);
    assert.ok(training.length <= config.context);
    assert.equal(training.batch * training.length, 1024);
  });

  test(`${zoo}: ${name}'s tokenizer reads any text byte by byte, with BOS and EOS`, () => {
    const texts = Array.from(
      { length: 400 },
      (_, i) => `const row${i} = table.read(${i % 9}); // row\n`,
    );
    const size = { ...tokenizer, size: 420 };
    const read = createTokenizer(trainTokenizer(size, texts), { name, fingerprint: name });
    assert.notEqual(read.table.bos, undefined);
    assert.notEqual(read.table.eos, undefined);
    for (const text of ["  const x\n\n\tÄ → 🦉 \u0000 <s> <0x41>", " ", "\n", "row1", "<unk>"]) {
      const encoding = read.encode(text);
      assert.ok("ids" in encoding, JSON.stringify(encoding));
      assert.equal(encoding.ends.at(-1), Buffer.byteLength(text));
    }
  });
}
