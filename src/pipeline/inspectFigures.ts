/**
 * What a fused text comes to in figures: arrays over all its positions for a picture of the whole, and one
 * position in full. Both read the same chunks that describePositions puts into words (positionDescription.ts);
 * nothing is aligned, weighed or fused here.
 */
import { type FusedRows, noFusedRow, noRowReasons } from "../core/fusion/representation.ts";
import { readRowMass } from "../core/fusion/rowMass.ts";
import { textNats } from "../core/fusion/scores.ts";
import { bitsPerByte } from "../core/metrics/bitsPerByte.ts";
import { utf8Length } from "../core/text/bytes.ts";
import type { DocumentFigures } from "../protocol/fusedFigures.ts";
import type { FusedChunk, FusedText } from "./inspectFusion.ts";
import { ownMassAt, sourceMassAt } from "./inspectMass.ts";

/** Without `warnings`: what a recipe with the settings would be warned of. `approximate`: see the view's protocol. */
export function documentFigures(
  text: FusedText,
  { approximate, warnings }: Pick<DocumentFigures, "approximate" | "warnings">,
): DocumentFigures {
  const arrays = emptyFigures(text);
  for (const [c, chunk] of text.chunks.entries()) fillChunk(arrays, chunk, c);
  return {
    text: text.reading.chunks.map((chunk) => chunk.text).join(""),
    families: text.reading.models.map(({ tokenizer }) => tokenizer.family),
    ...arrays,
    summary: summaryOf(text, arrays),
    approximate,
    warnings,
  };
}

type Arrays = Omit<
  DocumentFigures,
  "text" | "families" | "summary" | "approximate" | "warnings"
> & {
  readonly tokens: string[];
};

function emptyFigures({ chunks, reading }: FusedText): Arrays {
  const positions = chunks.reduce((sum, { fused }) => sum + fused.rows, 0);
  const cells = positions * reading.models.length;
  const unknown = (length: number): Float32Array => new Float32Array(length).fill(Number.NaN);
  return {
    positions,
    tokens: [],
    ids: new Int32Array(positions),
    byteStarts: new Int32Array(positions),
    byteEnds: new Int32Array(positions),
    chunks: new Int32Array(positions),
    bits: unknown(cells),
    fusedBits: unknown(positions),
    fusedBound: new Uint8Array(positions),
    entropy: unknown(cells),
    fusedEntropy: unknown(positions),
    weights: new Float32Array(cells),
    lost: new Float32Array(cells),
    leftOver: new Float32Array(cells),
    reasons: new Uint8Array(cells),
  };
}

function fillChunk(into: Arrays, chunk: FusedChunk, number: number): void {
  const { target, sources, firstPosition, firstByte, fused, rowWeights } = chunk;
  const { ids, ends } = target.encoding;
  const labels = chunk.labels[0];
  const models = 1 + sources.length;
  for (let row = 0; row < fused.rows; row++) {
    const at = firstPosition + row;
    const cell = at * models;
    const start = row === 0 ? 0 : ends[row - 1];
    into.tokens.push(target.tokenizer.table.pieces[labels[row]] ?? `<${labels[row]}>`);
    into.ids[at] = labels[row];
    into.byteStarts[at] = firstByte + start;
    into.byteEnds[at] = firstByte + (row < ids.length ? ends[row] : start);
    into.chunks[at] = number;
    for (let m = 0; m < models; m++) into.weights[cell + m] = rowWeights[row * models + m];

    const own = ownMassAt(chunk, row);
    into.bits[cell] = target.representation.nats[row] / Math.LN2;
    into.leftOver[cell] = own.leftOver;
    into.entropy[cell] = ownEntropy(chunk, row, labels[row]);
    for (const [s, { aligned }] of sources.entries()) {
      const place = cell + s + 1;
      into.reasons[place] = aligned.outcome[row];
      if (aligned.outcome[row] !== 0) continue;
      const mass = sourceMassAt(chunk, s, row);
      into.bits[place] = aligned.goldNats[row] / Math.LN2;
      into.entropy[place] = rowEntropy(aligned, row);
      into.lost[place] = mass.noTargetToken + mass.duplicateDropped;
      into.leftOver[place] = mass.leftOver;
    }
    if (fused.from[row] === noFusedRow) continue;
    const loss = fusedLoss(chunk, row, labels[row]);
    into.fusedBits[at] = loss.bits;
    into.fusedBound[at] = loss.bound ? 1 : 0;
    into.fusedEntropy[at] = rowEntropy(fused, row);
  }
}

/** In bits, what no entry holds as one token. */
function rowEntropy(
  { offsets, probs, leftOver }: Pick<FusedRows, "offsets" | "probs" | "leftOver">,
  row: number,
): number {
  let bits = surprise(leftOver[row]);
  for (let i = offsets[row]; i < offsets[row + 1]; i++) bits += surprise(probs[i]);
  return bits;
}

function ownEntropy({ target, settings }: FusedChunk, row: number, label: number): number {
  const { temperature } = settings.representation;
  const { probs } = readRowMass(target.representation, row, label, temperature);
  let bits = 0;
  let sum = 0;
  for (const p of probs) {
    bits += surprise(p);
    sum += p;
  }
  return bits + surprise(Math.max(0, 1 - sum));
}

const surprise = (p: number): number => (p > 0 ? -p * Math.log2(p) : 0);

/**
 * Where the row holds the true next token, its loss; else the bound that follows from what no candidate's entry
 * holds. A renormalised row says that nothing lies beyond it: there the mass counts that was scaled away.
 */
export function fusedLoss(
  chunk: FusedChunk,
  row: number,
  label: number,
): { readonly bits: number; readonly bound: boolean } {
  const { fused, sources, rowWeights, settings } = chunk;
  for (let i = fused.offsets[row]; i < fused.offsets[row + 1]; i++) {
    if (fused.ids[i] === label && fused.probs[i] > 0) {
      return { bits: -Math.log2(fused.probs[i]), bound: false };
    }
  }
  let beyond = fused.leftOver[row];
  if (settings.fusion.tail === "renormalise") {
    const candidates = 1 + sources.length;
    beyond = rowWeights[row * candidates] * (1 - ownMassAt(chunk, row).mapped);
    for (const s of sources.keys()) {
      const weight = rowWeights[row * candidates + s + 1];
      if (weight > 0) beyond += weight * (1 - sourceMassAt(chunk, s, row).mapped);
    }
  }
  return { bits: -Math.log2(Math.min(1, Math.max(beyond, smallestMass))), bound: true };
}

/** The smallest probability that a row's 32-bit numbers tell from 0. */
const smallestMass = 2 ** -149;

function summaryOf(text: FusedText, arrays: Arrays): DocumentFigures["summary"] {
  const { chunks, reading } = text;
  const models = reading.models.length;
  const hasAny = Array.from({ length: models }, (_, m) =>
    chunks.some(({ sources }) => m === 0 || sources[m - 1].aligned.outcome.includes(0)),
  );
  const sums = new Float64Array(models);
  let fusedBits = 0;
  let positions = 0;
  let bytes = 0;
  let bounds = 0;
  let of = 0;
  for (let i = 0; i < arrays.positions; i++) {
    const isEnd = i + 1 === arrays.positions || arrays.chunks[i + 1] !== arrays.chunks[i];
    if (isEnd) continue; // predicts the end of the text, which has no bytes
    of++;
    const row = arrays.bits.subarray(i * models, (i + 1) * models);
    const all = hasAny.every((has, m) => !has || !Number.isNaN(row[m]));
    if (!all || Number.isNaN(arrays.fusedBits[i])) continue;
    positions++;
    bytes += arrays.byteEnds[i] - arrays.byteStarts[i];
    bounds += arrays.fusedBound[i];
    fusedBits += arrays.fusedBits[i];
    for (let m = 0; m < models; m++) sums[m] += row[m];
  }
  const perByte = (bits: number): number | null => (bytes === 0 ? null : bits / bytes);
  return {
    models: Array.from(sums, (bits, m) => ({
      bitsPerByte: hasAny[m] ? perByte(bits) : null,
      positions: hasAny[m] ? positions : 0,
      bytes: hasAny[m] ? bytes : 0,
      ownBitsPerByte: ownBitsPerByte(text, m),
    })),
    fused: { bitsPerByte: perByte(fusedBits), atLeast: bounds > 0, bounds, positions, of },
    weights: meanWeights(text),
    fallbacks: Array.from({ length: models }, (_, m) => (m === 0 ? {} : noRowCounts(chunks, m))),
  };
}

function ownBitsPerByte({ reading }: FusedText, model: number): number | null {
  let nats = 0;
  let bytes = 0;
  for (const { text, reads } of reading.chunks) {
    const read = reads[model];
    if (read === undefined) return null;
    nats += textNats(read.representation);
    bytes += utf8Length(text);
  }
  return bytes === 0 ? null : bitsPerByte(nats, bytes);
}

function meanWeights({ chunks, reading }: FusedText): (number | null)[] {
  const positions = chunks.reduce((sum, { fused }) => sum + fused.rows, 0);
  return reading.models.map((_, m) => {
    let mean = 0;
    for (const { weights, fused } of chunks) {
      if (weights === undefined) return null;
      mean += (weights[m] * fused.rows) / positions;
    }
    return mean;
  });
}

/** Reasons that occur. The same counts as the tally's. */
function noRowCounts(chunks: readonly FusedChunk[], model: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of noRowReasons) {
    const count = chunks.reduce(
      (sum, { tally }) => sum + tally.sources[model - 1].noRow[reason],
      0,
    );
    if (count > 0) counts[reason] = count;
  }
  return counts;
}
