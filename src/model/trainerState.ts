/**
 * Everything the next step of a training depends on besides its data, and its file: one safetensors file with
 * weights and both moments of each parameter, and the step and a checksum in its metadata. One file, because
 * it then appears whole or not at all, and every tool that knows the format can look into it.
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import {
  readHeader,
  readTensor,
  type SafetensorsFile,
  writeSafetensors,
} from "./checkpoint/safetensors.ts";
import type { Moments } from "./optimiser.ts";

export interface TrainerState {
  /** Updates made. */
  readonly step: number;
  /** Blocks computed at a time: sums depend on it in their last bits. */
  readonly microBatch: number;
  /** By the parameter's name. */
  readonly parameters: ReadonlyMap<string, Moments>;
}

const fileName = "trainer.safetensors";
const version = "1";
const arrayNames = ["weights", "first", "second"] as const;

/** Writes the state into `folder`, which is made if need be, in place of one that is there. */
export async function saveTrainerState(folder: string, state: TrainerState): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = [...state.parameters].flatMap(([name, moments]) =>
    arrayNames.map((array) => ({
      name: `${array}:${name}`,
      shape: [moments[array].length],
      data: moments[array],
    })),
  );
  const metadata = {
    version,
    step: String(state.step),
    microBatch: String(state.microBatch),
    sha256: checksum(state),
  };
  await writeSafetensors(path.join(folder, fileName), tensors, { dtype: "F32", metadata });
}

/**
 * The state that `folder` holds.
 * @throws Problem `missing` where there is none, `stale` where it is of another version, `badInput` where it is
 * damaged; each names the folder.
 */
export async function loadTrainerState(folder: string): Promise<TrainerState> {
  try {
    return await readState(path.join(folder, fileName));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(
      error.code,
      `The training state in ${path.basename(folder)} cannot be used: ${error.message}`,
      {
        file: path.join(folder, fileName),
        next: "Take an earlier state, or start again.",
        cause: error,
      },
    );
  }
}

async function readState(file: string): Promise<TrainerState> {
  const source = await readHeader(file);
  const { metadata } = source;
  if (metadata.version !== version) {
    throw new Problem(
      "stale",
      `it has version ${metadata.version ?? "none"}, and ${version} is read.`,
    );
  }
  const state = {
    step: countOf(metadata, "step"),
    microBatch: countOf(metadata, "microBatch"),
    parameters: await readParameters(source),
  };
  if (checksum(state) !== metadata.sha256) throw damaged("its content does not match its checksum");
  return state;
}

async function readParameters(source: SafetensorsFile): Promise<Map<string, Moments>> {
  const parameters = new Map<string, Moments>();
  for (const key of source.tensors.keys()) {
    const name = key.slice(key.indexOf(":") + 1);
    if (parameters.has(name)) continue;
    const [weights, first, second] = [
      await readTensor(source, `weights:${name}`),
      await readTensor(source, `first:${name}`),
      await readTensor(source, `second:${name}`),
    ];
    if (first.length !== weights.length || second.length !== weights.length) {
      throw damaged(`the arrays of "${name}" differ in length`);
    }
    parameters.set(name, { weights, first, second });
  }
  return parameters;
}

function countOf(metadata: Readonly<Record<string, string>>, key: string): number {
  const value = metadata[key] ?? "";
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw damaged(`its ${key} is "${value.slice(0, 40)}"`);
}

const damaged = (what: string): Problem => new Problem("badInput", `${what}.`);

/** SHA-256 over all that the state says, whatever order its parameters are in. */
function checksum({ step, microBatch, parameters }: TrainerState): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ version, step, microBatch }));
  for (const name of [...parameters.keys()].sort()) {
    const moments = parameters.get(name)!;
    hash.update(JSON.stringify({ name, length: moments.weights.length }));
    for (const array of arrayNames) hash.update(bytesOf(moments[array]));
  }
  return hash.digest("hex");
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
