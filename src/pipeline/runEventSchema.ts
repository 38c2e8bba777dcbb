/** A line of events.jsonl, checked: a run folder may come from anywhere. */
import * as z from "zod/mini"; // small: the editor reads events too
import { eventVersion, type RunEvent, stageNames, trainingArms } from "../protocol/runEvents.ts";
import { problemBodySchema } from "./runRecord.ts";

const stamp = {
  v: z.literal(eventVersion),
  seq: z.int().check(z.minimum(0)),
  time: z.number(),
};
const text = z.string();
const number = z.number();
/** Null where a figure was not finite. */
const figure = z.nullable(z.number());
const stage = z.enum(stageNames);
const arm = z.enum(trainingArms);

const evaluatedModel = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("target") }),
  z.object({ kind: z.literal("arm"), arm, seed: number, step: number }),
  z.object({ kind: z.literal("source"), name: text }),
  z.object({ kind: z.literal("ensemble") }),
]);

const eventSchema = z.discriminatedUnion("t", [
  z.object({
    ...stamp,
    t: z.literal("hello"),
    fuselab: text,
    host: text,
    pid: number,
    engine: z.literal("onnx"),
    device: text,
    threads: number,
    resumed: z.boolean(),
  }),
  z.object({
    ...stamp,
    t: z.literal("stage"),
    stage,
    phase: z.enum(["started", "finished", "reused"]),
    seconds: z.optional(number),
    figures: z.optional(z.record(text, number)),
  }),
  z.object({
    ...stamp,
    t: z.literal("progress"),
    stage,
    done: number,
    of: number,
    unit: text,
    what: z.optional(text),
    rate: z.optional(number),
  }),
  z.object({
    ...stamp,
    t: z.literal("step"),
    arm,
    seed: number,
    step: number,
    of: number,
    loss: z.object({ total: figure, clm: figure, fusion: figure, text: figure }),
    gradientNorm: figure,
    lr: number,
    tokens: number,
    tokensPerSecond: number,
  }),
  z.object({
    ...stamp,
    t: z.literal("evaluation"),
    of: evaluatedModel,
    bitsPerByte: figure,
    bytes: number,
    domains: z.array(z.object({ domain: text, bitsPerByte: figure, bytes: number })),
  }),
  z.object({ ...stamp, t: z.literal("checkpoint"), arm, seed: number, step: number, path: text }),
  z.object({
    ...stamp,
    t: z.literal("shard"),
    stage,
    path: text,
    bytes: number,
    chunks: number,
    reused: z.boolean(),
  }),
  z.object({
    ...stamp,
    t: z.literal("warning"),
    message: text,
    next: z.optional(text),
    stage: z.optional(stage),
  }),
  z.object({
    ...stamp,
    t: z.literal("problem"),
    problem: problemBodySchema,
    stage: z.optional(stage),
  }),
  z.object({ ...stamp, t: z.literal("stopping"), by: z.enum(["file", "signal"]) }),
  z.object({
    ...stamp,
    t: z.literal("done"),
    outcome: z.enum(["finished", "stopped"]),
    seconds: number,
  }),
  z.object({
    ...stamp,
    t: z.literal("failed"),
    problem: problemBodySchema,
    stage: z.optional(stage),
  }),
]);

/** The event a line stands for; undefined where it is torn, of another version, or no event. */
export function parseEventLine(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = eventSchema.safeParse(value);
  return parsed.success ? (parsed.data as RunEvent) : undefined;
}
