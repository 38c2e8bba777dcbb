/** One position of a fused text in full, in the shape of the view: what positionDescription.ts says, and the mass. */
import { Problem } from "../core/problem.ts";
import type { FusedPosition } from "../protocol/fusedFigures.ts";
import type { InspectedPosition } from "./inspectedPosition.ts";
import type { FusedChunk, FusedText } from "./inspectFusion.ts";
import { ownMassAt, sourceMassAt } from "./inspectMass.ts";
import { modelLetter } from "./modelLetter.ts";
import { positionDescriber } from "./positionDescription.ts";

/** @throws Problem `badInput` where the text has no such position. */
export function fusedPosition(text: FusedText, position: number): FusedPosition {
  const chunk = text.chunks.find(({ firstPosition, fused }) => {
    return position >= firstPosition && position < firstPosition + fused.rows;
  });
  if (chunk === undefined) {
    throw new Problem("badInput", `The text has no position ${position}.`, {
      next: "Choose one that is shown.",
    });
  }
  const row = position - chunk.firstPosition;
  const described = positionDescriber(chunk)(row);
  const { token, next, weights, fused, taught } = described;
  return {
    position,
    after: textBefore(chunk, token.byteEnd - chunk.firstByte),
    next,
    columns: weights.map((weight, m) => ({
      letter: modelLetter(m),
      weight,
      ...(m === 0 ? ownColumn(chunk, described, row) : sourceColumn(chunk, described, m - 1, row)),
      ...rankOf(chunk, m, row),
    })),
    fused: { ...fused, from: giverLetter(chunk, fused.from) },
    taught,
  };
}

type Column = Omit<FusedPosition["columns"][number], "letter" | "weight" | "trueRank">;

function ownColumn(chunk: FusedChunk, { target }: InspectedPosition, row: number): Column {
  return {
    own: [],
    row: target.row,
    mass: ownMassAt(chunk, row),
    bits: target.nats / Math.LN2,
  };
}

function sourceColumn(
  chunk: FusedChunk,
  { sources }: InspectedPosition,
  source: number,
  row: number,
): Column {
  const { reason, case: boundary, own, row: entries, goldNats } = sources[source];
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(boundary === undefined ? {} : { case: boundary }),
    own: own.map(({ id, piece, p, to, becomes = "" }) => ({ id, piece, p, to, becomes })),
    row: entries,
    mass: sourceMassAt(chunk, source, row),
    bits: reason !== undefined || goldNats === null ? null : goldNats / Math.LN2,
  };
}

/** The true next token's place in what was kept of the model's own row, before it was cut to the top k. */
function rankOf(
  { reading, labels, sources }: FusedChunk,
  model: number,
  row: number,
): { readonly trueRank?: number } {
  const read = reading.reads[model];
  const at = model === 0 ? row : sources[model - 1].answering[row];
  if (read === undefined || at < 0 || at >= read.representation.rows) return {};
  const { topK, ids } = read.representation;
  const slot = ids.subarray(at * topK, (at + 1) * topK).indexOf(labels[model][at]);
  return slot < 0 ? {} : { trueRank: slot + 1 };
}

function giverLetter({ target, sources }: FusedChunk, from: string): string {
  const giver = [target, ...sources].findIndex(({ label }) => label === from);
  return giver < 0 ? from : modelLetter(giver);
}

const mostShown = 80;

/** A boundary inside a character shows the text before that character. */
function textBefore({ reading }: FusedChunk, byte: number): string {
  const bytes = Buffer.from(reading.text, "utf8");
  let end = byte;
  while (end > 0 && end < bytes.length && (bytes[end] & 0xc0) === 0x80) end--;
  const start = Math.max(0, end - 4 * mostShown);
  const before = [...bytes.toString("utf8", start, end)].slice(-mostShown).join("");
  return before.replace(/^\uFFFD+/, "");
}
