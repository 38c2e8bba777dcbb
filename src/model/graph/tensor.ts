/**
 * A graph under construction and the tensors in it. Every shape is known while building. Operators (the other
 * files of this folder) emit ONNX nodes and record how an adjoint passes back through them; `gradients` walks
 * that record backwards and emits the backward pass as ordinary nodes of the same graph (reverse mode, as in
 * micrograd, but at construction time). Nothing is computed here.
 */

import {
  type Attributes,
  type ElementType,
  encodeModel,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxValue,
} from "./onnx.ts";

export type Shape = readonly number[];

export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
}

/**
 * Which ONNX Runtime kernels the nodes must suit. On "webgpu" (1.30) FusedMatMul has no kernel, and
 * SimplifiedLayerNormalization's second output is wrong.
 */
export type Target = "cpu" | "webgpu";

/**
 * What an operator adds to an input's adjoint: a tensor, or a function that takes the sum so far and answers
 * the new sum, for operators that can add for free. A function is called only if the adjoint is wanted.
 */
export type Contribution = Tensor | ((sum: Tensor | undefined) => Tensor) | undefined;

/** Vector–Jacobian product: from the output's adjoint to the inputs', in their order. */
export type Pullback = (adjoint: Tensor) => readonly Contribution[];

/** The same for several outputs, of which some may have no adjoint. */
export type JointPullback = (adjoints: readonly (Tensor | undefined)[]) => readonly Contribution[];

interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly pullback: JointPullback;
}

export interface NodeOptions {
  readonly attributes?: Attributes;
  readonly domain?: string;
  /** Element type of the outputs, or of each; float32 if not said. */
  readonly type?: ElementType | readonly ElementType[];
}

export class Graph {
  private readonly nodes: OnnxNode[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly initializers: OnnxInitializer[] = [];
  private readonly constants = new Map<string, Tensor>();
  private readonly tape: TapeEntry[] = [];
  private taping = true;
  private names = 0;

  constructor(readonly target: Target = "cpu") {}

  input(name: string, shape: Shape, type: ElementType = "float32"): Tensor {
    this.inputs.push({ name, shape, type });
    return { graph: this, name, shape, type };
  }

  output(name: string, tensor: Tensor): void {
    // A tensor may be two outputs or an input; ONNX Runtime removes the Identity where it can.
    this.addNode("Identity", [tensor], [name], {});
    this.outputs.push({ name, shape: tensor.shape, type: tensor.type });
  }

  /** A float32 constant. Only for small ones: they are part of the model's bytes. */
  floats(values: ArrayLike<number>, shape: Shape): Tensor {
    return this.constant(Float32Array.from(values), shape, "float32");
  }

  scalar(value: number): Tensor {
    return this.floats([value], []);
  }

  /** An int64 constant; one-dimensional if no shape is given. */
  integers(values: readonly number[], shape: Shape = [values.length]): Tensor {
    return this.constant(BigInt64Array.from(values, BigInt), shape, "int64");
  }

  /** Adds a node with one output. Operators that can be differentiated `record` it too. */
  emit(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    shape: Shape,
    options: NodeOptions = {},
  ): Tensor {
    return this.emitMany(op, inputs, [shape], options)[0];
  }

  /** Adds a node with an output for each shape. */
  emitMany(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    shapes: readonly Shape[],
    options: NodeOptions = {},
  ): Tensor[] {
    const { type = "float32" } = options;
    const results = shapes.map((shape, index) => ({
      graph: this,
      name: this.freshName(op),
      shape,
      type: typeof type === "string" ? type : type[index],
    }));
    const names = results.map((result) => result.name);
    this.addNode(op, inputs, names, options);
    return results;
  }

  /** Says how adjoints pass back from `output` to `inputs`. Without effect inside `gradients` and `untaped`. */
  record(inputs: readonly Tensor[], output: Tensor, pullback: Pullback): void {
    // `gradients` asks only where there is an adjoint, so the one there is is there.
    this.recordJointly(inputs, [output], ([adjoint]) => pullback(adjoint!));
  }

  /** `record` for an operator with several outputs. */
  recordJointly(
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    pullback: JointPullback,
  ): void {
    if (this.taping) this.tape.push({ inputs, outputs, pullback });
  }

  /** Builds with operators without recording them: for operators that record one pullback for the whole. */
  untaped<T>(build: () => T): T {
    const outer = this.taping;
    this.taping = false;
    try {
      return build();
    } finally {
      this.taping = outer;
    }
  }

  /**
   * The adjoints of `wanted`, in its order, from adjoints that are known at the start: [loss, 1], or those of
   * the tensors a loss reads. Throws if one of `wanted` has no part in what has an adjoint.
   */
  gradients(known: Iterable<readonly [Tensor, Tensor]>, wanted: readonly Tensor[]): Tensor[] {
    return this.untaped(() => {
      const adjoints = new Map<string, Tensor>();
      for (const [tensor, adjoint] of known) addContribution(adjoints, tensor, adjoint);
      const dependent = this.dependentOn(wanted);
      for (const entry of this.tape.toReversed()) {
        if (!entry.inputs.some((input) => dependent.has(input.name))) continue;
        const incoming = entry.outputs.map((output) => adjoints.get(output.name));
        if (incoming.every((adjoint) => adjoint === undefined)) continue;
        const contributions = entry.pullback(incoming);
        entry.inputs.forEach((input, index) => {
          if (dependent.has(input.name)) addContribution(adjoints, input, contributions[index]);
        });
      }
      return wanted.map((tensor) => {
        const adjoint = adjoints.get(tensor.name);
        if (adjoint === undefined) throw new Error(`no gradient reaches ${tensor.name}`);
        return adjoint;
      });
    });
  }

  /** The model's bytes. Nodes and constants that no output needs are left out. */
  encode(name: string): Uint8Array {
    const needed = new Set(this.outputs.map((output) => output.name));
    const nodes: OnnxNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
      nodes.push(node);
    }
    const initializers = this.initializers.filter((initializer) => needed.has(initializer.name));
    const { inputs, outputs } = this;
    return encodeModel({ name, nodes: nodes.reverse(), inputs, outputs, initializers });
  }

  private constant(values: Float32Array | BigInt64Array, shape: Shape, type: ElementType): Tensor {
    const key = `${type} ${shape}: ${values}`;
    const known = this.constants.get(key);
    if (known) return known;
    const name = this.freshName("constant");
    this.initializers.push({ name, shape, type, data: new Uint8Array(values.buffer) });
    const tensor = { graph: this, name, shape, type };
    this.constants.set(key, tensor);
    return tensor;
  }

  private addNode(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    outputs: readonly string[],
    options: NodeOptions,
  ): void {
    const { attributes = {}, domain = "" } = options;
    const names = inputs.map((input) => input?.name ?? "");
    this.nodes.push({ op, domain, inputs: names, outputs, attributes });
  }

  // The slash keeps made-up names apart from inputs, which carry the names of parameters.
  private freshName(what: string): string {
    return `${what}/${this.names++}`;
  }

  /** Names of the recorded tensors that change when one of `tensors` does. */
  private dependentOn(tensors: readonly Tensor[]): Set<string> {
    const dependent = new Set(tensors.map((tensor) => tensor.name));
    for (const entry of this.tape) {
      if (!entry.inputs.some((input) => dependent.has(input.name))) continue;
      for (const output of entry.outputs) dependent.add(output.name);
    }
    return dependent;
  }
}

function addContribution(
  adjoints: Map<string, Tensor>,
  tensor: Tensor,
  contribution: Contribution,
): void {
  if (contribution === undefined) return;
  const sum = adjoints.get(tensor.name);
  if (typeof contribution === "function") adjoints.set(tensor.name, contribution(sum));
  else if (sum === undefined) adjoints.set(tensor.name, contribution);
  else adjoints.set(tensor.name, sum.graph.emit("Add", [sum, contribution], tensor.shape));
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The gradient of a scalar with respect to each of `wanted`. */
export const gradientsOf = (scalar: Tensor, wanted: readonly Tensor[]): Tensor[] =>
  scalar.graph.gradients([[scalar, scalar.graph.scalar(1)]], wanted);
