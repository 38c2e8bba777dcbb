/**
 * A part of the text, cut into chunks as the run will cut it: what the models' tokenizers make of it stands for
 * the rest. Whole sections are drawn, each as likely as the other, so that short documents keep their share.
 * What takes time in a run is timed on the way.
 */

import { createRandom } from "../../core/random.ts";
import { utf8Length } from "../../core/text/bytes.ts";
import { cutIntoChunks } from "../../core/text/chunking.ts";
import type { Encoding, EncodingRefusal, TextTokenizer } from "../../core/text/tokenizer.ts";
import type { CorpusDocument } from "../corpusFiles.ts";
import type { EncodingTime } from "../estimateTime.ts";

export type Side = "training" | "heldOut";

/** How a model's tokenizer limits chunks; as in `split`, BOS included. */
export interface SampleModel {
  readonly tokenizer: TextTokenizer;
  /** Tokens a chunk may have, BOS included. */
  readonly tokens: number;
}

export interface SampledChunk {
  /** `<document>#<number>`, for people. */
  readonly id: string;
  readonly text: string;
  readonly bytes: number;
  /** By model, the target first. */
  readonly encodings: readonly (Encoding | EncodingRefusal)[];
}

/** The text of one domain on one side, and what was drawn of it. */
export interface SampledText {
  readonly domain: string;
  readonly side: Side;
  /** Of all the text. */
  readonly bytes: number;
  readonly sections: number;
  /** Of what was drawn. */
  readonly sampledBytes: number;
  /** Chunks the run will keep. */
  readonly chunks: readonly SampledChunk[];
  /** Chunks the run will leave out: how many, and why the first of them. */
  readonly leftOut: { readonly chunks: number; readonly bytes: number; readonly first?: string };
  /** Chunks as the target alone would have them; by model, the target first, those too long for it and cut again. */
  readonly own: { readonly chunks: number; readonly tooLong: readonly number[] };
}

export interface TextSpeed {
  /** By model, the target first. */
  readonly encoding: readonly EncodingTime[];
  /** Seconds to cut a byte, once words are known. */
  readonly cut: number;
}

export interface Sampling {
  readonly texts: readonly SampledText[];
  readonly speed: TextSpeed;
}

/** A domain of which less is drawn than this says little. */
const leastCharacters = 8192;

/** `characters` is about how much is drawn on each side, every domain the same. */
export function sampleText(
  sides: Readonly<Record<Side, readonly CorpusDocument[]>>,
  models: readonly SampleModel[],
  characters: Readonly<Record<Side, number>>,
): Sampling {
  const clock = createClock(models.length);
  const texts = (["training", "heldOut"] as const).flatMap((side) => {
    const domains = domainsOf(sides[side]);
    const each = Math.max(leastCharacters, characters[side] / Math.max(1, domains.size));
    return [...domains].map(([domain, sections]) =>
      sampleDomain(domain, side, sections, models, each, clock),
    );
  });
  return { texts, speed: clock.speed() };
}

function domainsOf(documents: readonly CorpusDocument[]): Map<string, CorpusDocument[]> {
  const domains = new Map<string, CorpusDocument[]>();
  for (const document of documents) {
    const members = domains.get(document.domain);
    if (members === undefined) domains.set(document.domain, [document]);
    else members.push(document);
  }
  return domains;
}

function sampleDomain(
  domain: string,
  side: Side,
  sections: readonly CorpusDocument[],
  models: readonly SampleModel[],
  characters: number,
  clock: Clock,
): SampledText {
  const drawn = draw(sections, characters);
  const cut: CutText = { chunks: [], leftOut: [], own: 0, tooLong: models.map(() => 0) };
  for (const section of drawn) cutSection(section, models, cut, clock);
  const bytesOf = (texts: readonly CorpusDocument[]): number =>
    texts.reduce((sum, { text }) => sum + utf8Length(text), 0);
  const [first] = cut.leftOut;
  return {
    domain,
    side,
    bytes: bytesOf(sections),
    sections: sections.length,
    sampledBytes: bytesOf(drawn),
    chunks: cut.chunks,
    leftOut: {
      chunks: cut.leftOut.length,
      bytes: cut.leftOut.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(first === undefined ? {} : { first: first.why }),
    },
    own: { chunks: cut.own, tooLong: cut.tooLong },
  };
}

/** Sections in a random order, the same every time, until there is enough. */
function draw(sections: readonly CorpusDocument[], characters: number): CorpusDocument[] {
  const order = sections.map((_, i) => i);
  createRandom(1).shuffle(order);
  const drawn: CorpusDocument[] = [];
  let taken = 0;
  for (const i of order) {
    if (taken >= characters) break;
    drawn.push(sections[i]);
    taken += sections[i].text.length;
  }
  return drawn;
}

/** What cutting adds to, section by section. */
interface CutText {
  readonly chunks: SampledChunk[];
  readonly leftOut: { readonly bytes: number; readonly why: string }[];
  own: number;
  readonly tooLong: number[];
}

function cutSection(
  section: CorpusDocument,
  models: readonly SampleModel[],
  into: CutText,
  clock: Clock,
): void {
  const { text } = section;
  models.forEach(({ tokenizer }, m) => {
    clock.encode(m, utf8Length(text), () => tokenizer.encode(text));
  });
  const limits = models.map(({ tokenizer, tokens }) => ({ tokenizer, tokens: tokens - 1 }));
  const own = clock.cut(utf8Length(text), models.length, () =>
    cutIntoChunks(text, limits.slice(0, 1)),
  );
  const encoded = own.map((chunk) => encodings(chunk, models));
  const exceeding = encoded.map((each) => tooLongFor(each, models));
  into.own += own.length;
  for (const which of exceeding) for (const m of which) into.tooLong[m]++;
  const again = exceeding.some((which) => which.length > 0);
  const chunks = again ? cutIntoChunks(text, limits) : own;
  chunks.forEach((chunk, i) => {
    const each = again ? encodings(chunk, models) : encoded[i];
    const id = `${section.id}#${i}`;
    const bytes = utf8Length(chunk);
    const refused = refusalOf(each, models);
    if (refused === undefined) into.chunks.push({ id, text: chunk, bytes, encodings: each });
    else into.leftOut.push({ bytes, why: `${id}: ${refused}` });
  });
}

function encodings(text: string, models: readonly SampleModel[]): (Encoding | EncodingRefusal)[] {
  return models.map(({ tokenizer }) => tokenizer.encode(text));
}

/** The sources for which a chunk of the target's making is too long. */
function tooLongFor(
  each: readonly (Encoding | EncodingRefusal)[],
  models: readonly SampleModel[],
): number[] {
  return each.flatMap((encoding, m) =>
    m > 0 && "ids" in encoding && encoding.ids.length >= models[m].tokens ? [m] : [],
  );
}

/** Why the run leaves a chunk out: the target decides. */
function refusalOf(
  [own]: readonly (Encoding | EncodingRefusal)[],
  [{ tokens }]: readonly SampleModel[],
): string | undefined {
  if (!("ids" in own)) return own.detail;
  if (own.ids.length < tokens) return undefined;
  return "one character takes more tokens than a chunk may have";
}

/** New words never end, so time never stops growing: about as the words of a text do (Heaps' law). */
const slowestGrowth = 0.5;

interface Clock {
  encode(model: number, bytes: number, work: () => unknown): void;
  cut<Result>(bytes: number, models: number, work: () => Result): Result;
  speed(): TextSpeed;
}

function createClock(models: number): Clock {
  const encoded = Array.from({ length: models }, () => [] as { bytes: number; seconds: number }[]);
  let cutBytes = 0;
  let cutSeconds = 0;
  const timed = <Result>(work: () => Result): [Result, number] => {
    const started = performance.now();
    const result = work();
    return [result, (performance.now() - started) / 1000];
  };
  return {
    encode(model, bytes, work) {
      encoded[model].push({ bytes, seconds: timed(work)[1] });
    },
    cut(bytes, ofModels, work) {
      const [result, seconds] = timed(work);
      cutBytes += bytes;
      // The run asks every model's tokenizer of every line, here it was the target's alone.
      cutSeconds += seconds * ofModels;
      return result;
    },
    speed: () => ({
      encoding: encoded.map(growthOf),
      cut: cutSeconds / Math.max(1, cutBytes),
    }),
  };
}

/** The power law through the first half of what was timed and the whole. */
function growthOf(
  times: readonly { readonly bytes: number; readonly seconds: number }[],
): EncodingTime {
  const [half, whole] = [times.slice(0, (times.length + 1) >> 1), times].map((part) => ({
    bytes: part.reduce((sum, time) => sum + time.bytes, 0),
    seconds: part.reduce((sum, time) => sum + time.seconds, 0),
  }));
  const slope = Math.log(whole.seconds / half.seconds) / Math.log(whole.bytes / half.bytes);
  const exponent = Number.isFinite(slope) ? Math.min(1, Math.max(slowestGrowth, slope)) : 1;
  return { ...whole, exponent };
}
