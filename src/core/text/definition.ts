/**
 * A tokenizer's definition (tokenizer.json, tokenizer_config.json) read into checked shapes. The files come
 * from outside: sizes, ids and nesting are bounded here, so that nothing behind this file has to ask again.
 * What a step of the definition *means* is not decided here (scheme.ts, preTokenizer.ts, normaliser.ts).
 */
import { Problem } from "../problem.ts";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Looked for in the normalised text instead of the text as it stands. */
  readonly normalized: boolean;
  /** Takes the spaces beside it, or only whole words: its place depends on what stands around it. */
  readonly dependsOnNeighbours: boolean;
}

/** One normaliser or pre-tokenizer, as it stands in the file. */
export type Step = Readonly<Record<string, unknown>> & { readonly type: string };

interface WordVocabulary {
  readonly vocab: ReadonlyMap<string, number>;
  readonly unknownPiece: string | undefined;
}

export interface BpeDefinition extends WordVocabulary {
  readonly type: "BPE";
  readonly merges: [string, string][];
  readonly byteFallback: boolean;
  readonly ignoreMerges: boolean;
  readonly endOfWordSuffix: string;
}

export interface WordPieceDefinition extends WordVocabulary {
  readonly type: "WordPiece";
  readonly continuingPrefix: string;
  readonly longestWord: number;
}

export interface WordLevelDefinition extends WordVocabulary {
  readonly type: "WordLevel";
}

export interface UnigramDefinition {
  readonly type: "Unigram";
  /** Piece and log-probability; the index is the id. */
  readonly pieces: [string, number][];
  readonly unknownId: number | undefined;
  readonly byteFallback: boolean;
}

export type ModelDefinition =
  | BpeDefinition
  | WordPieceDefinition
  | WordLevelDefinition
  | UnigramDefinition;

export interface TokenizerDefinition {
  readonly model: ModelDefinition;
  readonly addedTokens: readonly AddedToken[];
  /** In order of application; sequences are laid flat. */
  readonly normalizers: readonly Step[];
  readonly preTokenizers: readonly Step[];
}

/** Ids of the special tokens by role. */
export interface Roles {
  readonly bos: number | undefined;
  readonly eos: number | undefined;
}

const mostTokens = 2_000_000;
const mostMerges = 4_000_000;
const mostAddedTokens = 100_000;
const longestPiece = 4096;
const mostSteps = 64;
const deepestNesting = 8;

export function readDefinition(json: unknown): TokenizerDefinition {
  const file = record(json, "tokenizer.json");
  return {
    model: readModel(record(file.model, "its model")),
    addedTokens: readAddedTokens(file.added_tokens ?? []),
    normalizers: flatSteps(file.normalizer, "normalizers"),
    preTokenizers: flatSteps(file.pre_tokenizer, "pretokenizers"),
  };
}

/**
 * Which ids begin and end a text. tokenizer_config.json says it by name; where it is silent the ids given count,
 * if they are tokens at all (configurations of small models often keep the defaults of large ones).
 */
export function readRoles(
  config: unknown,
  given: { readonly bos?: number; readonly eos?: number },
  idByPiece: ReadonlyMap<string, number>,
  isToken: (id: number) => boolean,
): Roles {
  const names = config === undefined || config === null ? {} : record(config, "its configuration");
  const role = (name: unknown, id: number | undefined): number | undefined => {
    const content = isRecord(name) ? name.content : name;
    const named = typeof content === "string" ? idByPiece.get(content) : undefined;
    return named ?? (id !== undefined && isToken(id) ? id : undefined);
  };
  return { bos: role(names.bos_token, given.bos), eos: role(names.eos_token, given.eos) };
}

/** A definition that contradicts itself or its format. */
export function broken(what: string): Problem {
  return new Problem("badInput", `The tokenizer's definition is broken: ${what}.`, {
    next: "Fetch the model's tokenizer.json again, or choose another model.",
  });
}

/** A definition that is sound, but asks for what is not reproduced exactly here. */
export function unsupported(what: string): Problem {
  return new Problem("unsupported", `This tokenizer ${what}, which FuseLab does not reproduce.`, {
    next: "Choose a model with another tokenizer.",
  });
}

function readModel(model: Readonly<Record<string, unknown>>): ModelDefinition {
  switch (model.type ?? impliedType(model)) {
    case "BPE":
      return readBpe(model);
    case "Unigram":
      return readUnigram(model);
    case "WordPiece":
      return {
        type: "WordPiece",
        vocab: readVocabulary(model.vocab),
        unknownPiece: optionalString(model.unk_token, "unk_token"),
        continuingPrefix: optionalString(model.continuing_subword_prefix, "a prefix") ?? "##",
        longestWord: readCount(model.max_input_chars_per_word ?? 100, "the longest word"),
      };
    case "WordLevel":
      return {
        type: "WordLevel",
        vocab: readVocabulary(model.vocab),
        unknownPiece: optionalString(model.unk_token, "unk_token"),
      };
    default:
      throw unsupported(`has a model of type ${JSON.stringify(model.type)}`);
  }
}

/** Early versions of the format did not write the model's type. */
function impliedType(model: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(model.vocab)) return "Unigram";
  if (Array.isArray(model.merges)) return "BPE";
  return "continuing_subword_prefix" in model ? "WordPiece" : "WordLevel";
}

function readBpe(model: Readonly<Record<string, unknown>>): BpeDefinition {
  if (optionalString(model.continuing_subword_prefix, "a prefix"))
    throw unsupported("marks the inside of words with a prefix in byte-pair encoding");
  const vocab = readVocabulary(model.vocab);
  return {
    type: "BPE",
    vocab,
    merges: readMerges(model.merges, vocab),
    unknownPiece: optionalString(model.unk_token, "unk_token"),
    byteFallback: model.byte_fallback === true,
    ignoreMerges: model.ignore_merges === true,
    endOfWordSuffix: optionalString(model.end_of_word_suffix, "a suffix") ?? "",
  };
}

function readUnigram(model: Readonly<Record<string, unknown>>): UnigramDefinition {
  const pieces = list(model.vocab, "the vocabulary", mostTokens).map((entry): [string, number] => {
    if (!Array.isArray(entry)) throw broken("an entry of the vocabulary is no pair");
    const [piece, score] = entry;
    if (typeof score !== "number" || !Number.isFinite(score))
      throw broken("a piece has no log-probability");
    return [readPiece(piece), score];
  });
  if (pieces.length === 0) throw broken("the vocabulary is empty");
  const unknownId = model.unk_id ?? undefined;
  if (unknownId !== undefined && !(typeof unknownId === "number" && unknownId in pieces))
    throw broken("the unknown token is not in the vocabulary");
  return { type: "Unigram", pieces, unknownId, byteFallback: model.byte_fallback === true };
}

function readVocabulary(value: unknown): ReadonlyMap<string, number> {
  const entries = Object.entries(record(value, "the vocabulary"));
  if (entries.length === 0) throw broken("the vocabulary is empty");
  if (entries.length > mostTokens) throw tooLarge("its vocabulary", mostTokens);
  const seen = new Set<number>();
  for (const [piece, id] of entries) {
    readPiece(piece);
    if (seen.has(readId(id))) throw broken(`two pieces have the id ${id}`);
    seen.add(id as number);
  }
  return new Map(entries as [string, number][]);
}

function readMerges(value: unknown, vocab: ReadonlyMap<string, number>): [string, string][] {
  return list(value, "the merges", mostMerges).map((merge): [string, string] => {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw broken("a merge is no pair");
    const [left, right] = [readPiece(pair[0]), readPiece(pair[1])];
    if (!vocab.has(left) || !vocab.has(right) || !vocab.has(left + right))
      throw broken(`the merge ${JSON.stringify([left, right])} is not in the vocabulary`);
    return [left, right];
  });
}

function readAddedTokens(value: unknown): AddedToken[] {
  return list(value, "the added tokens", mostAddedTokens).map((entry) => {
    const token = record(entry, "an added token");
    const content = readPiece(token.content);
    if (content === "") throw broken("an added token is empty");
    const special = token.special === true;
    return {
      id: readId(token.id),
      content,
      special,
      normalized: typeof token.normalized === "boolean" ? token.normalized : !special,
      dependsOnNeighbours:
        token.lstrip === true || token.rstrip === true || token.single_word === true,
    };
  });
}

function flatSteps(value: unknown, listName: string): Step[] {
  const steps: Step[] = [];
  const visit = (step: unknown, depth: number): void => {
    if (step === null || step === undefined) return;
    if (depth > deepestNesting) throw broken("its steps are nested too deeply");
    const { type, ...rest } = record(step, "a step");
    if (typeof type !== "string") throw broken("a step has no type");
    if (type === "Sequence") {
      for (const part of list(rest[listName], "a sequence", mostSteps)) visit(part, depth + 1);
    } else steps.push({ type, ...rest });
    if (steps.length > mostSteps) throw tooLarge("its list of steps", mostSteps);
  };
  visit(value, 0);
  return steps;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw broken(`${what} is no object`);
  return value;
}

function list(value: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw broken(`${what} is no list`);
  if (value.length > most) throw tooLarge(what, most);
  return value;
}

export function optionalString(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || value.length > longestPiece) throw broken(`${what} is no text`);
  return value;
}

function readPiece(value: unknown): string {
  if (typeof value !== "string") throw broken("a piece is no text");
  if (value.length > longestPiece) throw tooLarge("a piece", longestPiece);
  return value;
}

function readId(value: unknown): number {
  const id = readCount(value, "an id");
  if (id >= mostTokens) throw tooLarge("an id", mostTokens);
  return id;
}

function readCount(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw broken(`${what} is no whole number`);
  return value;
}

function tooLarge(what: string, most: number): Problem {
  const limit = most.toLocaleString("en");
  return new Problem(
    "tooLarge",
    `The tokenizer's definition is too large: ${what} over ${limit}.`,
    {
      next: "Choose another model; no known tokenizer is that large.",
    },
  );
}
