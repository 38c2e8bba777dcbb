import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder, writeFiles } from "../support/folders.ts";

const script = fileURLToPath(new URL("../../scripts/fences.mjs", import.meta.url));
const manifest = JSON.stringify({ dependencies: { yaml: "1", "onnxruntime-node": "1", d3: "1" } });

/** What the fences say of a tree, one line a breach. */
function breachesOf(t: TestContext, files: Readonly<Record<string, string>>): string[] {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "package.json": manifest, ...files });
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  const lines = stdout.split("\n").filter((line) => line !== "");
  assert.equal(status, lines.length === 0 ? 0 : 1);
  return lines;
}

const good = {
  "src/protocol/wire.ts": "export const wire = 1;\n",
  "src/core/a.ts":
    'import { wire } from "../protocol/wire.ts";\nimport { Tokenizer } from "@huggingface/tokenizers";\nexport const a = [wire, Tokenizer];\n',
  "src/model/m.ts":
    'import { readFile } from "node:fs/promises";\nimport * as ort from "onnxruntime-node";\nimport { a } from "../core/a.ts";\nexport const m = [readFile, ort, a];\n',
  "src/pipeline/p.ts":
    '// import { cli } from "../cli/c.ts";\n/* export default 1 */\nimport { m } from "../model/m.ts";\nimport { parse } from "yaml";\nexport const p = [m, parse, "export default"];\n',
  "src/engine/e.ts": 'export { p } from "../pipeline/p.ts";\n',
  "src/cli/c.ts": 'import { p } from "../pipeline/p.ts";\nexport const cli = p;\n',
  "src/extension/x.ts": 'import type { Uri } from "vscode";\nexport type X = Uri;\n',
  "webview/w.ts":
    'import { a } from "../src/core/a.ts";\nimport { select } from "d3";\nexport const w = [a, select];\n',
};
const packageFor = {
  "package.json": manifest.replace('"d3"', '"@huggingface/tokenizers":"1","d3"'),
};

describe("the fences", () => {
  test("let a tree through that keeps to them", (t) => {
    assert.deepEqual(breachesOf(t, { ...good, ...packageFor }), []);
  });

  const cases: readonly [rule: string, file: string, text: string, expected: RegExp][] = [
    [
      "protocol imports nothing",
      "src/protocol/x.ts",
      'import "../core/a.ts";',
      /src\/protocol may not import src\/core/,
    ],
    ["protocol knows no package", "src/protocol/x.ts", 'import "yaml";', /may not import yaml/],
    [
      "core knows no Node",
      "src/core/x.ts",
      'import { join } from "node:path";',
      /may not know Node/,
    ],
    [
      "core knows no Node without its prefix",
      "src/core/x.ts",
      'import { join } from "path";',
      /may not know Node/,
    ],
    [
      "core knows only its packages",
      "src/core/x.ts",
      'import "yaml";',
      /src\/core may not import yaml/,
    ],
    [
      "core imports nothing above it",
      "src/core/x.ts",
      'import type { m } from "../model/m.ts";',
      /may not import src\/model/,
    ],
    [
      "model imports nothing above it",
      "src/model/x.ts",
      'export * from "../pipeline/p.ts";',
      /may not import src\/pipeline/,
    ],
    [
      "pipeline imports nothing above it",
      "src/pipeline/x.ts",
      'const e = await import("../engine/e.ts");',
      /may not import src\/engine/,
    ],
    [
      "engine imports nothing beside it",
      "src/engine/x.ts",
      'import { cli } from "../cli/c.ts";',
      /may not import src\/cli/,
    ],
    [
      "only the extension knows vscode",
      "src/cli/x.ts",
      'import type { Uri } from "vscode";',
      /only src\/extension may import vscode/,
    ],
    [
      "only the model knows the runtime",
      "src/pipeline/x.ts",
      'require("onnxruntime-node");',
      /only src\/model may import/,
    ],
    [
      "the views know no Node",
      "webview/x.ts",
      'import fs from "node:fs";',
      /webview may not know Node/,
    ],
    [
      "the views know no pipeline",
      "webview/x.ts",
      'import "../src/pipeline/p.ts";',
      /may not import src\/pipeline/,
    ],
    [
      "packages are those of the manifest",
      "src/model/x.ts",
      'import "left-pad/x";',
      /left-pad, which package\.json/,
    ],
    ["imports are there", "src/core/x.ts", 'import "./gone.ts";', /is not there/],
    ["nothing is exported without a name", "src/core/x.ts", "export default 1;", /default export/],
    [
      "nothing is renamed to default",
      "src/core/x.ts",
      "const a = 1;\nexport { a as default };",
      /default export/,
    ],
    ["every folder is a layer", "src/attic/x.ts", "export const x = 1;", /lies in no layer/],
  ];
  for (const [rule, file, text, expected] of cases) {
    test(`see that ${rule}`, (t) => {
      const lines = breachesOf(t, { ...good, ...packageFor, [file]: `\n${text}\n` });
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0], expected);
      const line = text.includes("as default") ? 3 : file.includes("attic") ? 1 : 2;
      assert.ok(lines[0].startsWith(`${file}:${line} `), lines[0]);
    });
  }

  test("see a circle, also one of types, and name its way once", (t) => {
    const lines = breachesOf(t, {
      "src/core/a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
      "src/core/b.ts": 'import { c } from "./c.ts";\nexport const b = c;\n',
      "src/core/c.ts": 'import type { A } from "./a.ts";\nexport type C = A;\n',
    });
    assert.deepEqual(lines, [
      "src/core/c.ts:1 closes a circle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts",
    ]);
  });
});
