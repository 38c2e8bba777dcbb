/**
 * A tokenizer's normaliser, with a map back. @huggingface/tokenizers normalises a text but forgets where its
 * characters came from; here every step is applied to small segments of the text (a character, or a character
 * with its combining marks), so that each stretch of the result is known to stem from a stretch of the
 * original. A step that cannot be applied so is refused, never guessed.
 *
 * Two steps are not applied here: prepending the space marker and writing spaces as the marker belong to the
 * way pieces spell spaces, and are handed on as `spaces`.
 */
import {
  BertNormalizer,
  LowercaseNormalizer,
  PrecompiledNormalizer,
  ReplaceNormalizer,
  StripAccentsNormalizer,
} from "@huggingface/tokenizers";
import { boundedMemo } from "./boundedMemo.ts";
import { utf8Length } from "./bytes.ts";
import { optionalString, type Step, unsupported } from "./definition.ts";

/** How the normaliser writes spaces: with a marker, and with one more in front of the text. */
export interface SpaceWriting {
  readonly marker: string | undefined;
  readonly prepends: boolean;
}

export interface NormalisedText {
  readonly text: string;
  /**
   * For every UTF-8 offset of the normalised text the offset of the original that corresponds. Inside a
   * stretch that was rewritten it is that stretch's end. Absent where nothing was changed.
   */
  readonly originalEnds?: Int32Array;
}

/** What a normaliser did that this tokenizer's family does not allow. `at` is a byte of the text it was given. */
export interface ForbiddenChange {
  readonly at: number;
  readonly change: string;
}

export interface Normaliser {
  readonly spaces: SpaceWriting;
  /**
   * With `exact`, only changes are allowed after which the text still says the same: canonical composition,
   * and white space cut off at its ends.
   */
  apply(text: string, exact: boolean): NormalisedText | ForbiddenChange;
  /** Writes the spaces of a normalised text as markers, where the normaliser does. */
  mark(text: string): string;
}

/** A stretch of a text and what it becomes. */
interface Edit {
  readonly from: string;
  readonly to: string;
}

interface TextStep {
  readonly mayDrop: boolean;
  /** Edits that cover the text in order; `undefined` where the step leaves it as it is. */
  edits(text: string): readonly Edit[] | undefined;
}

export function readNormaliser(definition: readonly Step[]): Normaliser {
  let marker: string | undefined;
  let prepended: string | undefined;
  const steps: TextStep[] = [];
  for (const step of definition) {
    if (step.type === "Prepend") prepended = readMarkerText(step.prepend);
    else if (isSpaceReplacement(step)) marker = readMarkerText(step.content);
    else {
      const settled = marker !== undefined || prepended !== undefined;
      if (settled && step.type !== "NFC" && step.type !== "NFD")
        throw unsupported(`normalises text (${step.type}) after it has marked the spaces`);
      steps.push(textStep(step));
    }
  }
  if (prepended !== undefined && prepended !== marker)
    throw unsupported(`puts ${JSON.stringify(prepended)} before every text`);
  const apply = (text: string, exact: boolean): NormalisedText | ForbiddenChange => {
    let state: NormalisedText = { text };
    for (const step of steps) {
      const edits = step.edits(state.text);
      if (edits === undefined) continue;
      const forbidden = exact && !step.mayDrop ? firstForbidden(edits, state) : undefined;
      if (forbidden) return forbidden;
      state = applied(edits, state);
    }
    return state;
  };
  const mark = (text: string) => (marker === undefined ? text : text.replaceAll(" ", marker));
  return { spaces: { marker, prepends: prepended !== undefined }, apply, mark };
}

function readMarkerText(value: unknown): string {
  const text = optionalString(value, "a space marker") ?? "";
  if (text.length !== 1) throw unsupported(`writes spaces as ${JSON.stringify(text)}`);
  return text;
}

function isSpaceReplacement({ type, pattern, content }: Step): boolean {
  const replaced = (pattern as { String?: unknown } | undefined)?.String;
  return type === "Replace" && replaced === " " && content !== " ";
}

/** A character with what composes with it; Hangul letters compose with each other. */
const clusters =
  /[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[\uac00-\ud7a3][\u11a8-\u11c2]?|[\s\S]\p{M}*/gu;
const characters = /[\s\S]/gu;

/** The reference's list for BERT. */
const supplementaryIdeograph =
  /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;

function textStep(step: Step): TextStep {
  switch (step.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = step.type;
      return byClusters((text) => text.normalize(form));
    }
    case "Precompiled": {
      const precompiled = new PrecompiledNormalizer({
        type: "Precompiled",
        precompiled_charsmap: "",
      });
      return byClusters((text) => precompiled.normalize(text));
    }
    case "Lowercase": {
      const lowercase = new LowercaseNormalizer({ type: "Lowercase" });
      return byCharacters((text) => lowercase.normalize(text));
    }
    case "StripAccents": {
      const strip = new StripAccentsNormalizer({ type: "StripAccents" });
      return byCharacters((text) => strip.normalize(text));
    }
    case "BertNormalizer": {
      const flag = (value: unknown, otherwise: boolean) =>
        typeof value === "boolean" ? value : otherwise;
      const lowercase = flag(step.lowercase, true);
      const bert = new BertNormalizer({
        type: "BertNormalizer",
        clean_text: flag(step.clean_text, true),
        handle_chinese_chars: flag(step.handle_chinese_chars, true),
        strip_accents: flag(step.strip_accents, lowercase),
        lowercase,
      });
      // The library sees ideographs by UTF-16 unit and so misses the supplementary planes.
      const spaced = flag(step.handle_chinese_chars, true) ? supplementaryIdeograph : /(?!)/u;
      return byCharacters((character) =>
        spaced.test(character) ? ` ${character} ` : bert.normalize(character),
      );
    }
    case "Strip":
      return stripStep(step.strip_left === true, step.strip_right === true);
    case "Replace":
      return replaceStep(step);
    default:
      throw unsupported(`normalises text by ${step.type}`);
  }
}

/** A step whose result for a text is the results for its characters, joined: the reference defines it so. */
function byCharacters(normalise: (text: string) => string): TextStep {
  const normalised = boundedMemo(4096, normalise);
  return {
    mayDrop: false,
    edits: (text) =>
      Array.from(text.matchAll(characters), ([from]) => ({ from, to: normalised(from) })),
  };
}

/** A step that looks at more than one character; that clusters are enough is checked on the whole. */
function byClusters(normalise: (text: string) => string): TextStep {
  return {
    mayDrop: false,
    edits: (text) => {
      const whole = normalise(text);
      if (whole === text) return undefined;
      const edits = Array.from(text.matchAll(clusters), ([from]) => ({
        from,
        to: normalise(from),
      }));
      const joined = edits.map(({ to }) => to).join("");
      return joined === whole ? edits : [{ from: text, to: whole }];
    },
  };
}

function stripStep(left: boolean, right: boolean): TextStep {
  return {
    mayDrop: true,
    edits: (text) => {
      const start = left ? text.search(/\P{White_Space}|$/u) : 0;
      let end = text.length;
      while (right && end > start && /\p{White_Space}/u.test(text[end - 1])) end--;
      if (start === 0 && end === text.length) return undefined;
      const kept = text.slice(start, end);
      return [
        { from: text.slice(0, start), to: "" },
        { from: kept, to: kept },
        { from: text.slice(end), to: "" },
      ];
    },
  };
}

function replaceStep(step: Step): TextStep {
  const content = optionalString(step.content, "a replacement") ?? "";
  const { pattern } = new ReplaceNormalizer({
    type: "Replace",
    pattern: readPattern(step.pattern),
    content,
  });
  return {
    mayDrop: false,
    edits: (text) => {
      const edits: Edit[] = [];
      let at = 0;
      for (const match of text.matchAll(pattern!)) {
        const gap = text.slice(at, match.index);
        edits.push({ from: gap, to: gap }, { from: match[0], to: content });
        at = match.index + match[0].length;
      }
      if (edits.length === 0) return undefined;
      edits.push({ from: text.slice(at), to: text.slice(at) });
      return edits;
    },
  };
}

/** What a step looks for: a literal text or a regular expression in Oniguruma's syntax. */
export function readPattern(value: unknown): { String: string } | { Regex: string } {
  const pattern = (value ?? {}) as { String?: unknown; Regex?: unknown };
  const literal = optionalString(pattern.String, "a pattern");
  if (literal !== undefined) return { String: literal };
  const expression = optionalString(pattern.Regex, "a pattern");
  if (expression === undefined) throw unsupported("looks for a pattern of an unknown kind");
  return { Regex: expression };
}

function firstForbidden(
  edits: readonly Edit[],
  state: NormalisedText,
): ForbiddenChange | undefined {
  let at = 0;
  for (const { from, to } of edits) {
    if (from !== to && from.normalize("NFC") !== to.normalize("NFC")) {
      const change = `${quoted(from)} into ${quoted(to)}`;
      return { at: state.originalEnds?.[at] ?? at, change };
    }
    at += utf8Length(from);
  }
  return undefined;
}

/** A stretch of text as it can stand in a sentence. */
export function quoted(text: string): string {
  const characters = Array.from(text);
  return JSON.stringify(characters.length <= 24 ? text : `${characters.slice(0, 24).join("")}…`);
}

function applied(edits: readonly Edit[], state: NormalisedText): NormalisedText {
  const text = edits.map(({ to }) => to).join("");
  if (text === state.text) return state;
  const ends = new Int32Array(utf8Length(text) + 1);
  const original = (offset: number) => state.originalEnds?.[offset] ?? offset;
  let read = 0;
  let written = 0;
  for (const { from, to } of edits) {
    const [length, end] = [utf8Length(to), read + utf8Length(from)];
    for (let i = 1; i <= length; i++) ends[written + i] = original(from === to ? read + i : end);
    written += length;
    read = end;
  }
  return { text, originalEnds: ends };
}
