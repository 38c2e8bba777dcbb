import assert from "node:assert/strict";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fuselab } from "../support/commandLine.ts";
import { temporaryFolder } from "../support/folders.ts";
import { changeJson } from "../support/modelFolders.ts";
import { makeToyProject, type ToyProject } from "../support/toyProject.ts";

/** What a user breaks, and what the command says of it. Every case ends with exit code 2 and a next step. */
const cases: readonly {
  readonly title: string;
  break(project: ToyProject): void;
  readonly says: RegExp;
}[] = [
  {
    title: "weights cut short",
    break: ({ source }) => truncateSync(path.join(source, "model.safetensors"), 5000),
    says: /model\.safetensors/,
  },
  {
    title: "a config that does not match the weights",
    break: ({ target }) =>
      changeJson(path.join(target, "config.json"), (config) => ({
        ...config,
        num_hidden_layers: 3,
      })),
    says: /model\.layers\.2/,
  },
  {
    title: "an unknown architecture",
    break: ({ source }) =>
      changeJson(path.join(source, "config.json"), (config) => ({
        ...config,
        model_type: "mamba",
      })),
    says: /mamba[\s\S]*llama/,
  },
  {
    title: "a tokenizer wider than its model",
    break: ({ target }) =>
      changeJson(path.join(target, "tokenizer.json"), (json) => ({
        ...json,
        added_tokens: [
          ...(json.added_tokens as object[]),
          {
            id: 900,
            content: "<extra>",
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
          },
        ],
      })),
    says: /900[\s\S]*400/,
  },
  {
    title: "text that is not UTF-8",
    break: ({ folder }) =>
      writeFileSync(path.join(folder, "text/prose.md"), Buffer.from([0x61, 0xff, 0x62])),
    says: /UTF-8[\s\S]*prose\.md/,
  },
  {
    title: "an empty corpus",
    break: ({ folder }) => {
      writeFileSync(path.join(folder, "text/prose.md"), "");
      writeFileSync(path.join(folder, "text/code.txt"), "");
    },
    says: /no text/,
  },
  {
    title: "too little held-out text",
    break: ({ folder }) => writeFileSync(path.join(folder, "text/code.txt"), "a few words\n"),
    says: /code[\s\S]*held-out chunks/,
  },
  {
    title: "an unknown key, with its line",
    break: ({ recipe }) => rewrite(recipe, "lr: 0.002", "learning_rate: 0.002"),
    says: /learning_rate[\s\S]*toy\.fusion\.yaml:13/,
  },
  {
    title: "an impossible value, with its line",
    break: ({ recipe }) => rewrite(recipe, "length: 48", "length: -48"),
    says: /length[\s\S]*toy\.fusion\.yaml:12/,
  },
  {
    title: "a method that the published code does not have",
    break: ({ recipe }) =>
      rewrite(
        recipe,
        "heldOut: 0.2",
        "heldOut: 0.2\nmode: published\nalignment: { vocabulary: firstToken }",
      ),
    says: /published/,
  },
];

function rewrite(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), `the recipe has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

for (const { title, says, ...one } of cases) {
  test(`run refuses ${title}`, async (t) => {
    const project = await makeToyProject(temporaryFolder(t), { steps: 1 });
    one.break(project);
    const out = path.join(project.folder, "runs");
    const { code, stdout, stderr } = await fuselab(["run", project.recipe, "--out", out]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack is shown");
    assert.ok(stderr.trimEnd().split("\n").length >= 2, "it says what to do next");
    assert.ok(!existsSync(path.join(out, "target")));
  });
}

test("a document of one token is read, held out or trained on", async (t) => {
  const { folder, recipe } = await makeToyProject(temporaryFolder(t), { steps: 2 });
  writeFileSync(path.join(folder, "text/tiny.md"), "a");
  rewrite(recipe, "files: text/prose.md", 'files: ["text/prose.md", "text/tiny.md"]');
  const { code, stderr } = await fuselab(["run", recipe, "--out", path.join(folder, "runs")]);
  assert.equal(code, 0, stderr);
});
