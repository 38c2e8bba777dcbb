/**
 * Where a cursor stands in a recipe's text: in which key, or where which key could stand. A mark is put at the
 * cursor and the text is parsed as it is, half-written; where the mark comes out says where the cursor is. Knows
 * no editor.
 */
import { isMap, isPair, isScalar, type Node, parseDocument, visit } from "yaml";

/** A recipe is a page of text; larger ones are not looked at (pipeline/recipeSource.ts refuses them too). */
export const largestRecipe = 64 * 1024;

/** A character of the private use area: no recipe holds it. */
const mark = "\uE000";

export interface RecipePosition {
  /** Of the value, or of the mapping that the key belongs to. */
  readonly path: readonly (string | number)[];
  readonly at: "key" | "value";
  /** What is written there, the whole word. */
  readonly word: string;
  /** Keys that the mapping has already. */
  readonly siblings: readonly string[];
}

/** `undefined` where nothing could be completed: in a comment, in a text that is no recipe. */
export function recipePositionAt(text: string, offset: number): RecipePosition | undefined {
  if (text.length > largestRecipe || text.includes(mark)) return undefined;
  const marked = `${text.slice(0, offset)}${mark}${text.slice(offset)}`;
  let found: RecipePosition | undefined;
  visit(parsed(marked), {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== "string" || !node.value.includes(mark)) return undefined;
      const word = node.value.replace(mark, "");
      const path = pathOf(key, ancestors as readonly Node[]);
      const map = ancestors.findLast(isMap);
      const siblings = key === "key" && map !== undefined ? keysOf(map.items) : [];
      found = {
        path: key === "key" ? path.slice(0, -1) : path,
        at: key === "key" ? "key" : "value",
        word,
        siblings: siblings.filter((name) => name !== word),
      };
      return visit.BREAK;
    },
  });
  return found;
}

export interface RecipeKey {
  readonly path: readonly (string | number)[];
  /** Which of the two stands there. */
  readonly at: "key" | "value";
  /** Its range in the text. */
  readonly from: number;
  readonly to: number;
}

/** The key whose name or value stands at an offset. */
export function recipeKeyAt(text: string, offset: number): RecipeKey | undefined {
  if (text.length > largestRecipe) return undefined;
  let found: RecipeKey | undefined;
  visit(parsed(text), {
    Scalar(key, node, ancestors) {
      const range = node.range;
      if (!range || offset < range[0] || offset > range[1]) return undefined;
      found = {
        path: pathOf(key, ancestors as readonly Node[]),
        at: key === "key" ? "key" : "value",
        from: range[0],
        to: range[1],
      };
      return visit.BREAK;
    },
  });
  return found;
}

const parsed = (text: string) => parseDocument(text, { logLevel: "silent", prettyErrors: false });

function pathOf(key: unknown, ancestors: readonly unknown[]): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [i, node] of ancestors.entries()) {
    if (isPair(node) && isScalar(node.key)) path.push(String(node.key.value).replace(mark, ""));
    else if (isSequence(node)) {
      const inner = ancestors[i + 1];
      const at = node.items.indexOf(inner);
      path.push(at >= 0 ? at : Number(key));
    }
  }
  return path;
}

const isSequence = (node: unknown): node is { items: unknown[] } =>
  typeof node === "object" &&
  node !== null &&
  "items" in node &&
  Array.isArray(node.items) &&
  !isMap(node);

function keysOf(items: readonly unknown[]): string[] {
  return items.flatMap((item) =>
    isPair(item) && isScalar(item.key) ? [String(item.key.value).replace(mark, "")] : [],
  );
}
