/** Rows of a table by their numbers. */

import { expand, reshape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Rows `ids` (int64 [n]) of `table` [rows, size], as [n, size]. `zero` is a run-time scalar 0 from which an
 * empty adjoint of the table is spread: a constant would be spread when the session is made, and stored.
 */
export function embedding(table: Tensor, ids: Tensor, zero: Tensor): Tensor {
  const { graph } = table;
  const count = ids.shape[0];
  const y = graph.emit("Gather", [table, ids], [count, table.shape[1]]);
  graph.record([table], [y], (dy) => [
    (sum) => {
      const start = sum ?? expand(zero, table.shape);
      return graph.emit("ScatterND", [start, reshape(ids, [count, 1]), dy], table.shape, {
        attributes: { reduction: { text: "add" } },
      });
    },
  ]);
  return y;
}
