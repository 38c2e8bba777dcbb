import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../support/editor/tools.ts";
import { filesOfPackage, textInPackage } from "../support/editor/vsix.ts";

interface PackageFiles {
  readonly targets: Readonly<Record<string, { readonly budget: number }>>;
  belongs(target: string, file: string): boolean;
}

const target = "linux-x64";
const vsix = process.env.FUSELAB_VSIX;
const skip = vsix === undefined ? "needs a package: node test/run.mjs e2e makes one" : false;
const listFile = path.join(root, "scripts", "packageFiles.mjs");
const { targets, belongs } = (await import(listFile)) as PackageFiles;

/** Names that the packer gives to files which the editor shows. */
const renamed: Readonly<Record<string, string>> = {
  "LICENSE.txt": "LICENSE",
  "readme.md": "README.md",
  "changelog.md": "CHANGELOG.md",
};
/** What the packer adds. */
const envelope = new Set(["[Content_Types].xml", "extension.vsixmanifest"]);

test("the package holds nothing that its list does not name", { skip }, () => {
  const strangers = filesOfPackage(vsix as string)
    .map(({ name }) => name)
    .filter((name) => !envelope.has(name))
    .map((name) => name.replace(/^extension\//, ""))
    .filter((name) => !belongs(target, renamed[name] ?? name));
  assert.deepEqual(strangers, []);
});

test("the package holds every bundle that is built", { skip }, () => {
  const packed = new Set(filesOfPackage(vsix as string).map(({ name }) => name));
  const built = ["processes", "extension", "webviews"]
    .flatMap((name) => Object.keys(metafile(name).outputs))
    .filter((file) => !file.endsWith(".map"));
  assert.ok(built.length > 10);
  assert.deepEqual(
    built.filter((file) => !packed.has(`extension/${file}`)),
    [],
  );
});

test("the package's README shows no picture that the package lacks", { skip }, () => {
  const text = textInPackage(vsix as string, "extension/readme.md");
  assert.match(text, /^# FuseLab/);
  const packed = new Set(filesOfPackage(vsix as string).map(({ name }) => name));
  const shown = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, place]) => place);
  assert.deepEqual(
    shown.filter((place) => !packed.has(`extension/${place}`)),
    [],
  );
});

test("the list refuses what has no business in a package", () => {
  for (const file of [
    "src/extension/extension.ts",
    "dist/extension.cjs.map",
    "dist/types/test.tsbuildinfo",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll",
    "node_modules/onnxruntime-node/dist/index.js.map",
    ".env",
  ]) {
    assert.equal(belongs(target, file), false, file);
  }
  const native = `node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1`;
  assert.equal(belongs(target, native), true);
  assert.equal(belongs("universal", native), false);
});

test("the package is within its budget, without source maps", { skip }, (context) => {
  const { size } = statSync(vsix as string);
  const { budget } = targets[target];
  context.diagnostic(`figure: ${target} package ${megabytes(size)} MB of ${megabytes(budget)}`);
  assert.ok(size <= budget, `${size} bytes`);
  const maps = filesOfPackage(vsix as string).filter(({ name }) => name.endsWith(".map"));
  assert.deepEqual(maps, []);
});

test("the extension's own bundle is small and knows no heavy package", (context) => {
  const { size } = statSync(path.join(root, "dist", "extension.cjs"));
  context.diagnostic(`figure: extension bundle ${(size / 1000).toFixed(0)} kB of 300`);
  assert.ok(size <= 300_000, `${size} bytes`);
  const inputs = Object.keys(metafile("extension").inputs);
  assert.ok(inputs.includes("src/extension/extension.ts"));
  const heavy =
    /node_modules\/(d3|d3-[^/]+|apache-arrow|@huggingface\/tokenizers|onnxruntime-[^/]+)\//;
  assert.deepEqual(
    inputs.filter((file) => heavy.test(file)),
    [],
  );
});

/** What esbuild made a group of bundles of, and which files came of it. */
function metafile(name: string): { readonly inputs: object; readonly outputs: object } {
  return JSON.parse(readFileSync(path.join(root, "dist", `${name}.meta.json`), "utf8"));
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(2);
}
