/**
 * A tokenizer whose tokens have ends in bytes of the original text. @huggingface/tokenizers spells words; this
 * file leads a text there and back: added tokens are cut out, what remains is normalised and cut into words
 * (normaliser.ts, preTokenizer.ts), and the words' tokens (wordModel.ts) are laid over the text again.
 *
 * The encoder is not the one of the definition in two points, on purpose. Special tokens are not looked for:
 * a text that contains `<s>` is a text about `<s>`. And nothing is added in front or behind: BOS and EOS go in
 * by id, elsewhere.
 *
 * Ends are exact or there are none. For byte-level and SentencePiece vocabularies the tokens' bytes are the
 * text's bytes, with the space that some put in front taken off again. WordPiece and its like lose white space
 * and letter case: there white space belongs to the token that follows, at the end of the text to the last
 * one. A token that ends inside a stretch the normaliser rewrote ends at that stretch's end.
 */
import { addedTokenCutter } from "./addedTokens.ts";
import { boundedMemo } from "./boundedMemo.ts";
import { bytesKey, bytesOfKey, utf8Decode, utf8Length } from "./bytes.ts";
import { type AddedToken, readDefinition, readRoles } from "./definition.ts";
import { type NormalisedText, quoted, readNormaliser } from "./normaliser.ts";
import { type Part, readPreTokenizer } from "./preTokenizer.ts";
import { readSpelling, spells } from "./spelling.ts";
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

/** Byte strings whose bare tokens are kept, at most, in a generation of the cache. */
const cachedBare = 131_072;

/** Thrown on the way through a text, answered as a refusal. `at` is a byte of the original text. */
class Refused {
  readonly at: number;
  readonly what: string;
  constructor(at: number, what: string) {
    this.at = at;
    this.what = what;
  }
}

/** @throws Problem `badInput` for a broken definition, `unsupported` and `tooLarge` as they say. */
export function createTokenizer(
  files: TokenizerFiles,
  identity: { readonly name: string; readonly fingerprint: string },
): TextTokenizer {
  const { model, addedTokens, normalizers, preTokenizers } = readDefinition(files.tokenizer);
  const normaliser = readNormaliser(normalizers);
  const { spaces } = normaliser;
  const cutter = readPreTokenizer(preTokenizers, spaces, (marker) => cutsAtSpaces(model, marker));
  const spelling = readSpelling(model, cutter);

  /** What an added token is found as once the text is normalised, its spaces not yet written as markers. */
  const foundAs = (token: AddedToken): string => {
    if (!token.normalized) return token.content;
    const normalised = normaliser.apply(token.content, false);
    const text = "text" in normalised ? normalised.text : token.content;
    return spaces.prepends ? ` ${text}` : text;
  };
  const marked = (text: string): string =>
    spaces.marker === undefined ? text : text.replaceAll(" ", spaces.marker);

  const pieces = piecesById(model, addedTokens);
  const idByPiece = idsByPiece(pieces);
  const isToken = (id: number) => pieces[id] !== undefined;
  const roles = readRoles(files.config, files.specialTokens ?? {}, idByPiece, isToken);
  const addedText = foundAs;
  const table = buildTokenTable({
    model,
    addedTokens,
    pieces,
    idByPiece,
    roles,
    spelling,
    addedText,
  });
  const words = buildWordModel(model, table, spelling);
  const textual = addedTokens.filter(({ id }) => !table.special[id]);
  const cutRaw = addedTokenCutter(
    textual.filter(({ normalized }) => !normalized),
    ({ content }) => content,
  );
  const cutNormalised = addedTokenCutter(
    textual.filter(({ normalized }) => normalized),
    (token) => marked(foundAs(token)),
  );

  const encodeText = (text: string, bare: boolean): Encoding => {
    const ids: number[] = [];
    const ends: number[] = [];
    let base = 0;
    let normalised: NormalisedText = { text: "" };
    /** Bytes of the normalised section that are behind us, and the same place in the original text. */
    let cursor = 0;
    const original = (offset: number) => base + (normalised.originalEnds?.[offset] ?? offset);

    const takeToken = (token: AddedToken, length: number): void => {
      if (token.dependsOnNeighbours)
        throw new Refused(original(cursor), `gives ${quoted(token.content)} what stands beside it`);
      cursor += length;
      ids.push(token.id);
      ends.push(original(cursor));
    };
    const takeWord = ({ text: word, dropped, prefixed }: Part): void => {
      if (dropped !== "") {
        if (spelling.exact) throw new Refused(original(cursor), `drops ${quoted(dropped)}`);
        cursor += utf8Length(dropped);
      }
      if (word === "") return;
      const spelled = words.spell(word);
      if (spelled === undefined)
        throw new Refused(original(cursor), `has no tokens that spell ${quoted(word)}`);
      // The space put in front has no byte in the text.
      const start = prefixed ? cursor - 1 : cursor;
      for (let i = 0; i < spelled.ids.length; i++) {
        ids.push(spelled.ids[i]);
        ends.push(original(start + spelled.ends[i]));
      }
      cursor = start + spelled.ends[spelled.ends.length - 1];
    };
    const takeText = (section: string): void => {
      const result = normaliser.apply(section, spelling.exact);
      if ("change" in result) throw new Refused(base + result.at, `changes ${result.change}`);
      normalised = result;
      const prefixed = spaces.prepends && !bare && normalised.text !== "";
      let isFirst = true;
      for (const { text: part, token } of cutNormalised(
        marked(prefixed ? ` ${normalised.text}` : normalised.text),
      )) {
        const hasPrefix = prefixed && isFirst;
        isFirst = false;
        if (token) takeToken(token, utf8Length(foundAs(token)) - (hasPrefix ? 1 : 0));
        else {
          const place = { atStart: base === 0 && cursor === 0, bare };
          const whole = { text: part, dropped: "", prefixed: hasPrefix };
          for (const word of cutter.cut(whole, place)) takeWord(word);
        }
      }
    };

    for (const { text: section, token } of cutRaw(text)) {
      normalised = { text: section };
      cursor = 0;
      if (token) takeToken(token, utf8Length(section));
      else takeText(section);
      base += utf8Length(section);
    }
    if (ends.length > 0) ends[ends.length - 1] = base;
    return { ids: Int32Array.from(ids), ends: Int32Array.from(ends) };
  };

  const tryEncode = (text: string, bare: boolean): Encoding | EncodingRefusal => {
    try {
      refuseUnspeakable(text, spelling.reserved);
      return encodeText(text, bare);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      const detail = `${identity.name} ${refused.what} at byte ${refused.at}.`;
      return { reason: "textDiffers", detail };
    }
  };

  const computeBare = (bytes: Uint8Array): Int32Array | null => {
    const text = utf8Decode(bytes);
    if (text === undefined) {
      const id = table.idByBytes.get(bytesKey(bytes));
      return id === undefined ? null : Int32Array.of(id);
    }
    const encoding = tryEncode(text, true);
    if ("reason" in encoding) return null;
    const parts = Array.from(encoding.ids, (id) => table.bytes[id]!);
    return spells(parts, bytes) ? encoding.ids : null;
  };
  const bareByKey = boundedMemo(cachedBare, (key) => computeBare(bytesOfKey(key)));

  return {
    ...identity,
    family: spelling.family,
    table,
    encode: (text) => tryEncode(text, false),
    encodeBare: (bytes) => bareByKey(bytesKey(bytes)) ?? undefined,
  };
}

/** What no token can stand for, however the text is cut. */
function refuseUnspeakable(text: string, reserved: string | undefined): void {
  const surrogate = text.search(/\p{Cs}/u);
  if (surrogate >= 0)
    throw new Refused(utf8Length(text.slice(0, surrogate)), "cannot read half a surrogate pair");
  const marker = reserved === undefined ? -1 : text.indexOf(reserved);
  if (marker >= 0)
    throw new Refused(utf8Length(text.slice(0, marker)), `takes ${quoted(reserved!)} for a space`);
}
