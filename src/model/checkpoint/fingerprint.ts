/**
 * What tells one model from another: a SHA-256 over its configuration and its weights. It is the same for
 * the same model in another folder, on another machine or cut into other shards, and another after any
 * training. Weights of up to half a GiB are hashed whole; of more, the first, middle and last 64 KiB of
 * every tensor stand for it, which misses a change by hand inside a tensor but no training.
 */
import { createHash } from "node:crypto";
import type { ModelConfig } from "../architecture/config.ts";
import { parametersOf } from "../architecture/parameters.ts";
import type { LocatedTensor } from "./locateParameters.ts";
import { scanTensor } from "./safetensors.ts";

const window = 2 ** 16;

/** Hexadecimal. Up to `wholeLimit` bytes of weights are hashed whole. */
export async function fingerprintOf(
  config: ModelConfig,
  located: ReadonlyMap<string, LocatedTensor>,
  wholeLimit = 2 ** 29,
): Promise<string> {
  const tensors = parametersOf(config).map(({ name }) => ({ name, place: located.get(name)! }));
  const bytes = tensors.reduce((sum, { place }) => sum + lengthOf(place), 0);
  const whole = bytes <= wholeLimit;
  const hash = createHash("sha256");
  hash.update(`fuselab model 1 ${whole ? "whole" : "sampled"}\n${JSON.stringify(config)}\n`);
  for (const { name, place } of tensors) {
    const { type, shape } = place.source.tensors.get(place.name)!;
    hash.update(`${name} ${type} ${shape}\n`);
    for (const range of whole ? [{ from: 0, to: lengthOf(place) }] : windows(lengthOf(place))) {
      await scanTensor(place.source, place.name, (chunk) => hash.update(chunk), range);
    }
  }
  return hash.digest("hex");
}

/** SHA-256 of one tensor's bytes. */
export async function tensorHash({ source, name }: LocatedTensor): Promise<string> {
  const hash = createHash("sha256");
  await scanTensor(source, name, (chunk) => hash.update(chunk));
  return hash.digest("hex");
}

function windows(length: number): { from: number; to: number }[] {
  if (length <= 3 * window) return [{ from: 0, to: length }];
  const middle = Math.floor((length - window) / 2);
  return [0, middle, length - window].map((from) => ({ from, to: from + window }));
}

function lengthOf({ source, name }: LocatedTensor): number {
  const { start, end } = source.tensors.get(name)!;
  return end - start;
}
