/**
 * Patterns to files: `*` and `?` within a name, `**` over folders, `{a,b}` for one or the other; a pattern that
 * begins with `!` takes files away again. Names that begin with a dot are met only by a dot that is written.
 * Matching takes time linear in the name whatever the pattern, since recipes come from outside. Linked folders
 * are not entered, so there are no circles.
 */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";

const mostFiles = 200_000;
const mostFolders = 200_000;
const mostAlternatives = 1_000;

/** A file by its absolute path and by its path from the base, with slashes. */
export interface FoundFile {
  readonly file: string;
  readonly name: string;
}

/** The files that patterns name, from the folder `base`, each once, in the order of their names. */
export async function findFiles(patterns: readonly string[], base: string): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .flatMap((pattern) => rootedPatterns(pattern.slice(1), base))
    .map(({ root, segments }) => [...segmentsOf(root), ...segments]);
  for (const pattern of wanted) {
    for (const { root, segments } of rootedPatterns(pattern, base)) {
      for await (const file of walk(root, segments)) {
        if (unwanted.some((one) => matches(one, segmentsOf(file)))) continue;
        found.set(file, { file, name: path.relative(base, file).split(path.sep).join("/") });
        if (found.size > mostFiles) throw tooMany("files", mostFiles, pattern);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface RootedPattern {
  /** The deepest folder that is written out. */
  readonly root: string;
  /** What must match from there on, name by name. */
  readonly segments: readonly string[];
}

function rootedPatterns(pattern: string, base: string): RootedPattern[] {
  return alternatives(pattern).map((one) => {
    const start = path.parse(one).root; // empty for a relative path
    const segments = segmentsOf(one.slice(start.length));
    const plain = segments.findIndex((segment) => /[*?]/.test(segment));
    const fixed = plain < 0 ? segments.slice(0, -1) : segments.slice(0, plain);
    const root = path.resolve(base, start, ...fixed);
    return { root, segments: segments.slice(fixed.length) };
  });
}

const separator = path.sep === "/" ? "/" : /[/\\]/;

const segmentsOf = (name: string): string[] =>
  name.split(separator).filter((segment) => segment !== "" && segment !== ".");

/** `a{b,c}d` as `abd`, `acd`; a brace without its partner is a letter like others. */
function alternatives(pattern: string): string[] {
  let expanded = [pattern];
  for (;;) {
    const next = expanded.flatMap(expandFirstBrace);
    if (next.length > mostAlternatives) throw tooMany("alternatives", mostAlternatives, pattern);
    if (next.length === expanded.length) return next;
    expanded = next;
  }
}

/** The innermost first pair, so that nested braces come out right. */
function expandFirstBrace(pattern: string): string[] {
  const brace = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (brace === null) return [pattern];
  const before = pattern.slice(0, brace.index);
  const after = pattern.slice(brace.index + brace[0].length);
  return brace[1].split(",").map((part) => `${before}${part}${after}`);
}

async function* walk(root: string, segments: readonly string[]): AsyncGenerator<string> {
  const waiting = [{ folder: root, reached: closed(segments, [0]) }];
  let folders = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++folders > mostFolders) throw tooMany("folders", mostFolders, root);
    const entries = await readdir(next.folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const reached = stepped(segments, next.reached, entry.name);
      if (reached.length === 0) continue;
      const place = path.join(next.folder, entry.name);
      if (entry.isDirectory()) waiting.push({ folder: place, reached });
      else if (reached.includes(segments.length) && (await isFile(place))) yield place;
    }
  }
}

function matches(segments: readonly string[], names: readonly string[]): boolean {
  let reached = closed(segments, [0]);
  for (const name of names) reached = stepped(segments, reached, name);
  return reached.includes(segments.length);
}

/** The places in a pattern that are reached by one more name. */
function stepped(
  segments: readonly string[],
  reached: readonly number[],
  name: string,
): readonly number[] {
  const next = new Set<number>();
  for (const place of reached) {
    if (segments[place] === "**") {
      if (!name.startsWith(".")) next.add(place);
    } else if (place < segments.length && nameMatches(segments[place], name)) next.add(place + 1);
  }
  return closed(segments, [...next]);
}

/** `**` may stand for no folder at all. */
function closed(segments: readonly string[], reached: readonly number[]): readonly number[] {
  const all = new Set<number>();
  for (let place of reached) {
    all.add(place);
    while (segments[place] === "**") all.add(++place);
  }
  return [...all];
}

/** One name against `*` and `?`: after a mismatch the last star takes one character more. */
function nameMatches(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const want = [...pattern];
  const have = [...name];
  let p = 0;
  let n = 0;
  let star = -1;
  let taken = 0;
  while (n < have.length) {
    if (p < want.length && want[p] === "*") {
      star = p++;
      taken = n;
    } else if (p < want.length && (want[p] === "?" || want[p] === have[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++taken;
    } else return false;
  }
  while (want[p] === "*") p++;
  return p === want.length;
}

/** A linked file counts as a file. */
const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

const tooMany = (what: string, limit: number, pattern: string): Problem =>
  new Problem("tooLarge", `${pattern} takes in more than ${limit} ${what}.`, {
    next: "Write a narrower pattern.",
  });
