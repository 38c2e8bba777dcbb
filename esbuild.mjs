/**
 * Bundles each process's entry point to one file in dist/. Only the native runtime stays outside. `--watch`
 * builds again on every change; types are not checked here (scripts/check.mjs does).
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));

/** Name in dist/ and source of each process. */
const processes = {
  cli: "src/cli/main.ts",
  runWorker: "src/engine/runWorker.ts",
  computeThread: "src/engine/computeThread.ts",
};

/** Some dependencies are CommonJS and ask for Node's own modules with require, which ESM has not. */
const requireBanner = `import { createRequire as makeRequire } from "node:module";
const require = makeRequire(import.meta.url);`;

/** @type {esbuild.BuildOptions} */
const options = {
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(processes).filter(([, source]) => existsSync(path.join(root, source))),
  ),
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["onnxruntime-node"],
  banner: { js: requireBanner },
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
};

export async function build() {
  await Promise.all(
    Object.keys(processes).map((name) =>
      rm(path.join(root, "dist", `${name}.js`), { force: true }),
    ),
  );
  await esbuild.build(options);
}

async function watch() {
  const context = await esbuild.context({ ...options, logLevel: "info" });
  await context.watch();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes("--watch") ? watch() : build());
}
