/**
 * Fusion under the glass: for a text, per target position, what each source says in its own tokens, what
 * becomes of it over the target's vocabulary, how the candidates are weighed, the fused row, and what the
 * target would be taught. The same functions as in a run. Texts are not packed, so a block is a chunk here.
 */
import { alignRows, noRows } from "../core/fusion/alignRows.ts";
import type { Representation } from "../core/fusion/representation.ts";
import { fuseChunk } from "../core/fusion/rules.ts";
import { candidateScores } from "../core/fusion/scores.ts";
import type { FusionTally } from "../core/fusion/tally.ts";
import { trainingWeights } from "../core/fusion/trainingWeights.ts";
import { Problem } from "../core/problem.ts";
import { utf8Length } from "../core/text/bytes.ts";
import { cutIntoChunks } from "../core/text/chunking.ts";
import { sequenceOf } from "../core/text/sequence.ts";
import type { Encoding } from "../core/text/tokenizer.ts";
import type { VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import type { LanguageModel } from "../model/languageModel.ts";
import type { InspectedPosition } from "./inspectedPosition.ts";
import { describePositions, type NamedTokenizer } from "./positionDescription.ts";
import type { Recipe } from "./recipe.ts";

/** A model that can be asked to read. */
export interface InspectedModel extends NamedTokenizer {
  /** The most tokens it reads, BOS included. */
  readonly context: number;
  readonly read: LanguageModel["read"];
}

export type InspectSettings = Pick<Recipe, "representation" | "alignment" | "fusion" | "mode"> & {
  readonly lambda: number;
  /** The most target tokens of a chunk, BOS included. */
  readonly length: number;
};

export interface InspectedChunk {
  readonly text: string;
  /** Where it begins in the text. */
  readonly firstPosition: number;
  readonly firstByte: number;
  /** The target first. */
  readonly candidates: readonly {
    readonly label: string;
    /** In the unit of the settings; null where the model cannot read the chunk. */
    readonly score: number | null;
    /** Over the chunk; null where weights are by token. */
    readonly weight: number | null;
  }[];
  readonly tally: FusionTally;
  readonly positions: readonly InspectedPosition[];
}

export interface InspectInput {
  /** Brought to NFC, as a run does. */
  readonly text: string;
  readonly target: InspectedModel;
  readonly sources: readonly InspectedModel[];
  /** A map for each source. */
  readonly maps: readonly VocabularyMap[];
  readonly settings: InspectSettings;
  /** Chunks a model has read. */
  readonly onProgress?: (label: string, done: number, of: number) => void;
}

/** A chunk as a model read it; `undefined` where its tokenizer cannot reproduce the bytes. */
type ReadText =
  | { readonly encoding: Encoding; readonly representation: Representation }
  | undefined;

/**
 * The text, chunk by chunk. The models read one after the other, each all chunks.
 * @throws Problem `badInput` where the target cannot reproduce the bytes of the text.
 */
export async function inspectText(input: InspectInput): Promise<InspectedChunk[]> {
  const { target, sources } = input;
  const texts = inspectedChunks(input);
  const own = await readTexts(target, texts, input);
  const foreign: ReadText[][] = [];
  for (const source of sources) foreign.push(await readTexts(source, texts, input));

  const chunks: InspectedChunk[] = [];
  let firstPosition = 0;
  let firstByte = 0;
  for (const [i, text] of texts.entries()) {
    const place = { text, firstPosition, firstByte };
    const chunk = inspectChunk(input, place, [own[i], ...foreign.map((read) => read[i])]);
    chunks.push(chunk);
    firstPosition += chunk.positions.length;
    firstByte += utf8Length(text);
  }
  return chunks;
}

/** The text cut as `split` would cut it. */
export function inspectedChunks({
  text,
  target,
  sources,
  settings,
}: Pick<InspectInput, "text" | "settings"> & {
  readonly target: Pick<InspectedModel, "tokenizer" | "context">;
  readonly sources: readonly Pick<InspectedModel, "tokenizer" | "context">[];
}): string[] {
  return cutIntoChunks(text.normalize("NFC"), [
    { tokenizer: target.tokenizer, tokens: Math.min(settings.length, target.context) - 1 },
    ...sources.map(({ tokenizer, context }) => ({ tokenizer, tokens: context - 1 })),
  ]);
}

async function readTexts(
  model: InspectedModel,
  texts: readonly string[],
  { target, settings, onProgress }: InspectInput,
): Promise<ReadText[]> {
  const encodings = texts.map((text) => {
    const encoding = model.tokenizer.encode(text);
    if ("ids" in encoding) return encoding;
    if (model === target) throw unreadable(model, encoding.detail);
    return undefined;
  });
  const readable = encodings.filter((encoding) => encoding !== undefined);
  const representations = await model.read(
    readable.map((encoding) => sequenceOf(model.tokenizer, encoding)),
    settings.representation.topK,
    (done, of) => onProgress?.(model.label, done, of),
  );
  return encodings.map((encoding) => {
    if (encoding === undefined) return undefined;
    return { encoding, representation: representations[readable.indexOf(encoding)] };
  });
}

function unreadable({ label }: InspectedModel, detail: string): Problem {
  return new Problem("badInput", `The target ${label} cannot read this text: ${detail}`, {
    next: "Take out what its tokenizer changes, or choose another target.",
  });
}

interface Place {
  readonly text: string;
  readonly firstPosition: number;
  readonly firstByte: number;
}

/** `read`: the chunk as the target read it, then as the sources did. */
function inspectChunk(
  { target, sources, maps, settings }: InspectInput,
  place: Place,
  [own, ...foreign]: readonly ReadText[],
): InspectedChunk {
  if (own === undefined) throw new Error("the target has not read the chunk");
  const targetText = { tokenizer: target.tokenizer, encoding: own.encoding };
  const readSources = sources.map((source, s) => {
    const found = foreign[s];
    const aligned =
      found === undefined
        ? noRows(own.representation.rows, "textDiffers")
        : alignRows({
            target: targetText,
            source: { tokenizer: source.tokenizer, encoding: found.encoding },
            representation: found.representation,
            map: maps[s],
            positions: settings.alignment.positions,
            shorterRows: settings.alignment.shorterRows,
            mode: settings.mode,
            temperature: settings.representation.temperature,
          });
    return {
      label: source.label,
      tokenizer: source.tokenizer,
      map: maps[s],
      encoding: found?.encoding,
      representation: found?.representation,
      aligned,
    };
  });
  const scores = candidateScores(
    [
      {
        bytes: utf8Length(place.text),
        candidates: [own, ...foreign].map((read) => read?.representation),
      },
    ],
    settings.fusion.unit,
  );
  const { rows, rowWeights, tally, weights } = fuseChunk({
    target: { ...targetText, representation: own.representation },
    aligned: readSources.map(({ aligned }) => aligned),
    scores,
    ...settings.fusion,
    softness: settings.fusion.temperature,
    temperature: settings.representation.temperature,
    mode: settings.mode,
  });
  const taught = trainingWeights({
    rows,
    fallback: settings.alignment.fallback,
    lambda: settings.lambda,
    targetIds: own.encoding.ids,
  });
  return {
    ...place,
    candidates: [target, ...sources].map(({ label }, m) => ({
      label,
      score: Number.isNaN(scores[m]) ? null : scores[m],
      weight: weights?.[m] ?? null,
    })),
    tally,
    positions: describePositions({
      target: { label: target.label, ...targetText, representation: own.representation },
      sources: readSources,
      rowWeights,
      fused: rows,
      taught,
      settings,
      firstPosition: place.firstPosition,
      firstByte: place.firstByte,
    }),
  };
}
