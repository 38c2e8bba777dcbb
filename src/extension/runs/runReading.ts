/**
 * One run's folder read on: events from where the last look ended, and the small files beside them. Looks only
 * while it is followed; what it has read it keeps.
 */
import { open, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Evaluation } from "../../pipeline/evaluation.ts";
import { followEvents, readEvents } from "../../pipeline/runEvents.ts";
import { shownState } from "../../pipeline/runLiveness.ts";
import { runPaths } from "../../pipeline/runPaths.ts";
import { readRunRecord } from "../../pipeline/runRecord.ts";
import type { FuseResult } from "../../pipeline/stages/fuse.ts";
import type { RunRecord, ShownRunState } from "../../protocol/runState.ts";
import { RunDigest } from "./runDigest.ts";

const pollInterval = 400;
/** Milliseconds between two snapshots. */
const quiet = 250;
const recordInterval = 2_000;
const logTailBytes = 16 * 1024;
const largestJson = 16 * 1024 * 1024;
const mostFiles = 2_000;

export interface RunReading {
  readonly folder: string;
  readonly record: RunRecord;
  readonly state: ShownRunState;
  readonly digest: RunDigest;
  /** Bytes of events.jsonl that were read. */
  readonly offset: number;
}

/** Reads a run again and again and says when something is new. */
export class RunReader {
  readonly folder: string;
  readonly #digest = new RunDigest();
  #offset = 0;
  #record: RunRecord | undefined;
  #state: ShownRunState = "queued";

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All there is at this moment. @throws Problem where the folder is no run. */
  async now(): Promise<RunReading> {
    await this.#readRecord();
    for (const event of await readEvents(this.folder)) this.#digest.take(event);
    return this.#reading();
  }

  /** Calls back whenever something is new, at most a few times a second, until the signal. */
  async follow(signal: AbortSignal, onNews: (reading: RunReading) => void): Promise<void> {
    let pending: NodeJS.Timeout | undefined;
    const tell = (): void => {
      pending ??= setTimeout(() => {
        pending = undefined;
        if (!signal.aborted) onNews(this.#reading());
      }, quiet);
    };
    await this.#readRecord();
    onNews(this.#reading());
    const records = this.#followRecord(signal, tell);
    try {
      for await (const { event, offset } of followEvents(this.folder, this.#offset, {
        signal,
        pollInterval,
      })) {
        if (signal.aborted) break; // another reading may have begun, from the same offset
        this.#digest.take(event);
        this.#offset = offset;
        tell();
      }
      await records;
    } finally {
      clearTimeout(pending);
    }
  }

  async #followRecord(signal: AbortSignal, tell: () => void): Promise<void> {
    while (!signal.aborted) {
      await delay(recordInterval, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const before = JSON.stringify([this.#state, this.#record]);
      await this.#readRecord().catch(() => undefined); // the folder may be on its way to the bin
      if (JSON.stringify([this.#state, this.#record]) !== before) tell();
    }
  }

  async #readRecord(): Promise<void> {
    this.#record = await readRunRecord(this.folder);
    this.#state = await shownState(this.#record);
  }

  #reading(): RunReading {
    if (this.#record === undefined) throw new Error("read before the record");
    return {
      folder: this.folder,
      record: this.#record,
      state: this.#state,
      digest: this.#digest,
      offset: this.#offset,
    };
  }
}

/** evaluation.json, where the run has come so far and it is whole. */
export function readEvaluation(folder: string): Promise<Evaluation | undefined> {
  return readJson(runPaths(folder).evaluation, isEvaluation);
}

/** fusion.json, likewise. */
export function readFusion(folder: string): Promise<FuseResult | undefined> {
  return readJson(runPaths(folder).fusion, isFuseResult);
}

export async function readRecipeText(folder: string): Promise<string> {
  return (await readText(runPaths(folder).recipe, 1024 * 1024)) ?? "";
}

/** The last lines of worker.log. */
export async function readLogTail(folder: string): Promise<string> {
  const handle = await open(path.join(folder, "worker.log")).catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - logTailBytes);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(logTailBytes),
      0,
      logTailBytes,
      from,
    );
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    await handle.close();
  }
}

/** Files of a run with their sizes, sorted; of very many only the first. */
export async function readFiles(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith("claims"))
    .sort()
    .slice(0, mostFiles);
  return Promise.all(
    files.map(async (name) => ({
      path: name.split(path.sep).join("/"),
      bytes: (await stat(path.join(folder, name)).catch(() => undefined))?.size ?? 0,
    })),
  );
}

async function readJson<Value>(
  file: string,
  is: (value: unknown) => value is Value,
): Promise<Value | undefined> {
  const text = await readText(file, largestJson);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readText(file: string, limit: number): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    return size > limit ? undefined : await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function isEvaluation(value: unknown): value is Evaluation {
  return (
    isRecord(value) &&
    value.version === 1 &&
    isRecord(value.heldOut) &&
    isEveryRecord(value.rows, ["domains", "average"]) &&
    isEveryRecord(value.differences, ["domains", "average"])
  );
}

function isFuseResult(value: unknown): value is FuseResult {
  if (!isRecord(value) || !Array.isArray(value.candidates) || !isRecord(value.tally)) return false;
  return isEveryRecord(value.tally.sources, ["noRow", "mass"]);
}

function isEveryRecord(value: unknown, fields: readonly string[]): boolean {
  return (
    Array.isArray(value) &&
    value.every((one) => isRecord(one) && fields.every((field) => isRecord(one[field])))
  );
}
