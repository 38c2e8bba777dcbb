/**
 * The way of a text through a tokenizer and back: added tokens are cut out, what remains is normalised and cut
 * into words, and the words' tokens are laid over the original text again, so that each has an end there.
 */
import type { SectionCutter } from "./addedTokens.ts";
import { utf8Length } from "./bytes.ts";
import type { AddedToken } from "./definition.ts";
import { type NormalisedText, type Normaliser, quoted } from "./normaliser.ts";
import type { Part, PreTokenizer } from "./preTokenizer.ts";
import type { Spelling } from "./spelling.ts";
import type { Encoding } from "./tokenizer.ts";
import type { WordModel } from "./wordModel.ts";

export interface EncoderParts {
  /** Cuts out the added tokens that are looked for in the text as it stands. */
  readonly cutRaw: SectionCutter;
  readonly normaliser: Normaliser;
  /** Cuts out those that are looked for in the normalised text, spaces written as markers. */
  readonly cutNormalised: SectionCutter;
  readonly preTokenizer: PreTokenizer;
  readonly spelling: Spelling;
  readonly words: WordModel;
}

/** Thrown where a text cannot be laid out exactly. `at` is a byte of the original text. */
export class Refused {
  readonly at: number;
  readonly what: string;

  constructor(at: number, what: string) {
    this.at = at;
    this.what = what;
  }
}

/**
 * @param bare the text is cut out of the middle of another: nothing is put in front of it
 * @throws Refused
 */
export function encodeText(parts: EncoderParts, text: string, bare: boolean): Encoding {
  refuseUnspeakable(text, parts.spelling.reserved);
  const layout = new Layout(parts, bare);
  for (const { text: section, token } of parts.cutRaw(text)) layout.take(section, token);
  return layout.finish();
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

/** The tokens of one text, laid down from its start to its end. */
class Layout {
  private readonly parts: EncoderParts;
  private readonly bare: boolean;
  private readonly ids: number[] = [];
  private readonly ends: number[] = [];
  /** Bytes of the original text before the section that is being laid. */
  private base = 0;
  private section: NormalisedText = { text: "" };
  /** Bytes of the normalised section that are laid. */
  private cursor = 0;

  constructor(parts: EncoderParts, bare: boolean) {
    this.parts = parts;
    this.bare = bare;
  }

  take(section: string, token: AddedToken | undefined): void {
    this.section = { text: section };
    this.cursor = 0;
    if (token) this.layToken(token, utf8Length(section));
    else this.layText(section);
    this.base += utf8Length(section);
  }

  /** What the tokens leave over at the end, white space that was dropped or stripped, is the last one's. */
  finish(): Encoding {
    const { ids, ends, base } = this;
    if (ends.length > 0) ends[ends.length - 1] = base;
    return { ids: Int32Array.from(ids), ends: Int32Array.from(ends) };
  }

  private layText(section: string): void {
    const { normaliser, spelling, cutNormalised, preTokenizer } = this.parts;
    const normalised = normaliser.apply(section, spelling.exact);
    if ("change" in normalised)
      throw new Refused(this.base + normalised.at, `changes ${normalised.change}`);
    this.section = normalised;
    const { text } = normalised;
    let prefixed = normaliser.spaces.prepends && !this.bare && text !== "";
    const written = normaliser.mark(prefixed ? ` ${text}` : text);
    for (const { text: stretch, token } of cutNormalised(written)) {
      if (token) this.layToken(token, spelling.wordBytes(stretch).length - (prefixed ? 1 : 0));
      else {
        const place = { atStart: this.base === 0 && this.cursor === 0, bare: this.bare };
        const whole = { text: stretch, dropped: "", prefixed };
        for (const part of preTokenizer.cut(whole, place)) this.layPart(part);
      }
      prefixed = false;
    }
  }

  private layToken(token: AddedToken, length: number): void {
    if (token.dependsOnNeighbours)
      throw new Refused(this.here(), `gives ${quoted(token.content)} what stands beside it`);
    this.cursor += length;
    this.ids.push(token.id);
    this.ends.push(this.here());
  }

  private layPart({ text: word, dropped, prefixed }: Part): void {
    const { spelling, words } = this.parts;
    if (dropped !== "") {
      if (spelling.exact) throw new Refused(this.here(), `drops ${quoted(dropped)}`);
      this.cursor += utf8Length(dropped);
    }
    if (word === "") return;
    const spelled = words.spell(word);
    if (spelled === undefined)
      throw new Refused(this.here(), `has no tokens that spell ${quoted(word)}`);
    const { ids, ends } = spelled;
    // A space put in front has no byte in the text.
    const start = prefixed ? this.cursor - 1 : this.cursor;
    for (let i = 0; i < ids.length; i++) {
      this.cursor = start + ends[i];
      this.ids.push(ids[i]);
      this.ends.push(this.here());
    }
  }

  /** The place of the cursor in the original text. */
  private here(): number {
    return this.base + (this.section.originalEnds?.[this.cursor] ?? this.cursor);
  }
}
