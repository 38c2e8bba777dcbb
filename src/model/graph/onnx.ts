/**
 * Writes ONNX models as protobuf (onnx.proto3, IR version 10), only the messages that generated graphs need:
 * nodes with number, string and list attributes, small initialisers, typed inputs and outputs. Written by hand
 * because the whole encoder is smaller than the glue to a generated one. It does not read ONNX, and it is not
 * for weights: those are graph inputs, which keeps a model far below protobuf's 2 GB.
 */

export type ElementType = "float32" | "int64" | "bool";

const elementTypeCode: Record<ElementType, number> = { float32: 1, int64: 7, bool: 9 };

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/** The domain of ONNX Runtime's own operators; the standard ones have the empty domain. */
export const contributedDomain = "com.microsoft";

export interface OnnxNode {
  readonly op: string;
  readonly domain: string;
  /** Value names; the empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A constant; `data` is little-endian, row-major. */
export interface OnnxInitializer extends OnnxValue {
  readonly data: Uint8Array;
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which every node comes after those it reads. */
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
}

const irVersion = 10;
const standardOpset = 21;
const contributedOpset = 1;

/** The bytes of a .onnx file. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  return new Message()
    .integer(1, irVersion)
    .text(2, "fuselab")
    .message(7, graphMessage(graph))
    .message(8, new Message().text(1, "").integer(2, standardOpset))
    .message(8, new Message().text(1, contributedDomain).integer(2, contributedOpset))
    .finish();
}

function graphMessage(graph: OnnxGraph): Message {
  const message = new Message();
  graph.nodes.forEach((node, index) => {
    message.message(1, nodeMessage(node, `${node.op}_${index}`));
  });
  message.text(2, graph.name);
  for (const initializer of graph.initializers) message.message(5, initializerMessage(initializer));
  for (const input of graph.inputs) message.message(11, valueMessage(input));
  for (const output of graph.outputs) message.message(12, valueMessage(output));
  return message;
}

function nodeMessage(node: OnnxNode, name: string): Message {
  const message = new Message();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, name).text(4, node.op);
  for (const [key, attribute] of Object.entries(node.attributes)) {
    message.message(5, attributeMessage(key, attribute));
  }
  return message.text(7, node.domain);
}

function attributeMessage(name: string, attribute: Attribute): Message {
  const message = new Message().text(1, name);
  if ("float" in attribute) return message.float(2, attribute.float).integer(20, 1);
  if ("int" in attribute) return message.integer(3, attribute.int).integer(20, 2);
  if ("text" in attribute) return message.text(4, attribute.text).integer(20, 3);
  for (const value of attribute.ints) message.integer(8, value);
  return message.integer(20, 7);
}

function initializerMessage(initializer: OnnxInitializer): Message {
  const message = new Message();
  for (const size of initializer.shape) message.integer(1, size);
  return message
    .integer(2, elementTypeCode[initializer.type])
    .text(8, initializer.name)
    .bytes(9, initializer.data);
}

function valueMessage(value: OnnxValue): Message {
  const shape = new Message();
  for (const size of value.shape) shape.message(1, new Message().integer(1, size));
  const tensorType = new Message().integer(1, elementTypeCode[value.type]).message(2, shape);
  return new Message().text(1, value.name).message(2, new Message().message(1, tensorType));
}

const wireVarint = 0;
const wireBytes = 2;
const wireFixed32 = 5;
const textEncoder = new TextEncoder();

/** One protobuf message under construction. Fields stand in the order of the calls. */
class Message {
  private buffer = new Uint8Array(64);
  private length = 0;

  integer(field: number, value: number): this {
    this.tag(field, wireVarint);
    this.varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.tag(field, wireFixed32);
    this.reserve(4);
    new DataView(this.buffer.buffer).setFloat32(this.length, value, true);
    this.length += 4;
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, wireBytes);
    this.varint(value.length);
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, textEncoder.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  // Negative numbers are sent as their 64-bit two's complement, as protobuf's int64 wants it.
  private varint(value: number): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.buffer[this.length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.length + count, 2 * this.buffer.length));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}
