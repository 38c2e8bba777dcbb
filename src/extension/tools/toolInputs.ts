/** What agents hand over, checked: a schema in the manifest is a wish, not a guarantee. */
import { Problem } from "../../core/problem.ts";

export const longestText = 20_000;
const longestName = 4096;

type Input = Readonly<Record<string, unknown>>;

export function inputOf(value: unknown): Input {
  if (typeof value === "object" && value !== null) return value as Input;
  throw new Problem("badInput", "The tool wants an object.");
}

export function textOf(input: Input): string {
  const { text } = input;
  if (typeof text !== "string")
    throw new Problem("badInput", "`text` is missing: give the text as a string.");
  if (text.length <= longestText) return text;
  throw new Problem(
    "tooLarge",
    `\`text\` has ${text.length} characters, of at most ${longestText}.`,
    {
      next: "Give a part of it.",
    },
  );
}

export function nameOf(input: Input, key: string): string {
  const name = optionalName(input, key);
  if (name === undefined) throw new Problem("badInput", `\`${key}\` is missing.`);
  return name;
}

export function optionalName(input: Input, key: string): string | undefined {
  const name = input[key];
  if (name === undefined || name === "") return undefined;
  if (typeof name === "string" && name.length <= longestName) return name;
  throw new Problem("badInput", `\`${key}\` must be a string.`);
}

export function countOf(input: Input, key: string, fallback: number, most: number): number {
  const count = input[key] ?? fallback;
  if (Number.isSafeInteger(count) && Number(count) >= 0) return Math.min(Number(count), most);
  throw new Problem("badInput", `\`${key}\` must be a whole number.`);
}
