/**
 * Which ids open and close a text. Hugging Face folders say it in up to four files; the first that speaks
 * decides, in this order:
 *
 *  1. tokenizer_config.json, `bos_token` and `eos_token`; null there means that there is none
 *  2. special_tokens_map.json, the same
 *  3. generation_config.json, `bos_token_id` and `eos_token_id`
 *  4. config.json, the same
 *
 * Ids (3, 4) count only where tokenizer.json marks them as special tokens: transformers fills config.json
 * with the defaults of its classes (1, 2, 50256) whatever the tokenizer is.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { isJsonObject, type JsonObject } from "./outsideFile.ts";

export interface SpecialTokens {
  readonly bos?: number;
  readonly eos?: number;
}

export interface TokenizerDefinition {
  readonly tokenizer: JsonObject;
  readonly config?: JsonObject;
  readonly specialTokensMap?: JsonObject;
  readonly generationConfig?: JsonObject;
  readonly modelConfig?: JsonObject;
}

/** Throws a Problem where a file names a token that tokenizer.json does not have. */
export function specialTokensOf(definition: TokenizerDefinition, folder: string): SpecialTokens {
  const bos = idOfRole(definition, "bos", folder);
  const eos = idOfRole(definition, "eos", folder);
  return { ...(bos === undefined ? {} : { bos }), ...(eos === undefined ? {} : { eos }) };
}

function idOfRole(
  definition: TokenizerDefinition,
  role: "bos" | "eos",
  folder: string,
): number | undefined {
  const { tokenizer, config, specialTokensMap, generationConfig, modelConfig } = definition;
  const byName = [
    { name: "tokenizer_config.json", json: config },
    { name: "special_tokens_map.json", json: specialTokensMap },
  ];
  for (const { name, json } of byName) {
    const named = json?.[`${role}_token`];
    if (named === null) return undefined;
    if (named === undefined) continue;
    const content = isJsonObject(named) ? named.content : named;
    const id = typeof content === "string" ? idOfToken(tokenizer, content) : undefined;
    if (id !== undefined) return id;
    const file = path.join(folder, name);
    throw new Problem(
      "badInput",
      `${name} names ${JSON.stringify(content)} as ${role}_token, which tokenizer.json does not have.`,
      { file, next: "Take both files from the same model." },
    );
  }
  const special = specialIds(tokenizer);
  for (const json of [generationConfig, modelConfig]) {
    const named = json?.[`${role}_token_id`];
    const id = (Array.isArray(named) ? named : [named]).find((each) => special.has(each as number));
    if (id !== undefined) return id as number;
  }
  return undefined;
}

function idOfToken(tokenizer: JsonObject, content: string): number | undefined {
  const added = addedTokens(tokenizer).find((token) => token.content === content);
  if (added !== undefined) return asId(added.id);
  const vocabulary = isJsonObject(tokenizer.model) ? tokenizer.model.vocab : undefined;
  if (Array.isArray(vocabulary)) {
    const index = vocabulary.findIndex((entry) => Array.isArray(entry) && entry[0] === content);
    return index < 0 ? undefined : index;
  }
  if (!isJsonObject(vocabulary) || !Object.hasOwn(vocabulary, content)) return undefined;
  return asId(vocabulary[content]);
}

function specialIds(tokenizer: JsonObject): ReadonlySet<number> {
  const special = addedTokens(tokenizer).filter((token) => token.special === true);
  return new Set(special.map((token) => asId(token.id)).filter((id) => id !== undefined));
}

function addedTokens(tokenizer: JsonObject): readonly JsonObject[] {
  const { added_tokens: added } = tokenizer;
  return Array.isArray(added) ? added.filter(isJsonObject) : [];
}

function asId(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
