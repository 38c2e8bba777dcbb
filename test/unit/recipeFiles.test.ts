import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { type CorpusFiles, readCorpus } from "../../src/pipeline/corpusFiles.ts";
import { findFiles } from "../../src/pipeline/filePatterns.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import { describeRecipe } from "../../src/pipeline/recipeDescription.ts";
import { missingFiles } from "../../src/pipeline/recipeFiles.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";

const entry = (files: string | string[], more: Partial<CorpusFiles> = {}): CorpusFiles => ({
  domain: "prose",
  files: [files].flat(),
  field: "text",
  ...more,
});

const refusedWith = (
  code: string,
  message: RegExp,
  place: { file?: string; line?: number } = {},
) => {
  return (error: unknown) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.notEqual(error.next, undefined);
    if (place.file !== undefined) assert.equal(path.basename(error.file ?? ""), place.file);
    if (place.line !== undefined) assert.equal(error.line, place.line);
    return true;
  };
};

describe("patterns", () => {
  const tree = {
    "a.md": "",
    "b.txt": "",
    "sub/c.md": "",
    "sub/deep/d.md": "",
    "sub/deep/e.ts": "",
    ".hidden/f.md": "",
    "sub/.g.md": "",
  };
  const cases: readonly [pattern: string | string[], expected: string[]][] = [
    ["a.md", ["a.md"]],
    ["./a.md", ["a.md"]],
    ["*.md", ["a.md"]],
    ["?.md", ["a.md"]],
    ["**/*.md", ["a.md", "sub/c.md", "sub/deep/d.md"]],
    ["**", ["a.md", "b.txt", "sub/c.md", "sub/deep/d.md", "sub/deep/e.ts"]],
    ["sub/**/*.md", ["sub/c.md", "sub/deep/d.md"]],
    ["sub/*/*.md", ["sub/deep/d.md"]],
    ["**/deep/**/*.{md,ts}", ["sub/deep/d.md", "sub/deep/e.ts"]],
    ["{a,b}.{md,txt}", ["a.md", "b.txt"]],
    ["{a,{b,x}}.*", ["a.md", "b.txt"]],
    [".hidden/*", [".hidden/f.md"]],
    ["sub/.*.md", ["sub/.g.md"]],
    ["sub", []],
    ["*.MD", []],
    [
      ["**/*.md", "!sub/deep/**"],
      ["a.md", "sub/c.md"],
    ],
    [["*.md", "a.*"], ["a.md"]],
    ["none/**", []],
  ];
  for (const [pattern, expected] of cases) {
    test(`${JSON.stringify(pattern)} meets ${expected.length} of the tree's files`, async (t) => {
      const folder = temporaryFolder(t);
      writeFiles(folder, tree);
      const found = await findFiles([pattern].flat(), folder);
      assert.deepEqual(
        found.map(({ name }) => name),
        expected,
      );
    });
  }

  test("a pattern may start above the base, or at the root", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "texts/a.md": "", "recipes/r.yaml": "" });
    const base = path.join(folder, "recipes");
    assert.equal((await findFiles(["../texts/*.md"], base))[0].name, "../texts/a.md");
    assert.equal((await findFiles([`${folder}/texts/*.md`], base)).length, 1);
  });

  test("a linked file counts, a linked folder is not entered", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "real/a.md": "" });
    symlinkSync(path.join(folder, "real/a.md"), path.join(folder, "linked.md"));
    symlinkSync(folder, path.join(folder, "real/circle"));
    const names = (await findFiles(["**/*.md"], folder)).map(({ name }) => name);
    assert.deepEqual(names, ["linked.md", "real/a.md"]);
  });

  test("many stars on a long name take no time", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { [`${"a".repeat(200)}.md`]: "" });
    const started = performance.now();
    assert.deepEqual(await findFiles([`${"*a".repeat(90)}*b`], folder), []);
    assert.ok(performance.now() - started < 500);
  });

  test("braces that unfold without end are refused", async (t) => {
    const folder = temporaryFolder(t);
    await assert.rejects(
      findFiles(["{a,b}".repeat(20)], folder),
      refusedWith("tooLarge", /more than 1000 alternatives/),
    );
  });
});

describe("a corpus", () => {
  test("is read in the order of entries and names, with ids from the base", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "p/b.md": "B", "p/a.md": "A", "c/x.ts": "X", "p/empty.md": "" });
    const documents = await readCorpus(
      [entry("c/*.ts", { domain: "code" }), entry("p/*.md")],
      folder,
    );
    assert.deepEqual(documents, [
      { id: "code/c/x.ts", domain: "code", text: "X" },
      { id: "prose/p/a.md", domain: "prose", text: "A" },
      { id: "prose/p/b.md", domain: "prose", text: "B" },
    ]);
  });

  test("is normalised to NFC, without a byte order mark, with line ends as they are", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "a.md": "\uFEFFe\u0301\r\n" });
    assert.equal((await readCorpus([entry("a.md")], folder))[0].text, "\u00e9\r\n");
  });

  test("takes one document from each line of a jsonl file", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, {
      "a.jsonl": '{"q":"one","text":"x"}\n\n{"q":"e\\u0301"}\r\n{"q":""}\n',
    });
    const documents = await readCorpus([entry("a.jsonl", { field: "q" })], folder);
    assert.deepEqual(
      documents.map(({ id, text }) => [id, text]),
      [
        ["prose/a.jsonl:1", "one"],
        ["prose/a.jsonl:3", "\u00e9"],
      ],
    );
  });

  const wrong: readonly [
    title: string,
    content: string | Uint8Array,
    name: string,
    expected: RegExp,
    line?: number,
  ][] = [
    ["a line that is not JSON", '{"text":"a"}\n{', "a.jsonl", /Line 2 .* not JSON/, 2],
    ["a line without the field", '{"body":"a"}', "a.jsonl", /Line 1 .* no text under text/, 1],
    ["a field that is no text", '{"text":5}', "a.jsonl", /Line 1 .* no text under text/, 1],
    ["a field that is inherited", '{"x":1}', "a.jsonl", /no text under/, 1],
    ["half a surrogate pair", '{"text":"a\\ud800"}', "a.jsonl", /half a character/, 1],
    ["a byte that is not UTF-8", Uint8Array.of(0x61, 0xc3, 0xa9, 0xff, 0x61), "a.md", /byte 3 is/],
    ["a character cut at the end", Uint8Array.of(0x61, 0xe2, 0x82), "a.md", /byte 3 is/],
    ["a surrogate in UTF-8", Uint8Array.of(0xed, 0xa0, 0x80), "a.md", /byte 1 is/],
    ["nothing but empty text", "", "a.md", /hold no text/],
    ["a parquet file", "PAR1", "a.parquet", /is a parquet file/],
  ];
  for (const [title, content, name, expected, line] of wrong) {
    test(`refuses ${title}`, async (t) => {
      const folder = temporaryFolder(t);
      writeFiles(folder, { [name]: content });
      const code = name.endsWith("parquet") ? "unsupported" : "badInput";
      const place = line === undefined ? {} : { file: name, line };
      await assert.rejects(readCorpus([entry(name)], folder), refusedWith(code, expected, place));
    });
  }

  test("refuses a pattern that meets no file, and a file in two entries", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "a.md": "A" });
    await assert.rejects(
      readCorpus([entry("a.md"), entry("*.txt")], folder),
      refusedWith("missing", /No file matches \*\.txt/),
    );
    await assert.rejects(
      readCorpus([entry("a.md"), entry("*.md", { domain: "code" })], folder),
      refusedWith("badInput", /two corpus entries \(prose, code\)/, { file: "a.md" }),
    );
  });
});

const recipeText = `version: 1
name: demo
target: ./models/target
sources: [./models/a, ./models/b]
corpus:
  - { domain: prose, files: "prose/*.md" }
  - { domain: code, files: "code/*.ts", weight: 0.5 }
training: { steps: 200 }
`;

describe("what a recipe names", () => {
  test("is said with its line where it is not there", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "models/a/config.json": "{}", "prose/x.md": "X" });
    mkdirSync(path.join(folder, "models/b"));
    const parsed = parseRecipe(recipeText, path.join(folder, "demo.fusion.yaml"));
    const problems = await missingFiles(parsed);
    assert.deepEqual(
      problems.map(({ line, column, key }) => `${line}:${column} ${key}`),
      ["3:9 target", "4:23 sources[1]", "7:28 corpus[1].files"],
    );
    assert.match(problems[0].message, /models\/target is not there/);
    assert.match(problems[1].message, /no config\.json/);
  });

  test("is no problem where all of it is there", async (t) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, {
      "models/target/config.json": "{}",
      "models/a/config.json": "{}",
      "models/b/config.json": "{}",
      "prose/x.md": "X",
      "code/x.ts": "X",
    });
    const parsed = parseRecipe(recipeText, path.join(folder, "demo.fusion.yaml"));
    assert.deepEqual(await missingFiles(parsed), []);
  });
});

test("a recipe's description says the defaults too", () => {
  const { recipe } = parseRecipe(recipeText, "demo.fusion.yaml");
  const lines = describeRecipe(recipe).map(({ label, text }) => `${label}|${text}`);
  assert.ok(lines.includes("sources|A ./models/a"));
  assert.ok(lines.includes("|B ./models/b"));
  assert.ok(lines.includes("|code: code/*.ts, weight 0.5"));
  assert.ok(lines.includes("held out|5 % of the corpus"));
  assert.ok(lines.some((line) => /^training\|200 steps of 8 × 512 tokens, λ 0.4/.test(line)));
});
