/**
 * The text of FuseLab's own repository, for the content that the extension carries: only what is ours to
 * give. Prose are the documents and the doc comments, code the sources, declarations what tsc generates from
 * them. Tests give their comments only: their code repeats itself, and holds odd texts on purpose.
 */
import path from "node:path";
import { filesUnder, type PackageFile, readText } from "./corpusPackages.ts";
import type { FilePassages } from "./corpusParts.ts";
import { passagesOfFile } from "./demoCorpus.ts";

const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
const sourceFolders = ["src", "webview", "scripts"];
const sourceFile = /\.(?:ts|mjs)$/;

/**
 * The passages of all files, in a fixed order. Of a repeated passage the first stays, so declarations come
 * before the code whose interfaces and signatures they repeat: code is left with what only it has.
 *
 * @param root the repository
 * @param declarations the folder into which tsc wrote the declarations of the sources
 */
export async function repositoryPassages(
  root: string,
  declarations: string,
): Promise<FilePassages[]> {
  const generated = await filesOf(declarations, "", /\.d\.ts$/);
  const written = (await Promise.all(documents.map((name) => fileOf(root, name)))).flat();
  const pages = await filesOf(root, "docs", /\.md$/);
  const sources = (
    await Promise.all(sourceFolders.map((folder) => filesOf(root, folder, sourceFile)))
  ).flat();
  const tests = await filesOf(root, "test", sourceFile);
  return [
    ...generated.flatMap(ofKind("declarations", ["declarations"])),
    ...[...written, ...pages].flatMap(ofKind("markdown", ["prose"])),
    ...[...sources, ...tests].flatMap(ofKind("declarations", ["prose"])),
    ...sources.flatMap(ofKind("script", ["code"])),
  ];
}

interface RepositoryFile {
  readonly name: string;
  readonly text: string;
}

/** A file's passages as if it were of `kind`, of those domains that are wanted. */
function ofKind(kind: PackageFile["kind"], wanted: readonly FilePassages["domain"][]) {
  return ({ name, text }: RepositoryFile): FilePassages[] =>
    passagesOfFile({ name, kind, text }).filter(({ domain }) => wanted.includes(domain));
}

async function filesOf(root: string, folder: string, names: RegExp): Promise<RepositoryFile[]> {
  const found = (await filesUnder(path.join(root, folder))).filter((name) => names.test(name));
  const files = await Promise.all(
    found.map((name) => fileOf(root, folder === "" ? name : `${folder}/${name}`)),
  );
  return files.flat();
}

async function fileOf(root: string, name: string): Promise<RepositoryFile[]> {
  const text = await readText(path.join(root, name));
  return text === undefined ? [] : [{ name, text }];
}
