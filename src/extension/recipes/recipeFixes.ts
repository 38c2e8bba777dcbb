/**
 * What may be written instead of a mistake in a recipe: the key or the word that was probably meant, the nearest
 * number that is allowed. Only where the schema itself says what is right; what is a matter of taste is left to
 * the person. Knows no editor.
 */
import { editDistance } from "../../core/alignment/editDistance.ts";
import { nodeAt, type SchemaNode } from "../../pipeline/schemaNode.ts";
import { recipeKeyAt } from "./recipeText.ts";

/** `text` in the place of what stands from `from` to `to`. */
export interface RecipeFix {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const longestWord = 40;
const mostFixes = 8;

/** Of the problem whose range begins at `offset`; the most probable first, empty where nothing is certain. */
export function fixesAt(schema: SchemaNode, text: string, offset: number): readonly RecipeFix[] {
  const found = recipeKeyAt(text, offset);
  if (found === undefined) return [];
  const { path, from, to } = found;
  const word = unquoted(text.slice(from, to));
  if (word.length > longestWord) return [];
  const words = found.at === "key" ? keysFor(schema, path, word) : valuesFor(schema, path, word);
  return words.slice(0, mostFixes).map((one) => ({ text: one, from, to }));
}

/** Names a typing error away; none where the key is known. */
function keysFor(schema: SchemaNode, path: readonly (string | number)[], word: string): string[] {
  const known = Object.keys(nodeAt(schema, path.slice(0, -1))?.properties ?? {});
  if (known.includes(word)) return [];
  const farthest = Math.max(1, Math.floor(word.length / 3));
  return nearestFirst(word, known).filter((name) => distance(word, name) <= farthest);
}

function valuesFor(schema: SchemaNode, path: readonly (string | number)[], word: string): string[] {
  const node = nodeAt(schema, path);
  if (node === undefined) return [];
  const allowed = (node.enum ?? (node.const === undefined ? [] : [node.const])).map(String);
  if (allowed.length > 0) return allowed.includes(word) ? [] : nearestFirst(word, allowed);
  if (node.type !== "number" && node.type !== "integer") return [];
  const value = Number(word);
  if (word === "" || !Number.isFinite(value)) return [];
  const { minimum = value, maximum = value } = node;
  const held = Math.min(maximum, Math.max(minimum, value));
  const whole = node.type === "integer" ? Math.round(held) : held;
  return whole === value ? [] : [String(whole)];
}

const distance = (a: string, b: string): number => editDistance(a.toLowerCase(), b.toLowerCase());

const nearestFirst = (word: string, candidates: readonly string[]): string[] =>
  candidates.toSorted((a, b) => distance(word, a) - distance(word, b));

const unquoted = (word: string): string => /^(["'])(.*)\1$/s.exec(word)?.[2] ?? word;
