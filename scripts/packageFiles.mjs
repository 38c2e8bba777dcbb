/**
 * What a package of the extension holds: every file by its name or by a pattern, nothing besides. A test compares
 * a finished package with this list. In a pattern `*` stands for a part of one name, `**` for any folders.
 */

const megabyte = 1_000_000;
const runtime = "node_modules/onnxruntime-node";
const runtimeCommon = "node_modules/onnxruntime-common";

/**
 * The systems there are packages for: where ONNX Runtime keeps their binaries, which of these are loaded, and how
 * large a package may be. On macOS one library lies there under two names, and the binding asks for the shorter.
 * On Windows the libraries left out are those of providers that FuseLab never asks for (DirectML, WebGPU), which
 * the runtime loads when they are asked for and not before.
 */
export const targets = {
  "linux-x64": {
    binaries: "linux/x64",
    libraries: ["libonnxruntime.so.1"],
    budget: 23 * megabyte,
  },
  "linux-arm64": {
    binaries: "linux/arm64",
    libraries: ["libonnxruntime.so.1"],
    budget: 16 * megabyte,
  },
  "darwin-arm64": {
    binaries: "darwin/arm64",
    libraries: ["libonnxruntime.1.dylib"],
    budget: 19 * megabyte,
  },
  "win32-x64": { binaries: "win32/x64", libraries: ["onnxruntime.dll"], budget: 34 * megabyte },
  "win32-arm64": { binaries: "win32/arm64", libraries: ["onnxruntime.dll"], budget: 34 * megabyte },
  /** Without native code: everything but models. */
  universal: { binaries: undefined, libraries: [], budget: 6 * megabyte },
};

/** Files of every package, by their path in it and in the repository alike. */
const common = [
  "LICENSE",
  "README.md",
  "CHANGELOG.md",
  "package.nls.json",
  "dist/extension.cjs",
  "dist/cli.js",
  "dist/computeThread.js",
  "dist/inspector.js",
  "dist/inspectorThread.js",
  "dist/recipe.schema.json",
  "dist/runStarter.js",
  "dist/runWorker.js",
  "dist/webview/alignment.css",
  "dist/webview/alignment.js",
  "dist/webview/compare.css",
  "dist/webview/compare.js",
  "dist/webview/distributions.css",
  "dist/webview/distributions.js",
  "dist/webview/run.css",
  "dist/webview/run.js",
  "media/icon.png",
  "media/icon.svg",
  "media/panel-dark.svg",
  "media/panel-light.svg",
  "media/walkthrough/*.svg",
  "demo/manifest.json",
  "demo/demo.fusion.yaml",
  "demo/texts/**/*.md",
  "demo/texts/**/*.txt",
  "demo/models/*/README.md",
  "demo/models/*/*.json",
  "demo/models/*/*.safetensors",
];

/** There may be none of these. */
const optional = ["l10n/*.json"];

/** Made while packaging. */
export const made = {
  manifest: "package.json",
  notices: "ThirdPartyNotices.txt",
};

/** Patterns of one target's package that come out of the repository. */
export function packageFiles(target) {
  const { binaries, libraries } = targets[target];
  if (binaries === undefined) return { required: common, optional };
  const natives = [...libraries, "onnxruntime_binding.node"].map(
    (name) => `${runtime}/bin/napi-v6/${binaries}/${name}`,
  );
  const code = [
    `${runtime}/dist/*.js`,
    `${runtimeCommon}/package.json`,
    `${runtimeCommon}/dist/cjs/*.js`,
    `${runtimeCommon}/dist/cjs/package.json`,
  ];
  return { required: [...common, ...natives, ...code], optional };
}

/** Manifests that are made shorter on their way into a package. */
export const runtimeManifest = `${runtime}/package.json`;

/** Whether a package of this target may hold a file of this path. */
export function belongs(target, file) {
  const { required, optional: others } = packageFiles(target);
  const own = [made.manifest, made.notices];
  if (targets[target].binaries !== undefined) own.push(runtimeManifest);
  return [...own, ...required, ...others].some((pattern) => matches(pattern, file));
}

export function matches(pattern, file) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*/g, (wildcard) => (wildcard === "*" ? "[^/]*" : "(?:[^/]+/)*"));
  return new RegExp(`^${source}$`).test(file);
}
