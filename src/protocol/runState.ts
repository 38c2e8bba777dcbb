/**
 * `run.json`: what a run is, who executes it and when that process last gave a sign of life. `lost` and
 * `elsewhere` are never written: a reader derives them from the owner's liveness (pipeline/runLiveness.ts).
 */

import type { ProblemBody } from "./wire.ts";

export const runRecordVersion = 1;

export const runStates = ["queued", "running", "stopping", "stopped", "done", "failed"] as const;
export type RunState = (typeof runStates)[number];

/** What people see. `lost`: said to be running, but its process is gone. `elsewhere`: alive on another host. */
export type ShownRunState = RunState | "lost" | "elsewhere";

/** The process that executes a run. */
export interface RunOwner {
  readonly host: string;
  /** Changes with every boot of the host; empty where the system tells none. */
  readonly bootId: string;
  readonly pid: number;
  /** When that process started, in the system's own words: compared, never read. Tells a pid from its next use. */
  readonly pidStartTime: string;
}

export interface RunRecord {
  readonly v: 1;
  readonly name: string;
  readonly state: RunState;
  readonly mode: "corrected" | "published";
  /** Milliseconds since 1970, like every time here. */
  readonly created: number;
  readonly started: number | null;
  readonly ended: number | null;

  /** The owner; null until the run is first started. */
  readonly host: string | null;
  readonly bootId: string | null;
  readonly pid: number | null;
  readonly pidStartTime: string | null;
  readonly heartbeat: number | null;

  /** Where the recipe was when the run was made: relative paths in recipe.yaml start from this folder. */
  readonly recipeFolder: string;
  /** Versions of FuseLab, Node, ONNX Runtime and the like, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seeds: Readonly<Record<string, number>>;
  /** SHA-256 by what it is of: `recipe`, `corpus`, `model:<name>`, … */
  readonly hashes: Readonly<Record<string, string>>;
  /** Threads of the numeric engine; a resumed run is equal bit for bit only with the same number. */
  readonly threads: number;
  readonly device: string;
  /** Why it failed. */
  readonly problem: ProblemBody | null;
}

/** The owner of a run, where it has one. */
export function ownerOf(record: RunRecord): RunOwner | undefined {
  const { host, bootId, pid, pidStartTime } = record;
  if (host === null || bootId === null || pid === null || pidStartTime === null) return undefined;
  return { host, bootId, pid, pidStartTime };
}
