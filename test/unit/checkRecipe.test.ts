import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { checkRecipeFile, type Finding, type RecipeCheck } from "../../src/pipeline/checkRecipe.ts";
import type { Machine } from "../../src/pipeline/runResources.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";
import { changeJson } from "../support/modelFolders.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";

const machine: Machine = { cores: 3, freeMemory: 8e9, freeDisk: 50e9 };

/** Checks a toy project after `change`, without timing. */
async function checkAfter(
  t: TestContext,
  change: (project: ToyProject) => void = () => undefined,
  options: Parameters<typeof makeToyProject>[1] & { machine?: Partial<Machine> } = {},
): Promise<RecipeCheck> {
  const project = await makeToyProject(temporaryFolder(t), options);
  change(project);
  return checkRecipeFile(project.recipe, {
    machine: { ...machine, ...options.machine },
    quick: true,
  });
}

function rewrite(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), `the recipe has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

const found = ({ findings }: RecipeCheck, severity: Finding["severity"]): Finding[] =>
  findings.filter((finding) => finding.severity === severity);

/** The one finding of this severity. */
function only(check: RecipeCheck, severity: Finding["severity"], says: RegExp): Finding {
  const [finding, ...others] = found(check, severity);
  assert.deepEqual(others, []);
  assert.ok(finding !== undefined, JSON.stringify(check.findings, null, 1));
  assert.match(finding.message, says);
  if (severity !== "note") assert.ok((finding.next ?? "").length > 10, "it says what to do");
  assert.equal(check.fails, severity === "error");
  return finding;
}

describe("a recipe that can run", () => {
  test("is found to, and everything is timed", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t));
    const looked: string[] = [];
    const before = readdirSync(folder, { recursive: true }).sort();
    const check = await checkRecipeFile(recipe, {
      machine,
      onProgress: (what) => looked.push(what),
    });
    assert.deepEqual(found(check, "error"), []);
    assert.equal(check.fails, false);
    assert.ok(check.time !== undefined);
    assert.ok(check.time.fewest > 0 && check.time.most >= check.time.fewest);
    assert.equal(check.time.stages.length, 8);
    assert.equal(check.time.rough, false);
    assert.ok(looked.includes("reading source") && looked.includes("training target"));
    assert.ok(check.sources[0].rows !== undefined);
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), before, "nothing is written");
  });

  test("is described: models, text, fit, memory and disk", async (t) => {
    const { models, text, sources, memory, disk, resources, time, recipe } = await checkAfter(t);
    assert.equal(recipe?.name, "toy");
    assert.deepEqual(
      models.map(({ role, architecture, context, dtype, licence, vocabulary, tokenizer }) => [
        role,
        architecture,
        context,
        dtype,
        licence,
        vocabulary,
        tokenizer.family,
        tokenizer.opening,
      ]),
      [
        ["target", "llama", 128, "F32", "apache-2.0", 400, "sentencePiece", "BOS"],
        ["source", "gpt2", 128, "F32", "apache-2.0", 400, "byteLevel", models[1].tokenizer.opening],
      ],
    );
    assert.ok(text?.exact);
    assert.equal(text.steps, 12);
    assert.deepEqual(
      text.files.map(({ domain, files, documents }) => [domain, files, documents]),
      [
        ["prose", 1, 1],
        ["code", 1, 1],
      ],
    );
    const [source] = sources;
    assert.ok(source.sharedEnds.of > 1000);
    assert.ok(source.inUse.count > 0 && source.inUse.count < source.inUse.of);
    assert.ok(source.nextMapped !== undefined && source.nextMapped.of === source.sharedEnds.count);
    assert.equal(resources?.slots, 2);
    assert.ok(memory !== undefined && memory.peak > 100e6 && memory.jobs.length === 4);
    assert.ok(disk !== undefined && disk.total > 0);
    assert.equal(time, undefined, "a quick check times nothing");
  });

  test("keeps to one domain's weight, a whole corpus and its epochs", async (t) => {
    const check = await checkAfter(t, ({ recipe }) => rewrite(recipe, "steps: 12", "epochs: 2"));
    assert.ok(check.text !== undefined);
    assert.ok(Math.abs(check.text.epochs - 2) < 0.05);
    assert.ok(Math.abs(check.text.read.chunks - check.text.training.chunks) < 1e-6);
  });
});

describe("what would fail", () => {
  const cases: readonly {
    readonly title: string;
    change(project: ToyProject): void;
    readonly about: Finding["about"];
    readonly says: RegExp;
  }[] = [
    {
      title: "a key that does not exist, with its line",
      change: ({ recipe }) => rewrite(recipe, "lr: 0.002", "learning_rate: 0.002"),
      about: "recipe",
      says: /learning_rate/,
    },
    {
      title: "a source that is not there",
      change: ({ source }) => rmSync(source, { recursive: true }),
      about: "recipe",
      says: /source is not there/,
    },
    {
      title: "weights that are cut short",
      change: ({ source }) => truncateSync(path.join(source, "model.safetensors"), 5000),
      about: "models",
      says: /model\.safetensors/,
    },
    {
      title: "an unknown architecture",
      change: ({ target }) =>
        changeJson(path.join(target, "config.json"), (config) => ({
          ...config,
          model_type: "mamba",
        })),
      about: "models",
      says: /mamba/,
    },
    {
      title: "a tokenizer with nothing to open a text",
      change: ({ source }) => {
        changeJson(path.join(source, "tokenizer_config.json"), (config) => {
          const { bos_token: _, eos_token: __, ...others } = config;
          return others;
        });
        changeJson(path.join(source, "config.json"), (config) => {
          const { bos_token_id: _, eos_token_id: __, ...others } = config;
          return others;
        });
      },
      about: "models",
      says: /neither BOS nor EOS/,
    },
    {
      title: "text that is not UTF-8",
      change: ({ folder }) =>
        writeFileSync(path.join(folder, "text/prose.md"), Buffer.from([0x61, 0xff, 0x62])),
      about: "text",
      says: /UTF-8/,
    },
    {
      title: "a corpus without text",
      change: ({ folder }) => {
        writeFileSync(path.join(folder, "text/prose.md"), "");
        writeFileSync(path.join(folder, "text/code.txt"), "");
      },
      about: "text",
      says: /no text/,
    },
    {
      title: "a pattern without files",
      change: ({ recipe }) => rewrite(recipe, "text/prose.md", "text/poems.md"),
      about: "recipe",
      says: /poems\.md/,
    },
    {
      title: "a domain with one section, of which nothing can be held out",
      change: ({ folder }) => writeFileSync(path.join(folder, "text/code.txt"), "a few words\n"),
      about: "text",
      says: /"code" has 0 held-out chunks/,
    },
    {
      title: "a domain that `evaluation` does not name",
      change: ({ folder, recipe }) => {
        writeFiles(folder, { "text/kept.md": inventedText(9, 200) });
        rewrite(recipe, "heldOut: 0.2", "evaluation:\n  - { domain: prose, files: text/kept.md }");
      },
      about: "text",
      says: /"code" has 0 held-out chunks/,
    },
  ];

  for (const { title, change, about, says } of cases) {
    test(`is ${title}`, async (t) => {
      const check = await checkAfter(t, change);
      assert.equal(only(check, "error", says).about, about);
    });
  }

  test("is said with the recipe's line, for models too", async (t) => {
    const broken = await checkAfter(t, ({ source }) =>
      truncateSync(path.join(source, "model.safetensors"), 5000),
    );
    const { file, line } = only(broken, "error", /safetensors/);
    assert.equal(path.basename(file ?? ""), "toy.fusion.yaml");
    assert.equal(line, 4);
  });

  test("is told of all at once", async (t) => {
    const check = await checkAfter(t, ({ source, folder }) => {
      rmSync(source, { recursive: true });
      writeFileSync(path.join(folder, "text/code.txt"), "a few words\n");
    });
    assert.deepEqual(
      found(check, "error").map(({ about }) => about),
      ["recipe", "text"],
    );
    assert.equal(check.memory, undefined, "nothing is reckoned without one of the models");
  });

  test("is a model for which there is no memory, with both figures", async (t) => {
    const check = await checkAfter(t, undefined, { machine: { freeMemory: 100e6 } });
    const errors = found(check, "error");
    assert.equal(errors.length, 4, "two models that read, two trainings");
    for (const { about, message, next } of errors) {
      assert.equal(about, "memory");
      assert.match(message, /\d+ MB of memory .* the limit is 30 MB/);
      assert.match(next ?? "", /End other programs/);
    }
  });

  test("is a disk that is too small", async (t) => {
    const check = await checkAfter(t, undefined, { machine: { freeDisk: 100_000 } });
    assert.equal(only(check, "error", /writes up to .* free/).about, "disk");
  });

  test("is a recipe that cannot be read, which is thrown", async () => {
    await assert.rejects(
      checkRecipeFile("no-such-file.fusion.yaml", { machine }),
      isProblem("missing", "recipe"),
    );
  });
});

describe("what deserves a warning", () => {
  test("is a licence that binds the result", async (t) => {
    const check = await checkAfter(t, ({ source }) =>
      writeFileSync(path.join(source, "README.md"), "---\nlicense: llama2\n---\n"),
    );
    assert.equal(only(check, "warning", /source: .*Llama 2.*forbids/).about, "licences");
  });

  test("is not the target's own licence; one that is not stated is a note", async (t) => {
    const check = await checkAfter(t, ({ source, target }) => {
      writeFileSync(path.join(target, "README.md"), "---\nlicense: llama2\n---\n");
      rmSync(path.join(source, "README.md"));
    });
    assert.deepEqual(found(check, "warning"), []);
    assert.match(only(check, "note", /source does not say/).message, /licence/);
  });

  test("is text that is learnt by heart", async (t) => {
    const check = await checkAfter(t, undefined, { steps: 5000 });
    assert.equal(only(check, "warning", /5000 steps .* \d+\.\d times/).about, "text");
  });

  test("is evaluation on a file of the corpus", async (t) => {
    const check = await checkAfter(t, ({ recipe }) =>
      rewrite(
        recipe,
        "heldOut: 0.2",
        "evaluation:\n  - { domain: prose, files: text/prose.md }\n  - { domain: code, files: text/code.txt }",
      ),
    );
    assert.match(only(check, "warning", /2 of 2 held-out texts/).message, /prose\.md/);
  });

  test("is a copy of what is held out among what is trained on", async (t) => {
    const check = await checkAfter(t, ({ folder, recipe }) => {
      const texts = Array.from({ length: 12 }, (_, i) => inventedText(100 + i, 20));
      texts.forEach((text, i) => {
        writeFiles(folder, { [`text/more/${i}.md`]: text, [`text/more/copy-${i}.md`]: text });
      });
      rewrite(recipe, "files: text/prose.md", 'files: ["text/prose.md", "text/more/*.md"]');
    });
    assert.match(
      only(check, "warning", /held-out texts are in the training text/).message,
      /copy-/,
    );
  });

  test("is a source whose context is shorter than the chunks", async (t) => {
    const check = await checkAfter(t, ({ recipe }) => rewrite(recipe, "length: 48", "length: 120"));
    assert.deepEqual(found(check, "warning"), []);
    const shorter = await checkAfter(t, ({ recipe, source }) => {
      rewrite(recipe, "length: 48", "length: 120");
      shortenContext(source, 32);
    });
    assert.match(only(shorter, "warning", /context of source/).message, /\d+ %/);
  });

  test("is a micro-batch only as a note", async (t) => {
    const check = await checkAfter(t, ({ recipe }) => rewrite(recipe, "batch: 2", "batch: 256"), {
      training: "  memoryLimitMB: 72\n",
    });
    assert.deepEqual(found(check, "error"), []);
    assert.ok(found(check, "note").some(({ message }) => /256 blocks .* parts/.test(message)));
  });
});

/** Cuts the position table of a GPT-2 folder to `context` rows. */
function shortenContext(folder: string, context: number): void {
  changeJson(path.join(folder, "config.json"), (config) => ({ ...config, n_positions: context }));
  const file = path.join(folder, "model.safetensors");
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  const name = "transformer.wpe.weight";
  const table = header[name];
  const size = table.shape[1] * 4;
  const removed = (table.shape[0] - context) * size;
  const from = 8 + length + table.data_offsets[0] + context * size;
  const end = table.data_offsets[1];
  for (const [key, tensor] of Object.entries<{ data_offsets?: number[] }>(header)) {
    if (tensor.data_offsets === undefined) continue;
    if (key === name) tensor.data_offsets[1] -= removed;
    else if (tensor.data_offsets[0] >= end) {
      tensor.data_offsets = tensor.data_offsets.map((offset) => offset - removed);
    }
  }
  table.shape[0] = context;
  const text = Buffer.from(JSON.stringify(header));
  const size8 = Buffer.alloc(8);
  size8.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(
    file,
    Buffer.concat([size8, text, bytes.subarray(8 + length, from), bytes.subarray(from + removed)]),
  );
}
