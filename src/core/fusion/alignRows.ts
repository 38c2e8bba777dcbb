/**
 * Rewrites a source's representation of a chunk over the target's positions and vocabulary. Row 0, after BOS,
 * answers to row 0. `corrected` rows are made in correctedRows.ts, `published` ones in publishedRows.ts; both
 * carry the same account of what became of every position and of every bit of mass.
 *
 * A position that gets no row has a reason and nothing else: what it is taught instead is decided where
 * distributions are fused and weighed, not here.
 */
import type { TokenisedText } from "../alignment/alignTokens.ts";
import type { Mode } from "../mode.ts";
import { Problem } from "../problem.ts";
import { sequenceOf } from "../text/sequence.ts";
import { requireMatching, type VocabularyMap } from "../vocabulary/vocabularyMap.ts";
import { correctedRows } from "./correctedRows.ts";
import { publishedRows } from "./publishedRows.ts";
import {
  type AlignedRepresentation,
  type NoRowReason,
  noBoundaryCase,
  noRowReasons,
  type Representation,
} from "./representation.ts";
import type { RowsInput } from "./rowsInput.ts";
import type { Positions, ShorterRows } from "./settings.ts";

export interface AlignRowsInput {
  readonly target: TokenisedText;
  /** The same text in the source's tokens. */
  readonly source: TokenisedText;
  /** Of the source. Fewer rows than the encoding has tokens + 1: the text was cut off for this model. */
  readonly representation: Representation;
  readonly map: VocabularyMap;
  readonly positions: Positions;
  readonly mode: Mode;
  /** Of the source's distributions, default 1. Gold nats are those of the model as it is, whatever this says. */
  readonly temperature?: number;
  /** Default `candidates`. */
  readonly shorterRows?: ShorterRows;
  /** Of `dtwAnswers` for these texts and this mode, where they are known already; else they are computed. */
  readonly answers?: Int32Array | undefined;
}

/**
 * The source's rows in the target's terms, one for each target token and one for BOS.
 * @throws Problem `stale` for a map of other tokenizers, another version or another mode; `unsupported` for
 * settings the mode does not know.
 */
export function alignRows(input: AlignRowsInput): AlignedRepresentation {
  const { target, source, representation, map, positions, mode } = input;
  requireMatching(map, source.tokenizer, target.tokenizer);
  requireMode(map, positions, mode);
  requireSameText(input);
  const parts: RowsInput = {
    target,
    source,
    targetLabels: sequenceOf(target.tokenizer, target.encoding).labels,
    sourceLabels: sequenceOf(source.tokenizer, source.encoding).labels,
    representation,
    map,
    temperature: input.temperature ?? 1,
    answers: input.answers,
  };
  return mode === "published"
    ? publishedRows(parts)
    : correctedRows({ ...parts, positions, shorterRows: input.shorterRows ?? "candidates" });
}

function requireMode(map: VocabularyMap, positions: Positions, mode: Mode): void {
  if (map.mode !== mode) {
    throw new Problem("stale", `The vocabulary map was made in ${map.mode} mode, not in ${mode}.`, {
      next: "Build the map again.",
    });
  }
  if (mode === "published" && positions !== "dtw") {
    throw new Problem("unsupported", "The published code pairs positions by dtw only.", {
      next: "Choose positions: dtw, or mode: corrected.",
    });
  }
}

function requireSameText({ target, source, representation }: AlignRowsInput): void {
  const tokens = source.encoding.ids.length;
  if (representation.rows > tokens + 1) {
    throw new Error(`a representation of ${representation.rows} rows for ${tokens} tokens`);
  }
  const [own, foreign] = [target, source].map(({ encoding }) => encoding.ends.at(-1) ?? 0);
  if (own !== foreign) throw new Error(`a text of ${own} bytes was aligned with one of ${foreign}`);
}

/** A source that has no row anywhere in a chunk, for one reason: its tokenizer refuses the text, for example. */
export function noRows(rows: number, reason: NoRowReason): AlignedRepresentation {
  return {
    rows,
    offsets: new Int32Array(rows + 1),
    ids: new Int32Array(0),
    probs: new Float32Array(0),
    leftOver: new Float32Array(rows).fill(1),
    outcome: new Uint8Array(rows).fill(noRowReasons.indexOf(reason) + 1),
    boundaryCase: new Uint8Array(rows).fill(noBoundaryCase),
    goldNats: new Float32Array(rows).fill(Number.NaN),
    noTargetToken: new Float32Array(rows),
    duplicateDropped: new Float32Array(rows),
    merged: new Float32Array(rows),
  };
}
