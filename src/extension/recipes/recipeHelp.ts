/** What the schema and the defaults say of a key, in Markdown, and which keys or values fit at a place. Knows no editor. */
import { modeDefaults } from "../../pipeline/recipeDefaults.ts";
import { nodeAt, type SchemaNode } from "../../pipeline/schemaNode.ts";
import type { RecipePosition } from "./recipeText.ts";

export interface Suggestion {
  readonly label: string;
  readonly kind: "key" | "value" | "model";
  readonly insert: string;
  readonly detail: string;
  readonly documentation: string;
}

/** A model that can stand under `target` or `sources`, by its path from the recipe. */
export interface OfferedModel {
  readonly name: string;
  readonly path: string;
}

export function suggestionsAt(
  schema: SchemaNode,
  position: RecipePosition,
  models: readonly OfferedModel[],
): Suggestion[] {
  const { path, at, siblings } = position;
  const node = nodeAt(schema, path);
  if (node === undefined) return [];
  // A word where a mapping is wanted is the beginning of its first key.
  const inner = node.properties ?? node.items?.properties;
  if (at === "key" || (inner !== undefined && node.enum === undefined)) {
    return keySuggestions(
      at === "key" ? node : node.properties ? node : node.items!,
      path,
      siblings,
    );
  }
  const [first] = path;
  if (first === "target" || first === "sources") return models.map(modelSuggestion);
  return valueSuggestions(schema, node, path);
}

/** Description, what may stand there, and what stands for it where it is not written. */
export function helpOf(schema: SchemaNode, path: readonly (string | number)[]): string | undefined {
  const node = nodeAt(schema, path);
  if (node === undefined) return undefined;
  const name = path.filter((step) => typeof step === "string").join(".");
  return [`**${name}**`, node.description ?? "", allowedText(node), defaultText(path)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function keySuggestions(
  node: SchemaNode,
  path: readonly (string | number)[],
  siblings: readonly string[],
): Suggestion[] {
  return Object.entries(node.properties ?? {})
    .filter(([name]) => !siblings.includes(name))
    .map(([name, inner]) => ({
      label: name,
      kind: "key",
      insert: inner.properties === undefined ? `${name}: ` : `${name}:\n  `,
      detail: allowedText(inner).replaceAll("`", ""),
      documentation: [inner.description ?? "", defaultText([...path, name])]
        .filter((part) => part !== "")
        .join("\n\n"),
    }));
}

function valueSuggestions(
  schema: SchemaNode,
  node: SchemaNode,
  path: readonly (string | number)[],
): Suggestion[] {
  const listed = node.items?.enum ?? node.enum ?? (node.const === undefined ? [] : [node.const]);
  const words = node.type === "boolean" ? ["true", "false"] : listed;
  const standard = words.length > 0 ? [] : Object.values(defaultsAt(path)).filter(isPlain);
  return [...new Set([...words, ...standard].map(String))].map((word) => ({
    label: word,
    kind: "value",
    insert: word,
    detail: defaultDetail(path, word),
    documentation: nodeAt(schema, path)?.description ?? "",
  }));
}

const modelSuggestion = ({ name, path }: OfferedModel): Suggestion => ({
  label: name,
  kind: "model",
  insert:
    JSON.stringify(path).slice(1, -1) === path && !/[:#{}[\],&*!|>'"%@`\s]/.test(path)
      ? path
      : JSON.stringify(path),
  detail: path,
  documentation: "",
});

function allowedText(node: SchemaNode): string {
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum !== undefined)
    return `One of ${node.enum.map((word) => `\`${word}\``).join(", ")}.`;
  if (node.items?.enum !== undefined) {
    return `A list of ${node.items.enum.map((word) => `\`${word}\``).join(", ")}.`;
  }
  const { minimum, maximum, type } = node;
  const isBounded = minimum !== undefined && maximum !== undefined;
  if (isBounded && Math.abs(minimum) < 1e9 && maximum < 1e9) {
    return `${type === "integer" ? "A whole number" : "A number"} from ${minimum} to ${maximum}.`;
  }
  return "";
}

/** By mode, where the mode sets it. */
function defaultsAt(path: readonly (string | number)[]): Readonly<Record<string, unknown>> {
  const found = Object.entries(modeDefaults).map(([mode, defaults]) => {
    let value: unknown = defaults;
    for (const step of path) {
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, step)
          ? (value as Readonly<Record<PropertyKey, unknown>>)[step]
          : undefined;
    }
    return [mode, value] as const;
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function defaultText(path: readonly (string | number)[]): string {
  const entries = Object.entries(defaultsAt(path)).filter(
    ([, value]) => isPlain(value) || Array.isArray(value),
  );
  const words = entries.map(([mode, value]) => [mode, String(value)] as const);
  const [first, second] = words;
  if (first === undefined) return "";
  if (second === undefined || first[1] === second[1]) return `Default: \`${first[1]}\`.`;
  return `Default: ${words.map(([mode, value]) => `\`${value}\` (${mode})`).join(", ")}.`;
}

function defaultDetail(path: readonly (string | number)[], word: string): string {
  const modes = Object.entries(defaultsAt(path)).filter(([, value]) => String(value) === word);
  return modes.length === 0 ? "" : `default (${modes.map(([mode]) => mode).join(", ")})`;
}

const isPlain = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "string" || typeof value === "boolean";
