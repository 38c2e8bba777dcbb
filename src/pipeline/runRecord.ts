/** `run.json` on disk: read with suspicion, written whole. */
import path from "node:path";
import * as z from "zod/mini";
import { Problem } from "../core/problem.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { type RunRecord, runRecordVersion, runStates } from "../protocol/runState.ts";
import { problemCodes } from "../protocol/wire.ts";
import { writeFileAtomically } from "./atomicFile.ts";

const largestRecord = 1024 * 1024;

export const problemBodySchema = z.object({
  code: z.enum(problemCodes),
  message: z.string(),
  next: z.optional(z.string()),
});

const time = z.number();

const recordSchema = z.object({
  v: z.literal(runRecordVersion),
  name: z.string(),
  state: z.enum(runStates),
  mode: z.enum(["corrected", "published"]),
  created: time,
  started: z.nullable(time),
  ended: z.nullable(time),
  host: z.nullable(z.string()),
  bootId: z.nullable(z.string()),
  pid: z.nullable(z.int().check(z.positive())),
  pidStartTime: z.nullable(z.string()),
  heartbeat: z.nullable(time),
  recipeFolder: z.string(),
  versions: z.record(z.string(), z.string()),
  seeds: z.record(z.string(), z.number()),
  hashes: z.record(z.string(), z.string()),
  threads: z.int(),
  device: z.string(),
  problem: z.nullable(problemBodySchema),
});

const fileOf = (folder: string): string => path.join(folder, "run.json");

/** Throws a Problem: `missing` where the folder is no run, `badInput` where run.json is not one. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const file = fileOf(folder);
  let bytes: Uint8Array;
  try {
    bytes = await readLimited(file, largestRecord);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "missing") throw error;
    throw new Problem("missing", `${folder} is not the folder of a run.`, {
      file,
      next: "Name a folder that holds a run.json.",
      cause: error,
    });
  }
  const parsed = recordSchema.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data as RunRecord;
  const [issue] = parsed.error.issues;
  throw new Problem("badInput", `run.json is not a run's: ${issue?.path.join(".")} is wrong.`, {
    file,
    next: "Was it made by another version of FuseLab? Start the run again.",
  });
}

export function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  return writeFileAtomically(fileOf(folder), `${JSON.stringify(record, null, 2)}\n`);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
