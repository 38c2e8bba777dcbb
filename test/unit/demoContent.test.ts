import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import type { Compute, JobName, JobResult, JobSpec } from "../../src/pipeline/compute.ts";
import { filesOfEntry } from "../../src/pipeline/corpusFiles.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import {
  contentFaults,
  contentFiles,
  modelBytes,
  readManifest,
} from "../../src/pipeline/zoo/contentManifest.ts";
import { contentLimit, contentRecipe } from "../../src/pipeline/zoo/contentPlan.ts";
import { domains, parts } from "../../src/pipeline/zoo/corpusParts.ts";
import { makeDemoContent } from "../../src/pipeline/zoo/demoContent.ts";
import { shareSeen, shinglesOf } from "../../src/pipeline/zoo/nearDuplicates.ts";
import { repositoryPassages } from "../../src/pipeline/zoo/repositoryText.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";

const demo = path.resolve(import.meta.dirname, "../../demo");
const recipeFile = path.join(demo, "demo.fusion.yaml");

test("what the extension carries is as it was made, within its three megabytes, with all families", async () => {
  assert.deepEqual(await contentFaults(demo), []);
  assert.equal(readFileSync(recipeFile, "utf8"), contentRecipe(), "the recipe is not the plan's");
});

test("every model opens, in 16 bits, and its tokenizer reads any text byte by byte", async () => {
  const manifest = await readManifest(demo);
  assert.ok(manifest);
  assert.deepEqual(
    readdirSync(path.join(demo, "models")).sort(),
    manifest.models.map(({ name }) => name).sort(),
  );
  for (const { name, parameters, architecture, vocabulary } of manifest.models) {
    const model = await openModelFolder(path.join(demo, "models", name));
    assert.equal(model.dtype, "F16");
    assert.equal(model.licence, "apache-2.0");
    assert.equal(model.parameters, parameters);
    assert.equal(model.config.architecture, architecture);
    assert.equal(model.tokenizer.table.size, vocabulary);
    for (const weights of (await model.loadWeights()).values()) {
      assert.ok(weights.every(Number.isFinite), name);
    }
    for (const text of [
      "  const x\n\n\tÄ → 🦉 \u0000 <s> <0x41>",
      " ",
      "\r\n",
      "</script>",
      "<unk>",
    ]) {
      const encoding = model.tokenizer.encode(text);
      assert.ok("ids" in encoding, JSON.stringify(encoding));
      assert.equal(encoding.ends.at(-1), Buffer.byteLength(text));
    }
  }
});

test("its recipe can be run as it stands, on texts that are all there and none of them twice", async () => {
  const { recipe, warnings } = parseRecipe(readFileSync(recipeFile, "utf8"), recipeFile);
  assert.deepEqual(warnings, []);
  for (const model of [recipe.target, ...recipe.sources]) {
    assert.ok(existsSync(path.join(demo, model, "model.safetensors")), model);
  }
  const found: string[] = [];
  for (const entry of [...recipe.corpus, ...recipe.evaluation]) {
    const files = await filesOfEntry(entry, demo);
    assert.ok(files.length > 0, entry.domain);
    found.push(...files.map(({ file }) => file));
  }
  assert.equal(new Set(found).size, found.length);
  assert.ok(recipe.evaluation.length === 3 && recipe.baselines.includes("clm"));
});

test("hardly anything that is held out stands in what models were trained on", () => {
  const read = (part: string): string[] =>
    domains.flatMap((domain) => {
      const folder = path.join(demo, "texts", domain, part);
      return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
    });
  const seen = new Set(
    [...read("pretraining"), ...read("fusion")].flatMap((text) => [...shinglesOf(text)]),
  );
  for (const text of read("heldOut")) assert.ok(shareSeen(shinglesOf(text), seen) < 0.1);
});

/** A copy of the content with one thing done to it, and what is found wrong then. */
async function faultsAfter(t: TestContext, change: (folder: string) => void): Promise<string[]> {
  const folder = temporaryFolder(t);
  cpSync(demo, folder, { recursive: true });
  change(folder);
  return contentFaults(folder);
}

test("a file that was changed, taken away or added is named", async (t) => {
  const one = path.join("texts", "prose", "heldOut", "01.md");
  const changed = await faultsAfter(t, (folder) => {
    const text = readFileSync(path.join(folder, one), "utf8");
    writeFileSync(
      path.join(folder, one),
      text.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    );
  });
  assert.deepEqual(changed, ["texts/prose/heldOut/01.md is not as it was made."]);
  const missing = await faultsAfter(t, (folder) => rmSync(path.join(folder, one)));
  assert.deepEqual(missing, ["texts/prose/heldOut/01.md is missing."]);
  const added = await faultsAfter(t, (folder) => writeFiles(folder, { "texts/more.md": "more" }));
  assert.deepEqual(added, ["texts/more.md is not in the manifest."]);
  const unnamed = await faultsAfter(t, (folder) => rmSync(path.join(folder, "manifest.json")));
  assert.match(unnamed.join(), /manifest\.json is missing/);
});

test("models beyond the limit and a family that is not there are faults, whatever the manifest says", async (t) => {
  const faults = await faultsAfter(t, (folder) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
    const unigram = "models/declarations-llama/tokenizer.json";
    rmSync(path.join(folder, unigram));
    writeFiles(folder, { "models/large.bin": new Uint8Array(contentLimit) });
    manifest.files = manifest.files.filter(({ file }: { file: string }) => file !== unigram);
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
  });
  assert.equal(faults.length, 3);
  assert.match(faults[1] ?? "", /take \d{7} bytes; 3000000 are allowed/);
  assert.equal(faults[2], "There is no tokenizer of the family unigram.");
});

const words = "table row column model token read write open close first last many few".split(" ");

/** A repository in small: documents, commented sources, tests, and the declarations of the sources. */
function smallRepository(t: TestContext): { root: string; declarations: string } {
  const random = createRandom(7);
  const draw = (count: number, join: string): string =>
    Array.from({ length: count }, () => words[random.integer(words.length)]).join(join);
  const lines = (count: number, line: () => string, join = "\n"): string =>
    Array.from({ length: count }, line).join(join);
  const paragraphs = (count: number): string => lines(count, () => draw(12, " "), "\n\n");
  const root = temporaryFolder(t);
  const declarations = temporaryFolder(t);
  writeFiles(root, {
    "README.md": "# Head\n\nA readme that says what all of this is for.\n",
    "CONTRIBUTING.md": paragraphs(3),
    "CHANGELOG.md": paragraphs(3),
    LICENSE: "Terms that somebody else has written for all to use as they please.",
    "docs/methods.md": paragraphs(3),
    "scripts/make.mjs": `console.log(${draw(9, " + ")});\n`,
    "webview/view.ts": `export const view = [${draw(30, ", ")}];\n`,
    "test/unit/one.test.ts": `/** A comment in a test that says why it is there. */\ntest("${draw(12, " ")}");\n`,
  });
  for (let i = 0; i < 30; i++) {
    const comment = `/** ${paragraphs(12).replaceAll("\n", "\n * ")} */`;
    const members = lines(8, () => `  readonly ${draw(6, "_")}: ${draw(4, " | ")};`);
    const shape = `export interface Shape${i} {\n${members}\n}\n`;
    const body = lines(20, () => `  ${draw(7, "(")}${")".repeat(6)};`);
    const work = `export function work${i}() {\n${body}\n}\n`;
    writeFiles(root, { [`src/file${i}.ts`]: `${comment}\n${shape}${work}` });
    writeFiles(declarations, { [`src/file${i}.d.ts`]: shape });
  }
  return { root, declarations };
}

test("prose are documents and comments, those of tests too; code is the sources without what declarations say", async (t) => {
  const { root, declarations } = smallRepository(t);
  const files = await repositoryPassages(root, declarations);
  const of = (domain: string): string =>
    files.flatMap((file) => (file.domain === domain ? file.passages : [])).join("\n");
  assert.match(of("prose"), /A readme that says/);
  assert.match(of("prose"), /A comment in a test that says why/);
  assert.doesNotMatch(files.map(({ passages }) => passages.join("\n")).join("\n"), /somebody else/);
  assert.match(of("code"), /function work7/);
  assert.match(of("code"), /console\.log/);
  assert.doesNotMatch(of("code"), /test\(/);
  assert.match(of("declarations"), /interface Shape7/);
  assert.ok(
    files.findLastIndex(({ domain }) => domain === "declarations") <
      files.findIndex(({ domain }) => domain === "code"),
  );
});

/** Notes what it is asked to train, and writes the tokenizer with a little file in place of the weights. */
function noTraining(asked: JobSpec<"pretrain">[]): Compute {
  return {
    slots: 1,
    threads: 1,
    async run<Name extends JobName>(name: Name, spec: JobSpec<Name>) {
      assert.equal(name, "pretrain");
      const own = spec as JobSpec<"pretrain">;
      asked.push(own);
      for (const folder of own.texts) assert.ok(readdirSync(folder).length > 0);
      writeFiles(own.out, {
        "tokenizer.json": JSON.stringify(own.tokenizer.json),
        "model.safetensors": own.name,
      });
      return { finalLoss: 1, seconds: 1, kept: false } as JobResult<Name>;
    },
  };
}

function making(t: TestContext) {
  const asked: JobSpec<"pretrain">[] = [];
  const options = {
    ...smallRepository(t),
    seed: 1,
    madeWith: { fuselab: "0.0.0" },
    compute: noTraining(asked),
    memoryLimit: 1,
    onProgress: () => undefined,
    stopped: () => false,
  };
  return { asked, options };
}

test("content is made whole, the same from the same sources, and trained on nothing but its own texts", async (t) => {
  const { asked, options } = making(t);
  const folder = path.join(temporaryFolder(t), "demo");
  const manifest = await makeDemoContent(folder, options);
  assert.deepEqual(await contentFaults(folder), []);
  assert.deepEqual(await readManifest(folder), manifest);
  assert.deepEqual(await contentFiles(folder), manifest.files);
  assert.ok(modelBytes(manifest.files) < contentLimit);
  for (const domain of domains) {
    for (const part of parts) {
      assert.ok(manifest.files.some(({ file }) => file.startsWith(`texts/${domain}/${part}/`)));
    }
  }
  assert.deepEqual(await makeDemoContent(folder, options), manifest);
  assert.deepEqual(readdirSync(path.dirname(folder)), ["demo"]);
  const other = await makeDemoContent(folder, { ...options, seed: 2 });
  assert.notEqual(other.corpus.hash, manifest.corpus.hash);
  for (const { texts, dtype } of asked) {
    assert.equal(dtype, "F16");
    for (const text of texts) assert.match(text, /texts.[a-z]+.pretraining$/);
  }
});

test("a making that fails leaves the content that was there, and another folder is refused", async (t) => {
  const { options } = making(t);
  const folder = path.join(temporaryFolder(t), "demo");
  const manifest = await makeDemoContent(folder, options);
  const failing = { ...options.compute, run: () => Promise.reject(new Error("out of memory")) };
  await assert.rejects(makeDemoContent(folder, { ...options, compute: failing }), /out of memory/);
  assert.deepEqual(await readManifest(folder), manifest);
  assert.deepEqual(readdirSync(path.dirname(folder)), ["demo"]);
  const taken = temporaryFolder(t);
  writeFiles(taken, { "letter.txt": "mine" });
  await assert.rejects(makeDemoContent(taken, options), /holds something else/);
  assert.deepEqual(readdirSync(taken), ["letter.txt"]);
});
