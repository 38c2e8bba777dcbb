/** An alignment for programs. What a method was not asked for has no key; −1 is written as null. */
import {
  type AlignedSide,
  alignmentOutcomes,
  noAnswer,
  type TokenAlignment,
} from "../core/alignment/alignTokens.ts";
import type { Mode } from "../core/mode.ts";

export interface AlignmentDocument {
  readonly mode: Mode;
  readonly target: SideDocument;
  readonly source: SideDocument;
  /** Pairs [source token, target token], from the first to the last. */
  readonly path?: readonly (readonly number[])[];
  /** Edits along the path. */
  readonly cost?: number;
  /** [s0, s1, t0, t1]: source tokens s0 … s1 − 1 spell the bytes of target tokens t0 … t1 − 1. */
  readonly groups?: readonly (readonly number[])[];
  readonly targetToSource: readonly (readonly number[])[];
  readonly answers: {
    readonly dtw?: readonly (number | null)[];
    readonly bytes?: readonly (number | null)[];
  };
  readonly outcome?: readonly string[];
  readonly stats: TokenAlignment["stats"];
}

interface SideDocument {
  /** The tokenizer's; absent where pieces alone were given, as are ids and ends. */
  readonly name?: string;
  readonly tokens: readonly string[];
  readonly ids?: readonly number[];
  readonly byteEnds?: readonly number[];
}

export function alignmentDocument(
  alignment: TokenAlignment,
  mode: Mode,
  names: { readonly target: string | undefined; readonly source: string | undefined },
): AlignmentDocument {
  const { path, cost, groups, answers, outcome } = alignment;
  return {
    mode,
    target: sideDocument(alignment.target, names.target),
    source: sideDocument(alignment.source, names.source),
    ...(path === undefined ? {} : { path: tuples(path, 2) }),
    ...(cost === undefined ? {} : { cost }),
    ...(groups === undefined ? {} : { groups: tuples(groups, 4) }),
    targetToSource: alignment.targetToSource.map((list) => Array.from(list)),
    answers: {
      ...(answers.dtw === undefined ? {} : { dtw: orNull(answers.dtw) }),
      ...(answers.bytes === undefined ? {} : { bytes: orNull(answers.bytes) }),
    },
    ...(outcome === undefined
      ? {}
      : { outcome: Array.from(outcome, (code) => alignmentOutcomes[code] ?? "neither") }),
    stats: alignment.stats,
  };
}

function sideDocument(side: AlignedSide, name: string | undefined): SideDocument {
  const { tokens, ids, byteEnds } = side;
  return {
    ...(name === undefined ? {} : { name }),
    tokens,
    ...(ids === undefined ? {} : { ids: Array.from(ids) }),
    ...(byteEnds === undefined ? {} : { byteEnds: Array.from(byteEnds) }),
  };
}

function tuples(flat: Int32Array, size: number): number[][] {
  const lists: number[][] = [];
  for (let i = 0; i < flat.length; i += size) lists.push(Array.from(flat.subarray(i, i + size)));
  return lists;
}

const orNull = (answers: Int32Array): (number | null)[] =>
  Array.from(answers, (answer) => (answer === noAnswer ? null : answer));
