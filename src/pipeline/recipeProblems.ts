/**
 * What people read about a wrong recipe: each problem with its place, what is wrong in the recipe's own words,
 * and what to write instead. The allowed values come from the schema, so they cannot go out of date.
 */
import type { z } from "zod";
import { editDistance } from "../core/alignment/editDistance.ts";
import { Problem } from "../core/problem.ts";
import { schemaAt } from "./recipeSchema.ts";
import type { SourceRange } from "./recipeSource.ts";
import type { SchemaNode } from "./schemaNode.ts";

export interface RecipeProblem extends SourceRange {
  readonly file: string;
  /** A warning does not keep the recipe from running. */
  readonly severity: "error" | "warning";
  /** Where in the recipe, `training.lambda`; empty for the whole. */
  readonly key: string;
  readonly message: string;
  /** What to write instead. */
  readonly next: string;
}

/** A problem before it has a place. */
export interface RecipeFinding {
  readonly path: readonly PropertyKey[];
  readonly part: "key" | "value";
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly next: string;
}

type Issue = z.core.$ZodIssue;

/** The schema's complaints as sentences. One complaint about several unknown keys is several findings. */
export function explainIssue(issue: Issue, data: unknown): RecipeFinding[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(issue.path, key));
  }
  const { path } = issue;
  const value = valueAt(data, path);
  const schema = schemaAt(path);
  const name = keyName(path) || "The recipe";
  const allowed = schema === undefined ? "a value" : allowedText(schema);
  if (value === undefined) {
    return [error(path, "key", `${name} is missing.`, `Add it: ${allowed}.`)];
  }
  if (typeof value === "string" && schema?.enum !== undefined) {
    const meant = nearest(value, schema.enum.map(String));
    const next =
      meant === undefined ? `Write ${allowed}.` : `Did you mean ${meant}? Write ${allowed}.`;
    return [error(path, "value", `${name} cannot be ${shown(value)}.`, next)];
  }
  return [error(path, "value", `${name} cannot be ${shown(value)}.`, `Write ${allowed}.`)];
}

function unknownKey(path: readonly PropertyKey[], key: string): RecipeFinding {
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  const meant = nearest(key, known);
  const where = path.length === 0 ? "A recipe" : keyName(path);
  const next =
    meant === undefined
      ? `Remove it, or write one of ${known.join(", ")}.`
      : `Did you mean ${meant}?`;
  return error([...path, key], "key", `${where} has no key ${shown(key)}.`, next);
}

const error = (
  path: readonly PropertyKey[],
  part: "key" | "value",
  message: string,
  next: string,
): RecipeFinding => ({ path, part, severity: "error", message, next });

/** The candidate a typing error away, if there is one. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `corpus[1].files`. */
export function keyName(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) =>
      typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return value;
}

/** What may stand there, as the end of a sentence. */
function allowedText(schema: SchemaNode): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return listed(schema.enum.map(String));
  if (schema.anyOf !== undefined) return schema.anyOf.map(allowedText).join(", or ");
  switch (schema.type) {
    case "integer":
      return `a whole number ${rangeText(schema)}`;
    case "number":
      return `a number ${rangeText(schema)}`;
    case "string":
      return schema.maxLength === undefined
        ? "a line of text"
        : `a line of text of at most ${schema.maxLength} characters`;
    case "array":
      return arrayText(schema);
    default:
      return `the keys ${listed(Object.keys(schema.properties ?? {}), "and")}`;
  }
}

const rangeText = ({ minimum, maximum }: SchemaNode): string => `from ${minimum} to ${maximum}`;

function arrayText(schema: SchemaNode): string {
  if (schema.prefixItems !== undefined) {
    return `a list of ${schema.prefixItems.length}: [${schema.prefixItems.map(allowedText).join("; ")}]`;
  }
  const items = schema.items === undefined ? "values" : allowedText(schema.items);
  const count =
    (schema.minItems ?? 0) > 0
      ? `${schema.minItems} to ${schema.maxItems}`
      : `up to ${schema.maxItems}`;
  return `a list of ${count}, each ${items}`;
}

function listed(words: readonly string[], last = "or"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** A value as it may stand in a sentence. */
function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a group of keys";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** All errors of a recipe as the one problem that keeps it from running. */
export function problemOf(problems: readonly RecipeProblem[]): Problem {
  const errors = problems.filter((problem) => problem.severity === "error");
  const [first, ...others] = errors;
  const message = [
    first.message,
    ...others.map((one) => `line ${one.line}: ${one.message} ${one.next}`),
  ].join("\n");
  return new Problem("badInput", message, { file: first.file, line: first.line, next: first.next });
}
