/**
 * Reading and writing safetensors files (format: github.com/huggingface/safetensors) tensor by tensor: never
 * the whole file in memory, only the tensor asked for and a small buffer. Weights are fp32 in memory
 * whatever they are on disk. Numbers lie in little-endian order in the file and, on every platform this
 * project runs on, in memory.
 */
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { elementCount } from "../architecture/config.ts";
import { placeFile } from "./atomicPlace.ts";
import { type HalfType, narrow, widen } from "./halfFloats.ts";
import { changed, type FileState, readFully, withFile } from "./outsideFile.ts";
import {
  broken,
  composeHeader,
  elementSize,
  headerLimit,
  parseHeader,
  type TensorEntry,
} from "./safetensorsHeader.ts";

/** The types in which weights are read and written. */
export type FloatType = "F32" | HalfType;

/** A file by its header; reading its tensors fails once the file is another. */
export interface SafetensorsFile extends FileState {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** fp32, row-major. */
  readonly data: Float32Array;
  /** The type it gets on disk, where it differs from the file's. */
  readonly type?: FloatType;
}

/** Elements converted at a time. */
const stepElements = 2 ** 20;

/** What a safetensors file holds, without its data. Throws a Problem that names the file and what is wrong with it. */
export function readHeader(file: string): Promise<SafetensorsFile> {
  return withFile(file, async (handle, state) => {
    const { size } = state;
    const length = await readHeaderLength(handle, size, file);
    const bytes = new Uint8Array(length);
    if (!(await readFully(handle, bytes, 8))) throw changed(file);
    const text = decodeHeader(bytes, file);
    const place = { file, dataStart: 8 + length, fileSize: size };
    return { file, ...state, ...parseHeader(text, place) };
  });
}

export function isFloatType(type: string): type is FloatType {
  return type === "F32" || type === "F16" || type === "BF16";
}

/** One tensor of the file, widened to fp32. Throws a Problem where its type is no float of 32 or 16 bits. */
export async function readTensor(source: SafetensorsFile, name: string): Promise<Float32Array> {
  const entry = entryOf(source, name);
  const { type } = entry;
  if (!isFloatType(type)) {
    const file = path.basename(source.file);
    throw new Problem(
      "unsupported",
      `Tensor "${name}" in ${file} has the type ${type}; F32, F16 and BF16 are read.`,
      { file: source.file, next: "Convert the checkpoint to one of these with transformers." },
    );
  }
  return withUnchanged(source, async (read) => {
    const values = new Float32Array(elementCount(entry.shape));
    if (type === "F32") await read(bytesOf(values), entry.start);
    else await readHalves(type, values, (into, at) => read(into, entry.start + at));
    return values;
  });
}

/** Shows `visit` the bytes `from` up to `to` of a tensor as they lie in the file, a few MiB at a time. */
export function scanTensor(
  source: SafetensorsFile,
  name: string,
  visit: (bytes: Uint8Array) => void,
  range?: { readonly from: number; readonly to: number },
): Promise<void> {
  const { start, end } = entryOf(source, name);
  const from = start + (range?.from ?? 0);
  const to = range === undefined ? end : start + range.to;
  return withUnchanged(source, async (read) => {
    const buffer = new Uint8Array(Math.min(4 * stepElements, to - from));
    for (let at = from; at < to; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, to - at));
      await read(bytes, at);
      visit(bytes);
    }
  });
}

/**
 * Writes the tensors in the order a reader wants them (widest type first, then by name) and in the type
 * asked for, rounded to nearest even. The file appears whole or not at all. Throws a Problem where a finite
 * number does not fit a 16-bit type.
 */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<TensorToWrite>,
  options: { readonly dtype: FloatType; readonly metadata?: Readonly<Record<string, string>> },
): Promise<void> {
  const all = [...tensors].map((tensor) => ({ ...tensor, type: tensor.type ?? options.dtype }));
  checkWritable(all);
  all.sort((a, b) => elementSize(b.type) - elementSize(a.type) || (a.name < b.name ? -1 : 1));
  // transformers refuses files that do not say which framework their tensors are laid out for.
  const header = composeHeader(all, { format: "pt", ...options.metadata });
  await placeFile(file, async (handle) => {
    await handle.writeFile(header);
    for (const tensor of all) await writeTensor(handle, tensor, file);
  });
}

type Read = (into: Uint8Array, position: number) => Promise<void>;

/** Reads from a file that must still be the one whose header was read. */
function withUnchanged<T>(source: SafetensorsFile, use: (read: Read) => Promise<T>): Promise<T> {
  const { file } = source;
  return withFile(file, async (handle, { size, modified }) => {
    if (size !== source.size || modified !== source.modified) throw changed(file);
    return use(async (into, position) => {
      if (!(await readFully(handle, into, position))) throw changed(file);
    });
  });
}

function entryOf({ file, tensors }: SafetensorsFile, name: string): TensorEntry {
  const entry = tensors.get(name);
  if (entry !== undefined) return entry;
  throw new Problem("missing", `${path.basename(file)} has no tensor "${name}".`, {
    file,
    next: "Check that the file belongs to this model.",
  });
}

async function readHeaderLength(handle: FileHandle, size: number, file: string): Promise<number> {
  const bytes = new Uint8Array(8);
  if (size < 8 || !(await readFully(handle, bytes, 0))) {
    throw broken(file, `it has ${size} bytes, too few for a header`);
  }
  const length = new DataView(bytes.buffer).getBigUint64(0, true);
  if (length > BigInt(size - 8)) {
    throw broken(file, `its header should have ${length} bytes and the file has ${size}`);
  }
  if (length > BigInt(headerLimit)) {
    throw broken(file, `its header has ${length} bytes and may have ${headerLimit}`);
  }
  return Number(length);
}

function decodeHeader(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw broken(file, "its header is not UTF-8", cause);
  }
}

async function readHalves(type: HalfType, values: Float32Array, read: Read): Promise<void> {
  const buffer = new Uint16Array(Math.min(stepElements, values.length));
  for (let at = 0; at < values.length; at += buffer.length) {
    const bits = buffer.subarray(0, Math.min(buffer.length, values.length - at));
    await read(bytesOf(bits), at * 2);
    widen(type, bits, values, at);
  }
}

async function writeTensor(
  handle: FileHandle,
  tensor: TensorToWrite & { readonly type: FloatType },
  file: string,
): Promise<void> {
  const { name, data, type } = tensor;
  const buffer = type === "F32" ? undefined : new Uint16Array(Math.min(stepElements, data.length));
  for (let at = 0; at < data.length; at += stepElements) {
    const values = data.subarray(at, at + stepElements);
    if (type === "F32" || buffer === undefined) {
      await handle.writeFile(bytesOf(values));
      continue;
    }
    const bits = buffer.subarray(0, values.length);
    const overflow = narrow(type, values, bits);
    if (overflow >= 0) {
      throw new Problem(
        "failed",
        `"${name}" holds ${values[overflow]}, which ${type} cannot; ${path.basename(file)} was not written.`,
        { file, next: "Write the model as F32 or BF16, or train with a smaller learning rate." },
      );
    }
    await handle.writeFile(bytesOf(bits));
  }
}

function checkWritable(tensors: readonly TensorToWrite[]): void {
  const names = new Set(["__metadata__"]);
  for (const { name, shape, data } of tensors) {
    if (names.has(name)) throw new Error(`writeSafetensors: "${name}" is given twice or reserved`);
    names.add(name);
    if (data.length !== elementCount(shape)) {
      throw new Error(`writeSafetensors: "${name}" has ${data.length} elements, not ${shape}`);
    }
  }
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
