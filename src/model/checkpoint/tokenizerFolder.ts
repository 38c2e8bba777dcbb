/**
 * The tokenizer of a Hugging Face folder: tokenizer.json with what the files beside it say of its special
 * tokens. A folder without weights is enough. Only tokenizer.json is read as a definition; the older
 * formats (tokenizer.model, vocab.json with merges.txt) have to be converted by transformers first.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { createTokenizer } from "../../core/text/textTokenizer.ts";
import type { TextTokenizer } from "../../core/text/tokenizer.ts";
import {
  fileExists,
  isJsonObject,
  type JsonObject,
  parseJson,
  readJsonObject,
  readLimited,
} from "./outsideFile.ts";
import { type SpecialTokens, specialTokensOf } from "./specialTokens.ts";

const mebibyte = 2 ** 20;
/** The largest tokenizers in use, of some 260,000 tokens, take about 35 MiB. */
const tokenizerLimit = 256 * mebibyte;
/** Enough for tokenizer_config.json, the largest of these: it may list every added token. */
export const smallFileLimit = 16 * mebibyte;

/** The tokenizer of a folder, with or without a model. Throws a Problem that names the file and what to do. */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  await requireFolder(folder);
  const file = path.join(folder, "tokenizer.json");
  if (!(await fileExists(file))) throw await withoutDefinition(folder);
  const bytes = await readLimited(file, tokenizerLimit);
  const tokenizer = parseJson(bytes, file);
  if (!isJsonObject(tokenizer)) {
    throw new Problem("badInput", "tokenizer.json does not hold a JSON object.", {
      file,
      next: "Download or copy the file again.",
    });
  }
  const definition = {
    tokenizer,
    ...optional("config", await readBeside(folder, "tokenizer_config.json")),
    ...optional("specialTokensMap", await readBeside(folder, "special_tokens_map.json")),
    ...optional("generationConfig", await readBeside(folder, "generation_config.json")),
    ...optional("modelConfig", await readBeside(folder, "config.json")),
  };
  const specialTokens = specialTokensOf(definition, folder);
  const fingerprint = fingerprintOf(bytes, specialTokens);
  try {
    return createTokenizer({ tokenizer, specialTokens }, { name: folderName(folder), fingerprint });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.file !== undefined) throw problem;
    const { code, message, next, cause } = problem;
    throw new Problem(code, message, { file, ...optional("next", next), cause: cause ?? problem });
  }
}

/** What people call the model: the folder's name, or the repository's where the folder is a snapshot in a Hugging Face cache. */
export function folderName(folder: string): string {
  const place = path.resolve(folder);
  const cached = /models--(?:[^/\\]*--)?([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(place);
  return cached?.[1] ?? path.basename(place);
}

export async function requireFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new Problem("missing", `${folder} is not a folder.`, {
    file: folder,
    next: "Give the path of a folder with a model in the Hugging Face format.",
  });
}

/** A small JSON file of the folder, `undefined` where it is not there. */
async function readBeside(folder: string, name: string): Promise<JsonObject | undefined> {
  const file = path.join(folder, name);
  return (await fileExists(file)) ? readJsonObject(file, smallFileLimit) : undefined;
}

/** SHA-256 over tokenizer.json as it is and the ids that open and close a text. */
function fingerprintOf(bytes: Uint8Array, { bos, eos }: SpecialTokens): string {
  const roles = `\nbos ${bos ?? "none"}, eos ${eos ?? "none"}`;
  return createHash("sha256").update(bytes).update(roles).digest("hex");
}

async function withoutDefinition(folder: string): Promise<Problem> {
  const older = [
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "vocab.json",
    "vocab.txt",
  ];
  const there = await Promise.all(older.map((name) => fileExists(path.join(folder, name))));
  const found = older.find((_, index) => there[index]);
  const file = path.join(folder, "tokenizer.json");
  if (found === undefined) {
    return new Problem("missing", `${folderName(folder)} has no tokenizer.json.`, {
      file,
      next: "Download the tokenizer's files into the model's folder.",
    });
  }
  return new Problem(
    "unsupported",
    `${folderName(folder)} has its tokenizer only as ${found}, without tokenizer.json.`,
    {
      file,
      next: `Convert it once with transformers (pip install transformers sentencepiece protobuf): AutoTokenizer.from_pretrained(folder).save_pretrained(folder).`,
    },
  );
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
