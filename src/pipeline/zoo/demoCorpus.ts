/**
 * The demo's text: three clearly different domains out of the packages that every checkout has, in three
 * disjoint parts. The packages and the seed decide everything, the machine nothing.
 *
 * - `prose`: the running text of READMEs, change logs and doc comments;
 * - `code`: scripts, without doc comments, whose prose would be seen twice;
 * - `declarations`: .d.ts files without comments.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { type PackageFile, packageCount, readPackages } from "./corpusPackages.ts";
import {
  type ByDomain,
  type CorpusDocument,
  type DealtText,
  type Domain,
  dealOut,
  domains,
  type FilePassages,
  parts,
} from "./corpusParts.ts";
import { passagesOfCode } from "./passages.ts";
import { paragraphsOfDocComment, paragraphsOfMarkdown } from "./runningText.ts";
import { commentsOf, withoutComments } from "./sourceComments.ts";

export interface DemoCorpus extends DealtText {
  readonly seed: number;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

export interface DemoCorpusOptions {
  /** The folder that holds node_modules. */
  readonly root: string;
  /** Decides what goes to which part; the texts before that do not depend on it. */
  readonly seed: number;
  /** The most UTF-8 bytes of a domain over all parts; 1.6 MB where not given, so that domains are about equal. */
  readonly maxBytes?: Partial<ByDomain<number>>;
  readonly onProgress?: (progress: CorpusProgress) => void;
}

export interface CorpusProgress {
  readonly step: string;
  readonly done: number;
  readonly of: number;
}

const defaultMaxBytes = 1_600_000;
/** UTF-16 units of the longest passage of code: what is dropped at once where it is repeated. */
const passageSize = 700;
const extensions: ByDomain<string> = { prose: ".md", code: ".js", declarations: ".d.ts" };
const manifestName = "manifest.json";

/** Throws a Problem where a package is not installed or there is too little text. A few seconds. */
export async function buildDemoCorpus(options: DemoCorpusOptions): Promise<DemoCorpus> {
  const { root, seed, onProgress } = options;
  const packages: { name: string; version: string }[] = [];
  const files: FilePassages[] = [];
  const report = (step: string): void =>
    onProgress?.({ step, done: packages.length, of: packageCount + 1 });
  for await (const { name, version, files: found } of readPackages(root)) {
    packages.push({ name, version });
    files.push(...found.flatMap(passagesOfFile));
    report(`read ${name}`);
  }
  report("comparing passages and documents");
  const most = (domain: Domain): number => options.maxBytes?.[domain] ?? defaultMaxBytes;
  const maxBytes = {
    prose: most("prose"),
    code: most("code"),
    declarations: most("declarations"),
  };
  return { seed, packages, ...dealOut(files, { seed, maxBytes }) };
}

/** A file's passages by domain. */
export function passagesOfFile({ name: file, kind, text }: PackageFile): FilePassages[] {
  if (kind === "markdown") {
    return [{ file, domain: "prose", passages: paragraphsOfMarkdown(text) }];
  }
  if (kind === "script") {
    const code = withoutComments(text, ["doc", "block"]);
    return [{ file, domain: "code", passages: passagesOfCode(code, passageSize) }];
  }
  const prose = commentsOf(text)
    .filter((comment) => comment.kind === "doc")
    .flatMap(({ start, end }) => paragraphsOfDocComment(text.slice(start, end)));
  const declarations = withoutComments(text, ["doc", "block", "line"]);
  return [
    { file, domain: "prose", passages: prose },
    { file, domain: "declarations", passages: passagesOfCode(declarations, passageSize) },
  ];
}

/** One hash for all documents and where they stand. */
export function corpusHash(corpus: DealtText): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    for (const { id, text } of corpus.documents[part]) {
      hash.update(`${part}\n${id}\n${text.length}\n${text}\n`);
    }
  }
  return hash.digest("hex");
}

/**
 * Writes `folder`/<part>/<domain>/<number>-<file>.<ext>, a file a document, and manifest.json with the
 * packages, amounts, overlaps and hashes. A folder that holds this corpus is left as it is, one with another
 * corpus is replaced when the new one is complete, anything else is refused.
 */
export async function writeDemoCorpus(folder: string, corpus: DemoCorpus): Promise<void> {
  const hash = corpusHash(corpus);
  if ((await corpusIn(folder)) === hash) return;
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    const files = await writeDocuments(temporary, corpus);
    const { seed, packages, reports } = corpus;
    const manifest = { version: 1, seed, hash, packages, domains: reports, files };
    await writeFile(path.join(temporary, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeDocuments(folder: string, corpus: DealtText): Promise<object[]> {
  const files: object[] = [];
  for (const part of parts) {
    for (const domain of domains) {
      await mkdir(path.join(folder, part, domain), { recursive: true });
      const documents = corpus.documents[part].filter((document) => document.domain === domain);
      for (const [i, document] of documents.entries()) {
        const { id, bytes, text } = document;
        const file = `${part}/${domain}/${fileName(document, i)}`;
        await writeFile(path.join(folder, file), text);
        files.push({ file, id, bytes, hash: createHash("sha256").update(text).digest("hex") });
      }
    }
  }
  return files;
}

/** The hash of the corpus that `folder` holds; `undefined` where there is no folder, or nothing in it. */
async function corpusIn(folder: string): Promise<unknown> {
  const present = await readdir(folder).catch(() => []);
  if (present.length === 0) return undefined;
  const manifest: unknown = await readFile(path.join(folder, manifestName), "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  const ours = new Set<string>([...parts, manifestName]);
  if (manifest instanceof Object && present.every((name) => ours.has(name))) {
    return (manifest as { hash?: unknown }).hash;
  }
  throw new Problem("badInput", "The folder for the demo's text holds something else.", {
    file: folder,
    next: "Choose another folder, or empty this one.",
  });
}

/** `0012-fs-3.d.ts`: the number keeps the order, the rest tells a reader where it is from. */
function fileName({ id, domain }: CorpusDocument, number: number): string {
  const [file = "", index = ""] = path.posix.basename(id).split("#");
  const stem = file.replace(/\.(?:d\.ts|m?js|md)$/, "").replace(/[^A-Za-z0-9._-]/g, "-");
  return `${String(number).padStart(4, "0")}-${stem.slice(0, 40)}-${index}${extensions[domain]}`;
}
