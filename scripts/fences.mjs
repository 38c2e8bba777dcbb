/**
 * Fails the build where an import crosses a fence: up a floor, into a package a layer may not know, round in a
 * circle. Reads the imports of every source file, those of types too. `node scripts/fences.mjs [root]`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What each folder may import: folders of the project, Node's modules, packages (`true`: all that
 * package.json's dependencies name). A folder that is not listed here may not exist.
 */
const layers = {
  "src/protocol": { folders: [], node: false, packages: [] },
  "src/core": { folders: ["src/protocol"], node: false, packages: ["@huggingface/tokenizers"] },
  "src/port": { folders: ["src/core", "src/protocol"], node: false, packages: [] },
  "src/model": { folders: ["src/core", "src/protocol"], node: true, packages: true },
  "src/pipeline": {
    folders: ["src/model", "src/core", "src/protocol"],
    node: true,
    packages: true,
  },
  "src/engine": {
    folders: ["src/pipeline", "src/model", "src/port", "src/core", "src/protocol"],
    node: true,
    packages: true,
  },
  "src/cli": {
    folders: ["src/engine", "src/pipeline", "src/model", "src/core", "src/protocol"],
    node: true,
    packages: true,
  },
  "src/extension": {
    folders: ["src/engine", "src/pipeline", "src/port", "src/core", "src/protocol"],
    node: true,
    packages: true,
  },
  webview: { folders: ["src/core", "src/port", "src/protocol"], node: false, packages: true },
};

/** Packages that only one folder may know. */
const keptTo = { vscode: "src/extension", "onnxruntime-node": "src/model" };

const root = path.resolve(
  process.argv[2] ?? path.dirname(path.dirname(fileURLToPath(import.meta.url))),
);
const breaches = [...findBreaches()];
for (const { file, line, message } of breaches) console.log(`${file}:${line} ${message}`);
process.exit(breaches.length === 0 ? 0 : 1);

function* findBreaches() {
  const dependencies = dependenciesOf(path.join(root, "package.json"));
  const graph = new Map();
  for (const file of sourceFiles()) {
    const layer = layerOf(file);
    const text = withoutComments(readFileSync(path.join(root, file), "utf8"));
    if (layer === undefined) {
      yield { file, line: 1, message: "lies in no layer: name its folder in scripts/fences.mjs" };
      continue;
    }
    for (const match of text.matchAll(/^\s*export\s+default\b|\bas\s+default\b/gm)) {
      yield {
        file,
        line: lineAt(text, match.index),
        message: "has a default export: give it a name",
      };
    }
    const targets = [];
    for (const { name, index } of importsOf(text)) {
      const line = lineAt(text, index);
      const target = name.startsWith(".")
        ? path.posix.join(path.posix.dirname(file), name)
        : undefined;
      if (target !== undefined) targets.push({ target, line });
      const message =
        target === undefined ? packageBreach(layer, name, dependencies) : fileBreach(layer, target);
      if (message !== undefined) yield { file, line, message };
    }
    graph.set(file, targets);
  }
  yield* circlesIn(graph);
}

function fileBreach(layer, target) {
  if (!existsSync(path.join(root, target))) return `imports ${target}, which is not there`;
  const other = layerOf(target);
  if (other === layer || layers[layer].folders.includes(other)) return undefined;
  return `${layer} may not import ${other ?? target}`;
}

function packageBreach(layer, name, dependencies) {
  const { node, packages } = layers[layer];
  if (name.startsWith("node:") || builtinModules.includes(name)) {
    return node ? undefined : `${layer} may not know Node (${name})`;
  }
  const parts = name.split("/");
  const owner = name.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  if (Object.hasOwn(keptTo, owner)) {
    return keptTo[owner] === layer ? undefined : `only ${keptTo[owner]} may import ${owner}`;
  }
  if (packages !== true && !packages.includes(owner)) return `${layer} may not import ${owner}`;
  return dependencies.has(owner)
    ? undefined
    : `imports ${owner}, which package.json's dependencies do not name`;
}

/** Each circle once, said at the import that closes it. */
function* circlesIn(graph) {
  const done = new Set();
  const path = [];
  function* visit(file) {
    path.push(file);
    for (const { target, line } of graph.get(file) ?? []) {
      const start = path.indexOf(target);
      if (start >= 0) {
        const circle = [...path.slice(start), target].join(" → ");
        yield { file, line, message: `closes a circle: ${circle}` };
      } else if (!done.has(target)) yield* visit(target);
    }
    path.pop();
    done.add(file);
  }
  for (const file of graph.keys()) if (!done.has(file)) yield* visit(file);
}

function sourceFiles() {
  return ["src", "webview"]
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true })
        .map((name) => path.posix.join(folder, name.split(path.sep).join("/")))
        .filter((name) => /\.[cm]?tsx?$/.test(name)),
    )
    .sort();
}

function layerOf(file) {
  return Object.keys(layers).find((folder) => file.startsWith(`${folder}/`));
}

function dependenciesOf(manifest) {
  return new Set(Object.keys(JSON.parse(readFileSync(manifest, "utf8")).dependencies ?? {}));
}

/** Every module a file names: import and export from, bare imports, import(…), require(…). */
function importsOf(text) {
  const forms = [
    /\b(?:import|export)\b[^"'`;()]*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\b(?:import|require)\s*\(\s*["']([^"']+)["']/g,
  ];
  return forms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => ({ name: match[1], index: match.index })),
  );
}

/** Comments become blanks of the same shape, so that line numbers stay; strings are left as they are. */
function withoutComments(text) {
  return text.replace(
    /(["'])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (part) => (part.startsWith("/") ? part.replace(/[^\n]/g, " ") : part),
  );
}

/** Counted at the first letter of what was found: a match may begin with line ends. */
function lineAt(text, index) {
  const start = index + text.slice(index).search(/\S/);
  return text.slice(0, start).split("\n").length;
}
