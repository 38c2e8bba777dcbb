/** Rows of a table by their numbers. */

import { expand, reshape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Rows `ids` (int64 [n]) of `table` [rows, size], as [n, size]. `zero` is a run-time scalar 0 from which an
 * empty adjoint of the table is spread: a constant would be spread when the session is made, and stored.
 *
 * The adjoint is added up by ScatterElements, one id for every number, although ScatterND would take one a row:
 * on the CPU (1.30) ScatterND shares the rows out among threads that overwrite each other's sums where ids
 * repeat (onnxruntime issue 18048), and gradients come out too small without a word.
 */
export function embedding(table: Tensor, ids: Tensor, zero: Tensor): Tensor {
  const { graph } = table;
  const [count] = ids.shape;
  const shape = [count, table.shape[1]];
  const y = graph.emit("Gather", [table, ids], shape);
  graph.record([table], y, (dy) => [
    (sum) => {
      const start = sum ?? expand(zero, table.shape);
      const places = expand(reshape(ids, [count, 1]), shape);
      return graph.emit("ScatterElements", [start, places, dy], table.shape, {
        attributes: { axis: { int: 0 }, reduction: { text: "add" } },
      });
    },
  ]);
  return y;
}
