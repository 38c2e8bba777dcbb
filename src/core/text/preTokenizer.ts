/**
 * How a text is cut into the words that a tokenizer's model spells one by one. The cutting itself is left to
 * `Split` of @huggingface/tokenizers, which translates the reference's regular expressions; every other step is
 * written as a `Split` or done here, because the library's departs from the reference (Rust) implementation: in
 * what is white space, a digit or a letter, in the behaviours that join a delimiter to its neighbour, in
 * Metaspace's cuts. And a word knows where it stands: what was dropped before it, and whether a space was put
 * in front of it that the text does not have.
 */
import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { byteAlphabetSpace } from "./byteAlphabet.ts";
import { optionalString, type Step, unsupported } from "./definition.ts";
import { readPattern, type SpaceWriting } from "./normaliser.ts";

/** A stretch of a text on its way to the model. */
export interface Part {
  readonly text: string;
  /** What stood before it and was dropped. A last part without text carries what was dropped at the end. */
  readonly dropped: string;
  /** Its first character is a space that the text does not have. */
  readonly prefixed: boolean;
}

export interface Place {
  /** Nothing of the text stands before. */
  readonly atStart: boolean;
  /** The text is cut out of the middle of another: no space is put in front of it. */
  readonly bare: boolean;
}

type Stage = (part: Part, place: Place) => readonly Part[];

export interface PreTokenizer {
  /** Words are spelled in the byte alphabet before the model sees them. */
  readonly byteLevel: boolean;
  /** The character that stands for a space in pieces. */
  readonly marker: string | undefined;
  cut(part: Part, place: Place): readonly Part[];
}

/** GPT-2's words, with the reference's notion of white space. */
const gpt2Words =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
/** What `\w` is in the reference's `Whitespace`: with the two joiners, unlike Oniguruma's. */
const wordLetters = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";
const punctuation = "\\p{P}\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E";

/**
 * @param cutsAtSpaces the model gives the same tokens where the text is cut before every run of markers
 *   (wordModel.ts proves it); then it is, so that words can be cached.
 */
export function readPreTokenizer(
  steps: readonly Step[],
  spaces: SpaceWriting,
  cutsAtSpaces: (marker: string) => boolean,
): PreTokenizer {
  const stages: Stage[] = [];
  let marker = spaces.marker;
  let byteLevel = false;
  let cutsWords = false;
  for (const step of steps) {
    if (byteLevel)
      throw unsupported(`cuts words (${step.type}) after it has spelled them in bytes`);
    if (step.type === "Metaspace") {
      const metaspace = readMetaspace(step);
      marker = metaspace.marker;
      cutsWords ||= metaspace.cutsWords;
      stages.push(...metaspace.stages);
    } else if (step.type === "ByteLevel") {
      byteLevel = true;
      marker = byteAlphabetSpace;
      if (step.add_prefix_space === true) stages.push(prefixStage(" "));
      if (step.use_regex !== false) stages.push(splitStage({ Regex: gpt2Words }, "Isolated"));
    } else if (spaces.marker === undefined || !looksForSpaces(step)) {
      cutsWords = true;
      stages.push(plainStage(step));
    }
  }
  if (!cutsWords && !byteLevel && marker !== undefined && cutsAtSpaces(marker))
    stages.push(beforeMarkers(marker, "+"));
  return {
    byteLevel,
    marker,
    cut: (part, place) =>
      stages.reduce<readonly Part[]>(
        (parts, stage) =>
          parts.length === 1
            ? stage(parts[0], place)
            : parts.flatMap((each, i) =>
                stage(each, i === 0 ? place : { ...place, atStart: false }),
              ),
        [part],
      ),
  };
}

/** Spaces are written as markers by now: a step that looks for them finds none (Gemma's tokenizer has one). */
function looksForSpaces(step: Step): boolean {
  return step.type === "Split" && (step.pattern as { String?: unknown })?.String === " ";
}

function plainStage(step: Step): Stage {
  switch (step.type) {
    case "Split":
      return splitStage(readPattern(step.pattern), step.behavior, step.invert === true);
    case "Digits":
      return splitStage(
        { Regex: step.individual_digits === true ? "\\p{N}" : "\\p{N}+" },
        "Isolated",
      );
    case "Punctuation":
      return splitStage({ Regex: `[${punctuation}]` }, step.behavior ?? "Isolated");
    case "Whitespace":
      return splitStage({ Regex: `[${wordLetters}]+|[^${wordLetters}\\s]+` }, "Removed", true);
    case "WhitespaceSplit":
      return splitStage({ Regex: "\\S+" }, "Removed", true);
    case "CharDelimiterSplit": {
      const delimiter = optionalString(step.delimiter, "a delimiter") ?? "";
      return splitStage({ String: delimiter }, "Removed");
    }
    case "BertPreTokenizer":
      return splitStage({ Regex: `[${punctuation}]|[^${punctuation}\\s]+` }, "Removed", true);
    default:
      throw unsupported(`cuts words by ${step.type}`);
  }
}

function splitStage(
  pattern: { readonly String: string } | { readonly Regex: string },
  behaviour: unknown,
  invert = false,
): Stage {
  const found = "Regex" in pattern ? pattern.Regex : escaped(pattern.String);
  if (found === "") throw unsupported("cuts words at an empty pattern");
  const other = `(?:(?!${found})[\\s\\S])`;
  if (invert && behaviour !== "Isolated" && behaviour !== "Removed")
    throw unsupported(`joins what lies between the matches of a pattern (${behaviour})`);
  switch (behaviour) {
    case "Isolated":
      return locatingStage(splitter(found, "Isolated"));
    case "Contiguous":
      return locatingStage(splitter(`(?:${found})+`, "Isolated"));
    case "MergedWithPrevious":
      return locatingStage(splitter(`${other}*(?:${found})`, "Isolated"));
    case "MergedWithNext":
      return locatingStage(splitter(`(?:${found})${other}*`, "Isolated"));
    case "Removed":
      return locatingStage(splitter(invert ? found : `${other}+`, "Removed"));
    default:
      throw unsupported(`cuts words in an unknown way (${JSON.stringify(behaviour)})`);
  }
}

/** `Removed` keeps the matches alone, `Isolated` what lies between them as well. */
function splitter(
  expression: string,
  behavior: "Isolated" | "Removed",
): (text: string) => string[] {
  try {
    const split = new SplitPreTokenizer({
      type: "Split",
      pattern: { Regex: expression },
      behavior,
      invert: behavior === "Removed",
    });
    return (text) => split.pre_tokenize_text(text);
  } catch {
    throw unsupported(`cuts words by the pattern ${JSON.stringify(expression.slice(0, 80))}`);
  }
}

function escaped(literal: string): string {
  return literal.replace(/[\^$\\.*+?()[\]{}|/\-&~#]/g, "\\$&");
}

function readMetaspace(step: Step): { marker: string; cutsWords: boolean; stages: Stage[] } {
  const marker = optionalString(step.replacement, "a space marker") ?? "\u2581";
  if (marker.length !== 1) throw unsupported(`writes spaces as ${JSON.stringify(marker)}`);
  // Files from before prepend_scheme have a flag.
  const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? "never" : "always");
  const stages: Stage[] = [(part) => [{ ...part, text: part.text.replaceAll(" ", marker) }]];
  if (scheme === "always") stages.push(prefixStage(marker));
  else if (scheme === "first") stages.push(prefixStage(marker, true));
  else if (scheme !== "never")
    throw unsupported(`puts spaces in front (${JSON.stringify(scheme)})`);
  const cutsWords = step.split !== false;
  if (cutsWords) stages.push(beforeMarkers(marker, ""));
  return { marker, cutsWords, stages };
}

/** Puts a space in front of a part that does not begin with one. */
function prefixStage(space: string, onlyAtStart = false): Stage {
  return (part, place) => {
    const { text, dropped } = part;
    if (text === "" || place.bare || text.startsWith(space)) return [part];
    if (onlyAtStart && !place.atStart) return [part];
    // A single space dropped before the word and put back is the text's own.
    const own = dropped === " ";
    return [{ text: space + text, dropped: own ? "" : dropped, prefixed: !own }];
  };
}

/** Cuts before every marker, or before every run of markers. */
function beforeMarkers(marker: string, quantifier: "" | "+"): Stage {
  const code = `\\u{${marker.charCodeAt(0).toString(16)}}`;
  const pattern = new RegExp(`${code}${quantifier}[^${code}]*|[^${code}]+`, "gu");
  return (part) => {
    const words = part.text.match(pattern);
    if (words === null || words.length === 1) return [part];
    return words.map((text, i) =>
      i === 0 ? { ...part, text } : { text, dropped: "", prefixed: false },
    );
  };
}

/** For a cutter that may drop what lies between words, which are stretches of the text, in order. */
function locatingStage(cutter: (text: string) => readonly string[]): Stage {
  return (part) => {
    if (part.text === "") return [part];
    const parts: Part[] = [];
    let at = 0;
    const push = (text: string, start: number): void => {
      let dropped = part.text.slice(at, start);
      let prefixed = part.prefixed && at === 0;
      if (prefixed && dropped !== "") {
        dropped = dropped.slice(1);
        prefixed = false;
      }
      parts.push({ text, dropped: at === 0 ? part.dropped + dropped : dropped, prefixed });
      at = start + text.length;
    };
    for (const word of cutter(part.text)) push(word, part.text.indexOf(word, at));
    if (at < part.text.length) push("", part.text.length);
    return parts;
  };
}
