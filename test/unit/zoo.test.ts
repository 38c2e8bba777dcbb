import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import { elementCount } from "../../src/model/architecture/config.ts";
import { parametersOf } from "../../src/model/architecture/parameters.ts";
import { domains } from "../../src/pipeline/zoo/corpusParts.ts";
import { trainTokenizer, zooModels } from "../../src/pipeline/zoo/zooPlan.ts";

const sources = zooModels.filter(({ role }) => role === "source");

test("one target and three sources that differ in architecture, tokenizer and domain", () => {
  assert.equal(zooModels.filter(({ role }) => role === "target").length, 1);
  assert.equal(new Set(sources.map(({ config }) => config.architecture)).size, 3);
  assert.equal(new Set(zooModels.map(({ tokenizer }) => JSON.stringify(tokenizer))).size, 4);
  assert.deepEqual(sources.flatMap((model) => model.domains).sort(), [...domains].sort());
  assert.equal(new Set(zooModels.map(({ name }) => name)).size, 4);
});

for (const { name, config, tokenizer, training } of zooModels) {
  test(`${name} has about a million parameters and room for its tokenizer and its blocks`, () => {
    const parameters = parametersOf(config).reduce(
      (sum, { shape }) => sum + elementCount(shape),
      0,
    );
    assert.ok(parameters >= 1.0e6 && parameters <= 1.1e6, `${parameters}`);
    assert.equal(config.vocabulary, tokenizer.size);
    assert.equal(config.heads * config.headSize, config.hidden);
    assert.ok(training.length <= config.context);
    assert.equal(training.batch * training.length, 1024);
  });

  test(`${name}'s tokenizer reads any text byte by byte, with BOS and EOS`, () => {
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
