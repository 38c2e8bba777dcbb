/**
 * Makes demo/, the content that the extension carries: texts out of this repository, tokenizers and models
 * trained on them, a recipe, and a manifest with the hash of every file. The result is committed. The same
 * sources give the same texts and tokenizers everywhere, and the same weights on the same kind of processor
 * with the same ONNX Runtime. A few minutes.
 *
 *     node --import tsx scripts/makeDemoContent.mjs            make demo/ anew
 *     node --import tsx scripts/makeDemoContent.mjs --check    compare demo/ with its manifest
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { freemem, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { currentVersions } from "../src/engine/version.ts";
import { jobs } from "../src/pipeline/jobs.ts";
import { contentFaults, modelBytes } from "../src/pipeline/zoo/contentManifest.ts";
import { contentSeed } from "../src/pipeline/zoo/contentPlan.ts";
import { makeDemoContent } from "../src/pipeline/zoo/demoContent.ts";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, "demo");
const require = createRequire(import.meta.url);

/** Jobs in this very thread, one at a time. One thread is the quickest for models this small. */
const compute = {
  slots: 1,
  threads: 1,
  run: (name, spec, context) => jobs[name](spec, context),
};

if (process.argv.includes("--check")) await check();
else await make();

async function check() {
  const faults = await contentFaults(folder);
  for (const fault of faults) console.log(`demo content: ${fault}`);
  if (faults.length === 0) console.log("demo content: as it was made");
  process.exitCode = faults.length === 0 ? 0 : 1;
}

async function make() {
  const started = performance.now();
  const declarations = mkdtempSync(path.join(tmpdir(), "fuselab-declarations-"));
  try {
    generateDeclarations(declarations);
    const manifest = await makeDemoContent(folder, {
      root,
      declarations,
      seed: contentSeed,
      madeWith: versions(),
      compute,
      memoryLimit: freemem() / 2,
      onProgress: say,
      stopped: () => false,
    });
    report(manifest, (performance.now() - started) / 1000);
  } finally {
    rmSync(declarations, { recursive: true, force: true });
  }
}

/** What tsc makes of the sources as they are. Types are checked elsewhere, and no build that lies about is read. */
function generateDeclarations(out) {
  const project = path.join(out, "tsconfig.json");
  writeFileSync(
    project,
    JSON.stringify({
      extends: path.join(root, "tsconfig.base.json"),
      compilerOptions: {
        composite: false,
        incremental: false,
        declaration: true,
        noCheck: true,
        rootDir: root,
        outDir: out,
        lib: ["ES2023", "DOM", "DOM.Iterable"],
        types: ["node", "vscode", "d3"],
        typeRoots: [path.join(root, "node_modules", "@types")],
      },
      include: [path.join(root, "src"), path.join(root, "webview")],
    }),
  );
  const manifest = require.resolve("typescript/package.json");
  const tsc = path.join(path.dirname(manifest), require(manifest).bin.tsc);
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
  if (status !== 0) throw new Error("tsc made no declarations; its messages are above");
}

function versions() {
  const { version: fuselab } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const { version: typescript } = require("typescript/package.json");
  const platform = `${process.platform}-${process.arch}`;
  return { ...currentVersions(), fuselab, typescript, platform };
}

function say(what, done, of, note) {
  if (done % 100 !== 0 && done !== of) return;
  console.log(`${what}: ${done} of ${of}${note === undefined ? "" : `, ${note}`}`);
}

function report({ corpus, files }, seconds) {
  for (const [domain, { heldOutOverlap, ...amounts }] of Object.entries(corpus.domains)) {
    const sizes = Object.entries(amounts).map(([part, { bytes }]) => `${part} ${bytes}`);
    const overlap = (100 * heldOutOverlap).toFixed(1);
    console.log(
      `${domain}: bytes ${sizes.join(", ")}; ${overlap} % of the held-out 8-word sequences occur elsewhere`,
    );
  }
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(
    `demo/: ${files.length} files, ${all} bytes, of them ${modelBytes(files)} models and tokenizers; ${seconds.toFixed(0)} s`,
  );
}
