/**
 * Which files of the installed packages the demo's corpus is made of: a fixed list of packages that every
 * checkout has, so that the same packages give the same text on every machine. Left out are second copies
 * (CommonJS beside modules), what is minified or generated, translations, and what differs by platform.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";

export type FileKind = "markdown" | "script" | "declarations";

export interface PackageFile {
  /** `<package>/<path>`, with slashes. */
  readonly name: string;
  readonly kind: FileKind;
  /** In NFC, lines ending in "\n". */
  readonly text: string;
}

export interface CorpusPackage {
  readonly name: string;
  readonly version: string;
  /** In the order of their names. */
  readonly files: readonly PackageFile[];
}

interface Choice {
  readonly name: string;
  /** Scripts by their path in the package; without one, none. READMEs and change logs are taken from all. */
  readonly scripts?: RegExp;
  readonly declarations?: RegExp;
}

/** In the order in which they are read: of a repeated passage the first stays. */
const choices: readonly Choice[] = [
  { name: "@types/node", declarations: /^(?!ts\d|.*generated).*\.d\.ts$/ },
  {
    name: "typescript",
    scripts: /^(?:dist|vendor)\/(?!enums\/|.*generated).*\.js$/,
    declarations: /^(?:dist|vendor)\/(?!enums\/|.*generated).*\.d\.ts$/,
  },
  // The standard library stands in the package of the platform, the same in each.
  { name: "@typescript/typescript-*", declarations: /^lib\/lib\.[^/]*\.d\.ts$/ },
  {
    name: "zod",
    scripts: /^v[34]\/(?!.*locales\/).*\.js$/,
    declarations: /^v[34]\/(?!.*locales\/).*\.d\.ts$/,
  },
  {
    name: "apache-arrow",
    scripts: /^(?!fb\/|bin\/|src\/|node_modules\/).*\.mjs$/,
    declarations: /^(?!fb\/|src\/|node_modules\/).*\.d\.ts$/,
  },
  { name: "yaml", scripts: /^dist\/.*\.m?js$/, declarations: /^dist\/.*\.d\.ts$/ },
  { name: "commander", scripts: /^lib\/.*\.js$/, declarations: /^typings\/index\.d\.ts$/ },
  {
    name: "onnxruntime-common",
    scripts: /^dist\/esm\/.*\.js$/,
    declarations: /^dist\/esm\/.*\.d\.ts$/,
  },
  {
    name: "@huggingface/tokenizers",
    scripts: /^dist\/tokenizers\.mjs$/,
    declarations: /^types\/.*\.d\.ts$/,
  },
  { name: "flatbuffers", scripts: /^mjs\/.*\.js$/, declarations: /^mjs\/.*\.d\.ts$/ },
  { name: "esbuild", scripts: /^lib\/main\.js$/, declarations: /^lib\/main\.d\.ts$/ },
  { name: "undici-types", declarations: /\.d\.ts$/ },
  { name: "type-fest", declarations: /\.d\.ts$/ },
  { name: "semver", scripts: /^(?:classes|functions|internal|ranges)\/.*\.js$/ },
  { name: "adm-zip", scripts: /\.js$/ },
  { name: "json-with-bigint", scripts: /^json-with-bigint\.js$/ },
  { name: "global-agent", scripts: /^dist\/.*\.js$/ },
  { name: "tslib", scripts: /^tslib\.es6\.mjs$/, declarations: /^tslib\.d\.ts$/ },
  { name: "@biomejs/biome" },
  { name: "globalthis" },
  { name: "object-keys" },
  { name: "define-properties" },
  { name: "has-property-descriptors" },
];

/** README.md, Readme.md, CHANGELOG.md, but no README.fr.md. */
const markdownFile = /^(?:readme|changelog)\.md$/i;

/** Bytes. What is larger is data and no writing; lib.dom.d.ts, the largest, has 2.3 MB. */
const largestFile = 8 << 20;

const installPackages = "Run npm install (or npm ci) in FuseLab's folder.";

/** How many packages there are to read. */
export const packageCount = choices.length;

/** Reads the packages under `root`/node_modules one after the other. Throws a Problem where one is not installed. */
export async function* readPackages(root: string): AsyncGenerator<CorpusPackage> {
  for (const choice of choices) {
    const folder = await findPackage(path.join(root, "node_modules"), choice.name);
    const kindOf = (name: string): FileKind | undefined => {
      if (choice.declarations?.test(name)) return "declarations";
      if (choice.scripts?.test(name)) return "script";
      return markdownFile.test(name) ? "markdown" : undefined;
    };
    const files: PackageFile[] = [];
    for (const name of await filesUnder(folder)) {
      const kind = kindOf(name);
      if (kind === undefined) continue;
      const text = await readText(path.join(folder, name));
      if (text !== undefined) files.push({ name: `${choice.name}/${name}`, kind, text });
    }
    yield { name: choice.name, version: await versionOf(folder), files };
  }
}

/** The folder of a package; a name that ends in `*` is the first that begins so. */
async function findPackage(modules: string, name: string): Promise<string> {
  const wanted = path.join(modules, name);
  const scope = path.dirname(wanted);
  const entries = await readdir(scope).catch(() => []);
  const found = name.endsWith("*")
    ? entries.sort().find((entry) => entry.startsWith(path.basename(name).slice(0, -1)))
    : entries.find((entry) => entry === path.basename(name));
  if (found === undefined) {
    throw new Problem("missing", `The demo's text comes from installed packages; ${name} is not.`, {
      file: wanted,
      next: installPackages,
    });
  }
  return path.join(scope, found);
}

async function versionOf(folder: string): Promise<string> {
  const file = path.join(folder, "package.json");
  const json: unknown = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  const version = (json as { version?: unknown } | undefined)?.version;
  if (typeof version === "string") return version;
  throw new Problem("badInput", "The package's description has no version.", {
    file,
    next: installPackages,
  });
}

/** Paths of the plain files below `folder`, with slashes, in the order of their UTF-16 units. Links are not followed. */
export async function filesUnder(folder: string, within = ""): Promise<string[]> {
  const entries = await readdir(path.join(folder, within), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const name = within === "" ? entry.name : `${within}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(folder, name);
      return entry.isFile() ? [name] : [];
    }),
  );
  return found.flat().sort();
}

/** A file in NFC with lines ending in "\n"; `undefined` for one that is too large to be writing. */
export async function readText(file: string): Promise<string | undefined> {
  if ((await stat(file)).size > largestFile) return undefined;
  const text = await readFile(file, "utf8");
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .normalize("NFC");
}
