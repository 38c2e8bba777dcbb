/**
 * The YAML side of a recipe: hostile text to plain data, and from a path in that data back to line and column.
 * Recipes are small and plain, so what YAML offers beyond that is refused: aliases (which can blow a few bytes
 * up to gigabytes), tags, several documents, keys that are not text.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";

/** A recipe is a page of text; anything near this is not one. */
const largestRecipe = 64 * 1024;

/** A stretch of the text. Lines and columns from 1, offsets from 0 in UTF-16 units, the end exclusive. */
export interface SourceRange {
  readonly line: number;
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

/** Something wrong with the text itself. */
export interface SourceFault {
  readonly range: SourceRange;
  readonly message: string;
  readonly next: string;
}

export interface RecipeSource {
  readonly document: Document;
  readonly data: unknown;
  readonly faults: readonly SourceFault[];
  /**
   * Where a path of keys and indices stands: its key, or its value. Of a path that is not there, the nearest
   * key above it that is.
   */
  locate(path: readonly PropertyKey[], part: "key" | "value"): SourceRange;
}

/** Reads the text. With faults the data is undefined. */
export function readRecipeSource(text: string): RecipeSource {
  if (text.length > largestRecipe) {
    const message = `The file has ${text.length} characters; a recipe has at most ${largestRecipe}.`;
    return refused("", { message, next: "Choose a recipe file." });
  }
  try {
    return readYaml(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused(text, {
      message: "The file is nested too deeply to be read.",
      next: "Write the recipe with at most a few levels.",
    });
  }
}

function readYaml(text: string): RecipeSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "core",
    stringKeys: true,
    uniqueKeys: true,
  });
  const range = (from: number, to: number): SourceRange => {
    const { line, col } = lines.linePos(from);
    return { line: Math.max(1, line), column: Math.max(1, col), from, to: Math.max(from, to) };
  };
  const faults: SourceFault[] = [...document.errors, ...document.warnings].map((error) => ({
    range: range(...error.pos),
    ...wordingOf(error.code, error.message),
  }));
  visit(document, (_, node) => {
    if (isAlias(node) || (isNode(node) && node.anchor !== undefined)) {
      faults.push({
        range: range(...rangeOf(node)),
        message: "A recipe has no anchors (&) and aliases (*).",
        next: "Write the value out where it is used.",
      });
    }
  });
  return {
    document,
    data: faults.length > 0 ? undefined : (document.toJS({ maxAliasCount: 0 }) as unknown),
    faults,
    locate: (path, part) => {
      const [from, to] = spanOf(document, path, part);
      return range(from, to);
    },
  };
}

function refused(text: string, fault: { message: string; next: string }): RecipeSource {
  const range: SourceRange = { line: 1, column: 1, from: 0, to: text.length };
  return {
    document: parseDocument(""),
    data: undefined,
    faults: [{ range, ...fault }],
    locate: () => range,
  };
}

/** The library's messages are exact but speak of YAML; the common ones are said in a recipe's words. */
function wordingOf(code: string, message: string): { message: string; next: string } {
  switch (code) {
    case "DUPLICATE_KEY":
      return { message: "This key is written twice.", next: "Keep one of the two." };
    case "TAB_AS_INDENT":
      return { message: "The line is indented with a tab.", next: "Indent with spaces." };
    case "TAG_RESOLVE_FAILED":
      return { message: "A recipe has no tags (!…).", next: "Remove the tag." };
    case "MULTIPLE_DOCS":
      return {
        message: "The file holds more than one document (---).",
        next: "Keep one recipe a file.",
      };
    default:
      return { message: `This is not YAML: ${message}`, next: "Correct the line." };
  }
}

type Span = readonly [from: number, to: number];

/** Walks down as far as the path exists. */
function spanOf(document: Document, path: readonly PropertyKey[], part: "key" | "value"): Span {
  let node: unknown = document.contents;
  let span: Span = node === null ? [0, 0] : firstLineOf(node);
  for (const [depth, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === undefined) return span;
    node = isPair(child) ? child.value : child;
    const last = depth === path.length - 1;
    const shown =
      isPair(child) && (!last || part === "key" || isCollection(node)) ? child.key : node;
    span = rangeOf(shown) ?? span;
  }
  return span;
}

function childOf(node: unknown, step: PropertyKey): Pair | Node | undefined {
  if (isMap(node)) {
    return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === step);
  }
  const child = isCollection(node) ? node.items[Number(step)] : undefined;
  return isNode(child) ? child : undefined;
}

function rangeOf(node: unknown): Span {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : [0, 0];
}

/** For a problem with the whole: its beginning, not every line of it. */
function firstLineOf(node: unknown): Span {
  const [from] = rangeOf(node);
  return [from, from + 1];
}
