/**
 * The two ONNX programs FuseLab runs: one reads text (nats of the true token, top k), one answers the fusion
 * loss with the gradient of every parameter. Parameters are inputs under their Hugging Face names; accumulation
 * over batches, clipping and the optimiser are outside. A program is for one batch shape.
 */

import type { ModelConfig } from "../architecture/config.ts";
import type { ForwardInputs } from "../architecture/forward.ts";
import { architectureOf, parametersOf } from "../architecture/parameters.ts";
import { add, negate } from "./elementwise.ts";
import { fusionLoss } from "./fusionLoss.ts";
import { linear } from "./linear.ts";
import { logSoftmax } from "./normalisation.ts";
import { after, chunkOf, defaultChunkRows, rowChunks } from "./rowChunks.ts";
import { concat, gatherColumns, largest, reshape } from "./shape.ts";
import { Graph, type Target, type Tensor } from "./tensor.ts";

export interface BatchShape {
  /** B */
  readonly rows: number;
  /** T */
  readonly length: number;
}

export interface TrainingOptions {
  /** K, slots of the teacher per position; may be 0. */
  readonly topK: number;
  /** At most this many rows of logits live at a time; chosen from the vocabulary if not said. */
  readonly lossRows?: number;
  readonly target?: Target;
}

export interface ReadingOptions {
  /** How many of the likeliest tokens to answer; 0 for none. */
  readonly topK: number;
  readonly lossRows?: number;
  readonly target?: Target;
}

/**
 * Loss and gradients, N = B·T. Inputs: the parameters; `tokens` int64 [N]; `positions`, `segments` int64 [B, T];
 * `labels` int64 [N]; `labelWeight`, `fusedWeight`, `fusedRest` [N]; `fusedIds` int64, `fusedProbs`,
 * `fusedUsed` [N, K]; `zero`, a scalar 0. Outputs: `clmLoss`, `fusionLoss`, weighted sums in nats;
 * `labelNats` [N], unweighted; and `d:<parameter>`, the gradient of the sum of the two losses.
 */
export function trainingProgram(
  config: ModelConfig,
  shape: BatchShape,
  options: TrainingOptions,
): Uint8Array {
  const graph = new Graph(options.target);
  const count = shape.rows * shape.length;
  const parameters = parameterInputs(graph, config);
  const inputs = batchInputs(graph, shape, parameters, graph.input("zero", []));
  const rows = {
    labels: graph.input("labels", [count], "int64"),
    labelWeight: graph.input("labelWeight", [count]),
    fusedWeight: graph.input("fusedWeight", [count]),
    fusedIds: graph.input("fusedIds", [count, options.topK], "int64"),
    fusedProbs: graph.input("fusedProbs", [count, options.topK]),
    fusedUsed: graph.input("fusedUsed", [count, options.topK]),
    fusedRest: graph.input("fusedRest", [count]),
  };
  const { hiddenStates, outputTable } = architectureOf(config);
  const hidden = hiddenStates(config, inputs);
  const table = inputs.weight(outputTable(config));
  const mostRows = options.lossRows ?? defaultChunkRows(config.vocabulary);
  const loss = fusionLoss(hidden, table, rows, mostRows);

  graph.output("clmLoss", loss.clmLoss);
  graph.output("fusionLoss", loss.fusionLoss);
  graph.output("labelNats", loss.labelNats);
  const known = [[hidden, loss.dHidden] as const, [table, loss.dTable] as const];
  const gradients = graph.gradients(known, [...parameters.values()]);
  [...parameters.keys()].forEach((name, index) => {
    graph.output(`d:${name}`, gradients[index]);
  });
  return graph.encode("training");
}

/**
 * What a model predicts, N = B·T. Inputs: the parameters, `tokens`, `positions`, `segments`, `labels` as above,
 * `vocabularyMask` [vocabulary], 0, or −1e30 for rows of the output that are no token. Outputs: `labelNats` [N],
 * −ln p(label); with topK > 0 `topLogProbs` [N, k] and `topIds` int64 [N, k], descending. The mask is added
 * after the softmax: it keeps ids out of the top k and changes no probability.
 */
export function readingProgram(
  config: ModelConfig,
  shape: BatchShape,
  options: ReadingOptions,
): Uint8Array {
  const graph = new Graph(options.target);
  const count = shape.rows * shape.length;
  const parameters = parameterInputs(graph, config);
  const inputs = batchInputs(graph, shape, parameters, graph.scalar(0));
  const labels = graph.input("labels", [count], "int64");
  const vocabularyMask = graph.input("vocabularyMask", [config.vocabulary]);
  const { hiddenStates, outputTable } = architectureOf(config);
  const hidden = hiddenStates(config, inputs);
  const table = inputs.weight(outputTable(config));

  const mostRows = options.lossRows ?? defaultChunkRows(config.vocabulary);
  const done: Predictions[] = [];
  for (const chunk of rowChunks(count, mostRows)) {
    const rows = chunkOf({ hidden, labels }, chunk);
    const h = after(rows.hidden, done.slice(-1).flatMap(finalTensors));
    done.push(predictions(linear(h, table), rows.labels, vocabularyMask, options.topK));
  }
  const join = (part: (read: Predictions) => Tensor): Tensor => concat(done.map(part), 0);
  graph.output(
    "labelNats",
    join((read) => read.labelNats),
  );
  if (options.topK > 0) {
    graph.output(
      "topLogProbs",
      join((read) => read.top!.logProbs),
    );
    graph.output(
      "topIds",
      join((read) => read.top!.ids),
    );
  }
  return graph.encode("reading");
}

interface Predictions {
  readonly labelNats: Tensor;
  readonly top: { readonly logProbs: Tensor; readonly ids: Tensor } | undefined;
}

const finalTensors = ({ labelNats, top }: Predictions): Tensor[] =>
  top ? [labelNats, top.logProbs] : [labelNats];

function predictions(
  logits: Tensor,
  labels: Tensor,
  vocabularyMask: Tensor,
  topK: number,
): Predictions {
  const [count] = labels.shape;
  const logProbs = logSoftmax(logits);
  const labelNats = negate(reshape(gatherColumns(logProbs, reshape(labels, [count, 1])), [count]));
  if (topK === 0) return { labelNats, top: undefined };
  const [values, ids] = largest(add(logProbs, vocabularyMask), topK);
  return { labelNats, top: { logProbs: values, ids } };
}

function parameterInputs(graph: Graph, config: ModelConfig): Map<string, Tensor> {
  return new Map(
    parametersOf(config).map(({ name, shape }) => [name, graph.input(name, shape)] as const),
  );
}

function batchInputs(
  graph: Graph,
  { rows, length }: BatchShape,
  parameters: ReadonlyMap<string, Tensor>,
  zero: Tensor,
): ForwardInputs {
  return {
    weight: (name) => {
      const tensor = parameters.get(name);
      if (tensor === undefined) throw new Error(`the model has no parameter ${name}`);
      return tensor;
    },
    tokens: graph.input("tokens", [rows * length], "int64"),
    positions: graph.input("positions", [rows, length], "int64"),
    segments: graph.input("segments", [rows, length], "int64"),
    zero,
  };
}
