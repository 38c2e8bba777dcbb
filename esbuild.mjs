/**
 * Bundles each process's entry point to one file in dist/. Only the native runtime stays outside. `--watch`
 * builds again on every change; types are not checked here (scripts/check.mjs does).
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));

/** Name in dist/ and source of each process. */
const processes = {
  cli: "src/cli/main.ts",
  runWorker: "src/engine/runWorker.ts",
  computeThread: "src/engine/computeThread.ts",
  inspector: "src/engine/inspector.ts",
  inspectorThread: "src/engine/inspectorThread.ts",
};

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** Some dependencies are CommonJS and ask for Node's own modules with require, which ESM has not. */
const requireBanner = `import { createRequire as makeRequire } from "node:module";
const require = makeRequire(import.meta.url);`;

/** @type {esbuild.BuildOptions} */
const options = {
  absWorkingDir: root,
  entryPoints: processes,
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["onnxruntime-node"],
  banner: { js: requireBanner },
  define: { FUSELAB_VERSION: JSON.stringify(version) },
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
};

export async function build() {
  await esbuild.build(options);
}

async function watch() {
  const context = await esbuild.context({ ...options, logLevel: "info" });
  await context.watch();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes("--watch") ? watch() : build());
}
