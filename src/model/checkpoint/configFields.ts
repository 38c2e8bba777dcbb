/**
 * Typed reading of a config.json that comes from outside: every value is checked for kind and bounds, and
 * where one thing has several spellings they must agree. null counts as absent, as in transformers.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { isJsonObject, type JsonObject } from "./outsideFile.ts";

export interface Fields {
  readonly file: string;
  readonly json: JsonObject;
}

interface Found {
  readonly name: string;
  readonly value: unknown;
}

/** The value under any of `names`. Throws a Problem where two spellings are set and differ. */
export function findField({ file, json }: Fields, names: readonly string[]): Found | undefined {
  const set = names.filter((name) => json[name] !== undefined && json[name] !== null);
  if (set.length === 0) return undefined;
  const [name, ...others] = set;
  const value = json[name];
  const other = others.find((each) => JSON.stringify(json[each]) !== JSON.stringify(value));
  if (other === undefined) return { name, value };
  throw new Problem(
    "badInput",
    `"${name}" and "${other}" in ${path.basename(file)} say the same thing differently: ${shown(value)} and ${shown(json[other])}.`,
    { file, next: `Keep the right one of the two.` },
  );
}

/** A whole number from 1 to `most`. */
export function readCount(
  fields: Fields,
  names: string | readonly string[],
  most: number,
  absent?: number,
): number {
  return readValue(fields, names, absent, {
    what: `a whole number from 1 to ${most}`,
    holds: (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most,
  });
}

/** A finite number above 0. */
export function readPositive(
  fields: Fields,
  names: string | readonly string[],
  absent?: number,
): number {
  return readValue(fields, names, absent, {
    what: "a number above 0",
    holds: (value): value is number => Number.isFinite(value) && (value as number) > 0,
  });
}

export function readFlag(fields: Fields, name: string, absent: boolean): boolean {
  return readValue(fields, name, absent, {
    what: "true or false",
    holds: (value): value is boolean => typeof value === "boolean",
  });
}

export function readText(
  fields: Fields,
  names: string | readonly string[],
  absent?: string,
): string {
  return readValue(fields, names, absent, {
    what: "a string",
    holds: (value): value is string => typeof value === "string",
  });
}

export function readTable(fields: Fields, name: string): Fields | undefined {
  const found = findField(fields, [name]);
  if (found === undefined) return undefined;
  if (isJsonObject(found.value)) return { file: fields.file, json: found.value };
  throw wrong(fields.file, found, "an object");
}

/** The Problem of a setting whose computation is not built. */
export function unsupportedSetting(fields: Fields, name: string, instead: string): Problem {
  return new Problem(
    "unsupported",
    `"${name}" in ${path.basename(fields.file)} is ${shown(fields.json[name])}; FuseLab computes ${instead}.`,
    {
      file: fields.file,
      next: "Take another model: this setting changes what the model computes and cannot be left out.",
    },
  );
}

function readValue<T>(
  fields: Fields,
  names: string | readonly string[],
  absent: T | undefined,
  rule: { readonly what: string; readonly holds: (value: unknown) => value is T },
): T {
  const spellings = typeof names === "string" ? [names] : names;
  const found = findField(fields, spellings);
  if (found === undefined) {
    if (absent !== undefined) return absent;
    throw new Problem(
      "badInput",
      `"${spellings[0]}" is missing in ${path.basename(fields.file)}.`,
      { file: fields.file, next: "Download the model's config.json again." },
    );
  }
  if (rule.holds(found.value)) return found.value;
  throw wrong(fields.file, found, rule.what);
}

function wrong(file: string, { name, value }: Found, what: string): Problem {
  return new Problem(
    "badInput",
    `"${name}" in ${path.basename(file)} is ${shown(value)}; it must be ${what}.`,
    { file, next: "Download the model's config.json again, or correct the value." },
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
