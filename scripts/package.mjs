/**
 * Packs the extension for one system: `node scripts/package.mjs --target linux-x64`, by default this machine's. The
 * files that packageFiles.mjs names are laid out under dist/package/<target>/, with a manifest that holds only what
 * an editor reads and the licences of everything bundled, and become dist/package/fuselab-<target>.vsix. Fails
 * where a file is missing or the package is larger than its budget. `--no-build` takes dist/ as it is.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { made, matches, packageFiles, runtimeManifest, targets } from "./packageFiles.mjs";

const require = createRequire(import.meta.url);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Fields of the repository's manifest that say how it is built and tested. */
const ownFields = ["private", "scripts", "devDependencies", "dependencies", "bin"];
/** Which bundles' licences have to be told, by the files that esbuild writes beside them. */
const metafiles = ["processes.meta.json", "extension.meta.json", "webviews.meta.json"];
const runtimePackages = ["onnxruntime-node", "onnxruntime-common"];
const licenceNames = /^(licen[cs]e|copying)(\.(md|txt))?$/i;

const target = readTarget();
const folder = path.join(root, "dist", "package", target);
const vsix = path.join(root, "dist", "package", `fuselab-${target}.vsix`);
const isNative = targets[target].binaries !== undefined;

if (!process.argv.includes("--no-build")) build();
layOut();
await pack();
checkSize();

function readTarget() {
  const at = process.argv.indexOf("--target");
  const name = at < 0 ? `${process.platform}-${process.arch}` : process.argv[at + 1];
  if (Object.hasOwn(targets, name ?? "")) return name;
  return fail(
    `There is no package for ${name}: ONNX Runtime has no library for it, or it is misspelt. Give --target one of ${Object.keys(targets).join(", ")}.`,
  );
}

function build() {
  const file = path.join(root, "scripts", "setup.mjs");
  const { status } = spawnSync(process.execPath, [file, "--build"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

function layOut() {
  fs.rmSync(folder, { recursive: true, force: true });
  const all = filesOfRepository();
  const { required, optional } = packageFiles(target);
  for (const pattern of [...required, ...optional]) {
    const found = all.filter((file) => matches(pattern, file));
    if (found.length === 0 && required.includes(pattern)) {
      fail(`${pattern} is not there. Build it, or strike it from scripts/packageFiles.mjs.`);
    }
    for (const file of found) copy(file);
  }
  const manifest = readJson("package.json");
  for (const field of ownFields) delete manifest[field];
  if (isNative) {
    const { name, version, license, main } = readJson(runtimeManifest);
    const common = readJson("node_modules/onnxruntime-common/package.json");
    manifest.dependencies = { [name]: version };
    const dependencies = { [common.name]: common.version };
    writeJson(runtimeManifest, { name, version, license, main, dependencies });
  }
  writeJson(made.manifest, manifest);
  write(made.notices, notices());
  write(".vscodeignore", ""); // what lies here is the package; the packer leaves this file out
}

/** Paths of what could be packed, with "/" between names. */
function filesOfRepository() {
  const folders = [
    "dist",
    "media",
    "demo",
    "l10n",
    ...runtimePackages.map((name) => `node_modules/${name}`),
  ];
  const files = fs.readdirSync(root).filter((name) => fs.statSync(path.join(root, name)).isFile());
  for (const top of folders) {
    if (!fs.existsSync(path.join(root, top))) continue;
    for (const name of fs.readdirSync(path.join(root, top), { recursive: true })) {
      const file = path.posix.join(top, name.split(path.sep).join("/"));
      if (!file.startsWith("dist/package/")) files.push(file);
    }
  }
  return files;
}

function copy(file) {
  const to = path.join(folder, file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  if (/\.[cm]?js$|\.css$/.test(file)) {
    // Source maps stay behind, so nothing may point at them.
    const text = fs.readFileSync(path.join(root, file), "utf8");
    fs.writeFileSync(
      to,
      text.replace(/\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+ \*\/)\s*$/, "\n"),
    );
  } else if (file === "README.md") {
    // The pictures would be a twentieth of the package.
    const text = fs.readFileSync(path.join(root, file), "utf8");
    fs.writeFileSync(to, text.replace(/<!-- pictures -->.*?<!-- \/pictures -->\n/gs, ""));
  } else {
    fs.copyFileSync(path.join(root, file), to);
  }
}

/** The licence of every package of which a line is in one of the bundles, and of the runtime. */
function notices() {
  const runtime = isNative ? runtimePackages.map((name) => `node_modules/${name}`) : [];
  const parts = [...new Set([...runtime, ...bundledPackages()])].map(noticeOf);
  const head = "FuseLab holds parts of the packages below, under their own licences.";
  return [head, ...parts.sort()].join("\n\n");
}

/** Folders of the packages that gave at least one byte to a bundle, from the repository's root. */
function bundledPackages() {
  const outputs = metafiles.flatMap((name) => Object.values(readJson(`dist/${name}`).outputs));
  return outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([file]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
}

function noticeOf(place) {
  const { name, version, license } = readJson(`${place}/package.json`);
  const file = fs.readdirSync(path.join(root, place)).find((one) => licenceNames.test(one));
  const text =
    file === undefined
      ? "The package carries no text of its licence."
      : fs.readFileSync(path.join(root, place, file), "utf8").trim();
  const heading = `${name} ${version} (${license})`;
  return `${heading}\n${"=".repeat(heading.length)}\n\n${text}\n`;
}

async function pack() {
  const { createVSIX } = require("@vscode/vsce");
  fs.rmSync(vsix, { force: true });
  await createVSIX({
    cwd: folder,
    packagePath: vsix,
    ...(isNative ? { target } : {}),
    dependencies: isNative,
    // The README's links stay as they are: there is no published repository to point them at.
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
}

function checkSize() {
  const { budget } = targets[target];
  const { size } = fs.statSync(vsix);
  const told = `${path.relative(root, vsix)}: ${megabytes(size)} of ${megabytes(budget)} MB`;
  if (size > budget) fail(`${told}. Find what grew, or raise the budget with a reason.`);
  console.log(`package: ${told}`);
}

function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(2);
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));
}

function writeJson(file, value) {
  write(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

function write(file, text) {
  const to = path.join(folder, file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text);
}

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}
