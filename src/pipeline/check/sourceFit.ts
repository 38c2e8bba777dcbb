/**
 * How well a source fits the target before either has read anything: what their vocabularies have in common, and
 * where their tokens end at the same byte. Counts over a sample of the text, by the functions a run uses.
 */
import {
  type BoundaryCase,
  boundaryCases,
  noBoundaryCase,
} from "../../core/fusion/representation.ts";
import { sharedPositions } from "../../core/fusion/sharedPositions.ts";
import { bytesKey } from "../../core/text/bytes.ts";
import { sequenceOf } from "../../core/text/sequence.ts";
import type { Encoding, EncodingRefusal, TextTokenizer } from "../../core/text/tokenizer.ts";
import type { VocabularyMap } from "../../core/vocabulary/vocabularyMap.ts";

/** So many of so many. */
export interface Part {
  readonly count: number;
  readonly of: number;
}

export interface SourceFit {
  readonly sameTokenizer: boolean;
  /** Tokens of the source whose bytes are one token of the target: in its vocabulary, and in use in the sample. */
  readonly vocabulary: Part;
  readonly inUse: Part;
  /** Target positions, BOS among them, at which a token of the source ends too. */
  readonly sharedEnds: Part;
  /** How the true next tokens relate at those. */
  readonly cases: Readonly<Record<BoundaryCase, number>>;
  /** Of those, where the source's true next token stands for the target's. Absent where no map was made. */
  readonly nextMapped?: Part;
  /** Chunks that the source's tokenizer cannot reproduce, and the first of them. */
  readonly differing: Part & { readonly first?: string };
}

/** A chunk as the two read it. */
export interface ReadTwice {
  readonly id: string;
  readonly target: Encoding;
  readonly source: Encoding | EncodingRefusal;
}

/** The tokenizers name BOS or EOS. `map`, where there is one, is theirs. */
export function sourceFit(
  target: TextTokenizer,
  source: TextTokenizer,
  chunks: readonly ReadTwice[],
  map?: VocabularyMap,
): SourceFit {
  const isShared = sharedTokens(target, source);
  const cases = { same: 0, longer: 0, shorter: 0, overshoot: 0 };
  let used = 0;
  let usedShared = 0;
  let positions = 0;
  let shared = 0;
  let mapped = 0;
  let differing = 0;
  let first: string | undefined;
  for (const { id, target: own, source: foreign } of chunks) {
    if (!("ids" in foreign)) {
      differing++;
      first ??= `${id}: ${foreign.detail}`;
      continue;
    }
    used += foreign.ids.length;
    for (const token of foreign.ids) usedShared += isShared[token];
    const wanted = sequenceOf(target, own).labels;
    const said = sequenceOf(source, foreign).labels;
    const { sourceRow, boundaryCase } = sharedPositions(own, foreign, {
      rows: said.length,
      nats: new Float32Array(said.length),
    });
    positions += wanted.length;
    for (const [row, at] of sourceRow.entries()) {
      if (at < 0) continue;
      shared++;
      if (boundaryCase[row] !== noBoundaryCase) cases[boundaryCases[boundaryCase[row]]]++;
      if (map?.targetOf[said[at]] === wanted[row]) mapped++;
    }
  }
  return {
    sameTokenizer: source.fingerprint === target.fingerprint,
    vocabulary: vocabularyPart(source, isShared),
    inUse: { count: usedShared, of: used },
    sharedEnds: { count: shared, of: positions },
    cases,
    ...(map === undefined ? {} : { nextMapped: { count: mapped, of: shared } }),
    differing: { count: differing, of: chunks.length, ...(first === undefined ? {} : { first }) },
  };
}

/** By source id: 1 where the target has a token of the same bytes. */
function sharedTokens(target: TextTokenizer, source: TextTokenizer): Uint8Array {
  return Uint8Array.from(source.table.bytes, (bytes) =>
    bytes !== undefined && target.table.idByBytes.has(bytesKey(bytes)) ? 1 : 0,
  );
}

function vocabularyPart({ table }: TextTokenizer, isShared: Uint8Array): Part {
  let of = 0;
  for (const bytes of table.bytes) if (bytes !== undefined) of++;
  return { count: isShared.reduce((sum, one) => sum + one, 0), of };
}

/** A part as a share, 1 where there is nothing to have a part of. */
export const shareOf = ({ count, of }: Part): number => (of === 0 ? 1 : count / of);
