/** What FUSED and TAUGHT say of one line, and what is known of the true token outside a model's row. */
import type { DetailRow } from "./detailRows.ts";
import type { DetailTableInput } from "./detailTableInput.ts";
import { beyondFigure, openFigure, probabilityFigure, taughtFigure } from "./probabilityCell.ts";

/** Nothing, a probability, or the bound of a true token beyond the candidates. */
export function fusedFigure({ bound }: DetailTableInput, row: DetailRow): HTMLElement[] {
  if (row.fused !== null) return [probabilityFigure(row.fused)];
  return row.isTrue && bound !== undefined ? [openFigure(bound)] : [];
}

export function taughtFigures({ taught }: DetailTableInput, row: DetailRow): HTMLElement[] {
  if (row.taught === null) return [];
  return [taughtFigure(row.taught, row.isTrue ? taught.label : 0)];
}

/** The true next token in a model that has it outside its row. */
export function trueBeyond(
  { position }: DetailTableInput,
  row: DetailRow,
  model: number,
): HTMLElement[] {
  const { bits, letter } = position.columns[model];
  if (!row.isTrue || bits === null) return [];
  const why =
    model === 0
      ? "Outside the target's top k; its loss is known all the same."
      : "Not among what the map gives; the source's probability of its bytes is known all the same.";
  return [beyondFigure(2 ** -bits, why, letter)];
}
