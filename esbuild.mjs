/**
 * Bundles each process's entry point and each webview to one file in dist/. Only the native runtime and the
 * editor's own module stay outside. `--watch` builds again on every change; types are not checked here
 * (scripts/check.mjs does). What each bundle was made of is written beside them (dist/<name>.meta.json).
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));

/** Name in dist/ and source of each process. */
const processes = {
  cli: "src/cli/main.ts",
  runStarter: "src/engine/runStarter.ts",
  runWorker: "src/engine/runWorker.ts",
  computeThread: "src/engine/computeThread.ts",
  inspector: "src/engine/inspector.ts",
  inspectorThread: "src/engine/inspectorThread.ts",
};

/** Name in dist/webview/ and source of each view; its style sheet lies beside it under the same name. */
const views = {
  alignment: "webview/alignment/main.ts",
  distributions: "webview/distributions/main.ts",
  run: "webview/run/main.ts",
  compare: "webview/compare/main.ts",
};

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** Some dependencies are CommonJS and ask for Node's own modules with require, which ESM has not. */
const requireBanner = `import { createRequire as makeRequire } from "node:module";
const require = makeRequire(import.meta.url);`;

/** @type {esbuild.BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  define: { FUSELAB_VERSION: JSON.stringify(version) },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
};

/** @type {Record<string, esbuild.BuildOptions>} */
const bundles = {
  processes: {
    ...shared,
    entryPoints: processes,
    outdir: "dist",
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["onnxruntime-node"],
    banner: { js: requireBanner },
  },
  // CommonJS: the oldest editor we support loads no other extensions.
  extension: {
    ...shared,
    entryPoints: ["src/extension/extension.ts"],
    outfile: "dist/extension.cjs",
    platform: "node",
    format: "cjs",
    target: "node20",
    minify: true,
    external: ["vscode"],
  },
  webviews: {
    ...shared,
    entryPoints: views,
    outdir: "dist/webview",
    platform: "browser",
    format: "iife",
    target: "es2022",
    minify: true,
    loader: { ".svg": "text" },
  },
};

/** The recipes' schema as JSON, for the extension host, which has no schema library. */
async function writeRecipeSchema() {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    stdin: {
      contents: 'export { recipeJsonSchema } from "./src/pipeline/recipeSchema.ts";',
      resolveDir: root,
    },
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  const { recipeJsonSchema } = await import(`data:text/javascript;base64,${code}`);
  mkdirSync(path.join(root, "dist"), { recursive: true });
  writeFileSync(path.join(root, "dist", "recipe.schema.json"), JSON.stringify(recipeJsonSchema));
}

export async function build() {
  await writeRecipeSchema();
  await Promise.all(
    Object.entries(bundles).map(async ([name, options]) => {
      const { metafile } = await esbuild.build(options);
      mkdirSync(path.join(root, "dist"), { recursive: true });
      writeFileSync(path.join(root, "dist", `${name}.meta.json`), JSON.stringify(metafile));
    }),
  );
}

async function watch() {
  await writeRecipeSchema();
  for (const options of Object.values(bundles)) {
    const context = await esbuild.context({ ...options, logLevel: "info" });
    await context.watch();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes("--watch") ? watch() : build());
}
