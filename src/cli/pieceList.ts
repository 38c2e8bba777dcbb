/** Pieces of a vocabulary as an argument: a JSON array, or a file that holds one. */
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { parseJson, readLimited } from "../model/checkpoint/outsideFile.ts";

/** Bytes. */
const longestList = 16 * 1024 * 1024;

/** @throws Problem `badInput` where it is no array of strings, or an empty one; `option` is named in it. */
export async function readPieces(value: string, option: string): Promise<string[]> {
  const pieces = value.trimStart().startsWith("[")
    ? parsedArgument(value, option)
    : parseJson(await readLimited(value, longestList), path.resolve(value));
  if (isPieces(pieces)) return pieces;
  throw new Problem("badInput", `${option} is not a list of pieces.`, { next: example(option) });
}

function parsedArgument(value: string, option: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new Problem("badInput", `${option} is not valid JSON.`, { next: example(option), cause });
  }
}

const isPieces = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((piece) => typeof piece === "string");

const example = (option: string): string =>
  `Write a JSON array of strings, for example ${option} '["▁the", "▁cat"]', or name a file with one.`;
