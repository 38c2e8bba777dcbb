/** The fusion loss alone as a program: hidden states and output table in, losses and gradients out. */
import { fusionLoss } from "../../src/model/graph/fusionLoss.ts";
import { Graph } from "../../src/model/graph/tensor.ts";

export interface LossSizes {
  readonly rows: number;
  readonly size: number;
  readonly vocabulary: number;
  readonly slots: number;
  /** Rows of logits at a time. */
  readonly mostRows: number;
}

/** Inputs `hidden`, `table` and those of LossRows; outputs those of LossWithGradient. */
export function lossProgram({ rows, size, vocabulary, slots, mostRows }: LossSizes): Uint8Array {
  const graph = new Graph();
  const loss = fusionLoss(
    graph.input("hidden", [rows, size]),
    graph.input("table", [vocabulary, size]),
    {
      labels: graph.input("labels", [rows], "int64"),
      labelWeight: graph.input("labelWeight", [rows]),
      fusedWeight: graph.input("fusedWeight", [rows]),
      fusedIds: graph.input("fusedIds", [rows, slots], "int64"),
      fusedProbs: graph.input("fusedProbs", [rows, slots]),
      fusedUsed: graph.input("fusedUsed", [rows, slots]),
      fusedRest: graph.input("fusedRest", [rows]),
    },
    mostRows,
  );
  for (const [name, tensor] of Object.entries(loss)) graph.output(name, tensor);
  return graph.encode("loss");
}
