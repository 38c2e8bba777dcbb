/**
 * Fusion under the glass: for a text, per target position, what each source says in its own tokens, what
 * becomes of it over the target's vocabulary, how the candidates are weighed, the fused row, and what the
 * target would be taught. The same functions as in a run. Texts are not packed, so a block is a chunk here.
 */
import type { FusionTally } from "../core/fusion/tally.ts";
import type { VocabularyMap } from "../core/vocabulary/vocabularyMap.ts";
import type { InspectedPosition } from "./inspectedPosition.ts";
import { createTextFuser, type FusedChunk, type InspectSettings } from "./inspectFusion.ts";
import { type InspectedModel, inspectedChunks, readTexts } from "./inspectReading.ts";
import { positionDescriber } from "./positionDescription.ts";

export { type InspectedModel, type InspectSettings, inspectedChunks };

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

/**
 * The text, chunk by chunk. At a temperature other than 1 the tails beyond the top k count as one token each, as
 * in a run.
 * @throws Problem `badInput` where the target cannot reproduce the bytes of the text.
 */
export async function inspectText(input: InspectInput): Promise<InspectedChunk[]> {
  const { text, target, sources, maps, settings, onProgress } = input;
  const texts = inspectedChunks({ text, target, sources, settings });
  const reading = await readTexts({
    texts,
    models: [target, ...sources],
    topKOf: () => settings.representation.topK,
    onProgress,
  });
  const { chunks } = createTextFuser(reading).fuse(settings, maps);
  return chunks.map((chunk) => inspectedChunk(chunk));
}

/** A fused chunk in plain values, with those of its positions that are wanted, by their index in the text. */
export function inspectedChunk(
  chunk: FusedChunk,
  isWanted: (index: number) => boolean = () => true,
): InspectedChunk {
  const { reading, target, sources, scores, weights, tally, fused, firstPosition } = chunk;
  const { text, firstByte } = reading;
  const describe = positionDescriber(chunk);
  const rows = Array.from({ length: fused.rows }, (_, row) => row);
  return {
    text,
    firstPosition,
    firstByte,
    candidates: [target, ...sources].map(({ label }, m) => ({
      label,
      score: Number.isNaN(scores[m]) ? null : scores[m],
      weight: weights?.[m] ?? null,
    })),
    tally,
    positions: rows.filter((row) => isWanted(firstPosition + row)).map(describe),
  };
}
