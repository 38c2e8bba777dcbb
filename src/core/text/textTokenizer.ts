/**
 * A tokenizer whose tokens have ends in bytes of the original text, put together from a definition.
 * @huggingface/tokenizers spells words and gives no offsets; the way of a text to words and of their tokens
 * back to the text is ours (textEncoder.ts).
 *
 * The encoder departs from the definition in two points, on purpose. Special tokens are not looked for: a text
 * that contains `<s>` is a text about `<s>`. And nothing is added in front or behind: BOS and EOS go in by id,
 * elsewhere.
 *
 * Ends are exact or there are none. For byte-level and SentencePiece vocabularies the tokens' bytes are the
 * text's bytes, with the space that some put in front taken off again. WordPiece and its like lose white space
 * and letter case: there white space belongs to the token that follows, at the end of the text to the last
 * one. A token that ends inside a stretch the normaliser rewrote ends at that stretch's end.
 */
import { addedTokenCutter } from "./addedTokens.ts";
import { boundedMemo } from "./boundedMemo.ts";
import { bytesKey, bytesOfKey, utf8Decode } from "./bytes.ts";
import { type AddedToken, readDefinition, readRoles } from "./definition.ts";
import { type Normaliser, readNormaliser } from "./normaliser.ts";
import { readPreTokenizer } from "./preTokenizer.ts";
import { readSpelling, spells } from "./spelling.ts";
import { encodeText, Refused } from "./textEncoder.ts";
import type { Encoding, EncodingRefusal, TextTokenizer } from "./tokenizer.ts";
import { buildTokenTable, idsByPiece, piecesById } from "./tokenTable.ts";
import { buildWordModel, cutsAtSpaces } from "./wordModel.ts";

export interface TokenizerFiles {
  /** tokenizer.json, parsed. */
  readonly tokenizer: unknown;
  /** tokenizer_config.json, parsed. */
  readonly config?: unknown;
  /** Ids from the model's config.json, for the roles that tokenizer_config.json does not name. */
  readonly specialTokens?: { readonly bos?: number; readonly eos?: number };
}

/** Byte strings whose bare tokens are kept at most, in each of two generations. */
const cachedBare = 131_072;

/** @throws Problem `badInput` for a broken definition, `unsupported` and `tooLarge` as they say. */
export function createTokenizer(
  files: TokenizerFiles,
  identity: { readonly name: string; readonly fingerprint: string },
): TextTokenizer {
  const { model, addedTokens, normalizers, preTokenizers } = readDefinition(files.tokenizer);
  const normaliser = readNormaliser(normalizers);
  const preTokenizer = readPreTokenizer(preTokenizers, normaliser.spaces, (marker) =>
    cutsAtSpaces(model, marker),
  );
  const spelling = readSpelling(model, preTokenizer);

  const pieces = piecesById(model, addedTokens);
  const idByPiece = idsByPiece(pieces);
  const isToken = (id: number) => pieces[id] !== undefined;
  const roles = readRoles(files.config, files.specialTokens ?? {}, idByPiece, isToken);
  const addedText = (token: AddedToken) => textOfAdded(token, normaliser);
  const parts = { model, addedTokens, pieces, idByPiece, roles, spelling, addedText };
  const table = buildTokenTable(parts);

  const textual = addedTokens.filter(({ id }) => !table.special[id]);
  const encoder = {
    normaliser,
    preTokenizer,
    spelling,
    words: buildWordModel(model, table, spelling),
    cutRaw: addedTokenCutter(
      textual.filter(({ normalized }) => !normalized),
      addedText,
    ),
    cutNormalised: addedTokenCutter(
      textual.filter(({ normalized }) => normalized),
      (token) => normaliser.mark(addedText(token)),
    ),
  };

  const encode = (text: string, bare: boolean): Encoding | EncodingRefusal => {
    try {
      return encodeText(encoder, text, bare);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      const detail = `${identity.name} ${refused.what} at byte ${refused.at}.`;
      return { reason: "textDiffers", detail };
    }
  };

  const encodeBare = (bytes: Uint8Array): Int32Array | null => {
    const text = utf8Decode(bytes);
    if (text === undefined) {
      const id = table.idByBytes.get(bytesKey(bytes));
      return id === undefined ? null : Int32Array.of(id);
    }
    const encoding = encode(text, true);
    if ("reason" in encoding) return null;
    const spelled = Array.from(encoding.ids, (id) => table.bytes[id]!);
    return spells(spelled, bytes) ? encoding.ids : null;
  };
  const bareByKey = boundedMemo(cachedBare, (key) => encodeBare(bytesOfKey(key)));

  return {
    ...identity,
    family: spelling.family,
    table,
    encode: (text) => encode(text, false),
    encodeBare: (bytes) => bareByKey(bytesKey(bytes)) ?? undefined,
  };
}

/** What an added token is found as in a text, spaces not yet written as markers. */
function textOfAdded(token: AddedToken, normaliser: Normaliser): string {
  if (!token.normalized) return token.content;
  const normalised = normaliser.apply(token.content, false);
  const text = "text" in normalised ? normalised.text : token.content;
  return normaliser.spaces.prepends ? ` ${text}` : text;
}
